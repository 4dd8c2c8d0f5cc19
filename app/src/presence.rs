//! Whether somebody looks at the app: the core asks more often then, and notifies less.

use std::cell::Cell;
use std::rc::{Rc, Weak};
use std::time::Duration;

use slint::{ComponentHandle as _, Timer, TimerMode};
use tacit_ui::App;

use crate::account::Account;
use crate::context::Context;
use crate::part::Part;

/// How often the window is looked at: no event tells that it was minimised.
const LOOK: Duration = Duration::from_secs(1);

/// Watches the window.
pub(crate) struct Presence {
    context: Rc<Context>,
    front: Cell<bool>,
    looking: Timer,
}

impl Presence {
    pub(crate) fn attach(_window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new(Self { context: Rc::clone(context), front: Cell::new(true), looking: Timer::default() });
        let me: Weak<Self> = Rc::downgrade(&part);
        part.looking.start(TimerMode::Repeated, LOOK, move || {
            if let Some(this) = me.upgrade() {
                this.look();
            }
        });
        part
    }

    fn look(&self) {
        let Some(window) = self.context.window() else { return };
        let front = window.window().is_visible() && !window.window().is_minimized();
        if self.front.replace(front) != front {
            if let Some(account) = self.context.account() {
                account.client.set_visible(front);
            }
            self.context.tell(|part| part.in_front(front));
        }
    }
}

impl Part for Presence {
    fn account_opened(&self, account: &Account) {
        account.client.set_visible(self.front.get());
    }
}

//! Keeping the place in a list while rows come and go above it.

use std::cell::RefCell;
use std::rc::Weak;
use std::time::Duration;

use slint::{ComponentHandle as _, SharedString, Timer, TimerMode};
use tacit_ui::{ConversationState, Message as Bubble};

use super::{Conversation, rows};

/// Until then a row that was made has been laid out.
const LAID_OUT: Duration = Duration::from_millis(50);

/// The rows that have their place. A row that is only just being laid out moves by that, and would
/// take the whole list along if it were the one to be held still.
#[derive(Default)]
pub(super) struct Settled {
    rows: RefCell<Vec<SharedString>>,
    timer: Timer,
}

impl Conversation {
    /// Before other rows are shown: says which one is to be held still.
    pub(super) fn hold_still(&self, new: &[Bubble]) {
        self.context.with(|window| {
            let state = window.global::<ConversationState>();
            if !state.get_stick() {
                state.set_anchor(rows::anchor(&self.settled.rows.borrow(), new));
            }
        });
    }

    /// After rows were shown: those that stand there now have their place in a moment.
    pub(super) fn settle(&self) {
        if self.settled.timer.running() {
            return;
        }
        let (me, standing) = (Weak::clone(&self.me), self.standing());
        self.settled.timer.start(TimerMode::SingleShot, LAID_OUT, move || {
            let Some(this) = me.upgrade() else { return };
            let goes_on = this.standing() != standing;
            this.settled.rows.replace(standing.clone());
            if goes_on {
                this.settle();
            }
        });
    }

    /// Other rows than those that stand there come.
    pub(super) fn begin_rows(&self) {
        self.rows.replace(Vec::new());
        self.settled.timer.stop();
        self.settled.rows.borrow_mut().clear();
        self.context.with(|window| window.global::<ConversationState>().set_anchor("".into()));
    }

    fn standing(&self) -> Vec<SharedString> {
        self.rows.to_vec().into_iter().map(|row| row.id).collect()
    }
}

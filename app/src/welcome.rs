//! welcome: before there is an account.

use std::rc::Rc;

use slint::ComponentHandle as _;
use tacit_ui::{App, Screen, WelcomeState};

use crate::context::Context;
use crate::part::Part;

/// The first screen.
pub(crate) struct Welcome {
    context: Rc<Context>,
}

impl Welcome {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new(Self { context: Rc::clone(context) });
        let state = window.global::<WelcomeState>();
        state.set_version(env!("CARGO_PKG_VERSION").into());
        on!(state, part, on_create_account, |this| this.context.go(Screen::CreateAccount));
        on!(state, part, on_restore, |this| this.context.go(Screen::Restore));
        on!(state, part, on_restore_backup, |this| this.context.go(Screen::RestoreBackup));
        on!(state, part, on_open_appearance, |this| this.context.go(Screen::Appearance));
        on!(state, part, on_open_network, |this| this.context.go(Screen::Network));
        on!(state, part, on_open_about, |this| this.context.go(Screen::About));
        part
    }
}

impl Part for Welcome {}

//! about: version and licences.

use std::rc::Rc;

use slint::ComponentHandle as _;
use tacit_ui::{AboutState, App};

use crate::context::Context;
use crate::part::Part;

/// The text of the licence.
const LICENCE: &str = "https://www.gnu.org/licenses/gpl-3.0.html";

/// The screen.
pub(crate) struct About {
    context: Rc<Context>,
}

impl About {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new(Self { context: Rc::clone(context) });
        let state = window.global::<AboutState>();
        state.set_version(env!("CARGO_PKG_VERSION").into());
        state.set_commit(option_env!("TACIT_COMMIT").unwrap_or("a working tree").into());
        on!(state, part, on_open_source, |this| this.open());
        part
    }

    fn open(&self) {
        if let Err(error) = self.context.platform.open_url(LICENCE) {
            self.context.refuse(&error);
        }
    }
}

impl Part for About {}

//! network: which network it is, and how it is.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use slint::ComponentHandle as _;
use tacit_client::Status;
use tacit_ui::{App, NetworkState, SettingsState, ToastKind};
use tacit_wire::profile::NetworkProfile;

use crate::account::Account;
use crate::context::{Context, Task};
use crate::part::Part;

/// The screen.
pub(crate) struct NetworkScreen {
    me: Weak<Self>,
    context: Rc<Context>,
    watching: RefCell<Option<Task>>,
}

impl NetworkScreen {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            context: Rc::clone(context),
            watching: RefCell::default(),
        });
        let state = window.global::<NetworkState>();
        on!(state, part, on_try_again, |this| this.try_again());
        on!(state, part, on_copy_error, |this| this.copy_error());
        let profile = context.start.network.clone().unwrap_or_else(NetworkProfile::session);
        part.name(&profile);
        part
    }

    fn name(&self, profile: &NetworkProfile) {
        self.context.with(|window| {
            let state = window.global::<NetworkState>();
            state.set_name(profile.name.as_str().into());
            state.set_testnet(profile.testnet);
            state.set_seeds(i32::try_from(profile.seeds.len()).unwrap_or(i32::MAX));
            window.global::<SettingsState>().set_network_name(profile.name.as_str().into());
        });
    }

    fn try_again(&self) {
        if let Some(account) = self.context.account() {
            account.client.network_changed();
        }
    }

    fn copy_error(&self) {
        if let Some(window) = self.context.window() {
            self.context.copy(&window.global::<NetworkState>().get_last_error(), ToastKind::DetailsCopied);
        }
    }

    fn show(&self, status: &Status) {
        let number = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        self.context.with(|window| {
            let state = window.global::<NetworkState>();
            state.set_pool(number(status.pool));
            state.set_paths(number(status.paths.len()));
            // When the list came is not told by the network; that there is one, is.
            state.set_fetched(if status.pool == 0 { "" } else { "–" }.into());
            state.set_clock_offset_ms(i32::try_from(status.clock_offset_ms).unwrap_or(i32::MAX));
            state.set_last_error(status.last_error.as_deref().unwrap_or_default().into());
        });
    }
}

impl Part for NetworkScreen {
    fn account_opened(&self, account: &Account) {
        let (me, mut status) = (Weak::clone(&self.me), account.client.network().status());
        *self.watching.borrow_mut() = Some(Task::run(async move {
            loop {
                let now = status.borrow_and_update().clone();
                let Some(this) = me.upgrade() else { return };
                this.show(&now);
                drop(this);
                if status.changed().await.is_err() {
                    return;
                }
            }
        }));
    }

    fn account_closing(&self) {
        self.watching.borrow_mut().take();
    }
}

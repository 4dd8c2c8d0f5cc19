//! path: the hops that messages take now.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::time::Duration;

use slint::{ComponentHandle as _, Timer, TimerMode};
use tacit_client::{ConnectionState, Status};
use tacit_ui::{App, ConversationState, Hop, PathState, Screen};
use tacit_wire::{AccountId, ServiceNode};

use crate::account::Account;
use crate::context::{Context, Task, go};
use crate::model::list;
use crate::part::Part;
use crate::shell::phase;

/// A new path is awaited so long before the button is free again.
const PATIENCE: Duration = Duration::from_secs(10);

/// A node for the eye: address and shortened key.
fn hop(node: &ServiceNode) -> Hop {
    let key = node.ed25519.to_string();
    let short = match (key.get(..4), key.len().checked_sub(4).and_then(|at| key.get(at..))) {
        (Some(first), Some(last)) => format!("{first}…{last}"),
        _ => key.clone(),
    };
    Hop { address: node.ip.to_string().into(), node: short.into() }
}

/// The screen.
pub(crate) struct PathScreen {
    me: Weak<Self>,
    context: Rc<Context>,
    chosen: Cell<usize>,
    watching: RefCell<Option<Task>>,
    patience: Timer,
}

impl PathScreen {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            context: Rc::clone(context),
            chosen: Cell::default(),
            watching: RefCell::default(),
            patience: Timer::default(),
        });
        let state = window.global::<PathState>();
        on!(state, part, on_renew, |this| this.renew());
        on!(state, part, on_choose, |this, index| this.choose(index));
        part
    }

    fn status(&self) -> Option<Status> {
        let account = self.context.account()?;
        let status = account.client.network().status();
        let now = status.borrow().clone();
        Some(now)
    }

    fn choose(&self, index: i32) {
        self.chosen.set(usize::try_from(index - 1).unwrap_or_default());
        if let Some(status) = self.status() {
            self.show(&status);
        }
    }

    fn renew(&self) {
        let Some(account) = self.context.account() else { return };
        account.client.network_changed();
        self.set_busy(true);
        let me = Weak::clone(&self.me);
        self.patience.start(TimerMode::SingleShot, PATIENCE, move || {
            if let Some(this) = me.upgrade() {
                this.set_busy(false);
            }
        });
    }

    /// How many nodes keep messages for whom the open conversation is with.
    fn count_swarm(&self) {
        let Some(window) = self.context.window() else { return };
        window.global::<PathState>().set_swarm_size(0);
        let Ok(peer) = AccountId::parse(&window.global::<ConversationState>().get_peer().id) else { return };
        let context = Rc::clone(&self.context);
        go(async move {
            let asking = context
                .call(move |account| async move { account.client.network().swarm(&peer).await.map_err(Into::into) });
            // Without a connection it stays unknown.
            if let (Ok(members), Some(window)) = (asking.await, context.window()) {
                window.global::<PathState>().set_swarm_size(i32::try_from(members.len()).unwrap_or_default());
            }
        });
    }

    fn set_busy(&self, busy: bool) {
        self.context.with(|window| window.global::<PathState>().set_busy(busy));
    }

    fn show(&self, status: &Status) {
        let chosen = self.chosen.get().min(status.paths.len().saturating_sub(1));
        let number = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        self.context.with(|window| {
            let state = window.global::<PathState>();
            state.set_phase(phase(status.state));
            state.set_paths(number(status.paths.len()));
            state.set_index(number(chosen + 1));
            let hops = status.paths.get(chosen).map(|path| path.hops.iter().map(hop).collect::<Vec<_>>());
            state.set_hops(list(hops.unwrap_or_default()));
            state.set_attempt(match status.state {
                ConnectionState::Connecting { attempt } => i32::try_from(attempt).unwrap_or(i32::MAX),
                ConnectionState::Offline | ConnectionState::Connected => 0,
            });
        });
    }
}

impl Part for PathScreen {
    fn account_opened(&self, account: &Account) {
        let (me, mut status) = (Weak::clone(&self.me), account.client.network().status());
        *self.watching.borrow_mut() = Some(Task::run(async move {
            loop {
                let now = status.borrow_and_update().clone();
                let Some(this) = me.upgrade() else { return };
                this.show(&now);
                if now.state == ConnectionState::Connected {
                    this.set_busy(false);
                }
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

    fn arrived(&self, at: Screen) {
        if at == Screen::Path {
            self.chosen.set(0);
            self.count_swarm();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tacit_wire::NodeId;

    #[test]
    fn a_hop_is_shown_short() {
        let node = ServiceNode {
            ip: [192, 0, 2, 7].into(),
            https_port: 22_021,
            peer_port: 22_020,
            ed25519: NodeId([0xa1; 32]),
            x25519: [0; 32],
            swarm: None,
            version: None,
        };
        let shown = hop(&node);
        assert_eq!((shown.address.as_str(), shown.node.as_str()), ("192.0.2.7", "a1a1…a1a1"));
    }
}

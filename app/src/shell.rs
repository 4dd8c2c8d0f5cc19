//! What all screens share: back, sheets, dialogs, toasts, and how the network is.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use slint::ComponentHandle as _;
use tacit_client::{ConnectionState, Status};
use tacit_ui::{App, DialogKind, NetworkPhase, NetworkProblem, Screen, ShellState, ToastKind};

use crate::account::Account;
use crate::context::{Context, Task, go};
use crate::part::Part;
use crate::platform::SystemSettings;

/// Setting: width of the list beside a conversation, in logical pixels.
const LIST_WIDTH: &str = "app.list_width";

/// How long the network may be away before a banner says so.
const PATIENCE: Duration = Duration::from_secs(3);

/// How the network is, in the screens' words.
pub(crate) fn phase(state: ConnectionState) -> NetworkPhase {
    match state {
        ConnectionState::Offline => NetworkPhase::Offline,
        ConnectionState::Connecting { .. } => NetworkPhase::Connecting,
        ConnectionState::Connected => NetworkPhase::Connected,
    }
}

/// What a banner says while there is no connection.
fn problem(status: &Status, testnet: bool, has_route: impl FnOnce() -> bool) -> NetworkProblem {
    match status.state {
        ConnectionState::Connected => NetworkProblem::None,
        // A network for tests may be on this very device.
        _ if !testnet && !has_route() => NetworkProblem::NoConnection,
        _ if status.pool == 0 => NetworkProblem::NoSeeds,
        _ => NetworkProblem::NoAnswer,
    }
}

/// Whether the system knows a way to anywhere. Nothing is sent: a datagram socket that is
/// "connected" only chooses a route.
fn has_route() -> bool {
    use std::net::UdpSocket;
    let reaches = |from: &str, to: &str| UdpSocket::bind(from).and_then(|socket| socket.connect(to)).is_ok();
    reaches("0.0.0.0:0", "192.0.2.1:9") || reaches("[::]:0", "[2001:db8::1]:9")
}

/// Minutes to tell about a clock that is wrong; 0 while it is right or not known.
fn minutes_off(status: &Status) -> i32 {
    if status.clock_samples == 0 || !status.clock_is_wrong() {
        return 0;
    }
    i32::try_from(status.clock_offset_ms / 60_000).unwrap_or(i32::MAX)
}

/// The frame around the screens.
pub(crate) struct Shell {
    context: Rc<Context>,
    watching: RefCell<Vec<Task>>,
}

impl Shell {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new(Self { context: Rc::clone(context), watching: RefCell::default() });
        let state = window.global::<ShellState>();
        state.set_enter_sends(context.platform.enter_sends());
        on!(state, part, on_back, |this| this.back());
        on!(state, part, on_close_sheet, |this| this.context.close_sheet());
        on!(state, part, on_dialog_confirmed, |this, _kind| this.context.answer(true));
        on!(state, part, on_dialog_cancelled, |this, _kind| this.context.answer(false));
        on!(state, part, on_toast_done, |this| this
            .context
            .with(|window| window.global::<ShellState>().set_toast(ToastKind::None)));
        on!(state, part, on_toast_action, |this, _kind| this.context.undo());
        on!(state, part, on_open_clock, |this| this.open_clock());
        on!(state, part, on_open_storage, |this| this.context.go(Screen::Storage));
        on!(state, part, on_open_backup, |this| this.context.go(Screen::Backup));
        on!(state, part, on_open_notification_settings, |this| this.open_notification_settings());
        on!(state, part, on_list_width_changed, |this, width| this.context.keep_setting(LIST_WIDTH, width.to_string()));
        on!(state, part, on_open_path, |this| this.context.go(Screen::Path));
        on!(state, part, on_open_url, |this, url| this.open_url(&url));
        part
    }

    fn back(&self) {
        if self.context.is_unsaved() {
            let context = Rc::clone(&self.context);
            self.context.ask(DialogKind::DiscardChanges, "", move || context.back());
        } else {
            self.context.back();
        }
    }

    /// The system's date settings; where there are none, what the network says of the clock.
    fn open_clock(&self) {
        if self.context.platform.open_settings(SystemSettings::Clock).is_err() {
            self.context.go(Screen::Network);
        }
    }

    fn open_notification_settings(&self) {
        if self.context.platform.open_settings(SystemSettings::Notifications).is_err() {
            self.context.go(Screen::Notifications);
        }
    }

    fn restore_list_width(&self) {
        let context = Rc::clone(&self.context);
        go(async move {
            let kept = context.call(|account| async move { account.client.setting(LIST_WIDTH).await }).await;
            let width = kept.ok().flatten().and_then(|text| text.parse::<f32>().ok());
            if let Some(width) = width.filter(|width| (280. ..=420.).contains(width)) {
                context.with(|window| window.global::<ShellState>().set_list_width(width));
            }
        });
    }

    /// Says for as long as it lasts that nothing new is kept.
    fn watch_room(&self, account: &Account) -> Task {
        let (context, mut full) = (Rc::clone(&self.context), account.client.storage_full());
        Task::run(async move {
            loop {
                let now = *full.borrow_and_update();
                context.with(|window| window.global::<ShellState>().set_storage_full(now));
                if full.changed().await.is_err() {
                    return;
                }
            }
        })
    }

    fn open_url(&self, url: &str) {
        if let Err(error) = self.context.platform.open_url(url) {
            self.context.refuse(&error);
        }
    }
}

impl Part for Shell {
    fn account_opened(&self, account: &Account) {
        let mut status = account.client.network().status();
        let testnet = self.context.start.network.as_ref().is_some_and(|profile| profile.testnet);
        self.restore_list_width();
        let context = Rc::clone(&self.context);
        let network = Task::run(async move {
            let mut banner: Option<Task> = None;
            loop {
                let now = status.borrow_and_update().clone();
                let troubled = problem(&now, testnet, has_route);
                show(&context, &now);
                if troubled == NetworkProblem::None {
                    banner = None;
                    set_problem(&context, troubled);
                } else if current_problem(&context) != NetworkProblem::None {
                    set_problem(&context, troubled);
                } else if banner.is_none() {
                    let context = Rc::clone(&context);
                    let status = status.clone();
                    banner = Some(Task::run(async move {
                        crate::time::pause(PATIENCE).await;
                        let now = status.borrow().clone();
                        set_problem(&context, problem(&now, testnet, has_route));
                    }));
                }
                if status.changed().await.is_err() {
                    return;
                }
            }
        });
        *self.watching.borrow_mut() = vec![network, self.watch_room(account)];
    }

    fn account_closing(&self) {
        self.watching.borrow_mut().clear();
        self.context.with(|window| window.global::<ShellState>().set_storage_full(false));
    }
}

fn show(context: &Context, status: &Status) {
    context.with(|window| {
        let shell = window.global::<ShellState>();
        shell.set_network(phase(status.state));
        shell.set_clock_off_minutes(minutes_off(status));
        shell.set_network_forged(status.alarm.is_some());
    });
}

fn set_problem(context: &Context, problem: NetworkProblem) {
    context.with(|window| window.global::<ShellState>().set_problem(problem));
}

fn current_problem(context: &Context) -> NetworkProblem {
    context.window().map_or(NetworkProblem::None, |window| window.global::<ShellState>().get_problem())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(state: ConnectionState, pool: usize) -> Status {
        Status { state, pool, paths: Vec::new(), clock_offset_ms: 0, clock_samples: 0, last_error: None, alarm: None }
    }

    #[test]
    fn the_banner_tells_what_is_missing() {
        let offline = |pool| status(ConnectionState::Offline, pool);
        assert_eq!(problem(&offline(0), false, || false), NetworkProblem::NoConnection);
        assert_eq!(problem(&offline(0), false, || true), NetworkProblem::NoSeeds);
        assert_eq!(problem(&offline(12), false, || true), NetworkProblem::NoAnswer);
        assert_eq!(problem(&offline(12), true, || false), NetworkProblem::NoAnswer);
        assert_eq!(problem(&status(ConnectionState::Connected, 12), false, || false), NetworkProblem::None);
    }

    #[test]
    fn a_clock_counts_as_wrong_once_nodes_said_so() {
        let mut now = status(ConnectionState::Connected, 12);
        now.clock_offset_ms = -86_400_000;
        assert_eq!(minutes_off(&now), 0);
        now.clock_samples = 3;
        assert_eq!(minutes_off(&now), -1_440);
        now.clock_offset_ms = 60_000;
        assert_eq!(minutes_off(&now), 0);
    }
}

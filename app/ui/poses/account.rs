//! Home, new message, settings and what hangs below them.

use slint::ComponentHandle;
use tacit_ui::{
    App, ConversationState, DialogKind, EditNameState, HomeState, IdStatus, ListPhase, NameStatus, NetworkPhase,
    NetworkProblem, NewMessageState, PathState, Screen, SettingsState, SheetKind, ShellState, ToastKind,
};

use super::{PEER_ID, Pose, list, right_click, show};

fn home(app: &App) {
    show(app, Screen::Home);
    // In two panes a conversation stands beside it.
    if app.window().size().to_logical(app.window().scale_factor()).width >= 800. {
        app.global::<ConversationState>().set_id("c1".into());
    }
}

fn settings(app: &App, screen: Screen) {
    home(app);
    show(app, screen);
}

fn new_message(app: &App, entry: &str, status: IdStatus, digits: i32) {
    home(app);
    let state = app.global::<NewMessageState>();
    state.set_entry(entry.into());
    state.set_status(status);
    state.set_digits(digits);
    state.set_initials("".into());
    state.set_tone(0);
    app.global::<ShellState>().set_sheet(SheetKind::NewMessage);
}

pub fn poses() -> Vec<Pose> {
    let p = Pose::new;
    vec![
        p("home", "full", home).main(),
        p("home", "empty", |app| {
            show(app, Screen::Home);
            let state = app.global::<HomeState>();
            state.set_chats(list(vec![]));
            state.set_requests(list(vec![]));
            state.set_phrase_banner(true);
            state.set_phrase_unsaved(true);
        })
        .main(),
        p("home", "loading", |app| {
            show(app, Screen::Home);
            let state = app.global::<HomeState>();
            state.set_phase(ListPhase::Loading);
            state.set_requests(list(vec![]));
            app.global::<ShellState>().set_network(NetworkPhase::Connecting);
        }),
        p("home", "offline", |app| {
            home(app);
            app.global::<ShellState>().set_network(NetworkPhase::Offline);
            app.global::<ShellState>().set_problem(NetworkProblem::NoConnection);
        }),
        p("home", "wrong-clock", |app| {
            home(app);
            app.global::<ShellState>().set_clock_off_minutes(12);
        }),
        p("home", "phrase-banner", |app| {
            home(app);
            app.global::<HomeState>().set_phrase_banner(true);
            app.global::<HomeState>().set_phrase_unsaved(true);
        }),
        p("home", "catching-up", |app| {
            home(app);
            app.global::<HomeState>().set_catching_up(true);
            app.global::<ShellState>().set_network(NetworkPhase::Connecting);
        }),
        p("home", "nothing-found", |app| {
            home(app);
            app.global::<HomeState>().set_search("zeppelin".into());
            app.global::<HomeState>().set_chats(list(vec![]));
        }),
        p("home", "failed", |app| {
            home(app);
            app.global::<HomeState>().set_phase(ListPhase::Failed);
        }),
        p("home", "toast", |app| {
            home(app);
            app.global::<ShellState>().set_toast(ToastKind::IdCopied);
        }),
        p("home", "menu", home).then(|app| right_click(app, "Jonas")),
        p("home", "delete-dialog", |app| {
            home(app);
            app.global::<ShellState>().set_dialog_subject("Jonas".into());
            app.global::<ShellState>().set_dialog(DialogKind::DeleteConversation);
        }),
        p("requests", "full", |app| settings(app, Screen::Requests)),
        p("requests", "empty", |app| {
            settings(app, Screen::Requests);
            app.global::<HomeState>().set_requests(list(vec![]));
        }),
        p("new-message", "empty", |app| new_message(app, "", IdStatus::Empty, 0)),
        p("new-message", "typing", |app| new_message(app, "05a1c9f20e7b44d18b", IdStatus::Typing, 18)),
        p("new-message", "wrong", |app| new_message(app, "15a1c9f20e7b44d18be04d", IdStatus::WrongPrefix, 22)),
        p("new-message", "valid", |app| new_message(app, PEER_ID, IdStatus::Valid, 66)).main(),
        p("new-message", "own", |app| new_message(app, super::OWN_ID, IdStatus::Own, 66)),
        p("settings", "normal", |app| settings(app, Screen::Settings)).main(),
        p("settings", "phrase-unsaved", |app| {
            settings(app, Screen::Settings);
            app.global::<SettingsState>().set_phrase_unsaved(true);
            app.global::<SettingsState>().set_can_share(true);
        }),
        p("settings", "edit-name", |app| {
            settings(app, Screen::Settings);
            app.global::<EditNameState>().set_name("Mara Winter".into());
            app.global::<EditNameState>().set_status(NameStatus::Ok);
            app.global::<ShellState>().set_sheet(SheetKind::EditName);
        }),
        p("qr", "normal", |app| settings(app, Screen::Qr)).main(),
        p("path", "connected", |app| settings(app, Screen::Path)).main(),
        p("path", "connecting", |app| {
            settings(app, Screen::Path);
            let state = app.global::<PathState>();
            state.set_phase(NetworkPhase::Connecting);
            state.set_hops(list(vec![]));
            state.set_paths(0);
            state.set_attempt(2);
            app.global::<ShellState>().set_network(NetworkPhase::Connecting);
        }),
        p("path", "offline", |app| {
            settings(app, Screen::Path);
            let state = app.global::<PathState>();
            state.set_phase(NetworkPhase::Offline);
            state.set_hops(list(vec![]));
            state.set_paths(0);
            app.global::<ShellState>().set_network(NetworkPhase::Offline);
        }),
        p("appearance", "normal", |app| settings(app, Screen::Appearance)).main(),
        p("network", "normal", |app| settings(app, Screen::Network)),
        p("about", "normal", |app| settings(app, Screen::About)),
    ]
}

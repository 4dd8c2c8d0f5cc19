//! New message, settings and what hangs below them that is about the account.

use slint::ComponentHandle;
use tacit_ui::{
    App, ConversationState, EditNameState, IdStatus, NameStatus, NetworkPhase, NewMessageState, PathState,
    PictureUpload, ProfilePictureState, Scheme, Screen, SettingsState, SheetKind, ShellState, Theme,
};

use super::{PEER_ID, Pose, list, show, sunset};

pub(super) fn home(app: &App) {
    show(app, Screen::Home);
    // In two panes a conversation stands beside it.
    if app.window().size().to_logical(app.window().scale_factor()).width >= 800. {
        app.global::<ConversationState>().set_id("c1".into());
    }
}

pub(super) fn settings(app: &App, screen: Screen) {
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

fn with_picture(app: &App, upload: PictureUpload) {
    let state = app.global::<SettingsState>();
    state.set_picture(sunset(3));
    state.set_has_picture(true);
    state.set_upload(upload);
}

pub fn poses() -> Vec<Pose> {
    let p = Pose::new;
    vec![
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
        p("settings", "picture-sheet", |app| {
            settings(app, Screen::Settings);
            with_picture(app, PictureUpload::Failed);
            app.global::<ProfilePictureState>().set_has_camera(true);
            app.global::<ShellState>().set_sheet(SheetKind::ProfilePicture);
        }),
        p("settings", "picture-uploading", |app| {
            settings(app, Screen::Settings);
            with_picture(app, PictureUpload::Uploading);
        }),
        p("settings", "picture-failed", |app| {
            settings(app, Screen::Settings);
            with_picture(app, PictureUpload::Failed);
        }),
        p("crop-picture", "normal", |app| {
            settings(app, Screen::CropPicture);
            app.global::<ProfilePictureState>().set_picture(sunset(0));
        })
        .main(),
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
        p("appearance", "black", |app| {
            settings(app, Screen::Appearance);
            app.global::<Theme>().set_scheme(Scheme::Black);
        }),
        p("appearance", "green", |app| {
            settings(app, Screen::Appearance);
            app.global::<Theme>().set_accent(3);
            app.global::<Theme>().set_compact_bubbles(true);
        }),
        p("network", "normal", |app| settings(app, Screen::Network)),
        p("about", "normal", |app| settings(app, Screen::About)),
    ]
}

//! What belongs to one conversation: its settings, nickname, disappearing messages, clearing.

use slint::ComponentHandle;
use tacit_ui::{
    App, ConversationSettingsState, ConversationState, DialogKind, DisappearingState, NameStatus, NicknameState,
    Screen, SheetKind, ShellState, VanishMode,
};

use super::{Pose, ines, list, show, sunset};

fn person(app: &App) {
    app.global::<ConversationState>().set_id("c1".into());
    let state = app.global::<ConversationSettingsState>();
    state.set_person(ines());
    state.set_short_id("05a1c9f2…6619d47a".into());
    state.set_is_contact(true);
    state.set_vanish(VanishMode::AfterRead);
    state.set_vanish_seconds(86_400);
    state.set_media(list((0..4).map(sunset).collect()));
    state.set_media_count(118);
    show(app, Screen::ConversationSettings);
}

fn sheet(app: &App, sheet: SheetKind) {
    person(app);
    app.global::<ShellState>().set_sheet(sheet);
}

fn disappearing(app: &App, own: bool, mode: VanishMode, seconds: i32) {
    sheet(app, SheetKind::None);
    app.global::<ConversationSettingsState>().set_is_self(own);
    let state = app.global::<DisappearingState>();
    state.set_mode(mode);
    state.set_seconds(seconds);
    app.global::<ShellState>().set_sheet(SheetKind::Disappearing);
}

pub fn poses() -> Vec<Pose> {
    let p = Pose::new;
    vec![
        p("conversation-settings", "person", person).main(),
        p("conversation-settings", "nickname", |app| {
            person(app);
            let state = app.global::<ConversationSettingsState>();
            state.set_own_name("Inès-Marguerite Okafor".into());
            state.set_muted(true);
            state.set_muted_until("18:00".into());
            state.set_pinned(true);
            state.set_media(list(vec![]));
        }),
        p("conversation-settings", "request", |app| {
            person(app);
            let state = app.global::<ConversationSettingsState>();
            state.set_is_contact(false);
            state.set_media(list(vec![]));
            state.set_media_count(0);
        }),
        p("conversation-settings", "blocked", |app| {
            person(app);
            app.global::<ConversationSettingsState>().set_blocked(true);
        }),
        p("conversation-settings", "note-to-self", |app| {
            person(app);
            let state = app.global::<ConversationSettingsState>();
            state.set_is_self(true);
            state.set_vanish(VanishMode::Off);
        })
        .main(),
        p("conversation-settings", "delete-contact", |app| {
            person(app);
            app.global::<ShellState>().set_dialog_subject("Ines Okafor".into());
            app.global::<ShellState>().set_dialog(DialogKind::DeleteContact);
        }),
        p("conversation-settings", "edit-nickname", |app| {
            sheet(app, SheetKind::Nickname);
            let state = app.global::<NicknameState>();
            state.set_nickname("Ines from the bridge".into());
            state.set_own_name("Ines Okafor".into());
            state.set_status(NameStatus::Ok);
        }),
        p("conversation-settings", "nickname-too-long", |app| {
            sheet(app, SheetKind::Nickname);
            app.global::<NicknameState>().set_nickname("Ines from the bridge ".repeat(6).into());
            app.global::<NicknameState>().set_status(NameStatus::TooLong);
        }),
        p("conversation-settings", "clear", |app| sheet(app, SheetKind::ClearMessages)),
        p("disappearing", "after-read", |app| disappearing(app, false, VanishMode::AfterRead, 86_400)).main(),
        p("disappearing", "after-sent", |app| disappearing(app, false, VanishMode::AfterSend, 604_800)),
        p("disappearing", "off", |app| disappearing(app, false, VanishMode::Off, 0)),
        p("disappearing", "note-to-self", |app| disappearing(app, true, VanishMode::AfterSend, 1_209_600)),
    ]
}

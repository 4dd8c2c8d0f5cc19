//! Going back, focus, keys, panes, lists: what holds on every screen.
#![allow(clippy::unwrap_used)]

#[path = "../poses/mod.rs"]
mod poses;
mod story;

use std::time::Duration;

use i_slint_backend_testing::{AccessibleRole as Role, ElementQuery, mock_elapsed_time};
use slint::{
    ComponentHandle, LogicalPosition, LogicalSize,
    platform::{Key, WindowEvent},
};
use story::Story;
use tacit_ui::{
    ChatItem, DialogKind, HomeState, PhraseStatus, RestoreState, Screen, SettingsState, SheetKind, ShellState, Theme,
};

#[test]
fn a_swipe_from_the_edge_goes_back() {
    let story = Story::new();
    story.conversation(poses::conversation());
    story.app.global::<ShellState>().set_edge_swipe(true);
    story.settle();
    story.drag(LogicalPosition::new(5., 400.), LogicalPosition::new(160., 402.));
    assert!(story.heard("back"));
}

#[test]
fn back_closes_menu_dialog_sheet_and_screen_in_this_order() {
    let story = Story::new();
    story.conversation(poses::conversation());
    let shell = story.app.global::<ShellState>();
    shell.set_sheet(SheetKind::NewMessage);
    shell.set_dialog(DialogKind::BlockPerson);
    story.app.invoke_open_peer_menu(true);
    story.settle();
    story.key(Key::Escape);
    assert!(!story.app.get_popup_open());
    assert_eq!(story.take(), Vec::<String>::new());
    story.key(Key::Escape);
    assert_eq!(story.take(), ["dialog cancelled"]);
    shell.set_dialog(DialogKind::None);
    story.settle();
    story.key(Key::Back);
    assert_eq!(story.take(), ["close sheet"]);
    shell.set_sheet(SheetKind::None);
    story.settle();
    story.focus_composer();
    story.key(Key::Escape);
    assert_eq!(story.take(), ["back"]);
}

#[test]
fn back_on_home_ends_the_search_and_then_leaves_the_app() {
    let story = Story::new();
    story.app.global::<ShellState>().set_screen(Screen::Home);
    story.app.global::<HomeState>().set_search("ines".into());
    story.settle();
    story.key(Key::Back);
    assert_eq!(story.take(), ["search "]);
    story.key(Key::Back);
    assert_eq!(story.take(), Vec::<String>::new());
}

#[test]
fn back_still_works_when_what_had_the_focus_is_gone() {
    let story = Story::new();
    story.conversation(poses::conversation());
    story.focus_composer();
    story.app.global::<ShellState>().set_screen(Screen::Settings);
    story.settle();
    story.key(Key::Back);
    assert_eq!(story.take(), ["back"]);
    story.app.global::<ShellState>().set_dialog(DialogKind::EraseEverything);
    story.settle();
    story.app.global::<ShellState>().set_dialog(DialogKind::None);
    story.settle();
    story.key(Key::Back);
    assert_eq!(story.take(), ["back"]);
}

#[test]
fn the_harmless_answer_of_a_dialog_has_the_focus() {
    let story = Story::new();
    story.conversation(poses::conversation());
    story.app.global::<ShellState>().set_dialog(DialogKind::DeleteMessage);
    story.settle();
    story.key(Key::Return);
    assert_eq!(story.take(), ["dialog cancelled"]);
}

#[test]
fn chats_open_by_tap_and_new_conversations_by_key() {
    let story = Story::new();
    story.app.global::<ShellState>().set_screen(Screen::Home);
    story.settle();
    story.tap(Role::ListItem, "Ines Okafor");
    assert!(story.heard("open c1"));
    story.app.window().dispatch_event(WindowEvent::KeyPressed { text: Key::Control.into() });
    story.key("n");
    story.app.window().dispatch_event(WindowEvent::KeyReleased { text: Key::Control.into() });
    assert!(story.heard("compose"));
}

#[test]
fn a_chat_says_its_unread_count_to_a_screen_reader() {
    let story = Story::new();
    story.app.global::<ShellState>().set_screen(Screen::Home);
    story.settle();
    assert!(
        story.find(Role::ListItem, "Ines Okafor, Bring a thermos, it is cold on the bridge, 09:41, 3 unread").is_some()
    );
}

#[test]
fn two_panes_stand_from_800_pixels_on() {
    let story = Story::new();
    story.conversation(poses::conversation());
    assert!(story.find(Role::ListItem, "Jonas").is_none());
    story.app.window().set_size(LogicalSize::new(800., 600.));
    story.settle();
    assert!(story.find(Role::ListItem, "Jonas").is_some());
    assert!(story.find(Role::Button, "Send").is_some());
    story.app.window().set_size(LogicalSize::new(799., 600.));
    story.settle();
    assert!(story.find(Role::ListItem, "Jonas").is_none());
}

#[test]
fn without_an_account_there_is_one_pane() {
    let story = Story::new();
    story.app.window().set_size(LogicalSize::new(1200., 800.));
    story.app.global::<SettingsState>().set_id("".into());
    story.app.global::<ShellState>().set_screen(Screen::Appearance);
    story.settle();
    assert!(story.find(Role::Button, "New conversation").is_none());
}

#[test]
fn words_are_typed_accepted_and_taken_back() {
    let story = Story::new();
    story.app.global::<SettingsState>().set_id("".into());
    story.app.global::<ShellState>().set_screen(Screen::Restore);
    story.settle();
    story.typed("ken");
    story.key(Key::Return);
    let restore = story.app.global::<RestoreState>();
    restore.set_entry("".into());
    story.key(Key::Backspace);
    assert_eq!(story.take(), ["entry k", "entry ke", "entry ken", "accepted ken", "backspace"]);
    assert!(!story.see(Role::Button, "Continue").accessible_enabled().unwrap_or(true));
    restore.set_status(PhraseStatus::Complete);
    story.settle();
    assert!(story.see(Role::Button, "Continue").accessible_enabled().unwrap_or(true));
}

#[test]
fn a_toast_goes_by_itself() {
    let story = Story::new();
    story.app.global::<ShellState>().set_screen(Screen::Home);
    story.app.global::<ShellState>().set_toast(tacit_ui::ToastKind::IdCopied);
    story.settle();
    assert!(story.find(Role::Text, "Account ID copied").is_some());
    mock_elapsed_time(Duration::from_secs(5));
    assert!(story.heard("toast done"));
}

#[test]
fn mirrored_the_avatars_stand_at_the_right() {
    let story = Story::new();
    story.app.global::<ShellState>().set_screen(Screen::Home);
    story.settle();
    let left = story.see(Role::Button, "Profile and settings").absolute_position().x;
    story.app.global::<Theme>().set_rtl(true);
    story.settle();
    let right = story.see(Role::Button, "Profile and settings");
    assert!((right.absolute_position().x + right.size().width - (390. - left)).abs() < 1.);
}

#[test]
fn a_thousand_chats_cost_only_the_visible_rows() {
    let story = Story::new();
    let chats: Vec<ChatItem> = (0..1000)
        .map(|i| ChatItem { id: format!("c{i}").into(), name: format!("Person {i:04}").into(), ..Default::default() })
        .collect();
    story.app.global::<HomeState>().set_chats(poses::list(chats));
    story.app.global::<ShellState>().set_screen(Screen::Home);
    story.settle();
    let rows = ElementQuery::from_root(&story.app)
        .match_descendants()
        .match_predicate(|e| e.accessible_role() == Some(Role::ListItem))
        .find_all();
    assert!(!rows.is_empty() && rows.len() < 150, "{} rows", rows.len());
}

#[test]
fn the_language_changes_at_run_time() {
    let story = Story::new();
    story.app.global::<ShellState>().set_screen(Screen::Home);
    story.settle();
    slint::select_bundled_translation("de").unwrap();
    story.settle();
    assert!(story.find(Role::Button, "Neue Unterhaltung").is_some());
}

//! The list of chats under a finger, searching, locking, and the sheets that keep a choice until it is set.
#![allow(clippy::unwrap_used)]

#[path = "../poses/mod.rs"]
mod poses;
mod story;

use std::{cell::RefCell, rc::Rc};

use i_slint_backend_testing::AccessibleRole as Role;
use slint::{ComponentHandle, LogicalPosition, platform::Key};
use story::Story;
use tacit_ui::{
    ConversationSettingsState, DisappearingState, HomeState, LockKind, LockState, Screen, SearchHit, SearchState,
    SheetKind, ShellState, ToastKind, VanishMode,
};

fn home() -> Story {
    let story = Story::new();
    story.app.global::<ShellState>().set_screen(Screen::Home);
    story.settle();
    story
}

fn drag_row(story: &Story, part: &str, far: f32) {
    let from = story.middle(Role::ListItem, part);
    story.drag(from, LogicalPosition::new(from.x + far, from.y + 1.));
}

#[test]
fn a_swipe_toward_the_start_uncovers_archive_mute_and_delete() {
    let story = home();
    drag_row(&story, "Jonas", -180.);
    story.act(Role::Button, "Archive");
    assert_eq!(story.take(), ["archive c2"]);
    assert!(story.find(Role::Button, "Archive").is_none());
}

#[test]
fn a_swipe_toward_the_end_uncovers_pin_and_unread() {
    let story = home();
    drag_row(&story, "Jonas", 120.);
    assert!(story.find(Role::Button, "Unread").is_some());
    story.act(Role::Button, "Pin");
    assert_eq!(story.take(), ["pin c2"]);
}

#[test]
fn a_short_swipe_uncovers_nothing_and_opens_nothing() {
    let story = home();
    drag_row(&story, "Jonas", -30.);
    assert!(story.find(Role::Button, "Archive").is_none());
    assert_eq!(story.take(), Vec::<String>::new());
}

#[test]
fn back_covers_the_actions_again() {
    let story = home();
    drag_row(&story, "Jonas", -180.);
    story.key(Key::Escape);
    story.settle();
    assert!(story.find(Role::Button, "Archive").is_none());
}

#[test]
fn muting_asks_for_how_long() {
    let story = home();
    drag_row(&story, "Jonas", -180.);
    story.act(Role::Button, "Mute");
    story.act(Role::Button, "8 hours");
    assert_eq!(story.take(), ["mute c2 480"]);
}

#[test]
fn while_selecting_a_tap_ticks_and_back_ends_it() {
    let story = home();
    let state = story.app.global::<HomeState>();
    state.set_selecting(true);
    state.set_selected(1);
    story.settle();
    story.tap(Role::ListItem, "Ines Okafor");
    assert_eq!(story.take(), ["select c1"]);
    story.act(Role::Button, "Archive");
    assert_eq!(story.take(), ["archive "]);
    story.key(Key::Escape);
    assert_eq!(story.take(), ["selection done"]);
}

#[test]
fn a_message_that_was_found_opens_where_it_stands() {
    let story = home();
    let opened = Rc::new(RefCell::new(vec![]));
    let search = story.app.global::<SearchState>();
    search.on_open({
        let opened = opened.clone();
        move |conversation, message| opened.borrow_mut().push(format!("{conversation} {message}"))
    });
    let hit = SearchHit {
        id: "m7".into(),
        conversation: "c1".into(),
        name: "Ines Okafor".into(),
        before: "cold on the ".into(),
        hit: "bridge".into(),
        ..Default::default()
    };
    search.set_messages(poses::list(vec![hit]));
    story.app.global::<HomeState>().set_search("bridge".into());
    story.settle();
    story.tap(Role::ListItem, "cold on the bridge");
    assert_eq!(*opened.borrow(), ["c1 m7"]);
}

#[test]
fn a_pin_is_typed_on_the_pad_or_with_keys() {
    let story = Story::new();
    let unlocked = Rc::new(RefCell::new(vec![]));
    let lock = story.app.global::<LockState>();
    lock.set_kind(LockKind::Pin);
    lock.on_unlock({
        let unlocked = unlocked.clone();
        move |pin| unlocked.borrow_mut().push(pin.to_string())
    });
    story.app.global::<ShellState>().set_screen(Screen::Lock);
    story.settle();
    for digit in ["4", "7", "1"] {
        story.tap(Role::Button, digit);
    }
    assert!(!story.see(Role::Button, "Unlock").accessible_enabled().unwrap_or(true));
    story.typed("147");
    story.key(Key::Return);
    assert_eq!(*unlocked.borrow(), ["471147"]);
}

#[test]
fn nothing_of_the_app_is_there_while_it_is_locked() {
    let story = home();
    story.app.global::<ShellState>().set_screen(Screen::Lock);
    story.settle();
    assert!(story.find(Role::ListItem, "Ines Okafor").is_none());
    story.key(Key::Back);
    assert_eq!(story.take(), Vec::<String>::new());
}

#[test]
fn a_timer_is_set_only_when_it_was_changed() {
    let story = Story::new();
    let set = Rc::new(RefCell::new(vec![]));
    story.app.global::<ConversationSettingsState>().set_person(poses::ines());
    let state = story.app.global::<DisappearingState>();
    state.on_set({
        let set = set.clone();
        move |mode, seconds| set.borrow_mut().push((mode, seconds))
    });
    story.app.global::<ShellState>().set_screen(Screen::ConversationSettings);
    story.app.global::<ShellState>().set_sheet(SheetKind::Disappearing);
    story.settle();
    assert!(!story.see(Role::Button, "Set").accessible_enabled().unwrap_or(true));
    story.tap(Role::Tab, "After read");
    story.settle();
    story.act(Role::Button, "1 hour");
    story.act(Role::Button, "Set");
    assert_eq!(*set.borrow(), [(VanishMode::AfterRead, 3600)]);
}

#[test]
fn archiving_can_be_undone() {
    let story = home();
    let undone = Rc::new(RefCell::new(vec![]));
    let shell = story.app.global::<ShellState>();
    shell.on_toast_action({
        let undone = undone.clone();
        move |kind| undone.borrow_mut().push(kind)
    });
    shell.set_toast(ToastKind::Archived);
    story.settle();
    story.act(Role::Button, "Undo");
    assert_eq!(*undone.borrow(), [ToastKind::Archived]);
}

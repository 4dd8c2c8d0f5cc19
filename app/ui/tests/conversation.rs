//! Reading and writing: the list of messages, the composer, what a message offers.
#![allow(clippy::unwrap_used)]

#[path = "../poses/mod.rs"]
mod poses;
mod story;

use std::time::Duration;

use i_slint_backend_testing::{AccessibleRole as Role, mock_elapsed_time};
use slint::{
    ComponentHandle, LogicalPosition, Model,
    platform::{Key, WindowEvent},
};
use story::Story;
use tacit_ui::{ConversationState, EmojiState, Message, SendState, ShellState};

fn many(count: usize) -> Vec<Message> {
    (0..count)
        .map(|i| {
            let text = format!("message {i:03} {}", "and some more words ".repeat(i % 7));
            poses::received(&format!("x{i}"), text.trim(), "08:00", true, true)
        })
        .collect()
}

#[test]
fn a_long_press_opens_the_message_menu_and_copy_works() {
    let story = Story::new();
    story.conversation(poses::conversation());
    let position = story.middle(Role::ListItem, "Bring a thermos");
    story.press(position);
    mock_elapsed_time(Duration::from_millis(200));
    assert!(!story.app.get_popup_open());
    for _ in 0..5 {
        mock_elapsed_time(Duration::from_millis(100));
    }
    assert!(story.app.get_popup_open());
    story.release(position);
    mock_elapsed_time(Duration::from_millis(300));
    story.see(Role::Button, "Copy").invoke_accessible_default_action();
    assert!(story.heard("copy m7"));
    assert!(!story.app.get_popup_open());
}

#[test]
fn scrolling_is_not_a_long_press() {
    let story = Story::new();
    story.conversation(many(60));
    let before = story.top(Role::ListItem, "message 058");
    let from = story.middle(Role::ListItem, "message 058");
    story.drag(from, LogicalPosition::new(from.x, from.y + 150.));
    assert!(!story.app.get_popup_open());
    assert!(story.find(Role::ListItem, "message 058").is_none_or(|row| row.absolute_position().y > before + 50.));
}

#[test]
fn the_keyboard_lifts_the_composer_and_the_last_message() {
    let story = Story::new();
    story.conversation(poses::conversation());
    let composer = story.top(Role::Button, "Send");
    let last = story.top(Role::ListItem, "good cups");
    story.app.global::<ShellState>().set_keyboard_override(300.);
    story.settle();
    assert_eq!(composer - story.top(Role::Button, "Send"), 300.);
    assert_eq!(last - story.top(Role::ListItem, "good cups"), 300.);
}

#[test]
fn older_messages_come_and_newer_go_without_a_move_on_the_screen() {
    let story = Story::new();
    let model = story.conversation(many(60));
    let talk = story.app.global::<ConversationState>();
    talk.set_target("x30".into());
    story.settle();
    let before = story.top(Role::ListItem, "message 031");
    talk.set_anchor("x31".into());
    for i in 0..20 {
        model.insert(
            0,
            poses::received(&format!("older{i}"), &"an older message ".repeat(1 + i % 5), "07:00", true, true),
        );
        model.remove(model.row_count() - 1);
    }
    story.settle();
    let after = story.top(Role::ListItem, "message 031");
    assert!((before - after).abs() < 1., "moved from {before} to {after}");
}

#[test]
fn the_list_follows_the_newest_while_it_is_at_the_bottom() {
    let story = Story::new();
    let model = story.conversation(many(30));
    model.push(poses::sent("new", "the newest of all", "09:00", true, true));
    story.settle();
    assert!(story.find(Role::ListItem, "the newest of all").is_some());
    assert!(story.app.global::<ConversationState>().get_at_bottom());
}

#[test]
fn a_new_message_does_not_pull_a_reader_down_and_the_button_does() {
    let story = Story::new();
    let model = story.conversation(many(60));
    let talk = story.app.global::<ConversationState>();
    talk.set_target("x30".into());
    story.settle();
    assert!(!talk.get_at_bottom());
    let before = story.top(Role::ListItem, "message 031");
    model.push(poses::received("new", "the newest of all", "09:00", true, true));
    story.settle();
    assert_eq!(story.top(Role::ListItem, "message 031"), before);
    assert!(story.find(Role::ListItem, "the newest of all").is_none());
    story.see(Role::Button, "Go to the newest").invoke_accessible_default_action();
    story.settle();
    assert!(story.find(Role::ListItem, "the newest of all").is_some());
    assert!(talk.get_stick());
}

#[test]
fn a_jump_puts_the_message_at_a_third_of_the_height() {
    let story = Story::new();
    story.conversation(many(60));
    story.app.global::<ConversationState>().set_target("x20".into());
    story.settle();
    let top = story.top(Role::ListItem, "message 020");
    // Bar 60, line 1, list about 725 high.
    assert!((top - 61. - 725. / 3.).abs() < 12., "at {top}");
}

#[test]
fn opening_at_the_first_unread_works_in_the_same_turn() {
    let story = Story::new();
    let talk = story.app.global::<ConversationState>();
    let mut rows = many(40);
    rows.insert(
        25,
        Message { id: "unread".into(), kind: tacit_ui::MessageKind::Unread, text: "15".into(), ..Default::default() },
    );
    talk.set_target("unread".into());
    story.conversation(rows);
    assert!(!talk.get_stick());
    assert!(story.find(Role::Text, "15 new messages").is_some());
}

#[test]
fn scrolling_up_asks_for_older_messages() {
    let story = Story::new();
    story.conversation(many(20));
    story.drag(LogicalPosition::new(200., 200.), LogicalPosition::new(200., 600.));
    assert!(story.heard("near top"));
}

#[test]
fn the_button_asks_rust_when_the_window_ends_before_the_newest() {
    let story = Story::new();
    story.conversation(many(30));
    story.app.global::<ConversationState>().set_has_newer(true);
    story.settle();
    story.see(Role::Button, "Go to the newest").invoke_accessible_default_action();
    assert!(story.heard("jump to newest"));
}

#[test]
fn enter_sends_and_shift_enter_makes_a_line() {
    let story = Story::new();
    story.conversation(poses::conversation());
    story.focus_composer();
    story.typed("one");
    story.app.window().dispatch_event(WindowEvent::KeyPressed { text: Key::Shift.into() });
    story.key(Key::Return);
    story.app.window().dispatch_event(WindowEvent::KeyReleased { text: Key::Shift.into() });
    story.typed("two");
    story.key(Key::Return);
    assert!(story.heard("send one\ntwo"));
}

#[test]
fn where_enter_does_not_send_it_makes_a_line() {
    let story = Story::new();
    story.conversation(poses::conversation());
    story.app.global::<ShellState>().set_enter_sends(false);
    story.focus_composer();
    story.typed("one");
    story.key(Key::Return);
    story.typed("two");
    assert_eq!(story.app.global::<ConversationState>().get_draft(), "one\ntwo");
    story.see(Role::Button, "Send").invoke_accessible_default_action();
    assert!(story.heard("send one\ntwo"));
}

#[test]
fn a_text_that_is_too_long_or_empty_is_not_sent() {
    let story = Story::new();
    story.conversation(poses::conversation());
    let talk = story.app.global::<ConversationState>();
    story.see(Role::Button, "Send").invoke_accessible_default_action();
    talk.set_draft("far too long".into());
    talk.set_left(-38);
    story.settle();
    assert!(story.find(Role::Text, "38 too many").is_some());
    story.see(Role::Button, "Send").invoke_accessible_default_action();
    story.focus_composer();
    story.key(Key::Return);
    assert_eq!(story.take(), Vec::<String>::new());
}

#[test]
fn the_composer_grows_to_six_lines_and_no_further() {
    let story = Story::new();
    story.conversation(poses::conversation());
    let talk = story.app.global::<ConversationState>();
    let list_end = |story: &Story| story.top(Role::Button, "Send");
    let one = list_end(&story);
    talk.set_draft("a\nb\nc".into());
    story.settle();
    // The send button stays at the lower edge; the field's own top rises.
    assert_eq!(list_end(&story), one);
    let three = story.top(Role::ListItem, "good cups");
    talk.set_draft("a\nb\nc\nd\ne\nf".into());
    story.settle();
    let six = story.top(Role::ListItem, "good cups");
    talk.set_draft("a\nb\nc\nd\ne\nf\ng\nh\ni".into());
    story.settle();
    assert!(six < three - 40.);
    assert!((story.top(Role::ListItem, "good cups") - six).abs() < 4.);
}

#[test]
fn a_chosen_emoji_goes_to_the_cursor() {
    let story = Story::new();
    story.conversation(poses::conversation());
    let weak = story.app.as_weak();
    story.app.global::<EmojiState>().on_insert(move |emoji, at| {
        let app = weak.unwrap();
        let talk = app.global::<ConversationState>();
        let mut draft = talk.get_draft().to_string();
        draft.insert_str(at as usize, &emoji);
        talk.set_draft(draft.into());
        at + emoji.len() as i32
    });
    story.focus_composer();
    story.typed("ab");
    story.key(Key::LeftArrow);
    story.tap(Role::Button, "Emoji");
    story.settle();
    story.see(Role::Button, "emoji 0").invoke_accessible_default_action();
    story.see(Role::Button, "emoji 1").invoke_accessible_default_action();
    assert_eq!(story.app.global::<ConversationState>().get_draft(), "a😀😃b");
}

#[test]
fn a_tap_on_a_failed_message_tries_again() {
    let story = Story::new();
    story.conversation(poses::states());
    story.tap(Role::ListItem, "never left");
    assert!(story.heard("retry s9"));
}

#[test]
fn a_status_change_touches_its_row_only() {
    let story = Story::new();
    let model = story.conversation(poses::states());
    let at = model.iter().position(|m| m.id == "s5").unwrap();
    assert!(story.find(Role::ListItem, "On its way, 09:04, being sent").is_some());
    model.set_row_data(at, Message { state: SendState::Stored, kept: 6, ..model.row_data(at).unwrap() });
    story.settle();
    assert!(story.find(Role::ListItem, "On its way, 09:04, kept by 6 of 7 nodes").is_some());
}

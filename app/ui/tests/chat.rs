//! What people do with messages besides reading and writing them.
#![allow(clippy::unwrap_used)]

#[path = "../poses/mod.rs"]
mod poses;
mod story;

use std::{cell::RefCell, rc::Rc, time::Duration};

use i_slint_backend_testing::{AccessibleRole as Role, mock_elapsed_time};
use slint::{ComponentHandle, LogicalPosition, SharedString, platform::Key};
use story::Story;
use tacit_ui::{
    Attachment, ChatSearchState, ComposeState, ConversationState, DeleteScope, DeleteState, DialogKind, EmojiState,
    MediaViewerState, Message, Person, PlayerState, RecorderPhase, RecorderState, Screen, SelectionState, ShellState,
    Transfer, ViewerItem,
};

type Heard = Rc<RefCell<Vec<String>>>;

fn one(heard: &Heard, what: &'static str) -> impl Fn(SharedString) + 'static {
    let heard = heard.clone();
    move |id| heard.borrow_mut().push(format!("{what} {id}"))
}

fn two(heard: &Heard, what: &'static str) -> impl Fn(SharedString, SharedString) + 'static {
    let heard = heard.clone();
    move |id, other| heard.borrow_mut().push(format!("{what} {id} {other}"))
}

/// A lively conversation, and what it asks of Rust.
fn chat(rows: Vec<Message>) -> (Story, Heard) {
    let story = Story::new();
    let heard = Heard::default();
    let talk = story.app.global::<ConversationState>();
    talk.on_reply(one(&heard, "reply"));
    talk.on_open_quote(one(&heard, "quote"));
    talk.on_open_link(one(&heard, "link"));
    talk.on_show_reactions(one(&heard, "reactions of"));
    talk.on_react(two(&heard, "react"));
    talk.on_open_attachment(two(&heard, "open"));
    talk.on_load(two(&heard, "load"));
    talk.on_cancel_transfer(two(&heard, "cancel"));
    story.app.global::<SelectionState>().on_start(one(&heard, "select"));
    story.app.global::<SelectionState>().on_toggle(one(&heard, "toggle"));
    story.conversation(rows);
    (story, heard)
}

fn said(heard: &Heard) -> Vec<String> {
    std::mem::take(&mut heard.borrow_mut())
}

#[test]
fn a_swipe_toward_the_end_replies_and_a_short_one_does_not() {
    let (story, heard) = chat(poses::conversation());
    let from = story.middle(Role::ListItem, "Bring a thermos");
    story.drag(from, LogicalPosition::new(from.x + 30., from.y));
    assert_eq!(said(&heard), Vec::<String>::new());
    story.drag(from, LogicalPosition::new(from.x + 90., from.y));
    assert_eq!(said(&heard), ["reply m7"]);
    assert!(!story.app.get_popup_open());
}

#[test]
fn the_menu_reacts_and_replies() {
    let (story, heard) = chat(poses::conversation());
    for (button, expected) in [("React with 👍", "react m7 👍"), ("Reply", "reply m7")] {
        story.see(Role::ListItem, "Bring a thermos").invoke_accessible_default_action();
        mock_elapsed_time(Duration::from_millis(300));
        story.see(Role::Button, button).invoke_accessible_default_action();
        mock_elapsed_time(Duration::from_millis(50));
        assert_eq!(said(&heard), [expected]);
        assert!(!story.app.get_popup_open());
    }
}

#[test]
fn a_message_without_words_offers_no_words() {
    let (story, heard) = chat(poses::contents::lively());
    story.see(Role::ListItem, "Voice message").invoke_accessible_default_action();
    mock_elapsed_time(Duration::from_millis(300));
    assert!(story.find(Role::Button, "Copy").is_none());
    assert!(story.find(Role::Button, "Save").is_some());
    story.see(Role::Button, "Select").invoke_accessible_default_action();
    assert_eq!(said(&heard), ["select c5"]);
}

#[test]
fn a_tap_on_a_pill_adds_our_reaction_or_takes_it_away() {
    let (story, heard) = chat(poses::contents::lively());
    story.see(Role::Button, "👍, 2 people").invoke_accessible_default_action();
    story.see(Role::Button, "😍, 1 person").invoke_accessible_default_action();
    assert_eq!(said(&heard), ["react c2 👍", "react c2 😍"]);
}

#[test]
fn a_quote_leads_to_its_original_and_lights_it() {
    let (story, heard) = chat(poses::contents::lively());
    story.tap(Role::Button, "In reply to You");
    assert_eq!(said(&heard), ["quote c6"]);
    let talk = story.app.global::<ConversationState>();
    talk.set_flash("c4".into());
    story.settle();
    for _ in 0..20 {
        mock_elapsed_time(Duration::from_millis(100));
    }
    assert_eq!(talk.get_flash(), "", "it lights for a moment only");
}

#[test]
fn a_picture_opens_loads_or_stops_by_what_it_is() {
    let rows = |transfer| {
        vec![Message {
            pictures: poses::list(vec![Attachment { transfer, ..poses::photo("a", 160, 120, 0) }]),
            ..poses::received("p", "", "09:00", true, true)
        }]
    };
    let (story, heard) = chat(rows(Transfer::Ready));
    let talk = story.app.global::<ConversationState>();
    for (transfer, expected) in
        [(Transfer::Ready, "open p a"), (Transfer::Waiting, "load p a"), (Transfer::Running, "cancel p a")]
    {
        talk.set_messages(poses::list(rows(transfer)));
        story.settle();
        story.see(Role::Button, "Photo").invoke_accessible_default_action();
        assert_eq!(said(&heard), [expected]);
    }
    talk.set_messages(poses::list(rows(Transfer::Gone)));
    story.settle();
    story.see(Role::Button, "no longer on the server").invoke_accessible_default_action();
    assert_eq!(said(&heard), Vec::<String>::new());
}

#[test]
fn in_selection_a_tap_chooses_and_back_ends_it() {
    let (story, heard) = chat(poses::conversation());
    let selection = story.app.global::<SelectionState>();
    selection.set_active(true);
    selection.set_count(1);
    let weak = story.app.as_weak();
    selection.on_end(move || weak.unwrap().global::<SelectionState>().set_active(false));
    story.settle();
    assert!(story.find(Role::TextInput, "Message").is_none());
    story.tap(Role::ListItem, "Bring a thermos");
    assert_eq!(said(&heard), ["toggle m7"]);
    story.key(Key::Escape);
    assert!(!selection.get_active());
    assert!(!story.heard("back"));
}

#[test]
fn search_closes_before_the_screen_does() {
    let (story, _) = chat(poses::conversation());
    let search = story.app.global::<ChatSearchState>();
    let weak = story.app.as_weak();
    search.on_close(move || weak.unwrap().global::<ChatSearchState>().set_active(false));
    search.set_active(true);
    story.settle();
    story.typed("thermos");
    assert_eq!(search.get_entry(), "thermos", "the field has the cursor at once");
    story.key(Key::Escape);
    assert!(!search.get_active());
    assert!(!story.heard("back"));
    story.key(Key::Escape);
    assert!(story.heard("back"));
}

#[test]
fn arrow_keys_and_enter_choose_who_is_mentioned() {
    let (story, _) = chat(poses::conversation());
    let compose = story.app.global::<ComposeState>();
    let person = |id: &str| Person { id: id.into(), name: id.into(), ..Default::default() };
    compose.set_mentions(poses::list(vec![person("ines"), person("jonas")]));
    let chosen = Heard::default();
    let note = chosen.clone();
    compose.on_choose_mention(move |id, at| {
        note.borrow_mut().push(id.to_string());
        at
    });
    story.focus_composer();
    story.key(Key::DownArrow);
    story.key(Key::Return);
    assert_eq!(*chosen.borrow(), ["jonas"]);
    assert!(!story.heard("send "));
}

#[test]
fn the_microphone_records_while_held_and_slides_away_or_locks() {
    let (story, _) = chat(poses::conversation());
    story.app.global::<ComposeState>().set_can_record(true);
    let recorder = story.app.global::<RecorderState>();
    let heard = Heard::default();
    let step = |what: &'static str, phase: RecorderPhase| {
        let (heard, weak) = (heard.clone(), story.app.as_weak());
        move || {
            heard.borrow_mut().push(what.into());
            weak.unwrap().global::<RecorderState>().set_phase(phase);
        }
    };
    recorder.on_start(step("start", RecorderPhase::Held));
    recorder.on_finish(step("finish", RecorderPhase::Idle));
    recorder.on_cancel(step("cancel", RecorderPhase::Idle));
    recorder.on_lock(step("lock", RecorderPhase::Locked));
    story.settle();
    let at = story.middle(Role::Button, "Record a voice message");
    let hold = |x: f32, y: f32| {
        story.drag(at, LogicalPosition::new(at.x + x, at.y + y));
        said(&heard)
    };
    assert_eq!(hold(0., 0.), ["start", "finish"]);
    assert_eq!(hold(-140., 0.), ["start", "cancel"]);
    assert_eq!(hold(0., -120.), ["start", "lock"]);
    assert!(story.find(Role::Button, "Stop and listen").is_some());
}

#[test]
fn deleting_asks_how_far() {
    let (story, _) = chat(poses::conversation());
    let delete = story.app.global::<DeleteState>();
    delete.set_can_everyone(true);
    story.app.global::<ShellState>().set_dialog(DialogKind::DeleteMessage);
    story.settle();
    story.see(Role::Button, "For everyone").invoke_accessible_default_action();
    assert_eq!(delete.get_scope(), DeleteScope::Everyone);
}

#[test]
fn a_long_press_on_an_emoji_offers_its_tones() {
    let (story, heard) = chat(poses::conversation());
    story.see(Role::ListItem, "Bring a thermos").invoke_accessible_default_action();
    story.see(Role::Button, "More emoji").invoke_accessible_default_action();
    mock_elapsed_time(Duration::from_millis(300));
    let emoji = story.app.global::<EmojiState>();
    emoji.set_tones(poses::list(vec![tacit_ui::Emoji { text: "👍🏽".into(), name: "medium".into() }]));
    story.settle();
    story.see(Role::Button, "medium").invoke_accessible_default_action();
    assert_eq!(said(&heard), ["react m7 👍🏽"]);
    assert!(!story.app.get_popup_open());
}

#[test]
fn a_voice_message_plays_and_is_searched_by_a_tap() {
    let (story, _) = chat(poses::contents::lively());
    let heard = Heard::default();
    let player = story.app.global::<PlayerState>();
    player.on_toggle(one(&heard, "toggle"));
    let note = heard.clone();
    player.on_seek(move |id, share| note.borrow_mut().push(format!("seek {id} {}", (share * 10.).round())));
    story.see(Role::Button, "Play voice message").invoke_accessible_default_action();
    story.tap(Role::Slider, "Place in the voice message");
    assert_eq!(said(&heard), ["toggle v5", "seek v5 5"]);
}

#[test]
fn the_viewer_turns_pages_by_swipe_and_keys() {
    let (story, _) = chat(poses::conversation());
    let viewer = story.app.global::<MediaViewerState>();
    let item = |id: &str| ViewerItem { id: id.into(), has_picture: true, ..Default::default() };
    viewer.set_items(poses::list(vec![item("a"), item("b"), item("c")]));
    story.app.global::<ShellState>().set_screen(Screen::MediaViewer);
    story.settle();
    story.key(Key::RightArrow);
    assert_eq!(viewer.get_index(), 1);
    story.drag(LogicalPosition::new(300., 400.), LogicalPosition::new(120., 400.));
    assert_eq!(viewer.get_index(), 2);
    story.drag(LogicalPosition::new(120., 400.), LogicalPosition::new(300., 400.));
    assert_eq!(viewer.get_index(), 1);
    story.drag(LogicalPosition::new(200., 300.), LogicalPosition::new(200., 520.));
    assert!(story.heard("back"));
}

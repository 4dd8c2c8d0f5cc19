//! What happens when somebody presses, types, scrolls and goes back.
#![allow(clippy::unwrap_used)]

#[path = "../poses/mod.rs"]
mod poses;

use std::{cell::RefCell, rc::Rc, time::Duration};

use i_slint_backend_testing::{
    AccessibleRole as Role, ElementHandle, ElementQuery, TestingBackend, TestingBackendOptions, mock_elapsed_time,
};
use slint::{
    ComponentHandle, LogicalPosition, LogicalSize, Model, SharedString, VecModel,
    platform::{Key, PointerEventButton, WindowEvent},
};
use tacit_ui::{
    App, ChatItem, ConversationState, DialogKind, EmojiState, HomeState, Message, NewMessageState, PhraseStatus,
    RestoreState, Screen, SendState, SettingsState, SheetKind, ShellState, Theme,
};

/// The app on a phone, and what it called back.
struct Story {
    app: App,
    heard: Rc<RefCell<Vec<String>>>,
}

impl Story {
    fn new() -> Self {
        slint::platform::set_platform(Box::new(TestingBackend::new(TestingBackendOptions {
            mock_time: true,
            threading: false,
            renderer_name: Some("software".into()),
        })))
        .unwrap();
        let app = App::new().unwrap();
        app.show().unwrap();
        app.window().set_size(LogicalSize::new(390., 844.));
        app.global::<Theme>().set_reduce_motion(true);
        poses::fill(&app);
        let story = Self { app, heard: Rc::default() };
        story.listen();
        story
    }

    fn listen(&self) {
        let note = |heard: &Rc<RefCell<Vec<String>>>, what: &'static str| {
            let heard = heard.clone();
            move || heard.borrow_mut().push(what.into())
        };
        let note_text = |heard: &Rc<RefCell<Vec<String>>>, what: &'static str| {
            let heard = heard.clone();
            move |text: SharedString| heard.borrow_mut().push(format!("{what} {text}"))
        };
        let heard = &self.heard;
        let shell = self.app.global::<ShellState>();
        shell.on_back(note(heard, "back"));
        shell.on_close_sheet(note(heard, "close sheet"));
        shell.on_toast_done(note(heard, "toast done"));
        shell.on_dialog_cancelled({
            let heard = heard.clone();
            move |_| heard.borrow_mut().push("dialog cancelled".into())
        });
        let home = self.app.global::<HomeState>();
        home.on_open(note_text(heard, "open"));
        home.on_compose(note(heard, "compose"));
        home.on_search_edited(note_text(heard, "search"));
        let talk = self.app.global::<ConversationState>();
        talk.on_send(note_text(heard, "send"));
        talk.on_retry(note_text(heard, "retry"));
        talk.on_copy(note_text(heard, "copy"));
        talk.on_near_top(note(heard, "near top"));
        talk.on_jump_to_newest(note(heard, "jump to newest"));
        let restore = self.app.global::<RestoreState>();
        restore.on_entry_edited(note_text(heard, "entry"));
        restore.on_entry_accepted(note_text(heard, "accepted"));
        restore.on_entry_backspace(note(heard, "backspace"));
        self.app.global::<NewMessageState>().on_go_on(note(heard, "next"));
    }

    fn take(&self) -> Vec<String> {
        self.heard.borrow_mut().drain(..).collect()
    }

    fn heard(&self, what: &str) -> bool {
        self.take().iter().any(|w| w == what)
    }

    /// A conversation open on its newest message.
    fn conversation(&self, rows: Vec<Message>) -> Rc<VecModel<Message>> {
        let model = Rc::new(VecModel::from(rows));
        let talk = self.app.global::<ConversationState>();
        talk.set_messages(model.clone().into());
        talk.set_id("c1".into());
        self.app.global::<ShellState>().set_screen(Screen::Conversation);
        self.settle();
        self.take();
        model
    }

    fn settle(&self) {
        for _ in 0..3 {
            mock_elapsed_time(Duration::from_millis(20));
            self.app.window().take_snapshot().unwrap();
        }
    }

    fn find(&self, role: Role, part: &str) -> Option<ElementHandle> {
        let part = part.to_owned();
        ElementQuery::from_root(&self.app)
            .match_descendants()
            .match_predicate(move |e| {
                e.accessible_role() == Some(role) && e.accessible_label().is_some_and(|label| label.contains(&part))
            })
            .find_first()
    }

    fn see(&self, role: Role, part: &str) -> ElementHandle {
        self.find(role, part).unwrap_or_else(|| panic!("no {role:?} “{part}”"))
    }

    fn top(&self, role: Role, part: &str) -> f32 {
        self.see(role, part).absolute_position().y
    }

    fn middle(&self, role: Role, part: &str) -> LogicalPosition {
        let element = self.see(role, part);
        let (at, size) = (element.absolute_position(), element.size());
        LogicalPosition::new(at.x + size.width / 2., at.y + size.height / 2.)
    }

    fn press(&self, position: LogicalPosition) {
        self.app.window().dispatch_event(WindowEvent::PointerMoved { position });
        self.app.window().dispatch_event(WindowEvent::PointerPressed { position, button: PointerEventButton::Left });
    }

    fn release(&self, position: LogicalPosition) {
        self.app.window().dispatch_event(WindowEvent::PointerReleased { position, button: PointerEventButton::Left });
    }

    fn tap(&self, role: Role, part: &str) {
        let position = self.middle(role, part);
        self.press(position);
        mock_elapsed_time(Duration::from_millis(150));
        self.release(position);
        mock_elapsed_time(Duration::from_millis(150));
    }

    fn drag(&self, from: LogicalPosition, to: LogicalPosition) {
        self.press(from);
        for step in 1..=10 {
            let share = step as f32 / 10.;
            let position = LogicalPosition::new(from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share);
            mock_elapsed_time(Duration::from_millis(30));
            self.app.window().dispatch_event(WindowEvent::PointerMoved { position });
        }
        mock_elapsed_time(Duration::from_millis(300));
        self.release(to);
        self.settle();
    }

    fn key(&self, text: impl Into<SharedString>) {
        let text = text.into();
        self.app.window().dispatch_event(WindowEvent::KeyPressed { text: text.clone() });
        self.app.window().dispatch_event(WindowEvent::KeyReleased { text });
    }

    fn typed(&self, text: &str) {
        for letter in text.chars() {
            self.key(letter.to_string());
        }
    }

    fn focus_composer(&self) {
        let talk = self.app.global::<ConversationState>();
        talk.set_serial(talk.get_serial() + 1);
        mock_elapsed_time(Duration::from_millis(20));
    }
}

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
fn a_swipe_from_the_edge_goes_back() {
    let story = Story::new();
    story.conversation(poses::conversation());
    story.app.global::<ShellState>().set_edge_swipe(true);
    story.settle();
    story.drag(LogicalPosition::new(5., 400.), LogicalPosition::new(160., 402.));
    assert!(story.heard("back"));
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

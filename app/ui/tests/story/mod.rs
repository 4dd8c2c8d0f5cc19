//! Somebody in front of the app: finds things by their accessible names, presses, drags, types, and hears what the screens
//! ask of Rust.
#![allow(dead_code)]

use std::{cell::RefCell, rc::Rc, time::Duration};

use i_slint_backend_testing::{
    AccessibleRole as Role, ElementHandle, ElementQuery, TestingBackend, TestingBackendOptions, mock_elapsed_time,
};
use slint::{
    ComponentHandle, LogicalPosition, LogicalSize, SharedString, VecModel,
    platform::{PointerEventButton, WindowEvent},
};
use tacit_ui::{App, ConversationState, HomeState, Message, NewMessageState, RestoreState, Screen, ShellState, Theme};

use crate::poses;

/// The app on a phone, and what it called back.
pub struct Story {
    pub app: App,
    heard: Rc<RefCell<Vec<String>>>,
}

impl Story {
    pub fn new() -> Self {
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
        home.on_archive(note_text(heard, "archive"));
        home.on_pin(note_text(heard, "pin"));
        home.on_select(note_text(heard, "select"));
        home.on_selection_done(note(heard, "selection done"));
        home.on_mute({
            let heard = heard.clone();
            move |id, minutes| heard.borrow_mut().push(format!("mute {id} {minutes}"))
        });
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

    pub fn take(&self) -> Vec<String> {
        self.heard.borrow_mut().drain(..).collect()
    }

    pub fn heard(&self, what: &str) -> bool {
        self.take().iter().any(|w| w == what)
    }

    /// A conversation open on its newest message.
    pub fn conversation(&self, rows: Vec<Message>) -> Rc<VecModel<Message>> {
        let model = Rc::new(VecModel::from(rows));
        let talk = self.app.global::<ConversationState>();
        talk.set_messages(model.clone().into());
        talk.set_id("c1".into());
        self.app.global::<ShellState>().set_screen(Screen::Conversation);
        self.settle();
        self.take();
        model
    }

    pub fn settle(&self) {
        for _ in 0..3 {
            mock_elapsed_time(Duration::from_millis(20));
            self.app.window().take_snapshot().unwrap();
        }
    }

    pub fn find(&self, role: Role, part: &str) -> Option<ElementHandle> {
        let part = part.to_owned();
        ElementQuery::from_root(&self.app)
            .match_descendants()
            .match_predicate(move |e| {
                e.accessible_role() == Some(role) && e.accessible_label().is_some_and(|label| label.contains(&part))
            })
            .find_first()
    }

    pub fn see(&self, role: Role, part: &str) -> ElementHandle {
        self.find(role, part).unwrap_or_else(|| panic!("no {role:?} “{part}”"))
    }

    pub fn top(&self, role: Role, part: &str) -> f32 {
        self.see(role, part).absolute_position().y
    }

    pub fn middle(&self, role: Role, part: &str) -> LogicalPosition {
        let element = self.see(role, part);
        let (at, size) = (element.absolute_position(), element.size());
        LogicalPosition::new(at.x + size.width / 2., at.y + size.height / 2.)
    }

    pub fn press(&self, position: LogicalPosition) {
        self.app.window().dispatch_event(WindowEvent::PointerMoved { position });
        self.app.window().dispatch_event(WindowEvent::PointerPressed { position, button: PointerEventButton::Left });
    }

    pub fn release(&self, position: LogicalPosition) {
        self.app.window().dispatch_event(WindowEvent::PointerReleased { position, button: PointerEventButton::Left });
    }

    pub fn tap(&self, role: Role, part: &str) {
        let position = self.middle(role, part);
        self.press(position);
        mock_elapsed_time(Duration::from_millis(150));
        self.release(position);
        mock_elapsed_time(Duration::from_millis(150));
    }

    pub fn drag(&self, from: LogicalPosition, to: LogicalPosition) {
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

    /// Runs what a control does, as a screen reader would.
    pub fn act(&self, role: Role, part: &str) {
        self.see(role, part).invoke_accessible_default_action();
        self.settle();
    }

    pub fn key(&self, text: impl Into<SharedString>) {
        let text = text.into();
        self.app.window().dispatch_event(WindowEvent::KeyPressed { text: text.clone() });
        self.app.window().dispatch_event(WindowEvent::KeyReleased { text });
    }

    pub fn typed(&self, text: &str) {
        for letter in text.chars() {
            self.key(letter.to_string());
        }
    }

    pub fn focus_composer(&self) {
        let talk = self.app.global::<ConversationState>();
        talk.set_serial(talk.get_serial() + 1);
        mock_elapsed_time(Duration::from_millis(20));
    }
}

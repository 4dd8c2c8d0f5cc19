//! Several messages at once.

use std::collections::HashSet;

use slint::ComponentHandle as _;
use tacit_client::{Message, MessageId};
use tacit_ui::{SelectionState, ToastKind};

use super::Conversation;

/// What is selected; messages stay in it when the window moves on.
#[derive(Default)]
pub(super) struct Selection {
    ids: HashSet<MessageId>,
    messages: Vec<Message>,
}

impl Selection {
    pub(super) fn ids(&self) -> &HashSet<MessageId> {
        &self.ids
    }

    fn toggle(&mut self, message: Message) {
        if self.ids.remove(&message.id) {
            self.messages.retain(|kept| kept.id != message.id);
        } else {
            self.ids.insert(message.id);
            self.messages.push(message);
            self.messages.sort_by_key(|message| (message.sort_at, message.id));
        }
    }
}

impl Conversation {
    pub(super) fn start_selection(&self, key: &str) {
        self.context.with(|window| window.global::<SelectionState>().set_active(true));
        self.toggle_selected(key);
    }

    pub(super) fn toggle_selected(&self, key: &str) {
        if let Some(message) = self.message_at(key) {
            self.with_open(|open| open.selection.toggle(message));
            self.show_selection();
            self.render();
        }
    }

    pub(super) fn end_selection(&self) {
        self.with_open(|open| open.selection = Selection::default());
        self.context.with(|window| window.global::<SelectionState>().set_active(false));
        self.show_selection();
        self.render();
    }

    pub(super) fn selected(&self) -> Vec<Message> {
        self.with_open(|open| open.selection.messages.clone()).unwrap_or_default()
    }

    fn show_selection(&self) {
        let selected = self.selected();
        self.context.with(|window| {
            let state = window.global::<SelectionState>();
            state.set_count(i32::try_from(selected.len()).unwrap_or(i32::MAX));
            state.set_can_copy(selected.iter().any(|message| !message.text.is_empty()));
            state.set_can_save(selected.iter().any(|message| !message.attachments.is_empty()));
        });
    }

    /// The texts one under the other.
    pub(super) fn copy_selected(&self) {
        let texts: Vec<String> = self.selected().into_iter().map(|message| message.text).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
        self.context.copy(&texts.join("\n"), ToastKind::TextCopied);
        self.end_selection();
    }

    pub(super) fn forward_selected(&self) {
        let selected = self.selected();
        self.end_selection();
        self.forward_messages(&selected);
    }

    pub(super) fn delete_selected(&self) {
        self.ask_to_delete_messages(&self.selected());
    }
}

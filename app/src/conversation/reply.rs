//! Answering a message.

use slint::ComponentHandle as _;
use tacit_client::MessageId;
use tacit_ui::{ComposeState, MessageKind as Kind, Quote, Texts};

use super::Conversation;
use super::rows::bubble::answered;
use super::rows::bubble_kind;

impl Conversation {
    /// The next message answers this one.
    pub(super) fn reply(&self, key: &str) {
        let message = self.message_at(key).filter(|message| bubble_kind(message) == Some(Kind::Text));
        if let Some(message) = message {
            self.with_open(|open| open.reply = Some(Box::new(message)));
            self.show_reply();
            self.focus();
        }
    }

    pub(super) fn cancel_reply(&self) {
        self.with_open(|open| open.reply = None);
        self.show_reply();
    }

    /// The bar over the field, as it has to be.
    pub(super) fn show_reply(&self) {
        let quote = self.quote_to_send().map(|(_, quote)| quote);
        self.context.with(|window| {
            let state = window.global::<ComposeState>();
            state.set_has_quote(quote.is_some());
            state.set_quote(quote.unwrap_or_default());
        });
    }

    /// What the next message answers.
    pub(super) fn quote_to_send(&self) -> Option<(MessageId, Quote)> {
        let window = self.context.window()?;
        let texts = window.global::<Texts>();
        let open = self.open.borrow();
        let open = open.as_ref()?;
        let message = open.reply.as_ref()?;
        Some((message.id, answered(message, &open.view(&self.context.files()), &texts)))
    }
}

//! What is sent on to others.

use slint::ComponentHandle as _;
use tacit_client::{AttachmentRole, Message, MessageId};
use tacit_ui::Texts;

use super::Conversation;
use super::rows::bubble_kind;
use crate::text::one_line;

impl Conversation {
    pub(super) fn forward(&self, key: &str) {
        self.forward_messages(self.message_at(key).as_slice());
    }

    /// Opens the sheet. What was taken back stays behind.
    pub(super) fn forward_messages(&self, messages: &[Message]) {
        let whole = |message: &&Message| bubble_kind(message) == Some(tacit_ui::MessageKind::Text);
        let messages: Vec<&Message> = messages.iter().filter(whole).collect();
        let Some(window) = self.context.window().filter(|_| !messages.is_empty()) else { return };
        let what = summary(&messages, &window.global::<Texts>());
        let ids: Vec<MessageId> = messages.iter().map(|message| message.id).collect();
        self.context.tell(|part| part.forward(&ids, &what));
    }
}

/// Messages in one line: the text of a single one, else what they hold.
pub(crate) fn summary(messages: &[&Message], texts: &Texts<'_>) -> String {
    if let [message] = messages
        && !message.text.trim().is_empty()
    {
        return one_line(&message.text);
    }
    let files = || messages.iter().flat_map(|message| &message.attachments);
    let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    let all = files().count();
    let every = |kind: &str| files().all(|file| file.content_type.starts_with(kind));
    match (messages, all) {
        ([message], 0) if message.invitation.is_some() => texts.invoke_invitation().into(),
        (_, 0) => messages.iter().map(|message| one_line(&message.text)).collect::<Vec<_>>().join(" · "),
        (_, all) if every("image/") => texts.invoke_photos(count(all)).into(),
        (_, 1) if every("video/") => texts.invoke_video().into(),
        (_, 1) if files().all(|file| file.role == AttachmentRole::Voice) => texts.invoke_voice_message().into(),
        (_, all) => texts.invoke_files(count(all)).into(),
    }
}

//! What all view-models have in common.

use tacit_client::{AttachmentId, ConversationId, LockFace, Message, MessageId};
use tacit_ui::Screen;

use crate::account::Account;

/// A view-model. It lives as long as its window; all methods run on the UI thread.
pub(crate) trait Part {
    /// An account was opened.
    fn account_opened(&self, _account: &Account) {}
    /// The account is about to be closed: keep what is not kept, show nothing of it any more.
    fn account_closing(&self) {}
    /// Our own name changed.
    fn profile_changed(&self, _account: &Account) {}
    /// Whoever uses the app has shown that they have the recovery phrase.
    fn phrase_is_known(&self) {}
    /// A screen is on top now.
    fn arrived(&self, _at: Screen) {}
    /// Whether going back from a screen would lose what was typed there.
    fn is_unsaved(&self, _at: Screen) -> bool {
        false
    }
    /// A lock stands before the account.
    fn locked(&self, _face: &LockFace) {}
    /// The app came to the front, or left it.
    fn in_front(&self, _front: bool) {}
    /// A screen was taken away.
    fn left(&self, _from: Screen) {}
    /// No sheet is open any more.
    fn sheet_closed(&self) {}
    /// Somebody wants to see a conversation.
    fn open_conversation(&self, _id: ConversationId) {}
    /// Somebody wants to see a message where it stands.
    fn open_message(&self, _conversation: ConversationId, _message: MessageId) {}
    /// Somebody wants to see how a conversation is kept.
    fn open_details(&self, _id: ConversationId) {}
    /// Somebody wants to search in a conversation.
    fn search_in(&self, _id: ConversationId) {}
    /// Somebody wants to see the media of a conversation.
    fn open_media(&self, _id: ConversationId) {}
    /// Somebody wants to see a picture or a video.
    fn view_media(&self, _conversation: ConversationId, _attachment: AttachmentId) {}
    /// Somebody wants messages to be deleted.
    fn delete_messages(&self, _messages: &[Message]) {}
    /// A conversation was opened, or none is any more.
    fn conversation_shown(&self, _id: Option<ConversationId>) {}
    /// Pictures that were asked for are decoded.
    fn pictures_ready(&self) {}
    /// The microphone is open: nothing else should be heard.
    fn recording_began(&self) {}
    /// A recording can be listened to, or no longer.
    fn recorded(&self, _sound: Option<&[u8]>) {}
    /// A voice message is on its way.
    fn voice_sent(&self) {}
    /// Somebody wants to send messages on to others; `what` names them in a line.
    fn forward(&self, _messages: &[MessageId], _what: &str) {}
    /// Somebody wants to know more about a message.
    fn open_message_info(&self, _id: MessageId) {}
}

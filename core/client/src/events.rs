//! What happened, told to whoever listens. Events are hints: the truth stands in the database, and
//! a listener that missed some reads it again.

use tacit_store::{AttachmentId, ConversationId, Message, MessageId};
use tacit_wire::AccountId;
use tokio::sync::broadcast;

/// Events that a listener may be behind before it misses some.
const BACKLOG: usize = 1_024;

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// Somebody whom we do not know wrote for the first time.
    Request {
        /// Who.
        from: AccountId,
        /// The conversation that it made.
        conversation: ConversationId,
    },
    /// A message came in, from somebody else or from another device of ours.
    Received(Box<Message>),
    /// A message was added, changed or removed.
    Messages {
        /// Where.
        conversation: ConversationId,
    },
    /// The list of conversations changed in more than its messages.
    Conversations,
    /// Storing a message failed for now or for good.
    NotDelivered {
        /// Which.
        message: MessageId,
        /// Why.
        error: tacit_network::Error,
    },
    /// An emoji was set under a message, or taken off.
    Reaction {
        /// Where.
        conversation: ConversationId,
        /// Under which message.
        message: MessageId,
        /// By whom.
        from: AccountId,
        /// The emoji.
        emoji: String,
        /// Whether it was taken off.
        removed: bool,
    },
    /// The other side read messages of ours.
    ReadByPeer {
        /// Where.
        conversation: ConversationId,
        /// Which.
        messages: Vec<MessageId>,
    },
    /// Somebody types, or no longer. Said again at each sign of life; ends by itself.
    Typing {
        /// Where.
        conversation: ConversationId,
        /// Who.
        from: AccountId,
        /// Whether they type now.
        typing: bool,
    },
    /// An attachment is on its way, up or down. Its end is told as a change of messages.
    Transfer {
        /// Whose it is.
        message: MessageId,
        /// Which.
        attachment: AttachmentId,
        /// Bytes moved, as they lie at the server.
        done: u64,
        /// Of how many; 0 as long as that is not known.
        total: u64,
    },
    /// A message was taken back.
    Unsent {
        /// Where.
        conversation: ConversationId,
        /// Which; in notes to self it is gone.
        message: MessageId,
    },
    /// A line came in that tells of something: a timer that was changed, media that was saved.
    Notice(Box<Message>),
    /// Messages that could not be used were passed over.
    Skipped {
        /// How many.
        count: u32,
    },
}

/// Sends events to all listeners.
pub(crate) struct Events(broadcast::Sender<Event>);

impl Events {
    pub(crate) fn new() -> Self {
        Self(broadcast::channel(BACKLOG).0)
    }

    /// Tells everybody; nobody listening is fine.
    pub(crate) fn tell(&self, event: Event) {
        let _ = self.0.send(event);
    }

    /// Hears everything from now on.
    pub(crate) fn listen(&self) -> broadcast::Receiver<Event> {
        self.0.subscribe()
    }
}

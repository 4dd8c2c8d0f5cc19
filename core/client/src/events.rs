//! What happened, told to whoever listens. Events are hints: the truth stands in the database, and
//! a listener that missed some reads it again.

use tacit_store::{ConversationId, Message, MessageId};
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

//! Requests to remove a message (protocol: messages 4.8).

use tacit_store::{ConversationKind, MessageKind, MessageRef};
use tacit_wire::proto::UnsendRequest;
use tacit_wire::{AccountId, TimestampMs};

use crate::events::Event;
use crate::inbox::apply::{Batch, Outcome};
use crate::inbox::read::Incoming;
use crate::sending::hash_in_our_swarm;

pub(in crate::inbox) fn parse_unsend(request: &UnsendRequest) -> Result<MessageRef, &'static str> {
    let author = AccountId::parse(&request.author).map_err(|_| "unsend")?;
    Ok(MessageRef { author, sent_at: TimestampMs(request.timestamp) })
}

impl Batch<'_> {
    /// Others may take back what they wrote themselves; our own devices whatever they like.
    pub(in crate::inbox) fn unsend(&self, incoming: &Incoming, target: &MessageRef) -> Outcome {
        let ours = incoming.from == *self.me;
        if !ours && target.author != incoming.from {
            return Ok(Err("foreign_unsend"));
        }
        let found = if ours {
            self.tx.text_of(&target.author, target.sent_at)?
        } else {
            match self.conversation_of(incoming)? {
                Some(id) => self.tx.message_of(id, &target.author, target.sent_at, MessageKind::Text)?,
                None => None,
            }
        };
        let Some(id) = found else {
            self.tx.remember_unsend(&target.author, target.sent_at, self.now)?;
            return Ok(Ok(Vec::new()));
        };
        let message = self.tx.message(id)?;
        if message.deleted {
            return Ok(Ok(Vec::new()));
        }
        let conversation = message.conversation;
        if let Some(hash) = hash_in_our_swarm(self.tx, &message)? {
            self.tx.delete_from_mailbox(&hash, self.now)?;
        }
        if self.tx.conversation(conversation)?.peer.kind() == ConversationKind::NoteToSelf {
            self.tx.delete_message(id)?;
        } else {
            self.tx.take_back(id)?;
        }
        Ok(Ok(vec![Event::Unsent { conversation, message: id }, Event::Messages { conversation }]))
    }
}

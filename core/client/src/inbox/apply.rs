//! Keeps a batch of opened messages, the cursors and the hashes seen: all in one transaction.

use tacit_store::{
    ConversationId, ConversationKind, Error, Expiry, Inserted, Mailbox, MessageId, MessageKind, NewMessage, Store, Tx,
};
use tacit_wire::{AccountId, MessageHash, NodeId, TimestampMs};

use super::Opened;
use super::expiry::{Arrival, Fate, fate};
use super::read::{Incoming, What};
use crate::events::Event;
use crate::sending::peer_of;

/// What happened, to be told once the transaction stands.
#[derive(Default)]
pub(super) struct Applied {
    /// In order.
    pub(super) events: Vec<Event>,
    /// Who types until when, or no longer.
    pub(super) typing: Vec<(ConversationId, AccountId, Option<TimestampMs>)>,
}

/// What one message did; the inner error is the reason why it is skipped.
pub(super) type Outcome = Result<Result<Vec<Event>, &'static str>, Error>;

pub(super) fn apply(
    store: &mut Store,
    me: &AccountId,
    mailbox: &Mailbox,
    opened: Vec<Opened>,
    cursors: &[(NodeId, MessageHash)],
    now: TimestampMs,
) -> Result<Applied, Error> {
    store.write(|tx| {
        let mut batch = Batch { tx, me, now, events: Vec::new(), typing: Vec::new(), skipped: 0 };
        for message in opened {
            if tx.remember(mailbox, &message.hash, message.expires_at, now)? {
                batch.take(message)?;
            }
        }
        for (node, hash) in cursors {
            tx.set_last_hash(node, mailbox, hash)?;
        }
        Ok(batch.finish())
    })
}

/// A batch on its way into the database.
pub(super) struct Batch<'a> {
    pub(super) tx: &'a Tx<'a>,
    pub(super) me: &'a AccountId,
    pub(super) now: TimestampMs,
    events: Vec<Event>,
    pub(super) typing: Vec<(ConversationId, AccountId, Option<TimestampMs>)>,
    skipped: u32,
}

impl Batch<'_> {
    /// One message; one that the database refuses is skipped, and the batch goes on.
    fn take(&mut self, message: Opened) -> Result<(), Error> {
        let Opened { hash, expires_at, message } = message;
        let incoming = match message {
            Ok(incoming) => incoming,
            Err(reason) => return self.skip(reason),
        };
        let arrival = Arrival { hash, kept_until: expires_at };
        let tx = self.tx;
        match tx.attempt(|_| self.act(&incoming, &arrival))? {
            Ok(Ok(events)) => self.events.extend(events),
            Ok(Err(reason)) => self.skip(reason)?,
            Err(Error::Refused { .. } | Error::Unknown { .. }) => self.skip("refused")?,
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn skip(&mut self, reason: &'static str) -> Result<(), Error> {
        self.skipped += 1;
        self.tx.skip(reason, self.now)
    }

    fn act(&mut self, incoming: &Incoming, arrival: &Arrival) -> Outcome {
        if incoming.from != *self.me && self.tx.contact(&incoming.from)?.is_some_and(|contact| contact.blocked) {
            return Ok(Err("blocked"));
        }
        match &incoming.what {
            What::Visible(visible) => self.visible(incoming, visible, arrival),
            What::Reaction(reaction) => self.reaction(incoming, reaction),
            What::TimerChange => self.line(incoming, MessageKind::TimerChanged, arrival),
            What::Notice(kind) => self.line(incoming, *kind, arrival),
            What::Read(messages) => self.read(incoming, messages),
            What::Typing(started) => self.typing(incoming, *started),
            What::Unsend(target) => self.unsend(incoming, target),
            What::Accepted => self.accepted(incoming),
        }
    }

    /// The conversation that a message belongs to, if it is there.
    pub(super) fn conversation_of(&self, incoming: &Incoming) -> Result<Option<ConversationId>, Error> {
        self.tx.conversation_with(&peer_of(self.me, &incoming.peer))
    }

    /// Keeps a message with the time at which it disappears; `None` when there is nothing new to
    /// show. As a `copy` it also gives its name to the message that was sent from here.
    pub(super) fn keep(
        &self,
        message: &NewMessage<'_>,
        copy: bool,
        arrival: &Arrival,
    ) -> Result<Option<MessageId>, Error> {
        let (ours, read) = (message.author == *self.me, self.is_read(message)?);
        let fate = fate(message.expiry, message.sent_at, arrival.kept_until, ours, read, self.now);
        let expires_at = match fate {
            Fate::Over => return Ok(None),
            Fate::Stays => None,
            Fate::Until(at) | Fate::Shorten(at) => Some(at),
        };
        let inserted = self.tx.insert_message(&NewMessage { expires_at, ..message.clone() }, self.now)?;
        let id = inserted.id();
        if copy {
            self.tx.set_copy_hash(id, &arrival.hash)?;
        }
        match inserted {
            Inserted::TakenBack(_) => {
                self.tx.delete_from_mailbox(&arrival.hash, self.now)?;
                let place = self.tx.conversation(message.conversation)?;
                if place.peer.kind() == ConversationKind::NoteToSelf {
                    self.tx.delete_message(id)?;
                }
            }
            Inserted::New(_) => {
                if let Fate::Shorten(at) = fate {
                    self.tx.shorten_in_mailbox(&arrival.hash, id, at, self.now)?;
                }
            }
            Inserted::Duplicate(_) => {}
        }
        Ok(inserted.is_new().then_some(id))
    }

    fn is_read(&self, message: &NewMessage<'_>) -> Result<bool, Error> {
        let timed = message.expiry != Expiry::Off;
        Ok(timed && message.sent_at <= self.tx.conversation(message.conversation)?.read_until)
    }

    fn finish(mut self) -> Applied {
        if self.skipped > 0 {
            self.events.push(Event::Skipped { count: self.skipped });
        }
        Applied { events: self.events, typing: self.typing }
    }
}

#[cfg(test)]
mod tests;

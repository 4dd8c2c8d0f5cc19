//! Keeps a batch of opened messages, the cursors and the hashes seen: all in one transaction.

use tacit_store::{ConversationId, Error, Mailbox, MessageKind, NewMessage, Peer, State, Store, Tx};
use tacit_wire::{AccountId, MessageHash, NodeId, TimestampMs};

use super::Opened;
use super::read::{Action, Profile};
use crate::events::Event;
use crate::sending::peer_of;

/// Returns what happened, in order, to be told once the transaction stands.
pub(super) fn apply(
    store: &mut Store,
    me: &AccountId,
    mailbox: &Mailbox,
    opened: Vec<Opened>,
    cursors: &[(NodeId, MessageHash)],
    now: TimestampMs,
) -> Result<Vec<Event>, Error> {
    store.write(|tx| {
        let mut batch = Batch { tx, me, now, events: Vec::new(), skipped: 0 };
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

struct Batch<'a> {
    tx: &'a Tx<'a>,
    me: &'a AccountId,
    now: TimestampMs,
    events: Vec<Event>,
    skipped: u32,
}

impl Batch<'_> {
    /// One message; one that the database refuses is skipped, and the batch goes on.
    fn take(&mut self, message: Opened) -> Result<(), Error> {
        let Opened { hash, action, .. } = message;
        let events = self.tx.attempt(|_| self.act(&hash, action))?;
        match events {
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

    /// The inner error is the reason why it is skipped.
    fn act(&self, hash: &MessageHash, action: Action) -> Result<Result<Vec<Event>, &'static str>, Error> {
        match action {
            Action::Skip(reason) => Ok(Err(reason)),
            Action::Text { from, sent_at, text, profile } => self.text(hash, &from, sent_at, &text, profile.as_ref()),
            Action::Own { to, sent_at, text } => self.own(hash, &to, sent_at, &text),
            Action::Accepted { from, sent_at, profile } => self.accepted(&from, sent_at, profile.as_ref()),
        }
    }

    fn text(
        &self,
        hash: &MessageHash,
        from: &AccountId,
        sent_at: TimestampMs,
        text: &str,
        profile: Option<&Profile>,
    ) -> Result<Result<Vec<Event>, &'static str>, Error> {
        let contact = self.tx.contact(from)?;
        if contact.as_ref().is_some_and(|contact| contact.blocked) {
            return Ok(Err("blocked"));
        }
        let peer = Peer::person(from);
        let before = self.tx.conversation_with(&peer)?.map(|id| self.tx.conversation(id)).transpose()?;
        let conversation = self.tx.open_conversation(&peer, self.now)?;
        self.tx.set_approved_me(from, true, self.now)?;
        self.update_profile(from, profile)?;
        let message = self.message(conversation, from, State::Received, sent_at, text, hash);
        let mut events = Vec::new();
        // Also after an earlier request of theirs was declined: it is a new one.
        if self.tx.conversation(conversation)?.request && !before.is_some_and(|before| before.request) {
            events.push(Event::Request { from: *from, conversation });
        }
        self.keep(&message, None, &mut events)?;
        Ok(Ok(events))
    }

    fn own(
        &self,
        hash: &MessageHash,
        to: &AccountId,
        sent_at: TimestampMs,
        text: &str,
    ) -> Result<Result<Vec<Event>, &'static str>, Error> {
        let conversation = self.tx.open_conversation(&peer_of(self.me, to), self.now)?;
        if to != self.me {
            self.tx.set_approved(to, true, self.now)?;
        }
        let state = State::Sent { kept: 0, of: 0 };
        let message = if to == self.me {
            self.message(conversation, self.me, state, sent_at, text, hash)
        } else {
            // How the recipient's nodes call it is not known here.
            self.plain(conversation, self.me, state, sent_at, text)
        };
        let mut events = Vec::new();
        self.keep(&message, (to != self.me).then_some(hash), &mut events)?;
        Ok(Ok(events))
    }

    fn accepted(
        &self,
        from: &AccountId,
        sent_at: TimestampMs,
        profile: Option<&Profile>,
    ) -> Result<Result<Vec<Event>, &'static str>, Error> {
        let Some(contact) = self.tx.contact(from)? else { return Ok(Err("unasked_response")) };
        if contact.blocked || !contact.approved {
            return Ok(Err("unasked_response"));
        }
        self.update_profile(from, profile)?;
        let mut events = vec![Event::Conversations];
        if !contact.approved_me {
            let conversation = self.tx.open_conversation(&Peer::person(from), self.now)?;
            self.tx.set_approved_me(from, true, self.now)?;
            let notice = NewMessage {
                kind: MessageKind::RequestAccepted,
                hash: None,
                ..self.plain(conversation, from, State::Received, sent_at, "")
            };
            self.tx.insert_message(&notice, self.now)?;
            events.push(Event::Messages { conversation });
        }
        Ok(Ok(events))
    }

    /// `copy` is the name of our copy; also a message that was sent from here learns it.
    fn keep(&self, message: &NewMessage<'_>, copy: Option<&MessageHash>, events: &mut Vec<Event>) -> Result<(), Error> {
        let inserted = self.tx.insert_message(message, self.now)?;
        if let Some(copy) = copy {
            self.tx.set_copy_hash(inserted.id(), copy)?;
        }
        if inserted.is_new() {
            self.tx.set_hidden(message.conversation, false)?;
            events.push(Event::Received(Box::new(self.tx.message(inserted.id())?)));
            events.push(Event::Messages { conversation: message.conversation });
        }
        Ok(())
    }

    fn update_profile(&self, who: &AccountId, profile: Option<&Profile>) -> Result<(), Error> {
        if let Some(Profile { name, updated_s }) = profile {
            let profile = tacit_store::Profile { name, updated_s: *updated_s, ..tacit_store::Profile::default() };
            self.tx.update_profile(who, &profile, self.now)?;
        }
        Ok(())
    }

    fn message<'t>(
        &self,
        conversation: ConversationId,
        author: &AccountId,
        state: State,
        sent_at: TimestampMs,
        text: &'t str,
        hash: &MessageHash,
    ) -> NewMessage<'t> {
        NewMessage { hash: Some(hash.clone()), ..self.plain(conversation, author, state, sent_at, text) }
    }

    fn plain<'t>(
        &self,
        conversation: ConversationId,
        author: &AccountId,
        state: State,
        sent_at: TimestampMs,
        text: &'t str,
    ) -> NewMessage<'t> {
        NewMessage::text(conversation, *author, state, sent_at, text)
    }

    fn finish(mut self) -> Vec<Event> {
        if self.skipped > 0 {
            self.events.push(Event::Skipped { count: self.skipped });
        }
        self.events
    }
}

#[cfg(test)]
mod tests;

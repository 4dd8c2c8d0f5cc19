//! Removing messages: here, on all our devices, for everyone (protocol: messages 4.8).

use tacit_store::{ConversationKind, Message, Page, State, Store, Tx};
use tacit_wire::{MessageHash, TimestampMs};

use super::sealer::{Sealer, row};
use crate::client::Client;
use crate::encode;
use crate::{ConversationId, Error, MessageId};

/// Messages that are cleared in one transaction.
const CLEARED_AT_ONCE: u32 = 200;

/// From where messages are removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeleteFor {
    /// This device.
    ThisDevice,
    /// All our own devices.
    OurDevices,
    /// Everybody, as far as their apps follow the request; only what we wrote ourselves.
    Everyone,
}

impl Client {
    /// Removes messages. What is removed on more than this device leaves a placeholder, except in
    /// notes to self; what never went out is gone.
    ///
    /// # Errors
    /// [`Error::NotYours`] when a message of others is to be removed for everyone,
    /// [`Error::Unknown`] when one is gone, those of the database; then none is removed.
    pub async fn delete_messages(&self, messages: &[MessageId], scope: DeleteFor) -> Result<(), Error> {
        let inner = &self.inner;
        let (now, sealer, messages) = (inner.now(), inner.sealer(), messages.to_vec());
        let delete = move |store: &mut Store| sealer.delete(store, &messages, scope, now);
        let mut changed = inner.database.call(delete).await?;
        changed.sort_unstable();
        changed.dedup();
        for conversation in changed {
            inner.tell_messages(conversation);
        }
        inner.events.tell(crate::Event::Conversations);
        inner.outbox_wake.notify_one();
        inner.upkeep_wake.notify_one();
        Ok(())
    }

    /// Removes all messages of a conversation, here or on all our devices; the conversation stays.
    ///
    /// # Errors
    /// [`Error::Unknown`] when it is gone, those of the database.
    pub async fn clear_conversation(&self, id: ConversationId, everywhere: bool) -> Result<(), Error> {
        let inner = &self.inner;
        let up_to = self.conversation(id).await?.active_at;
        let mut left = usize::from(everywhere);
        while left > 0 {
            let (now, sealer) = (inner.now(), inner.sealer());
            let clear = move |store: &mut Store| {
                let page = store.messages(id, Page::Newest, CLEARED_AT_ONCE)?;
                sealer.clear(store, &page, now).map(|()| page.len())
            };
            left = inner.database.call(clear).await?;
        }
        let clear = move |store: &mut Store| store.write(|tx| tx.clear_conversation(id, up_to));
        inner.database.call(clear).await?;
        inner.tell_messages(id);
        inner.events.tell(crate::Event::Conversations);
        inner.outbox_wake.notify_one();
        inner.upkeep_wake.notify_one();
        Ok(())
    }
}

impl Sealer {
    pub(super) fn delete(
        &self,
        store: &mut Store,
        messages: &[MessageId],
        scope: DeleteFor,
        now: TimestampMs,
    ) -> Result<Vec<ConversationId>, Error> {
        store.write(|tx| {
            let mut changed = Vec::with_capacity(messages.len());
            for id in messages {
                let message = tx.message(*id)?;
                changed.push(message.conversation);
                self.delete_one(tx, &message, scope, now)?;
            }
            Ok(changed)
        })
    }

    fn delete_one(&self, tx: &Tx<'_>, message: &Message, scope: DeleteFor, now: TimestampMs) -> Result<(), Error> {
        let place = tx.conversation(message.conversation)?;
        let to_self = place.peer.kind() == ConversationKind::NoteToSelf;
        if scope == DeleteFor::Everyone && !message.outgoing() {
            return Err(Error::NotYours);
        }
        if scope == DeleteFor::ThisDevice || never_left(message) || message.deleted {
            tx.delete_message(message.id)?;
            return Ok(());
        }
        if scope == DeleteFor::Everyone && !to_self {
            let peer = self.writable_peer(tx, &place)?;
            let sent_at = self.unsend_on_our_devices(tx, message, now)?;
            self.notify(tx, &peer, &encode::unsend(&message.reference(), sent_at), now)?;
        } else {
            self.unsend_on_our_devices(tx, message, now)?;
        }
        let gone = if to_self { tx.delete_message(message.id).map(drop) } else { tx.take_back(message.id) };
        Ok(gone?)
    }

    /// Removes a page of messages here and asks our other devices to do the same.
    fn clear(&self, store: &mut Store, page: &[Message], now: TimestampMs) -> Result<(), Error> {
        store.write(|tx| {
            for message in page {
                if !message.deleted && !never_left(message) {
                    self.unsend_on_our_devices(tx, message, now)?;
                }
                tx.delete_message(message.id)?;
            }
            Ok(())
        })
    }

    /// Has our swarm delete its copy, and asks our other devices to remove theirs. The request's T.
    fn unsend_on_our_devices(&self, tx: &Tx<'_>, message: &Message, now: TimestampMs) -> Result<TimestampMs, Error> {
        if let Some(hash) = hash_in_our_swarm(tx, message)? {
            tx.delete_from_mailbox(&hash, now)?;
        }
        let sent_at = tx.next_sent_at(now)?;
        let request = self.seal(&encode::unsend(&message.reference(), sent_at), &self.me)?;
        self.enqueue(tx, None, &[row(self.me, &request, sent_at, tacit_store::Purpose::CopyToSelf)], now)?;
        Ok(sent_at)
    }
}

/// Nobody but this device has it.
fn never_left(message: &Message) -> bool {
    message.assembling || matches!(message.state, State::Queued | State::Failed { .. })
}

/// How our own swarm calls a message, if it has it: our own messages stand there as copies, except
/// notes to self.
pub(crate) fn hash_in_our_swarm(tx: &Tx<'_>, message: &Message) -> Result<Option<MessageHash>, tacit_store::Error> {
    let to_self = tx.conversation(message.conversation)?.peer.kind() == ConversationKind::NoteToSelf;
    let copy = message.outgoing() && !to_self;
    Ok(if copy { message.copy_hash.clone() } else { message.hash.clone() })
}

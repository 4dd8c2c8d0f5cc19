//! Disappearing messages are turned on and off (protocol: messages 4.9), and what was saved is told
//! (4.12).

use tacit_store::{ConversationKind, Expiry, MessageKind, NewMessage, State, Store};
use tacit_wire::TimestampMs;

use super::sealer::{Sealer, Sending};
use crate::client::Client;
use crate::encode;
use crate::{ConversationId, Error, MessageId};

impl Client {
    /// Sets when the messages of a conversation disappear, here and in what we send from now on;
    /// the other side is told and keeps its own setting.
    ///
    /// # Errors
    /// [`Error::Blocked`], [`Error::Unknown`], those of the database.
    pub async fn set_expiry(&self, conversation: ConversationId, expiry: Expiry) -> Result<(), Error> {
        let inner = &self.inner;
        let (now, sealer) = (inner.now(), inner.sealer());
        inner.database.call(move |store| sealer.queue_timer(store, conversation, expiry, now)).await?;
        inner.tell_messages(conversation);
        inner.events.tell(crate::Event::Conversations);
        inner.outbox_wake.notify_one();
        Ok(())
    }

    /// Tells who sent a message that something of it was saved. Nothing is told of our own
    /// messages, in requests and to blocked accounts.
    ///
    /// # Errors
    /// [`Error::Unknown`] when the message is gone, those of the database.
    pub async fn media_saved(&self, message: MessageId) -> Result<(), Error> {
        let inner = &self.inner;
        let (now, sealer) = (inner.now(), inner.sealer());
        inner.database.call(move |store| sealer.queue_media_saved(store, message, now)).await?;
        inner.outbox_wake.notify_one();
        Ok(())
    }
}

impl Sealer {
    pub(super) fn queue_timer(
        &self,
        store: &mut Store,
        conversation: ConversationId,
        expiry: Expiry,
        now: TimestampMs,
    ) -> Result<(), Error> {
        store.write(|tx| {
            let place = tx.conversation(conversation)?;
            let peer = self.writable_peer(tx, &place)?;
            let expiry = match expiry {
                Expiry::AfterRead { seconds } if peer == self.me => Expiry::AfterSend { seconds },
                Expiry::AfterRead { seconds: 0 } | Expiry::AfterSend { seconds: 0 } => Expiry::Off,
                expiry => expiry,
            };
            if place.expiry == expiry {
                return Ok(());
            }
            if peer != self.me {
                self.approve(tx, &peer, now)?;
            }
            tx.set_expiry(conversation, expiry)?;
            let sent_at = tx.next_sent_at(now)?;
            let line = NewMessage {
                kind: MessageKind::TimerChanged,
                expiry,
                ..NewMessage::text(conversation, self.me, State::Queued, sent_at, "")
            };
            let id = tx.insert_message(&line, now)?.id();
            let sending = Sending { message: Some(id), peer: &peer, sent_at, expiry };
            self.send_out(tx, &sending, |audience| encode::timer_change(expiry, sent_at, audience), now)
        })
    }

    fn queue_media_saved(&self, store: &mut Store, message: MessageId, now: TimestampMs) -> Result<(), Error> {
        store.write(|tx| {
            let message = tx.message(message)?;
            let place = tx.conversation(message.conversation)?;
            let contact = tx.contact(&message.author)?;
            let known = contact.is_some_and(|contact| contact.approved && !contact.blocked);
            if message.outgoing() || !known || place.peer.kind() != ConversationKind::Person {
                return Ok(());
            }
            let content = encode::media_saved(message.sent_at, tx.next_sent_at(now)?, place.expiry);
            self.notify(tx, &message.author, &content, now)
        })
    }
}

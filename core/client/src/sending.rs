//! Commands that send: a message is durable, sealed and in the outbox before they return.

use std::time::Duration;

use tacit_network::ConnectionState;
use tacit_store::{
    Conversation, ConversationKind, Expiry, MessageId, MessageKind, NewMessage, NewOutbox, Peer, Purpose, State, Store,
};
use tacit_wire::proto::Content;
use tacit_wire::{AccountId, Namespace, TimestampMs, envelope};

use crate::client::{Client, Inner};
use crate::encode::{self, MESSAGE_TTL_MS};
use crate::events::Event;
use crate::text::check_text;
use crate::{ConversationId, Error};

/// How long the first message of all waits to learn the network's time.
const CLOCK_PATIENCE: Duration = Duration::from_secs(5);
/// How long [`Client::settle`] relies on events alone.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// What became of a message that was sent.
#[derive(Debug, Clone)]
pub enum Delivery {
    /// The swarm keeps it.
    Stored(Box<tacit_store::Message>),
    /// Not yet: it stays in the outbox and goes out by itself.
    Waiting(tacit_network::Error),
    /// It will not be tried again by itself.
    Failed(String),
}

impl Client {
    /// Sends a text. It is kept exactly as it stands. Returns when the message is durable here;
    /// [`Client::delivery`] tells what becomes of it.
    ///
    /// # Errors
    /// [`Error::Text`], [`Error::Blocked`], [`Error::Unknown`], those of the database.
    pub async fn send_text(&self, conversation: ConversationId, text: &str) -> Result<MessageId, Error> {
        let text = check_text(text)?.to_owned();
        let inner = &self.inner;
        inner.learn_the_time(conversation).await;
        let (now, sealer) = (inner.now(), inner.sealer());
        let id = inner.database.call(move |store| sealer.queue_text(store, conversation, &text, now)).await?;
        inner.tell_messages(conversation);
        inner.outbox_wake.notify_one();
        Ok(id)
    }

    /// Tries a failed message again, with the same bytes. False when it had not failed.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn retry(&self, message: MessageId) -> Result<bool, Error> {
        let inner = &self.inner;
        let now = inner.now();
        let (retried, conversation) = inner
            .database
            .call(move |store| {
                let conversation = store.message(message)?.conversation;
                let retried = store.write(|tx| {
                    tx.hasten(now)?;
                    tx.retry(message, now)
                })?;
                Ok::<_, tacit_store::Error>((retried, conversation))
            })
            .await?;
        inner.tell_messages(conversation);
        inner.outbox_wake.notify_one();
        Ok(retried)
    }

    /// Waits until nothing waits in the outbox, also copies for our other devices; false when
    /// `patience` ended first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn settle(&self, patience: Duration) -> Result<bool, Error> {
        let mut events = self.events();
        let emptied = tokio::time::timeout(patience, async {
            loop {
                let counts = self.inner.database.call(|store| store.counts()).await?;
                if counts.outbox_waiting + counts.outbox_held == 0 {
                    return Ok::<_, Error>(());
                }
                // Copies tell nothing when they are stored: look again from time to time.
                let _ = tokio::time::timeout(LOOK_AGAIN, events.recv()).await;
            }
        });
        emptied.await.map_or(Ok(false), |result| result.map(|()| true))
    }

    /// Waits until the swarm keeps a message, or until a try has failed.
    ///
    /// # Errors
    /// [`Error::Unknown`] when the message is gone, those of the database.
    pub async fn delivery(&self, message: MessageId) -> Result<Delivery, Error> {
        let mut events = self.events();
        loop {
            let current = self.inner.message(message).await?;
            match &current.state {
                State::Received | State::Sent { .. } => return Ok(Delivery::Stored(Box::new(current))),
                State::Failed { reason } => return Ok(Delivery::Failed(reason.clone())),
                State::Queued | State::Sending => {}
            }
            match events.recv().await {
                Ok(Event::NotDelivered { message: failed, error }) if failed == message && error.is_temporary() => {
                    return Ok(Delivery::Waiting(error));
                }
                Ok(_) | Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {}
                Err(tokio::sync::broadcast::error::RecvError::Closed) => return Err(Error::Closed),
            }
        }
    }
}

impl Inner {
    /// A device whose clock was never compared asks the swarm once before its first message, since
    /// the message carries a time that others order by. Offline, the device's clock has to do.
    async fn learn_the_time(&self, conversation: ConversationId) {
        let unknown = {
            let status = self.network.status();
            let status = status.borrow();
            status.clock_samples == 0 && status.state != ConnectionState::Offline
        };
        if !unknown || self.saved_offset_ms.load(std::sync::atomic::Ordering::Relaxed) != 0 {
            return;
        }
        let peer = self.database.call(move |store| store.conversation(conversation).map(|c| c.peer.account())).await;
        if let Ok(Some(account)) = peer {
            let _ = tokio::time::timeout(CLOCK_PATIENCE, self.network.swarm(&account)).await;
        }
    }

    pub(crate) fn sealer(&self) -> Sealer {
        Sealer { keys: self.keys.clone(), me: self.me, profile: self.own_profile() }
    }
}

/// Makes the bytes that nodes keep; lives on the database thread for one job.
pub(crate) struct Sealer {
    keys: tacit_crypto::AccountKeys,
    me: AccountId,
    profile: encode::OwnProfile,
}

impl Sealer {
    fn queue_text(
        &self,
        store: &mut Store,
        conversation: ConversationId,
        text: &str,
        now: TimestampMs,
    ) -> Result<MessageId, Error> {
        store.write(|tx| {
            let peer = self.writable_peer(tx, &tx.conversation(conversation)?)?;
            if peer != self.me {
                self.approve(tx, &peer, now)?;
            }
            let sent_at = tx.next_sent_at(now)?;
            let message = NewMessage {
                conversation,
                author: self.me,
                kind: MessageKind::Text,
                state: State::Queued,
                sent_at,
                text,
                hash: None,
                expiry: Expiry::Off,
                expires_at: None,
            };
            let named = !self.profile.name.is_empty() && peer != self.me;
            let content = encode::text(text, sent_at, named.then_some(&self.profile));
            let data = self.seal(&content, &peer)?;
            let mut rows = vec![row(peer, &data, sent_at, Purpose::Deliver)];
            let copy = (peer != self.me).then(|| self.seal(&encode::copy_to_self(text, sent_at, &peer), &self.me));
            let copy = copy.transpose()?;
            rows.extend(copy.as_ref().map(|data| row(self.me, data, sent_at, Purpose::CopyToSelf)));
            tx.set_hidden(conversation, false)?;
            tx.set_draft(conversation, "")?;
            Ok(tx.send_message(&message, &rows, now)?)
        })
    }

    /// Whom a direct message goes to.
    fn writable_peer(&self, tx: &tacit_store::Tx<'_>, conversation: &Conversation) -> Result<AccountId, Error> {
        match (conversation.peer.kind(), conversation.peer.account()) {
            (ConversationKind::NoteToSelf, _) => Ok(self.me),
            (ConversationKind::Person, Some(account)) => {
                let blocked = tx.contact(&account)?.is_some_and(|contact| contact.blocked);
                if blocked { Err(Error::Blocked) } else { Ok(account) }
            }
            _ => Err(Error::Unknown { what: "conversation" }),
        }
    }

    /// Writing to somebody approves them; who had written first is told so, before the message
    /// (protocol: messages 4.10).
    pub(crate) fn approve(&self, tx: &tacit_store::Tx<'_>, account: &AccountId, now: TimestampMs) -> Result<(), Error> {
        let contact = tx.contact(account)?;
        if contact.as_ref().is_some_and(|contact| contact.approved) {
            return Ok(());
        }
        tx.set_approved(account, true, now)?;
        if contact.is_some_and(|contact| contact.approved_me) {
            let sent_at = tx.next_sent_at(now)?;
            let data = self.seal(&encode::request_response(sent_at, &self.profile), account)?;
            tx.enqueue(None, &[row(*account, &data, sent_at, Purpose::RequestResponse)], now)?;
        }
        Ok(())
    }

    fn seal(&self, content: &Content, recipient: &AccountId) -> Result<Vec<u8>, Error> {
        Ok(envelope::encode_direct(content, &self.keys, recipient, &mut rand::rng())?)
    }
}

fn row(recipient: AccountId, data: &[u8], sent_at: TimestampMs, purpose: Purpose) -> NewOutbox<'_> {
    NewOutbox { recipient, namespace: Namespace::MESSAGES, data, ttl_ms: MESSAGE_TTL_MS, sent_at, purpose }
}

/// The conversation that belongs to an account ID: a note to self for our own.
pub(crate) fn peer_of(me: &AccountId, account: &AccountId) -> Peer {
    if account == me { Peer::note_to_self(me) } else { Peer::person(account) }
}

#[cfg(test)]
mod tests;

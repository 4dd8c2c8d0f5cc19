//! Commands that send: a message is durable, sealed and in the outbox before they return.

mod delete;
mod draft;
mod react;
mod reading;
mod sealer;
mod timer;

use std::time::Duration;

use tacit_network::{ConnectionState, Status};
use tacit_store::{MessageId, NodeReceipt, Peer, Phase, State};
use tacit_wire::AccountId;

pub use delete::DeleteFor;
pub(crate) use delete::hash_in_our_swarm;
pub use draft::{Draft, OutgoingFile};
pub(crate) use react::Pace;
pub(crate) use reading::{READ_RECEIPTS, TYPING_INDICATORS, is_on};

use crate::client::{Client, Inner};
use crate::events::Event;
use crate::{ConversationId, Error};

/// How long the first message of all waits to learn the network's time.
const CLOCK_PATIENCE: Duration = Duration::from_secs(5);
/// An offset of the clock that is larger, in ms, is not taken on trust from an earlier run: who saw that
/// the clock was wrong has put it right since.
const TRUSTED_OFFSET_MS: u64 = 120_000;
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
    /// Sends a text, as [`Client::send`].
    #[allow(clippy::missing_errors_doc, reason = "as send")]
    pub async fn send_text(&self, conversation: ConversationId, text: &str) -> Result<MessageId, Error> {
        self.send(conversation, Draft::text(text)).await
    }

    /// Sends a message. Returns when it is durable here; [`Client::delivery`] tells what becomes of
    /// it. One with files goes out once they are uploaded.
    ///
    /// # Errors
    /// [`Error::Text`], [`Error::TooManyFiles`], [`Error::Blocked`], [`Error::Unknown`], those of
    /// the database.
    pub async fn send(&self, conversation: ConversationId, draft: Draft) -> Result<MessageId, Error> {
        draft.check()?;
        let inner = &self.inner;
        let files = !draft.files.is_empty();
        inner.learn_the_time(conversation).await;
        let (now, sealer) = (inner.now(), inner.sealer());
        let id = inner.database.call(move |store| sealer.queue(store, conversation, &draft, now)).await?;
        inner.typing_sent(conversation);
        inner.tell_messages(conversation);
        inner.outbox_wake.notify_one();
        if files {
            inner.files.wake.notify_one();
        }
        Ok(id)
    }

    /// Tries a failed message again, with the same bytes; files that are uploaded already are not
    /// uploaded again. False when it had not failed.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn retry(&self, message: MessageId) -> Result<bool, Error> {
        let inner = &self.inner;
        let now = inner.now();
        let (retried, conversation) = inner
            .database
            .call(move |store| {
                let found = store.message(message)?;
                let retried = store.write(|tx| {
                    tx.hasten(now)?;
                    if found.assembling && tx.retry_attachments(message, now)? {
                        tx.set_state(message, &State::Queued)?;
                        return Ok(true);
                    }
                    tx.retry(message, now)
                })?;
                Ok::<_, tacit_store::Error>((retried, found.conversation))
            })
            .await?;
        inner.tell_messages(conversation);
        inner.outbox_wake.notify_one();
        inner.files.wake.notify_one();
        Ok(retried)
    }

    /// Waits until nothing waits in the outbox, also copies for our other devices and files that are
    /// uploaded first, and our swarm was told what it shall no longer keep; false when `patience`
    /// ended first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn settle(&self, patience: Duration) -> Result<bool, Error> {
        let mut events = self.events();
        let emptied = tokio::time::timeout(patience, async {
            loop {
                let now = self.inner.now();
                let look = move |store: &mut tacit_store::Store| {
                    let told = store.mailbox_changes(now, 1)?.is_empty();
                    Ok::<_, tacit_store::Error>((store.counts()?, told && store.uploads_waiting()? == 0))
                };
                let (counts, told) = self.inner.database.call(look).await?;
                if counts.outbox_waiting + counts.outbox_held == 0 && told {
                    return Ok::<_, Error>(());
                }
                // Copies tell nothing when they are stored: look again from time to time.
                let _ = tokio::time::timeout(LOOK_AGAIN, events.recv()).await;
            }
        });
        emptied.await.map_or(Ok(false), |result| result.map(|()| true))
    }

    /// What the members of the recipient's swarm said of a message of ours; empty when it was sent by
    /// another device, or not yet.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn receipts(&self, message: MessageId) -> Result<Vec<NodeReceipt>, Error> {
        self.inner.database.call(move |store| store.receipts(message)).await
    }

    /// Stores the same bytes once more, since not all members of the swarm keep them. False when all
    /// do, or when the message's lifetime is over.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn store_again(&self, message: MessageId) -> Result<bool, Error> {
        let inner = &self.inner;
        let now = inner.now();
        let again = move |store: &mut tacit_store::Store| store.write(|tx| tx.store_again(message, now));
        let again = inner.database.call(again).await?;
        inner.outbox_wake.notify_one();
        Ok(again)
    }

    /// Waits until a try of [`Client::store_again`] has ended; false when `patience` ended first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn stored_again(&self, message: MessageId, patience: Duration) -> Result<bool, Error> {
        let waited = tokio::time::timeout(patience, async {
            loop {
                let now = self.inner.now();
                let rows = self.inner.database.call(move |store| store.outbox_of(message)).await?;
                if rows.iter().all(|row| row.phase != Phase::BelowQuorum || row.next_try > now) {
                    return Ok::<_, Error>(());
                }
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        });
        waited.await.map_or(Ok(false), |result| result.map(|()| true))
    }

    /// A draft with what a message holds, to send it to somebody else: text, and files that are here.
    ///
    /// # Errors
    /// [`Error::Unknown`] when it is gone or was taken back, those of the database.
    pub async fn forward(&self, message: MessageId) -> Result<Draft, Error> {
        let message = self.inner.message(message).await?;
        if message.deleted { Err(Error::Unknown { what: "message" }) } else { Ok(Draft::forwarding(&message)) }
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
    /// A device whose clock was not compared, or was wrong when it was, asks the swarm once before its
    /// first message, since the message carries a time that others order by. Offline, the device's clock has to do.
    async fn learn_the_time(&self, conversation: ConversationId) {
        let saved = self.saved_offset_ms.load(std::sync::atomic::Ordering::Relaxed);
        if !is_time_unknown(&self.network.status().borrow(), saved) {
            return;
        }
        let peer = self.database.call(move |store| store.conversation(conversation).map(|c| c.peer.account())).await;
        if let Ok(Some(account)) = peer {
            let _ = tokio::time::timeout(CLOCK_PATIENCE, self.network.swarm(&account)).await;
        }
    }
}

/// Whether the network can say what time it is, and nobody knows it yet. `saved_ms` is by how much the
/// device's clock was off in an earlier run; 0 if it never was compared.
fn is_time_unknown(status: &Status, saved_ms: i64) -> bool {
    let known = status.clock_samples > 0 || (1..=TRUSTED_OFFSET_MS).contains(&saved_ms.unsigned_abs());
    !known && status.state != ConnectionState::Offline
}

/// The conversation that belongs to an account ID: a note to self for our own.
pub(crate) fn peer_of(me: &AccountId, account: &AccountId) -> Peer {
    if account == me { Peer::note_to_self(me) } else { Peer::person(account) }
}

#[cfg(test)]
mod tests;

//! What happens by itself: messages disappear when their time has come, those that were read
//! elsewhere get theirs, and our own swarm is told (protocol: messages 4.8, 4.9).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tacit_network::Member;
use tacit_store::{Mailbox, MailboxChange, Store, Untimed};
use tacit_wire::rpc::{self, DeleteAnswer, ExpireAnswer, ExpiryChange, GetExpiriesAnswer, Selection};
use tacit_wire::{MessageHash, Namespace, NodeId, TimestampMs};

use crate::Error;
use crate::client::Inner;
use crate::events::Event;

/// Messages that one request names.
const AT_ONCE: u32 = 100;
/// Between two looks when nothing is due.
const IDLE: Duration = Duration::from_secs(600);
/// Before the swarm is asked again that did not answer, in ms.
const RETRY_MS: u64 = 30_000;
/// Nodes keep nothing of others for longer: what is missing there after that was not removed.
const KEPT_MS: u64 = crate::encode::MESSAGE_TTL_MS;

/// Runs until it is cancelled.
pub(crate) async fn run(inner: Arc<Inner>) {
    let mut events = inner.events.listen();
    loop {
        if let Err(error) = inner.remove_expired().await {
            tracing::error!(code = error.code(), "what has expired could not be removed");
        }
        for step in [inner.time_what_was_read().await, inner.tell_mailbox().await] {
            if let Err(error) = step {
                tracing::debug!(code = error.code(), "the own swarm could not be told");
            }
        }
        let wait = inner.time_to_next().await;
        let sleep = tokio::time::sleep(wait);
        tokio::pin!(sleep);
        loop {
            tokio::select! {
                () = &mut sleep => break,
                () = inner.upkeep_wake.notified() => break,
                // Reads of other devices come as changes of the list, timers with messages.
                event = events.recv() => match event {
                    Ok(Event::Conversations | Event::Received(_) | Event::Notice(_)) => break,
                    Ok(_) => {}
                    Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => break,
                    Err(tokio::sync::broadcast::error::RecvError::Closed) => return,
                },
            }
        }
        // One look serves all that came meanwhile.
        while events.try_recv().is_ok() {}
    }
}

impl Inner {
    /// Removes the messages whose time has come, and tells views.
    pub(crate) async fn remove_expired(&self) -> Result<(), Error> {
        loop {
            let now = self.now();
            let purge = move |store: &mut Store| store.write::<_, tacit_store::Error>(|tx| tx.purge_expired(now));
            let purged = self.database.call(purge).await?;
            let mut places: Vec<_> = purged.messages.iter().map(|(conversation, _)| *conversation).collect();
            places.sort_unstable();
            places.dedup();
            for conversation in places {
                self.tell_messages(conversation);
            }
            if !purged.more {
                return Ok(());
            }
        }
    }

    /// Messages that another device has read: their time runs from then, which the swarm knows.
    async fn time_what_was_read(&self) -> Result<(), Error> {
        let untimed = self.database.call(|store| store.read_untimed(AT_ONCE)).await?;
        if untimed.is_empty() {
            return Ok(());
        }
        let hashes: Vec<MessageHash> = untimed.iter().filter_map(|message| message.hash.clone()).collect();
        let (node, mut known) = self.expiries(Member::Any, &hashes).await?;
        if hashes.iter().any(|hash| !known.contains_key(hash)) {
            // Members can lag: only what two of them miss is gone.
            known.extend(self.expiries(Member::Except(node), &hashes).await?.1);
        }
        let now = self.now();
        let keep = move |store: &mut Store| {
            store.write::<_, tacit_store::Error>(|tx| {
                for message in &untimed {
                    let swarm = message.hash.as_ref().and_then(|hash| known.get(hash)).copied();
                    let (expires_at, tell) = expiry_of_read(message, swarm, now);
                    tx.expire_by(message.id, expires_at)?;
                    if let Some(hash) = message.hash.as_ref().filter(|_| tell) {
                        tx.shorten_in_mailbox(hash, message.id, expires_at, now)?;
                    }
                }
                Ok(())
            })
        };
        self.database.call(keep).await?;
        self.upkeep_wake.notify_one();
        Ok(())
    }

    async fn expiries(
        &self,
        member: Member,
        hashes: &[MessageHash],
    ) -> Result<(NodeId, BTreeMap<MessageHash, TimestampMs>), Error> {
        let build = |now, _: &_| {
            rpc::Request::GetExpiries(rpc::GetExpiries::signed(&self.keys, Selection::Messages(hashes.to_vec()), now))
        };
        let (node, body) = self.network.rpc(&self.me, member, build).await?;
        Ok((node, rpc::answer_from::<GetExpiriesAnswer>(body)?.expiries))
    }

    /// Tells our swarm what is to be deleted, and what is to be kept for a shorter time.
    async fn tell_mailbox(&self) -> Result<(), Error> {
        loop {
            let now = self.now();
            let due = self.database.call(move |store| store.mailbox_changes(now, AT_ONCE)).await?;
            if due.is_empty() {
                return Ok(());
            }
            let hashes: Vec<MessageHash> = due.iter().map(|change| change.hash.clone()).collect();
            let (delete, shorten): (Vec<_>, Vec<_>) = due.into_iter().partition(|change| change.expires_at.is_none());
            let told = async {
                self.tell_deleted(delete).await?;
                self.tell_shortened(shorten).await
            };
            if let Err(error) = told.await {
                let at = TimestampMs(self.now().0 + RETRY_MS);
                let postpone = move |store: &mut Store| store.write(|tx| tx.postpone_mailbox_changes(&hashes, at));
                self.database.call(postpone).await?;
                return Err(error);
            }
        }
    }

    async fn tell_deleted(&self, changes: Vec<MailboxChange>) -> Result<(), Error> {
        if changes.is_empty() {
            return Ok(());
        }
        let hashes: Vec<MessageHash> = changes.into_iter().map(|change| change.hash).collect();
        let build = |_, _: &_| rpc::Request::Delete(rpc::Delete::signed(&self.keys, hashes.clone(), false));
        let (_, body) = self.network.rpc(&self.me, Member::Any, build).await?;
        let answer: DeleteAnswer = rpc::answer_from(body)?;
        if answer.receipts().count() == 0 {
            return Err(tacit_network::Error::NoAnswer { tries: 1, last: "no node deleted anything" }.into());
        }
        let mailbox = Mailbox { account: self.me, namespace: Namespace::MESSAGES };
        let note = move |store: &mut Store| {
            store.write::<_, tacit_store::Error>(|tx| {
                hashes.iter().try_for_each(|hash| tx.drop_cursors_at(&mailbox, hash))?;
                tx.mailbox_changed(&hashes)
            })
        };
        self.database.call(note).await
    }

    async fn tell_shortened(&self, changes: Vec<MailboxChange>) -> Result<(), Error> {
        if changes.is_empty() {
            return Ok(());
        }
        let (hashes, expiries): (Vec<_>, Vec<_>) =
            changes.iter().filter_map(|change| Some((change.hash.clone(), change.expires_at?))).unzip();
        let build = |_, _: &_| {
            let shorten = ExpiryChange::Shorten;
            rpc::Request::Expire(rpc::Expire::signed(&self.keys, hashes.clone(), expiries.clone(), shorten))
        };
        let (_, body) = self.network.rpc(&self.me, Member::Any, build).await?;
        let answer: ExpireAnswer = rpc::answer_from(body)?;
        let known: Vec<_> = answer.receipts().map(|(_, receipt)| receipt.known()).collect();
        if known.is_empty() {
            return Err(tacit_network::Error::NoAnswer { tries: 1, last: "no node shortened anything" }.into());
        }
        let note = move |store: &mut Store| {
            store.write::<_, tacit_store::Error>(|tx| {
                for change in &changes {
                    // The members' word is the truth that all our devices share.
                    let expiry = known.iter().filter_map(|known| known.get(&change.hash)).min();
                    if let Some((message, expiry)) = change.message.zip(expiry) {
                        tx.expire_by(message, *expiry)?;
                    }
                }
                tx.mailbox_changed(&hashes)
            })
        };
        self.database.call(note).await
    }

    async fn time_to_next(&self) -> Duration {
        let next = self.database.call(|store| {
            let times = [store.next_expiry()?, store.next_mailbox_change()?];
            Ok::<_, tacit_store::Error>(times.into_iter().flatten().min())
        });
        match next.await {
            Ok(Some(next)) => Duration::from_millis(next.0.saturating_sub(self.now().0).max(100)).min(IDLE),
            Ok(None) | Err(_) => IDLE,
        }
    }
}

/// When a message disappears that another device has read, and whether the swarm must be told: what
/// the swarm keeps for no longer than the timer was read there; what it has no longer is over, if it
/// should still have it.
fn expiry_of_read(message: &Untimed, swarm: Option<TimestampMs>, now: TimestampMs) -> (TimestampMs, bool) {
    let full = TimestampMs(now.0 + u64::from(message.seconds) * 1_000);
    let young = message.received_at.0.saturating_add(KEPT_MS) > now.0;
    match swarm {
        Some(swarm) if swarm <= full => (swarm, false),
        Some(_) => (full, true),
        None if young && message.hash.is_some() => (now, false),
        None => (full, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, after, hash};
    use crate::{ConversationId, MessageId};

    #[test]
    fn a_message_read_elsewhere_disappears_when_the_swarm_says_so() {
        let read = Untimed {
            id: MessageId(1),
            conversation: ConversationId(1),
            hash: Some(hash(1)),
            seconds: 60,
            received_at: NOW,
        };
        let at = |swarm| expiry_of_read(&read, swarm, after(1_000));
        assert_eq!(at(Some(after(20_000))), (after(20_000), false), "it was read 40 s ago");
        assert_eq!(at(Some(after(9_000_000))), (after(61_000), true), "nobody told the swarm");
        assert_eq!(at(None), (after(1_000), false), "its time was over");
        let old = expiry_of_read(&read, None, after(KEPT_MS + 1));
        assert_eq!(old, (after(KEPT_MS + 60_001), false), "the swarm keeps nothing for so long");
    }
}

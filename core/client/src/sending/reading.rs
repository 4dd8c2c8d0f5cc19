//! Reading: our mark, timers that begin, and receipts for who wants them
//! (protocol: messages 4.7, 4.9).

use tacit_store::{ConversationKind, Page, Place, Store, Tx};
use tacit_wire::TimestampMs;

use super::sealer::Sealer;
use crate::client::Client;
use crate::encode;
use crate::{ConversationId, Error};

/// Setting: tell what we read, and hear what others read; `1` for yes.
pub(crate) const READ_RECEIPTS: &str = "read_receipts";
/// Setting: tell when we type, and hear when others do; `1` for yes.
pub(crate) const TYPING_INDICATORS: &str = "typing_indicators";
/// Messages that one receipt names.
const RECEIPT_MAX: u32 = 500;

/// Whether a setting that is off by default was turned on.
pub(crate) fn is_on(store: &tacit_store::Queries, setting: &str) -> Result<bool, tacit_store::Error> {
    Ok(store.setting(setting)?.as_deref() == Some("1"))
}

impl Client {
    /// Marks everything up to a time as read; `None` for all.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn mark_read(&self, id: ConversationId, up_to: Option<TimestampMs>) -> Result<(), Error> {
        let inner = &self.inner;
        let (now, sealer) = (inner.now(), inner.sealer());
        let changed = inner.database.call(move |store| sealer.mark_read(store, id, up_to, now)).await?;
        if changed {
            inner.events.tell(crate::Event::Conversations);
            inner.outbox_wake.notify_one();
            inner.upkeep_wake.notify_one();
        }
        Ok(())
    }
}

impl Client {
    /// Messages of a conversation that name us, or answer us, sorted after a time, oldest first, at
    /// most `limit`.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn mentions_after(
        &self,
        conversation: ConversationId,
        after: TimestampMs,
        limit: u32,
    ) -> Result<Vec<Place>, Error> {
        self.inner.database.call(move |store| store.mentions_after(conversation, after, limit)).await
    }
}

impl Sealer {
    pub(super) fn mark_read(
        &self,
        store: &mut Store,
        id: ConversationId,
        up_to: Option<TimestampMs>,
        now: TimestampMs,
    ) -> Result<bool, Error> {
        let newest = store.messages(id, Page::Newest, 1)?.first().map_or(now, |message| message.sort_at);
        let up_to = up_to.map_or(newest, |up_to| up_to.min(newest));
        store.write(|tx| {
            let before = tx.conversation(id)?.read_until;
            let changed = tx.mark_read(id, up_to)?;
            for message in tx.untimed(id, up_to)? {
                let expires_at = TimestampMs(now.0 + u64::from(message.seconds) * 1_000);
                tx.expire_by(message.id, expires_at)?;
                if let Some(hash) = &message.hash {
                    tx.shorten_in_mailbox(hash, message.id, expires_at, now)?;
                }
            }
            if up_to > before {
                self.tell_read(tx, id, before, up_to, now)?;
            }
            Ok(changed)
        })
    }

    fn tell_read(
        &self,
        tx: &Tx<'_>,
        id: ConversationId,
        before: TimestampMs,
        up_to: TimestampMs,
        now: TimestampMs,
    ) -> Result<(), Error> {
        let place = tx.conversation(id)?;
        let (ConversationKind::Person, Some(peer)) = (place.peer.kind(), place.peer.account()) else { return Ok(()) };
        let contact = tx.contact(&peer)?;
        let known = contact.is_some_and(|contact| contact.approved && !contact.blocked);
        if !known || !is_on(tx, READ_RECEIPTS)? {
            return Ok(());
        }
        let read = tx.received_between(id, before, up_to, RECEIPT_MAX)?;
        if read.is_empty() {
            return Ok(());
        }
        let content = encode::read_receipt(&read, tx.next_sent_at(now)?);
        self.notify(tx, &peer, &content, now)
    }
}

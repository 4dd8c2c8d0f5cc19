//! What the members of a swarm do to keep equal.

use std::sync::Arc;

use bytes::Bytes;
use tacit_wire::{NodeId, TimestampMs};

use super::{Applied, Owed, Store, StoreError, Write, apply, compare, hints, transfer};
use crate::swarm::buckets::Buckets;
use crate::swarm::ownership::{Interval, Intervals};
use crate::swarm::protocol::BATCH_BYTES;
use crate::swarm::reconcile::Item;
use crate::swarm::record::Record;
use crate::swarm::transfer::Holding;

impl Store {
    /// Writes all of it, in this order, or nothing; what became of the records in it. Mailboxes
    /// take a quarter more this way than from users.
    ///
    /// # Errors
    /// See [`StoreError`]; nothing is written then.
    pub async fn commit(&self, writes: Vec<Write>, now: TimestampMs) -> Result<Vec<Applied>, StoreError> {
        if writes.iter().any(Write::stores) {
            self.check_room().await?;
        }
        let quota = self.settings.quota.between_members();
        let bytes = writes.iter().map(Write::size).sum();
        self.write(bytes, move |tx| apply::write(tx, &writes, quota, now)).await
    }

    /// Sums of ids by hour. Those of a part are read once and then kept up to date.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn sums(&self, intervals: Intervals) -> Result<Buckets, StoreError> {
        let sums = Arc::clone(&self.sums);
        self.readers.read(move |c| sums.of(c, &intervals)).await
    }

    /// The items of some hours that are older than `until` (ms), ascending.
    ///
    /// # Errors
    /// [`StoreError::TooMuch`] for more than a million, and others.
    pub async fn items(
        &self,
        intervals: Intervals,
        hours: Vec<u64>,
        until: u64,
        now: TimestampMs,
    ) -> Result<Vec<Item>, StoreError> {
        let items = self.readers.read(move |c| compare::items(c, &intervals, &hours, until, now)).await?;
        items.ok_or(StoreError::TooMuch)
    }

    /// The facts behind items that are still there: at most 4 MiB, at least one. How many of the
    /// items were looked up.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn records(
        &self,
        intervals: Intervals,
        items: Vec<Item>,
        now: TimestampMs,
    ) -> Result<(Vec<Record>, usize), StoreError> {
        self.readers.read(move |c| compare::records(c, &intervals, &items, now)).await
    }

    /// Everything of a part of the ring, in pages of at most 4 MiB; where the next one begins.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn page(
        &self,
        part: Interval,
        cursor: Option<Bytes>,
        now: TimestampMs,
    ) -> Result<(Vec<Record>, Option<Bytes>), StoreError> {
        self.readers.read(move |c| transfer::page(c, part, cursor.as_deref(), now)).await
    }

    /// The oldest changes that a member missed, at most 4 MiB, each with its number.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn hints(&self, member: NodeId, now: TimestampMs) -> Result<Vec<(u64, Bytes)>, StoreError> {
        self.readers.read(move |c| hints::oldest(c, &member, BATCH_BYTES, now)).await
    }

    /// Who is owed how much.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn owed(&self) -> Result<Vec<(NodeId, Owed)>, StoreError> {
        self.readers.read(hints::owed).await
    }

    /// Which parts of the ring are kept here, ascending.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn holdings(&self) -> Result<Vec<Holding>, StoreError> {
        self.readers.read(transfer::holdings).await
    }
}

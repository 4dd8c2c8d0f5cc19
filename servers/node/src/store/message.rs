//! The rows of messages: what is held of one, and its way out.

use tacit_sqlite::rusqlite::{Connection, OptionalExtension as _, Result, Row, params};
use tacit_wire::TimestampMs;

use super::quota::give_back;
use super::rows::{Account, CLOCKS_MS, ns_of, time};
use super::tombstone::{Tombstone, bury};
use super::tx::Tx;
use crate::swarm::merge::Expiry;
use crate::swarm::record::Mark;

/// Columns of a [`Held`], for statements of their own.
macro_rules! held_columns {
    () => {
        "SELECT seq, ns, hash, stored_ms, expiry_ms, expiry_set_ms, expiry_proof, length(data) FROM message"
    };
}
pub(super) use held_columns;

/// A message that is here, without its bytes.
pub(super) struct Held {
    pub seq: i64,
    pub ns: i64,
    pub hash: [u8; 32],
    pub stored: TimestampMs,
    pub expiry: Expiry,
    pub proof: Option<i64>,
    /// Of its data.
    pub bytes: i64,
}

impl Held {
    pub(super) fn read(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            ns: row.get(1)?,
            hash: row.get(2)?,
            stored: time(row.get(3)?),
            expiry: Expiry { expires_ms: time(row.get(4)?).0, set_ms: time(row.get(5)?).0 },
            proof: row.get(6)?,
            bytes: row.get(7)?,
        })
    }

    /// What of it enters its id.
    pub(super) fn mark(&self) -> Mark<'_> {
        Mark::Message { ns: ns_of(self.ns), hash: &self.hash, stored_ms: self.stored.0, expiry: self.expiry }
    }

    /// When it ends.
    pub(super) fn expires(&self) -> TimestampMs {
        TimestampMs(self.expiry.expires_ms)
    }

    /// Removes the row without a trace.
    pub(super) fn remove(&self, tx: &Tx<'_>, account: &Account) -> Result<()> {
        tx.prepare_cached("DELETE FROM message WHERE seq = ?1")?.execute([self.seq])?;
        give_back(tx, account, ns_of(self.ns), self.bytes)?;
        tx.went(&account.key, self.mark());
        Ok(())
    }

    /// Removes the row and leaves a tombstone: with a proof its owner deleted it.
    pub(super) fn bury(&self, tx: &Tx<'_>, account: &Account, at: TimestampMs, proof: Option<i64>) -> Result<()> {
        self.remove(tx, account)?;
        let until = self.expires().plus_ms(CLOCKS_MS);
        bury(tx, account, &Tombstone { hash: &self.hash, ns: self.ns, seq: self.seq, deleted: at, until, proof })
    }
}

pub(super) const HELD: &str = concat!(held_columns!(), " WHERE account = ?1 AND hash = ?2");

pub(super) fn held(c: &Connection, account: &Account, hash: &[u8; 32]) -> Result<Option<Held>> {
    c.prepare_cached(HELD)?.query_row(params![account.id, &hash[..]], Held::read).optional()
}

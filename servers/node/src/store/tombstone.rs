//! Where messages stood that are gone, so that cursors on them still work; and that their owner
//! deleted them, so that they do not come back.

use tacit_sqlite::rusqlite::{OptionalExtension as _, Result, params};
use tacit_wire::TimestampMs;

use super::rows::{Account, ms, time};
use super::tx::Tx;
use crate::swarm::record::Mark;

/// What is left of a message.
pub(super) struct Tombstone<'a> {
    pub hash: &'a [u8; 32],
    pub ns: i64,
    /// Where it stood; 0: it was never here.
    pub seq: i64,
    pub deleted: TimestampMs,
    /// How long that is to be known.
    pub until: TimestampMs,
    /// The owner's request; none: gone here, but free to come back (expired, wiped, replaced).
    pub proof: Option<i64>,
}

/// Merges with what is known: the earliest deletion by the owner counts, of others the last.
pub(super) fn bury(tx: &Tx<'_>, account: &Account, new: &Tombstone<'_>) -> Result<()> {
    let known: Option<(i64, i64, i64, Option<i64>)> = tx
        .prepare_cached("SELECT seq, deleted_ms, until_ms, proof FROM tombstone WHERE account = ?1 AND hash = ?2")?
        .query_row(params![account.id, &new.hash[..]], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    let mark = |deleted| Mark::Tombstone { hash: new.hash, deleted_ms: deleted };
    let (mut seq, mut deleted, mut until, mut proof) = (new.seq, new.deleted, new.until, new.proof);
    if let Some((old_seq, old_deleted, old_until, old_proof)) = known {
        let old_deleted = time(old_deleted);
        // The earlier place, so that no cursor passes over what came in between.
        seq = seq.min(old_seq);
        until = until.max(time(old_until));
        if old_proof.is_some() {
            deleted = if proof.is_some() { deleted.min(old_deleted) } else { old_deleted };
            proof = old_proof;
            if deleted != old_deleted {
                tx.went(&account.key, mark(old_deleted.0));
                tx.came(&account.key, mark(deleted.0));
            }
        } else if proof.is_some() {
            tx.came(&account.key, mark(deleted.0));
        }
    } else if proof.is_some() {
        tx.came(&account.key, mark(deleted.0));
    }
    tx.prepare_cached(
        "INSERT OR REPLACE INTO tombstone (account, hash, ns, seq, deleted_ms, until_ms, proof)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![account.id, &new.hash[..], new.ns, seq, ms(deleted), ms(until), proof])?;
    Ok(())
}

//! Removing what has ended, a little at a time.

use tacit_sqlite::rusqlite::{Connection, Result, params};
use tacit_wire::TimestampMs;

use super::rows::{CLOCKS_MS, Tombstone, bury, ms, time};

/// Rows in one step, so that stores never wait long behind a bulk expiry.
const STEP: i64 = 512;

pub(super) const EXPIRED: &str = "SELECT seq, account, ns, hash, expiry_ms FROM message
     WHERE expiry_ms <= ?1 ORDER BY expiry_ms LIMIT ?2";
pub(super) const OLD_TOMBSTONES: &str = "DELETE FROM tombstone WHERE (account, hash) IN
     (SELECT account, hash FROM tombstone WHERE until_ms <= ?1 LIMIT ?2)";
pub(super) const OLD_WIPES: &str = "DELETE FROM wiped WHERE (account, ns) IN
     (SELECT account, ns FROM wiped WHERE until_ms <= ?1 LIMIT ?2)";
/// A proof goes once nothing refers to it any more.
pub(super) const OLD_PROOFS: &str = "DELETE FROM proof WHERE id IN
     (SELECT id FROM proof AS p WHERE until_ms <= ?1
        AND NOT EXISTS (SELECT 1 FROM message WHERE expiry_proof = p.id AND expiry_proof IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM tombstone WHERE proof = p.id AND proof IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM wiped WHERE proof = p.id) LIMIT ?2)";

/// One step; true if there is more to do at once.
pub(super) fn step(c: &Connection, now: TimestampMs) -> Result<bool> {
    let expired: Vec<(i64, i64, i64, [u8; 32], i64)> = c
        .prepare_cached(EXPIRED)?
        .query_map(params![ms(now), STEP], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))?
        .collect::<Result<_>>()?;
    let mut removed = expired.len();
    for (seq, account, ns, hash, expiry_ms) in expired {
        let until = ms(time(expiry_ms).plus_ms(CLOCKS_MS));
        c.prepare_cached("DELETE FROM message WHERE seq = ?1")?.execute([seq])?;
        bury(c, &Tombstone { account, hash: &hash, ns, seq, deleted: now, until, proof: None })?;
    }
    for statement in [OLD_TOMBSTONES, OLD_WIPES, OLD_PROOFS] {
        removed = removed.max(c.prepare_cached(statement)?.execute(params![ms(now), STEP])?);
    }
    Ok(removed >= usize::try_from(STEP).unwrap_or(usize::MAX))
}

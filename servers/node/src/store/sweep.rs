//! Removing what has ended, and accounts that belong elsewhere, a little at a time.

use tacit_sqlite::rusqlite::{OptionalExtension as _, Result, params};
use tacit_wire::TimestampMs;

use super::ending::{self, Ending};
use super::facts::{Kind, Row, What, scope};
use super::rows::{Account, account_id, ms, ring, unring};
use super::tx::Tx;
use crate::swarm::ownership::{Interval, Intervals};

/// Rows in one step, so that stores never wait long behind a bulk expiry.
const STEP: i64 = 512;

pub(super) const OLD_HINTS: &str = "DELETE FROM hint WHERE id IN
     (SELECT id FROM hint WHERE until_ms <= ?1 LIMIT ?2)";
/// A proof goes once nothing refers to it any more.
pub(super) const OLD_PROOFS: &str = "DELETE FROM proof WHERE id IN
     (SELECT id FROM proof AS p WHERE until_ms <= ?1
        AND NOT EXISTS (SELECT 1 FROM message WHERE expiry_proof = p.id AND expiry_proof IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM tombstone WHERE proof = p.id AND proof IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM ending WHERE proof = p.id)
        AND NOT EXISTS (SELECT 1 FROM revocation WHERE proof = p.id)
        AND NOT EXISTS (SELECT 1 FROM wiped WHERE proof = p.id) LIMIT ?2)";
pub(super) const UNUSED_ACCOUNT: &str = "DELETE FROM account WHERE id = ?1
     AND NOT EXISTS (SELECT 1 FROM message WHERE account = ?1)
     AND NOT EXISTS (SELECT 1 FROM tombstone WHERE account = ?1)
     AND NOT EXISTS (SELECT 1 FROM ending WHERE account = ?1)
     AND NOT EXISTS (SELECT 1 FROM revocation WHERE account = ?1)
     AND NOT EXISTS (SELECT 1 FROM wiped WHERE account = ?1)";

/// One step; true if there is more to do at once.
pub(super) fn step(tx: &Tx<'_>, now: TimestampMs) -> Result<bool> {
    let mut most = expire(tx, now)?;
    for kind in [Kind::Tombstone, Kind::Ending, Kind::Wiped] {
        most = most.max(remove_old(tx, kind, now)?);
    }
    for statement in [OLD_HINTS, OLD_PROOFS] {
        most = most.max(tx.prepare_cached(statement)?.execute(params![ms(now), STEP])?);
    }
    Ok(is_full(most) || leave(tx)?)
}

fn is_full(removed: usize) -> bool {
    removed >= usize::try_from(STEP).unwrap_or(usize::MAX)
}

/// Messages whose time has come leave a place for cursors; and their end, if a user had set it,
/// since copies elsewhere may say a later one.
fn expire(tx: &Tx<'_>, now: TimestampMs) -> Result<usize> {
    let expired = Row::all(tx, Kind::Message, scope::EXPIRED, params![ms(now), STEP])?;
    for row in &expired {
        let What::Message(held) = &row.what else { continue };
        held.bury(tx, &row.account, now, None)?;
        if let Some(proof) = held.proof {
            ending::remember(tx, &row.account, &held.hash, Ending { expiry: held.expiry, proof })?;
        }
    }
    Ok(expired.len())
}

fn remove_old(tx: &Tx<'_>, kind: Kind, now: TimestampMs) -> Result<usize> {
    let old = Row::all(tx, kind, scope::OLD, params![ms(now), STEP])?;
    remove(tx, &old)?;
    Ok(old.len())
}

fn remove(tx: &Tx<'_>, rows: &[Row]) -> Result<()> {
    for row in rows {
        row.delete(tx)?;
        tx.prepare_cached(UNUSED_ACCOUNT)?.execute([row.account.id])?;
    }
    Ok(())
}

pub(super) const LEAVING_ACCOUNT: &str =
    "SELECT id, pubkey FROM account WHERE space BETWEEN ?1 AND ?2 ORDER BY space LIMIT 1";

/// Some of the accounts that belong elsewhere now; true if there are more.
fn leave(tx: &Tx<'_>) -> Result<bool> {
    let part: Option<(i64, i64)> = tx
        .prepare_cached("SELECT lo, hi FROM leaving LIMIT 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((lo, hi)) = part else { return Ok(false) };
    let mut left = STEP;
    while left > 0 {
        let next = tx
            .prepare_cached(LEAVING_ACCOUNT)?
            .query_row([lo, hi], |row| Ok(Account { id: row.get(0)?, key: account_id(row, 1)? }))
            .optional()?;
        let Some(account) = next else {
            tx.prepare_cached("DELETE FROM leaving WHERE lo = ?1")?.execute([lo])?;
            return Ok(true);
        };
        left = left.saturating_sub(1 + leave_account(tx, &account, left)?);
    }
    Ok(true)
}

/// How many rows that took.
fn leave_account(tx: &Tx<'_>, account: &Account, most: i64) -> Result<i64> {
    let mut removed = 0;
    for kind in Kind::ALL {
        let rows = Row::all(tx, kind, scope::OF_ACCOUNT, params![account.id, most - removed])?;
        remove(tx, &rows)?;
        removed += i64::try_from(rows.len()).unwrap_or(i64::MAX);
        if removed >= most {
            return Ok(removed);
        }
    }
    tx.prepare_cached(UNUSED_ACCOUNT)?.execute([account.id])?;
    Ok(removed)
}

/// All accounts of these places are to be removed, by coming steps.
pub(super) fn drop_part(tx: &Tx<'_>, part: Interval) -> Result<()> {
    set_leaving(tx, &leaving(tx)?.plus(&part.into()))
}

/// What is kept here from now on must not be removed by coming steps.
pub(super) fn keep(tx: &Tx<'_>, parts: &Intervals) -> Result<()> {
    let before = leaving(tx)?;
    let after = before.minus(parts);
    if after == before { Ok(()) } else { set_leaving(tx, &after) }
}

/// Places whose accounts are being removed.
fn leaving(tx: &Tx<'_>) -> Result<Intervals> {
    let parts = tx
        .prepare_cached("SELECT lo, hi FROM leaving")?
        .query_map([], |row| Ok(Interval { lo: unring(row.get(0)?), hi: unring(row.get(1)?) }))?
        .collect::<Result<_>>()?;
    Ok(Intervals::from_unsorted(parts))
}

fn set_leaving(tx: &Tx<'_>, parts: &Intervals) -> Result<()> {
    tx.prepare_cached("DELETE FROM leaving")?.execute([])?;
    for part in parts.as_slice() {
        tx.prepare_cached("INSERT INTO leaving (lo, hi) VALUES (?1, ?2)")?.execute([ring(part.lo), ring(part.hi)])?;
    }
    Ok(())
}

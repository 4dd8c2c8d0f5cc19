//! Revoking subaccounts, and allowing them again.

use tacit_sqlite::rusqlite::{Connection, OptionalExtension as _, Result, params};
use tacit_wire::{AccountId, TimestampMs};

use super::quota::Quota;
use super::rows::{Account, Proof, Proven, account, ensure_account, ms, time};
use super::tx::Tx;
use crate::swarm::merge::Revocation;
use crate::swarm::record::Mark;

/// Subaccounts that are revoked, or allowed again.
#[derive(Clone, Debug)]
pub struct Revoke {
    /// Whose subaccounts.
    pub account: AccountId,
    /// Their tokens.
    pub tokens: Vec<[u8; 36]>,
    /// Revoked, or allowed again.
    pub revoked: bool,
    /// The signed time: the later one wins.
    pub at: TimestampMs,
    /// The request.
    pub proof: Proof,
}

/// How many of them are as wanted now and were not before.
pub(super) fn revoke(tx: &Tx<'_>, r: &Revoke, quota: Quota, now: TimestampMs) -> Result<usize> {
    let account = ensure_account(tx, &r.account)?;
    let mut proof = Proven::by(&r.proof);
    let mut changed = 0;
    for token in &r.tokens {
        let new = Revocation { at_ms: r.at.0, revoked: r.revoked };
        let before = find(tx, &account, token)?.is_some_and(|known| known.revoked);
        if set(tx, &account, token, new, &mut proof, now)? && before != r.revoked {
            changed += 1;
        }
    }
    drop_oldest(tx, &account, quota.revocations)?;
    Ok(changed)
}

/// Takes in a decision; false if a later one is known.
pub(super) fn set(
    tx: &Tx<'_>,
    account: &Account,
    token: &[u8; 36],
    new: Revocation,
    proof: &mut Proven<'_>,
    now: TimestampMs,
) -> Result<bool> {
    if let Some(known) = find(tx, account, token)? {
        if known >= new {
            return Ok(false);
        }
        tx.went(&account.key, Mark::Revocation { token, revocation: known });
    }
    tx.came(&account.key, Mark::Revocation { token, revocation: new });
    tx.prepare_cached(
        "INSERT OR REPLACE INTO revocation (account, token, revoked, at_ms, proof) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![account.id, &token[..], new.revoked, ms(TimestampMs(new.at_ms)), proof.id(tx, now)?])?;
    Ok(true)
}

pub(super) const REVOCATION: &str = "SELECT at_ms, revoked FROM revocation WHERE account = ?1 AND token = ?2";

fn find(c: &Connection, account: &Account, token: &[u8; 36]) -> Result<Option<Revocation>> {
    c.prepare_cached(REVOCATION)?
        .query_row(params![account.id, &token[..]], |row| {
            Ok(Revocation { at_ms: time(row.get(0)?).0, revoked: row.get(1)? })
        })
        .optional()
}

/// Keeps the newest of both kinds. All members keep the same ones.
pub(super) fn drop_oldest(tx: &Tx<'_>, account: &Account, keep: usize) -> Result<()> {
    let mut all: Vec<(Revocation, [u8; 36])> = tx
        .prepare_cached("SELECT at_ms, revoked, token FROM revocation WHERE account = ?1")?
        .query_map([account.id], |row| {
            Ok((Revocation { at_ms: time(row.get(0)?).0, revoked: row.get(1)? }, row.get(2)?))
        })?
        .collect::<Result<_>>()?;
    all.sort_unstable_by(|a, b| b.cmp(a));
    let (revoked, allowed): (Vec<_>, Vec<_>) = all.into_iter().partition(|(decision, _)| decision.revoked);
    for (decision, token) in revoked.into_iter().skip(keep).chain(allowed.into_iter().skip(keep)) {
        tx.prepare_cached("DELETE FROM revocation WHERE account = ?1 AND token = ?2")?
            .execute(params![account.id, &token[..]])?;
        tx.went(&account.key, Mark::Revocation { token: &token, revocation: decision });
    }
    Ok(())
}

/// Whether a subaccount may not act any more.
pub(super) fn is_revoked(c: &Connection, key: &AccountId, token: &[u8; 36]) -> Result<bool> {
    let Some(account) = account(c, key)? else { return Ok(false) };
    Ok(find(c, &account, token)?.is_some_and(|known| known.revoked))
}

/// The subaccounts that may not act any more, the first to be revoked first.
pub(super) fn revoked(c: &Connection, key: &AccountId) -> Result<Vec<[u8; 36]>> {
    let Some(account) = account(c, key)? else { return Ok(Vec::new()) };
    c.prepare_cached("SELECT token FROM revocation WHERE account = ?1 AND revoked ORDER BY at_ms, token")?
        .query_map([account.id], |row| row.get(0))?
        .collect()
}

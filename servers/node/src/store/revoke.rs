//! Subaccounts that their account no longer lets in.

use tacit_sqlite::rusqlite::{Connection, OptionalExtension as _, Result, params};
use tacit_wire::{AccountId, TimestampMs};

use super::rows::{Proof, ms};

/// Decisions of each kind that are kept of an account, the latest.
const KEPT: u32 = 50;

/// Subaccounts that are shut out, or let in again.
#[derive(Clone, Debug)]
pub struct Revoke {
    /// Whose mailbox.
    pub account: AccountId,
    /// Their tokens.
    pub tokens: Vec<[u8; 36]>,
    /// Out, or in again.
    pub revoked: bool,
    /// The signed time: of two requests the later one counts, of one time the revocation.
    pub at: TimestampMs,
    /// The request.
    pub proof: Proof,
}

/// How many of the subaccounts are out now and were in before, or the other way round.
pub(super) fn revoke(c: &Connection, r: &Revoke) -> Result<usize> {
    let owner = &r.account.as_bytes()[..];
    let mut changed = 0;
    for token in &r.tokens {
        let was = is_revoked(c, &r.account, token)?;
        c.prepare_cached(
            "INSERT INTO subaccount (pubkey, token, revoked, at_ms) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (pubkey, token) DO UPDATE SET revoked = excluded.revoked, at_ms = excluded.at_ms
             WHERE (excluded.at_ms, excluded.revoked) > (at_ms, revoked)",
        )?
        .execute(params![owner, &token[..], r.revoked, ms(r.at)])?;
        changed += usize::from(is_revoked(c, &r.account, token)? != was);
    }
    c.prepare_cached(
        "DELETE FROM subaccount WHERE pubkey = ?1 AND revoked = ?2 AND token NOT IN
           (SELECT token FROM subaccount WHERE pubkey = ?1 AND revoked = ?2 ORDER BY at_ms DESC, token LIMIT ?3)",
    )?
    .execute(params![owner, r.revoked, KEPT])?;
    Ok(changed)
}

pub(super) fn is_revoked(c: &Connection, account: &AccountId, token: &[u8; 36]) -> Result<bool> {
    let revoked = c
        .prepare_cached("SELECT revoked FROM subaccount WHERE pubkey = ?1 AND token = ?2")?
        .query_row(params![&account.as_bytes()[..], &token[..]], |row| row.get(0))
        .optional()?;
    Ok(revoked.unwrap_or(false))
}

/// The subaccounts that are out, the first to be shut out first.
pub(super) fn revoked(c: &Connection, account: &AccountId) -> Result<Vec<[u8; 36]>> {
    c.prepare_cached("SELECT token FROM subaccount WHERE pubkey = ?1 AND revoked ORDER BY at_ms, token")?
        .query_map([&account.as_bytes()[..]], |row| row.get(0))?
        .collect()
}

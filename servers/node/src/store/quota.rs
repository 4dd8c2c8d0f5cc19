//! What one mailbox may take, and the whole node.

use tacit_sqlite::rusqlite::{Connection, OptionalExtension as _, Result, params};
use tacit_wire::Namespace;

use super::rows::Account;
use super::tx::Tx;

/// `usage.box` of all public namespaces together.
const PUBLIC: i64 = i32::MAX as i64;

/// What one mailbox may take.
#[derive(Clone, Copy, Debug)]
pub struct Quota {
    /// Messages in all public namespaces together.
    pub public_messages: u64,
    /// Messages in each other namespace.
    pub signed_messages: u64,
    /// Bytes in either.
    pub bytes: u64,
    /// Deleted messages that are remembered.
    pub deletions: u64,
    /// Revoked subaccounts that are remembered; of more the oldest is dropped.
    pub revocations: usize,
}

impl Default for Quota {
    fn default() -> Self {
        Self {
            public_messages: 20_000,
            signed_messages: 10_000,
            bytes: 100_000_000,
            deletions: 20_000,
            revocations: 50,
        }
    }
}

impl Quota {
    /// For what comes from other members. What one of them took just below its limit must find
    /// room at all, or they would never be equal.
    pub(super) fn between_members(self) -> Self {
        let more = |limit: u64| limit.saturating_add(limit / 4);
        Self {
            public_messages: more(self.public_messages),
            signed_messages: more(self.signed_messages),
            bytes: more(self.bytes),
            deletions: more(self.deletions),
            ..self
        }
    }

    fn messages(self, ns: Namespace) -> u64 {
        if ns.is_public() { self.public_messages } else { self.signed_messages }
    }

    /// Whether one more message of so many bytes fits.
    pub(super) fn has_room(self, c: &Connection, account: &Account, ns: Namespace, bytes: usize) -> Result<bool> {
        let (messages, held) = usage(c, account, ns)?;
        Ok(messages < self.messages(ns) && held.saturating_add(bytes as u64) <= self.bytes)
    }

    /// Counts one more message of so many bytes; false if it does not fit.
    pub(super) fn take(self, tx: &Tx<'_>, account: &Account, ns: Namespace, bytes: usize) -> Result<bool> {
        let number = |limit: u64| i64::try_from(limit).unwrap_or(i64::MAX);
        let taken = tx.prepare_cached(TAKE)?.execute(params![
            account.id,
            box_of(ns),
            number(bytes as u64),
            number(self.messages(ns)),
            number(self.bytes)
        ])?;
        Ok(taken > 0)
    }

    /// How many more deletions can be remembered.
    pub(super) fn room_for_deletions(self, c: &Connection, account: &Account) -> Result<u64> {
        let known: i64 = c.prepare_cached(DELETIONS)?.query_row([account.id], |row| row.get(0))?;
        Ok(self.deletions.saturating_sub(known.cast_unsigned()))
    }
}

pub(super) const USAGE: &str = "SELECT messages, bytes FROM usage WHERE account = ?1 AND box = ?2";
pub(super) const DELETIONS: &str = "SELECT
     (SELECT count(*) FROM tombstone INDEXED BY tombstone_owner WHERE account = ?1 AND proof IS NOT NULL)
     + (SELECT count(*) FROM ending WHERE account = ?1)";

const TAKE: &str = "INSERT INTO usage (account, box, messages, bytes) VALUES (?1, ?2, 1, ?3)
     ON CONFLICT (account, box) DO UPDATE SET messages = messages + 1, bytes = bytes + excluded.bytes
     WHERE messages < ?4 AND bytes + excluded.bytes <= ?5";

/// A message of so many bytes has gone.
pub(super) fn give_back(tx: &Tx<'_>, account: &Account, ns: Namespace, bytes: i64) -> Result<()> {
    let row = params![account.id, box_of(ns), bytes];
    tx.prepare_cached("UPDATE usage SET messages = messages - 1, bytes = bytes - ?3 WHERE account = ?1 AND box = ?2")?
        .execute(row)?;
    tx.prepare_cached("DELETE FROM usage WHERE account = ?1 AND box = ?2 AND messages <= 0")?
        .execute(params![account.id, box_of(ns)])?;
    Ok(())
}

fn box_of(ns: Namespace) -> i64 {
    if ns.is_public() { PUBLIC } else { ns.0.into() }
}

/// Messages and bytes in a namespace; in a public one those of all public ones.
fn usage(c: &Connection, account: &Account, ns: Namespace) -> Result<(u64, u64)> {
    let found = c
        .prepare_cached(USAGE)?
        .query_row(params![account.id, box_of(ns)], |row| {
            Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get::<_, i64>(1)?.cast_unsigned()))
        })
        .optional()?;
    Ok(found.unwrap_or_default())
}

/// How much of what the whole node may take is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fullness {
    /// There is room.
    Roomy,
    /// Above 90 %: what anyone may store is kept for three days at most.
    Tight,
    /// Above 97 %: nothing is stored; reading and deleting go on.
    Full,
}

impl Fullness {
    pub(super) fn of(used: u64, max: u64) -> Self {
        let above = |percent: u64| u128::from(used) * 100 > u128::from(max) * u128::from(percent);
        if above(97) {
            Self::Full
        } else if above(90) {
            Self::Tight
        } else {
            Self::Roomy
        }
    }
}

/// Longest life of what anyone may store, on a node that is [`Fullness::Tight`].
pub(super) const TIGHT_MS: u64 = 3 * 24 * 60 * 60 * 1000;

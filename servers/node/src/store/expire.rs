//! Changing when messages end, and asking when they do.

use tacit_sqlite::rusqlite::{Connection, OptionalExtension as _, Result, params};
use tacit_wire::signing::ExpiryChange;
use tacit_wire::{AccountId, MessageHash, Namespace, Namespaces, TimestampMs};

use super::ending::{self, Ending};
use super::message::{Held, held, held_columns};
use super::rows::{Account, Proof, Proven, account, ms, ns_of, time};
use super::tx::Tx;
use crate::swarm::merge::Expiry;

/// Messages that get another end.
#[derive(Clone, Debug)]
pub struct ChangeExpiry {
    /// Whose mailbox.
    pub account: AccountId,
    /// Each message with its new end.
    pub changes: Vec<(MessageHash, TimestampMs)>,
    /// Which changes are wanted.
    pub direction: ExpiryChange,
    /// When the member that was asked took the request; the latest change wins.
    pub at: TimestampMs,
    /// The request.
    pub proof: Proof,
}

/// All messages of boxes that shall end earlier.
#[derive(Clone, Debug)]
pub struct ShortenAll {
    /// Whose mailbox.
    pub account: AccountId,
    /// Which boxes.
    pub namespaces: Namespaces,
    /// The new end.
    pub expiry: TimestampMs,
    /// When the member that was asked took the request.
    pub at: TimestampMs,
    /// The request.
    pub proof: Proof,
}

/// What became of a [`ChangeExpiry`]; messages that are not here are in neither list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExpiryChanged {
    /// Those with another end now, ascending.
    pub updated: Vec<(MessageHash, TimestampMs)>,
    /// Those that the direction left alone, with the end they have, ascending.
    pub unchanged: Vec<(MessageHash, TimestampMs)>,
}

pub(super) fn change(tx: &Tx<'_>, e: &ChangeExpiry, now: TimestampMs) -> Result<ExpiryChanged> {
    let mut outcome = ExpiryChanged::default();
    let Some(account) = account(tx, &e.account)? else { return Ok(outcome) };
    let mut proof = Proven::by(&e.proof);
    for (hash, wanted) in &e.changes {
        let Some(held) = held(tx, &account, &hash.to_bytes())?.filter(|held| held.expires() > now) else { continue };
        let wished = match e.direction {
            ExpiryChange::Any => true,
            ExpiryChange::Shorten => *wanted < held.expires(),
            ExpiryChange::Extend => *wanted > held.expires(),
        };
        let new = Expiry { set_ms: e.at.0, expires_ms: wanted.0 };
        if !wished || new <= held.expiry {
            outcome.unchanged.push((hash.clone(), held.expires()));
            continue;
        }
        set(tx, &account, &held, new, proof.id(tx, now)?)?;
        outcome.updated.push((hash.clone(), *wanted));
    }
    outcome.updated.sort_unstable();
    outcome.unchanged.sort_unstable();
    Ok(outcome)
}

/// Takes in a decision, whether the message is here or not; what that changed.
pub(super) fn decide(
    tx: &Tx<'_>,
    account: &Account,
    hash: &[u8; 32],
    new: Expiry,
    proof: &mut Proven<'_>,
    now: TimestampMs,
) -> Result<Decided> {
    if let Some(held) = held(tx, account, hash)? {
        if new <= held.expiry {
            return Ok(Decided::Older(held.expires()));
        }
        set(tx, account, &held, new, proof.id(tx, now)?)?;
        return Ok(Decided::Changed);
    }
    if is_deleted(tx, account, hash)? {
        return Ok(Decided::NotHere);
    }
    ending::remember(tx, account, hash, Ending { expiry: new, proof: proof.id(tx, now)? })?;
    Ok(Decided::NotHere)
}

/// What became of a decision.
pub(super) enum Decided {
    Changed,
    /// A later one is known; when the message ends by that.
    Older(TimestampMs),
    NotHere,
}

fn is_deleted(c: &Connection, account: &Account, hash: &[u8; 32]) -> Result<bool> {
    c.prepare_cached("SELECT EXISTS (SELECT 1 FROM tombstone WHERE account = ?1 AND hash = ?2 AND proof IS NOT NULL)")?
        .query_row(params![account.id, &hash[..]], |row| row.get(0))
}

/// What ends earlier now, by box, ascending.
pub(super) fn shorten_all(tx: &Tx<'_>, s: &ShortenAll, now: TimestampMs) -> Result<Vec<(Namespace, MessageHash)>> {
    let Some(account) = account(tx, &s.account)? else { return Ok(Vec::new()) };
    let beyond = ms(s.expiry.max(now));
    let later = concat!(held_columns!(), " WHERE account = ?1 AND expiry_ms > ?2 AND expiry_set_ms < ?3");
    let found: Vec<Held> = match s.namespaces {
        Namespaces::All => tx
            .prepare_cached(later)?
            .query_map(params![account.id, beyond, ms(s.at)], Held::read)?
            .collect::<Result<_>>()?,
        Namespaces::One(ns) => tx
            .prepare_cached(&format!("{later} AND ns = ?4"))?
            .query_map(params![account.id, beyond, ms(s.at), ns.0], Held::read)?
            .collect::<Result<_>>()?,
    };
    let mut proof = Proven::by(&s.proof);
    let new = Expiry { set_ms: s.at.0, expires_ms: s.expiry.0 };
    let mut updated = Vec::with_capacity(found.len());
    for held in found {
        set(tx, &account, &held, new, proof.id(tx, now)?)?;
        updated.push((ns_of(held.ns), MessageHash::from_bytes(&held.hash)));
    }
    updated.sort_unstable();
    Ok(updated)
}

fn set(tx: &Tx<'_>, account: &Account, held: &Held, new: Expiry, proof: i64) -> Result<()> {
    let (expires, at) = (ms(TimestampMs(new.expires_ms)), ms(TimestampMs(new.set_ms)));
    tx.prepare_cached("UPDATE message SET expiry_ms = ?2, expiry_set_ms = ?3, expiry_proof = ?4 WHERE seq = ?1")?
        .execute(params![held.seq, expires, at, proof])?;
    tx.went(&account.key, held.mark());
    tx.came(&account.key, Held { expiry: new, ..*held }.mark());
    Ok(())
}

/// When the messages end that are here; `None`: all of the account's.
pub(super) fn expiries(
    c: &Connection,
    key: &AccountId,
    hashes: Option<&[MessageHash]>,
    now: TimestampMs,
) -> Result<Vec<(MessageHash, TimestampMs)>> {
    let Some(account) = account(c, key)? else { return Ok(Vec::new()) };
    let Some(hashes) = hashes else {
        return c
            .prepare_cached("SELECT hash, expiry_ms FROM message WHERE account = ?1 AND expiry_ms > ?2")?
            .query_map(params![account.id, ms(now)], |row| {
                Ok((MessageHash::from_bytes(&row.get(0)?), time(row.get(1)?)))
            })?
            .collect();
    };
    let mut select =
        c.prepare_cached("SELECT expiry_ms FROM message WHERE account = ?1 AND hash = ?2 AND expiry_ms > ?3")?;
    let mut found = Vec::new();
    for hash in hashes {
        let key = hash.to_bytes();
        let expiry = select.query_row(params![account.id, &key[..], ms(now)], |row| row.get(0)).optional()?;
        if let Some(expiry) = expiry {
            found.push((hash.clone(), time(expiry)));
        }
    }
    Ok(found)
}

//! Deleting messages by hash, and wiping boxes.

use tacit_sqlite::rusqlite::{OptionalExtension as _, Result, params};
use tacit_wire::{AccountId, MessageHash, Namespace, Namespaces, TimestampMs};

use super::ending;
use super::message::{Held, held, held_columns};
use super::put::BOX;
use super::quota::Quota;
use super::rows::{Account, Proof, Proven, REMEMBER_MS, ensure_account, ms, namespaces_number, ns_of, time};
use super::tombstone::{Tombstone, bury};
use super::tx::Tx;
use crate::swarm::record::Mark;

/// Messages that their owner wants gone.
#[derive(Clone, Debug)]
pub struct Delete {
    /// Whose mailbox.
    pub account: AccountId,
    /// Which messages.
    pub hashes: Vec<MessageHash>,
    /// When the member that was asked took the request.
    pub at: TimestampMs,
    /// The request.
    pub proof: Proof,
}

/// Boxes that their owner wants empty.
#[derive(Clone, Debug)]
pub struct Wipe {
    /// Whose mailbox.
    pub account: AccountId,
    /// Which boxes.
    pub namespaces: Namespaces,
    /// Everything with a time up to this one is gone, also what arrives later.
    pub before: TimestampMs,
    /// Also what is here with a later time (a sender's clock may be ahead).
    pub later_too: bool,
    /// When the member that was asked took the request.
    pub at: TimestampMs,
    /// The request.
    pub proof: Proof,
}

/// The hashes that were there; none: too many deletions are remembered already.
pub(super) fn delete(tx: &Tx<'_>, d: &Delete, quota: Quota, now: TimestampMs) -> Result<Option<Vec<MessageHash>>> {
    let account = ensure_account(tx, &d.account)?;
    if quota.room_for_deletions(tx, &account)? < d.hashes.len() as u64 {
        return Ok(None);
    }
    let mut proof = Proven::by(&d.proof);
    let mut deleted = Vec::new();
    for hash in &d.hashes {
        let unknown = Deletion { hash: &hash.to_bytes(), ns: Namespace(0), at: d.at, until: None };
        if remove(tx, &account, &unknown, &mut proof, now)? {
            deleted.push(hash.clone());
        }
    }
    deleted.sort_unstable();
    deleted.dedup();
    Ok(Some(deleted))
}

/// A message that is to be deleted, and stay so.
pub(super) struct Deletion<'a> {
    pub hash: &'a [u8; 32],
    /// Where it is if it is not known here.
    pub ns: Namespace,
    pub at: TimestampMs,
    /// How long that is to be remembered at least, if another member said so.
    pub until: Option<TimestampMs>,
}

/// Whether it was there, to be seen.
pub(super) fn remove(
    tx: &Tx<'_>,
    account: &Account,
    d: &Deletion<'_>,
    proof: &mut Proven<'_>,
    now: TimestampMs,
) -> Result<bool> {
    let proof = Some(proof.id(tx, now)?);
    let latest = now.plus_ms(REMEMBER_MS);
    // A member's word must not bind the disk for ever.
    let until = d.until.map_or(latest, |until| until.min(latest));
    ending::forget(tx, account, d.hash)?;
    let found = held(tx, account, d.hash)?;
    if let Some(found) = &found {
        found.bury(tx, account, d.at, proof)?;
    }
    if found.is_none() || d.until.is_some() {
        // Not here yet, or never: it must not come later by another way.
        let (ns, seq) = found.as_ref().map_or((d.ns.0.into(), 0), |found| (found.ns, found.seq));
        bury(tx, account, &Tombstone { hash: d.hash, ns, seq, deleted: d.at, until, proof })?;
    }
    Ok(found.is_some_and(|found| found.expires() > now))
}

/// What was removed, by box.
pub(super) fn wipe(tx: &Tx<'_>, w: &Wipe, now: TimestampMs) -> Result<Vec<(Namespace, MessageHash)>> {
    let account = ensure_account(tx, &w.account)?;
    let mut proof = Proven::by(&w.proof);
    let wiping = Wiping { namespaces: w.namespaces, before: w.before, until: now.plus_ms(REMEMBER_MS) };
    let mut removed = clear(tx, &account, &wiping, &mut proof, w.at, now)?;
    if w.later_too {
        let id = proof.id(tx, now)?;
        for message in all_of(tx, &account, w.namespaces)? {
            message.bury(tx, &account, w.at, Some(id))?;
            note(&message, now, &mut removed);
        }
    }
    removed.sort_unstable();
    Ok(removed)
}

/// Everything up to a time is to be gone, and stay so.
pub(super) struct Wiping {
    pub namespaces: Namespaces,
    pub before: TimestampMs,
    pub until: TimestampMs,
}

/// What was removed that could be seen.
pub(super) fn clear(
    tx: &Tx<'_>,
    account: &Account,
    w: &Wiping,
    proof: &mut Proven<'_>,
    at: TimestampMs,
    now: TimestampMs,
) -> Result<Vec<(Namespace, MessageHash)>> {
    let ns = namespaces_number(w.namespaces);
    let until = w.until.min(now.plus_ms(REMEMBER_MS));
    let known: Option<(i64, i64)> = tx
        .prepare_cached("SELECT before_ms, until_ms FROM wiped WHERE account = ?1 AND ns = ?2")?
        .query_row(params![account.id, ns], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if known.is_none_or(|(before, _)| time(before) < w.before) {
        let mark = |before_ms| Mark::Wiped { ns: w.namespaces, before_ms };
        if let Some((before, _)) = known {
            tx.went(&account.key, mark(time(before).0));
        }
        tx.came(&account.key, mark(w.before.0));
        let until = known.map_or(until, |(_, old)| until.max(time(old)));
        tx.prepare_cached(
            "INSERT OR REPLACE INTO wiped (account, ns, before_ms, until_ms, proof) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![account.id, ns, ms(w.before), ms(until), proof.id(tx, now)?])?;
    }
    let mut removed = Vec::new();
    for message in all_of(tx, account, w.namespaces)? {
        if message.stored <= w.before {
            // It may be stored anew with a later time.
            message.bury(tx, account, at, None)?;
            note(&message, now, &mut removed);
        }
    }
    Ok(removed)
}

fn note(message: &Held, now: TimestampMs, removed: &mut Vec<(Namespace, MessageHash)>) {
    if message.expires() > now {
        removed.push((ns_of(message.ns), MessageHash::from_bytes(&message.hash)));
    }
}

pub(super) const MAILBOX: &str = concat!(held_columns!(), " WHERE account = ?1");

fn all_of(tx: &Tx<'_>, account: &Account, namespaces: Namespaces) -> Result<Vec<Held>> {
    match namespaces {
        Namespaces::All => tx.prepare_cached(MAILBOX)?.query_map([account.id], Held::read)?.collect(),
        Namespaces::One(ns) => tx.prepare_cached(BOX)?.query_map(params![account.id, ns.0], Held::read)?.collect(),
    }
}

//! Changing when messages end, and asking when they do.

use tacit_sqlite::rusqlite::{Connection, OptionalExtension as _, Result, params};
use tacit_wire::signing::ExpiryChange;
use tacit_wire::{AccountId, MessageHash, Namespace, Namespaces, TimestampMs};

use super::rows::{Proof, account, insert_proof, ms, time};
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

pub(super) fn change(c: &Connection, e: &ChangeExpiry, now: TimestampMs) -> Result<ExpiryChanged> {
    let mut outcome = ExpiryChanged::default();
    let Some(account) = account(c, &e.account)? else { return Ok(outcome) };
    let mut proof = None;
    for (hash, wanted) in &e.changes {
        let held: Option<(i64, i64, i64)> = c
            .prepare_cached(
                "SELECT seq, expiry_ms, expiry_set_ms FROM message
                 WHERE account = ?1 AND hash = ?2 AND expiry_ms > ?3",
            )?
            .query_row(params![account, &hash.to_bytes()[..], ms(now)], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()?;
        let Some((seq, expiry_ms, set_ms)) = held else { continue };
        let wished = match e.direction {
            ExpiryChange::Any => true,
            ExpiryChange::Shorten => ms(*wanted) < expiry_ms,
            ExpiryChange::Extend => ms(*wanted) > expiry_ms,
        };
        let mine = Expiry { set_ms: time(set_ms).0, expires_ms: time(expiry_ms).0 };
        let new = Expiry { set_ms: e.at.0, expires_ms: wanted.0 };
        if !wished || new <= mine {
            outcome.unchanged.push((hash.clone(), time(expiry_ms)));
            continue;
        }
        let proof = match proof {
            Some(proof) => proof,
            None => *proof.insert(insert_proof(c, &e.proof, now)?),
        };
        set(c, seq, *wanted, e.at, proof)?;
        outcome.updated.push((hash.clone(), *wanted));
    }
    outcome.updated.sort_unstable();
    outcome.unchanged.sort_unstable();
    Ok(outcome)
}

/// What ends earlier now, by box, ascending.
pub(super) fn shorten_all(c: &Connection, s: &ShortenAll, now: TimestampMs) -> Result<Vec<(Namespace, MessageHash)>> {
    let Some(account) = account(c, &s.account)? else { return Ok(Vec::new()) };
    let read = |row: &tacit_sqlite::rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let beyond = ms(s.expiry.max(now));
    let later = "SELECT seq, ns, hash FROM message WHERE account = ?1 AND expiry_ms > ?2 AND expiry_set_ms < ?3";
    let found: Vec<(i64, i16, [u8; 32])> = match s.namespaces {
        Namespaces::All => {
            c.prepare_cached(later)?.query_map(params![account, beyond, ms(s.at)], read)?.collect::<Result<_>>()?
        }
        Namespaces::One(ns) => c
            .prepare_cached(&format!("{later} AND ns = ?4"))?
            .query_map(params![account, beyond, ms(s.at), ns.0], read)?
            .collect::<Result<_>>()?,
    };
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let proof = insert_proof(c, &s.proof, now)?;
    let mut updated = Vec::with_capacity(found.len());
    for (seq, ns, hash) in found {
        set(c, seq, s.expiry, s.at, proof)?;
        updated.push((Namespace(ns), MessageHash::from_bytes(&hash)));
    }
    updated.sort_unstable();
    Ok(updated)
}

fn set(c: &Connection, seq: i64, expiry: TimestampMs, at: TimestampMs, proof: i64) -> Result<()> {
    c.prepare_cached("UPDATE message SET expiry_ms = ?2, expiry_set_ms = ?3, expiry_proof = ?4 WHERE seq = ?1")?
        .execute(params![seq, ms(expiry), ms(at), proof])?;
    Ok(())
}

/// When the messages end that are here; `None`: all of the account's.
pub(super) fn expiries(
    c: &Connection,
    id: &AccountId,
    hashes: Option<&[MessageHash]>,
    now: TimestampMs,
) -> Result<Vec<(MessageHash, TimestampMs)>> {
    let Some(account) = account(c, id)? else { return Ok(Vec::new()) };
    let Some(hashes) = hashes else {
        return c
            .prepare_cached("SELECT hash, expiry_ms FROM message WHERE account = ?1 AND expiry_ms > ?2")?
            .query_map(params![account, ms(now)], |row| Ok((MessageHash::from_bytes(&row.get(0)?), time(row.get(1)?))))?
            .collect();
    };
    let mut select =
        c.prepare_cached("SELECT expiry_ms FROM message WHERE account = ?1 AND hash = ?2 AND expiry_ms > ?3")?;
    let mut found = Vec::new();
    for hash in hashes {
        let expiry = select.query_row(params![account, &hash.to_bytes()[..], ms(now)], |row| row.get(0)).optional()?;
        if let Some(expiry) = expiry {
            found.push((hash.clone(), time(expiry)));
        }
    }
    Ok(found)
}

//! Storing a message.

use tacit_sqlite::rusqlite::{Connection, Result, params};
use tacit_wire::{AccountId, MessageHash, Namespace, TimestampMs};

use super::ending::{self, Ending};
use super::message::{Held, held, held_columns};
use super::quota::Quota;
use super::rows::{ALL_NAMESPACES, Account, Proven, ensure_account, ms};
use super::tx::Tx;
use crate::swarm::merge::{Entry, Expiry, outbox_keeps_new};
use crate::swarm::record::Mark;

/// A message to store. All was checked before.
#[derive(Clone, Debug)]
pub struct Put {
    /// Whose mailbox.
    pub account: AccountId,
    /// Which box of it.
    pub namespace: Namespace,
    /// Hash of account, namespace and data.
    pub hash: MessageHash,
    /// The sender's time.
    pub stored: TimestampMs,
    /// When it ends.
    pub expiry: TimestampMs,
    /// The bytes.
    pub data: Vec<u8>,
}

/// What became of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// It was known before. Also true of a message that its owner has deleted since: the store
    /// did reach the mailbox, and a sender that tries again must not try for ever.
    pub already: bool,
    /// When it ends, which may be later than asked for.
    pub expiry: TimestampMs,
}

/// A message on its way in, whoever sent it.
pub(super) struct Incoming<'a> {
    pub namespace: Namespace,
    pub hash: &'a [u8; 32],
    pub stored: TimestampMs,
    pub expiry: Expiry,
    /// Of who changed the expiry.
    pub proof: Option<Proven<'a>>,
    pub data: &'a [u8],
}

/// None: the mailbox is full.
pub(super) fn put(tx: &Tx<'_>, put: &Put, quota: Quota, now: TimestampMs) -> Result<Option<Stored>> {
    let account = ensure_account(tx, &put.account)?;
    let mut incoming = Incoming {
        namespace: put.namespace,
        hash: &put.hash.to_bytes(),
        stored: put.stored,
        expiry: Expiry { set_ms: 0, expires_ms: put.expiry.0 },
        proof: None,
        data: &put.data,
    };
    arrive(tx, &account, &mut incoming, quota, now)
}

/// Merges a message with what is known of it. None: the mailbox is full.
pub(super) fn arrive(
    tx: &Tx<'_>,
    account: &Account,
    new: &mut Incoming<'_>,
    quota: Quota,
    now: TimestampMs,
) -> Result<Option<Stored>> {
    let already = |expiry: Expiry| Some(Stored { already: true, expiry: TimestampMs(expiry.expires_ms) });
    let known = is_known(tx, account, new)?;
    if known {
        if let Some(held) = held(tx, account, new.hash)? {
            return merge(tx, account, new, &held, now).map(already);
        }
        if is_gone(tx, account, new)? {
            return Ok(already(new.expiry));
        }
    }
    let (expiry, proof) = if known { end(tx, account, new, now)? } else { (new.expiry, proof_id(tx, new, now)?) };
    if expiry.expires_ms <= now.0 {
        if let Some(proof) = proof {
            ending::remember(tx, account, new.hash, Ending { expiry, proof })?;
        }
        return Ok(already(expiry));
    }
    if new.namespace.is_public_outbox() && !make_room(tx, account, new, now)? {
        return Ok(already(expiry));
    }
    if !quota.take(tx, account, new.namespace, new.data.len())? {
        return Ok(None);
    }
    if known {
        ending::forget(tx, account, new.hash)?;
    }
    tx.prepare_cached(
        "INSERT INTO message (account, ns, hash, stored_ms, expiry_ms, expiry_set_ms, expiry_proof, data)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        account.id,
        new.namespace.0,
        &new.hash[..],
        ms(new.stored),
        ms(TimestampMs(expiry.expires_ms)),
        ms(TimestampMs(expiry.set_ms)),
        proof,
        new.data
    ])?;
    let mark = Mark::Message { ns: new.namespace, hash: new.hash, stored_ms: new.stored.0, expiry };
    tx.came(&account.key, mark);
    Ok(Some(Stored { already: false, expiry: TimestampMs(expiry.expires_ms) }))
}

/// When it ends, by what comes with it and what was decided before it came.
fn end(tx: &Tx<'_>, account: &Account, new: &mut Incoming<'_>, now: TimestampMs) -> Result<(Expiry, Option<i64>)> {
    match ending::find(tx, account, new.hash)? {
        Some(known) if known.expiry >= new.expiry => Ok((known.expiry, Some(known.proof))),
        _ => Ok((new.expiry, proof_id(tx, new, now)?)),
    }
}

fn proof_id(tx: &Tx<'_>, new: &mut Incoming<'_>, now: TimestampMs) -> Result<Option<i64>> {
    new.proof.as_mut().map(|proof| proof.id(tx, now)).transpose()
}

/// The same bytes again: the later time and the end that was decided later count.
fn merge(tx: &Tx<'_>, account: &Account, new: &mut Incoming<'_>, held: &Held, now: TimestampMs) -> Result<Expiry> {
    let mine = Entry::Present { stored_ms: held.stored.0, expiry: held.expiry };
    let merged = mine.merge(Entry::Present { stored_ms: new.stored.0, expiry: new.expiry });
    let Entry::Present { stored_ms, expiry } = merged else { return Ok(held.expiry) };
    if merged != mine {
        let proof = if expiry == held.expiry { held.proof } else { proof_id(tx, new, now)? };
        tx.prepare_cached(
            "UPDATE message SET stored_ms = ?2, expiry_ms = ?3, expiry_set_ms = ?4, expiry_proof = ?5
             WHERE seq = ?1",
        )?
        .execute(params![
            held.seq,
            ms(TimestampMs(stored_ms)),
            ms(TimestampMs(expiry.expires_ms)),
            ms(TimestampMs(expiry.set_ms)),
            proof
        ])?;
        tx.went(&account.key, held.mark());
        tx.came(&account.key, Held { stored: TimestampMs(stored_ms), expiry, ..*held }.mark());
    }
    Ok(expiry)
}

pub(super) const KNOWN: &str = "SELECT
     EXISTS (SELECT 1 FROM message WHERE account = ?1 AND hash = ?2)
     OR EXISTS (SELECT 1 FROM tombstone WHERE account = ?1 AND hash = ?2)
     OR EXISTS (SELECT 1 FROM ending WHERE account = ?1 AND hash = ?2)
     OR EXISTS (SELECT 1 FROM wiped WHERE account = ?1)";

/// Whether there is anything that could stand against a new message: of most there is not, and
/// one look tells.
fn is_known(c: &Connection, account: &Account, new: &Incoming<'_>) -> Result<bool> {
    c.prepare_cached(KNOWN)?.query_row(params![account.id, &new.hash[..]], |row| row.get(0))
}

pub(super) const GONE: &str = "SELECT
     EXISTS (SELECT 1 FROM tombstone WHERE account = ?1 AND hash = ?2 AND proof IS NOT NULL)
     OR EXISTS (SELECT 1 FROM wiped WHERE account = ?1 AND ns = ?3 AND before_ms >= ?5)
     OR EXISTS (SELECT 1 FROM wiped WHERE account = ?1 AND ns = ?4 AND before_ms >= ?5)";

/// Whether its owner deleted it, or wiped the time that it belongs to.
fn is_gone(c: &Connection, account: &Account, new: &Incoming<'_>) -> Result<bool> {
    c.prepare_cached(GONE)?
        .query_row(params![account.id, &new.hash[..], new.namespace.0, ALL_NAMESPACES, ms(new.stored)], |row| {
            row.get(0)
        })
}

pub(super) const BOX: &str = concat!(held_columns!(), " WHERE account = ?1 AND ns = ?2");

/// A public outbox holds one message: removes the one there, unless it is the one to keep.
fn make_room(tx: &Tx<'_>, account: &Account, new: &Incoming<'_>, now: TimestampMs) -> Result<bool> {
    let held: Vec<Held> =
        tx.prepare_cached(BOX)?.query_map(params![account.id, new.namespace.0], Held::read)?.collect::<Result<_>>()?;
    for old in held {
        if !outbox_keeps_new((old.stored.0, &old.hash), (new.stored.0, new.hash)) {
            return Ok(false);
        }
        old.bury(tx, account, now, None)?;
    }
    Ok(true)
}

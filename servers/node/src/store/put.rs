//! Storing a message.

use tacit_sqlite::rusqlite::{Connection, OptionalExtension as _, Result, params};
use tacit_wire::{AccountId, MessageHash, Namespace, TimestampMs};

use super::rows::{ALL_NAMESPACES, CLOCKS_MS, Tombstone, bury, ensure_account, ms, time};
use crate::swarm::merge::{Entry, Expiry, outbox_keeps_new};

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

struct Held {
    seq: i64,
    stored_ms: i64,
    expiry_ms: i64,
    set_ms: i64,
}

pub(super) fn put(c: &Connection, put: &Put, now: TimestampMs) -> Result<Stored> {
    let account = ensure_account(c, &put.account)?;
    let hash = put.hash.to_bytes();
    let asked = Stored { already: false, expiry: put.expiry };
    if let Some(held) = held(c, account, &hash)? {
        return merge(c, put, &held);
    }
    if is_gone(c, account, put, &hash)? {
        return Ok(Stored { already: true, ..asked });
    }
    if put.namespace.is_public_outbox() && !make_room(c, account, put, &hash, now)? {
        return Ok(Stored { already: true, ..asked });
    }
    c.prepare_cached(
        "INSERT INTO message (account, ns, hash, stored_ms, expiry_ms, expiry_set_ms, data)
         VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6)",
    )?
    .execute(params![account, put.namespace.0, &hash[..], ms(put.stored), ms(put.expiry), put.data])?;
    Ok(asked)
}

fn held(c: &Connection, account: i64, hash: &[u8; 32]) -> Result<Option<Held>> {
    c.prepare_cached("SELECT seq, stored_ms, expiry_ms, expiry_set_ms FROM message WHERE account = ?1 AND hash = ?2")?
        .query_row(params![account, &hash[..]], |row| {
            Ok(Held { seq: row.get(0)?, stored_ms: row.get(1)?, expiry_ms: row.get(2)?, set_ms: row.get(3)? })
        })
        .optional()
}

/// The same bytes again: the later time and the later end count.
fn merge(c: &Connection, put: &Put, held: &Held) -> Result<Stored> {
    let mine = Entry::Present {
        stored_ms: time(held.stored_ms).0,
        expiry: Expiry { set_ms: time(held.set_ms).0, expires_ms: time(held.expiry_ms).0 },
    };
    let new = Entry::Present { stored_ms: put.stored.0, expiry: Expiry { set_ms: 0, expires_ms: put.expiry.0 } };
    let merged = mine.merge(new);
    if let Entry::Present { stored_ms, expiry } = merged {
        if merged != mine {
            c.prepare_cached("UPDATE message SET stored_ms = ?2, expiry_ms = ?3 WHERE seq = ?1")?.execute(params![
                held.seq,
                ms(TimestampMs(stored_ms)),
                ms(TimestampMs(expiry.expires_ms))
            ])?;
        }
        return Ok(Stored { already: true, expiry: TimestampMs(expiry.expires_ms) });
    }
    Ok(Stored { already: true, expiry: put.expiry })
}

/// Whether its owner deleted it, or wiped the time that it belongs to.
fn is_gone(c: &Connection, account: i64, put: &Put, hash: &[u8; 32]) -> Result<bool> {
    c.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM tombstone WHERE account = ?1 AND hash = ?2 AND proof IS NOT NULL)
             OR EXISTS (SELECT 1 FROM wiped WHERE account = ?1 AND ns = ?3 AND before_ms >= ?5)
             OR EXISTS (SELECT 1 FROM wiped WHERE account = ?1 AND ns = ?4 AND before_ms >= ?5)",
    )?
    .query_row(params![account, &hash[..], put.namespace.0, ALL_NAMESPACES, ms(put.stored)], |row| row.get(0))
}

/// A public outbox holds one message: removes the one there, unless it is the one to keep.
fn make_room(c: &Connection, account: i64, put: &Put, hash: &[u8; 32], now: TimestampMs) -> Result<bool> {
    let mut select =
        c.prepare_cached("SELECT seq, hash, stored_ms, expiry_ms FROM message WHERE account = ?1 AND ns = ?2")?;
    let held: Vec<(i64, [u8; 32], i64, i64)> = select
        .query_map(params![account, put.namespace.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
        .collect::<Result<_>>()?;
    for (seq, old, stored_ms, expiry_ms) in held {
        if !outbox_keeps_new((time(stored_ms).0, &old), (put.stored.0, hash)) {
            return Ok(false);
        }
        c.prepare_cached("DELETE FROM message WHERE seq = ?1")?.execute([seq])?;
        bury(
            c,
            &Tombstone {
                account,
                hash: &old,
                ns: put.namespace.0.into(),
                seq,
                deleted: now,
                until: ms(time(expiry_ms).plus_ms(CLOCKS_MS)),
                proof: None,
            },
        )?;
    }
    Ok(true)
}

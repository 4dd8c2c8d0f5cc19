//! Deleting messages by hash, and wiping boxes.

use tacit_sqlite::rusqlite::{Connection, OptionalExtension as _, Result, Row, params};
use tacit_wire::{AccountId, MessageHash, Namespace, Namespaces, TimestampMs};

use super::rows::{
    ALL_NAMESPACES, CLOCKS_MS, Proof, REMEMBER_MS, Tombstone, bury, ensure_account, insert_proof, ms, time,
};

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

struct Found {
    seq: i64,
    ns: i64,
    hash: [u8; 32],
    stored_ms: i64,
    expiry_ms: i64,
}

impl Found {
    fn read(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            ns: row.get(1)?,
            hash: row.get(2)?,
            stored_ms: row.get(3)?,
            expiry_ms: row.get(4)?,
        })
    }

    /// Removes the row and leaves a tombstone.
    fn bury(&self, c: &Connection, account: i64, at: TimestampMs, proof: Option<i64>) -> Result<()> {
        c.prepare_cached("DELETE FROM message WHERE seq = ?1")?.execute([self.seq])?;
        bury(
            c,
            &Tombstone {
                account,
                hash: &self.hash,
                ns: self.ns,
                seq: self.seq,
                deleted: at,
                until: ms(time(self.expiry_ms).plus_ms(CLOCKS_MS)),
                proof,
            },
        )
    }
}

/// The hashes that were there.
pub(super) fn delete(c: &Connection, d: &Delete, now: TimestampMs) -> Result<Vec<MessageHash>> {
    let account = ensure_account(c, &d.account)?;
    let proof = insert_proof(c, &d.proof, now)?;
    let mut deleted = Vec::new();
    for hash in &d.hashes {
        let bytes = hash.to_bytes();
        let found = c
            .prepare_cached("SELECT seq, ns, hash, stored_ms, expiry_ms FROM message WHERE account = ?1 AND hash = ?2")?
            .query_row(params![account, &bytes[..]], Found::read)
            .optional()?;
        if let Some(found) = found {
            found.bury(c, account, d.at, Some(proof))?;
            if found.expiry_ms > ms(now) {
                deleted.push(hash.clone());
            }
        } else {
            // Not here yet, or never: it must not come later by another way.
            bury(
                c,
                &Tombstone {
                    account,
                    hash: &bytes,
                    ns: 0,
                    seq: 0,
                    deleted: d.at,
                    until: ms(now.plus_ms(REMEMBER_MS)),
                    proof: Some(proof),
                },
            )?;
        }
    }
    deleted.sort_unstable();
    deleted.dedup();
    Ok(deleted)
}

/// What was removed, by box.
pub(super) fn wipe(c: &Connection, w: &Wipe, now: TimestampMs) -> Result<Vec<(Namespace, MessageHash)>> {
    let account = ensure_account(c, &w.account)?;
    let proof = insert_proof(c, &w.proof, now)?;
    let ns = match w.namespaces {
        Namespaces::One(ns) => ns.0.into(),
        Namespaces::All => ALL_NAMESPACES,
    };
    c.prepare_cached(
        "INSERT INTO wiped (account, ns, before_ms, until_ms, proof) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (account, ns) DO UPDATE SET before_ms = excluded.before_ms,
           until_ms = max(until_ms, excluded.until_ms), proof = excluded.proof
         WHERE excluded.before_ms > before_ms",
    )?
    .execute(params![account, ns, ms(w.before), ms(now.plus_ms(REMEMBER_MS)), proof])?;

    let columns = "SELECT seq, ns, hash, stored_ms, expiry_ms FROM message WHERE account = ?1";
    let found: Vec<Found> = match w.namespaces {
        Namespaces::All => c.prepare_cached(columns)?.query_map([account], Found::read)?.collect::<Result<_>>()?,
        Namespaces::One(ns) => c
            .prepare_cached(&format!("{columns} AND ns = ?2"))?
            .query_map(params![account, ns.0], Found::read)?
            .collect::<Result<_>>()?,
    };
    let mut removed = Vec::new();
    for message in found {
        let covered = message.stored_ms <= ms(w.before);
        if !covered && !w.later_too {
            continue;
        }
        // What the wipe covers may be stored anew with a later time; the rest is gone by itself.
        message.bury(c, account, w.at, (!covered).then_some(proof))?;
        if message.expiry_ms > ms(now) {
            let ns = Namespace(i16::try_from(message.ns).unwrap_or_default());
            removed.push((ns, MessageHash::from_bytes(&message.hash)));
        }
    }
    removed.sort_unstable();
    Ok(removed)
}

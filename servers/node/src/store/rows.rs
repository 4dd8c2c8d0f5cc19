//! Small things that the statements share: accounts, proofs, times.

use tacit_sqlite::rusqlite::{Connection, OptionalExtension as _, Result, params};
use tacit_wire::{AccountId, TimestampMs, swarm};

/// `wiped.ns` of a wipe of all namespaces.
pub(super) const ALL_NAMESPACES: i64 = i32::MAX as i64;

/// How long facts about deleted things are kept that no longer have an end of their own:
/// longest life of a message, and a day for clocks.
pub(super) const REMEMBER_MS: u64 = 31 * 24 * 60 * 60 * 1000;
/// Added to a message's end for its tombstone.
pub(super) const CLOCKS_MS: u64 = 24 * 60 * 60 * 1000;

/// A user's signed request, kept with what it changed so that other members can check it later.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The text that was signed.
    pub signed_text: Vec<u8>,
    /// Ed25519 signature over it.
    pub signature: [u8; 64],
    /// Ed25519 key that signed.
    pub signer: [u8; 32],
    /// Token and tag, if a subaccount signed.
    pub subaccount: Option<Vec<u8>>,
}

/// Milliseconds as the database keeps them.
pub(super) fn ms(time: TimestampMs) -> i64 {
    i64::try_from(time.0).unwrap_or(i64::MAX)
}

/// Milliseconds out of the database.
pub(super) fn time(ms: i64) -> TimestampMs {
    TimestampMs(u64::try_from(ms).unwrap_or(0))
}

/// A place on the ring of swarms such that signed order is the order on the ring.
fn space(account: &AccountId) -> i64 {
    (swarm::space(account) ^ (1 << 63)).cast_signed()
}

pub(super) fn account(c: &Connection, account: &AccountId) -> Result<Option<i64>> {
    c.prepare_cached("SELECT id FROM account WHERE pubkey = ?1")?
        .query_row([&account.as_bytes()[..]], |row| row.get(0))
        .optional()
}

pub(super) fn ensure_account(c: &Connection, id: &AccountId) -> Result<i64> {
    if let Some(found) = account(c, id)? {
        return Ok(found);
    }
    c.prepare_cached("INSERT INTO account (pubkey, space) VALUES (?1, ?2)")?
        .insert(params![&id.as_bytes()[..], space(id)])
}

pub(super) fn insert_proof(c: &Connection, proof: &Proof, now: TimestampMs) -> Result<i64> {
    c.prepare_cached(
        "INSERT INTO proof (signed_text, signature, signer, subaccount, until_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .insert(params![
        proof.signed_text,
        &proof.signature[..],
        &proof.signer[..],
        proof.subaccount,
        ms(now.plus_ms(REMEMBER_MS)),
    ])
}

/// Where a deleted message stood, and how long that is to be known.
pub(super) struct Tombstone<'a> {
    pub account: i64,
    pub hash: &'a [u8],
    pub ns: i64,
    pub seq: i64,
    pub deleted: TimestampMs,
    pub until: i64,
    /// None: gone here, but free to come back (expired, wiped, replaced).
    pub proof: Option<i64>,
}

pub(super) fn bury(c: &Connection, t: &Tombstone<'_>) -> Result<()> {
    c.prepare_cached(
        "INSERT INTO tombstone (account, hash, ns, seq, deleted_ms, until_ms, proof)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (account, hash) DO UPDATE SET
           seq = min(seq, excluded.seq), deleted_ms = min(deleted_ms, excluded.deleted_ms),
           until_ms = max(until_ms, excluded.until_ms), proof = coalesce(proof, excluded.proof)",
    )?
    .execute(params![t.account, t.hash, t.ns, t.seq, ms(t.deleted), t.until, t.proof])?;
    Ok(())
}

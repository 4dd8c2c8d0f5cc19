//! Small things that the statements share: accounts, proofs, numbers.

use tacit_sqlite::rusqlite::{self, Connection, OptionalExtension as _, Result, Row, params};
use tacit_wire::{AccountId, Namespace, Namespaces, TimestampMs, swarm};

use super::tx::Tx;

/// `wiped.ns` of a wipe of all namespaces.
pub(super) const ALL_NAMESPACES: i64 = i32::MAX as i64;

/// How long facts about deleted things are kept that no longer have an end of their own:
/// longest life of a message, and a day for clocks.
pub(super) const REMEMBER_MS: u64 = 31 * 24 * 60 * 60 * 1000;
/// Added to a message's end for its tombstone.
pub(super) const CLOCKS_MS: u64 = 24 * 60 * 60 * 1000;

/// A user's signed request, kept with what it changed so that other members can check it later.
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// A place on the ring such that signed order is the order on the ring.
pub(super) fn ring(space: u64) -> i64 {
    (space ^ (1 << 63)).cast_signed()
}

/// A place on the ring out of the database.
pub(super) fn unring(space: i64) -> u64 {
    space.cast_unsigned() ^ (1 << 63)
}

pub(super) fn ns_of(number: i64) -> Namespace {
    Namespace(i16::try_from(number).unwrap_or_default())
}

pub(super) fn namespaces_number(namespaces: Namespaces) -> i64 {
    match namespaces {
        Namespaces::One(ns) => ns.0.into(),
        Namespaces::All => ALL_NAMESPACES,
    }
}

pub(super) fn namespaces_of(number: i64) -> Namespaces {
    if number == ALL_NAMESPACES { Namespaces::All } else { Namespaces::One(ns_of(number)) }
}

/// An account that is known here.
#[derive(Clone, Copy)]
pub(super) struct Account {
    /// Its row.
    pub id: i64,
    pub key: AccountId,
}

pub(super) fn account_id(row: &Row<'_>, column: usize) -> Result<AccountId> {
    AccountId::from_bytes(row.get(column)?)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Blob, error.into()))
}

pub(super) const ACCOUNT: &str = "SELECT id FROM account WHERE pubkey = ?1";

pub(super) fn account(c: &Connection, key: &AccountId) -> Result<Option<Account>> {
    let id = c.prepare_cached(ACCOUNT)?.query_row([&key.as_bytes()[..]], |row| row.get(0)).optional()?;
    Ok(id.map(|id| Account { id, key: *key }))
}

pub(super) fn ensure_account(tx: &Tx<'_>, key: &AccountId) -> Result<Account> {
    if let Some(found) = account(tx, key)? {
        return Ok(found);
    }
    let id = tx
        .prepare_cached("INSERT INTO account (pubkey, space) VALUES (?1, ?2)")?
        .insert(params![&key.as_bytes()[..], ring(swarm::space(key))])?;
    Ok(Account { id, key: *key })
}

/// The row of a proof, made when it is first needed.
pub(super) struct Proven<'p> {
    proof: &'p Proof,
    id: Option<i64>,
}

impl<'p> Proven<'p> {
    pub(super) fn by(proof: &'p Proof) -> Self {
        Self { proof, id: None }
    }

    pub(super) fn id(&mut self, tx: &Tx<'_>, now: TimestampMs) -> Result<i64> {
        match self.id {
            Some(id) => Ok(id),
            None => Ok(*self.id.insert(ensure_proof(tx, self.proof, now)?)),
        }
    }
}

pub(super) const SAME_PROOF: &str = "SELECT id FROM proof
     WHERE signature = ?1 AND signed_text = ?2 AND signer = ?3 AND subaccount IS ?4";

fn ensure_proof(tx: &Tx<'_>, proof: &Proof, now: TimestampMs) -> Result<i64> {
    let until = ms(now.plus_ms(REMEMBER_MS));
    let same = params![&proof.signature[..], proof.signed_text, &proof.signer[..], proof.subaccount];
    let known: Option<i64> = tx.prepare_cached(SAME_PROOF)?.query_row(same, |row| row.get(0)).optional()?;
    if let Some(id) = known {
        tx.prepare_cached("UPDATE proof SET until_ms = max(until_ms, ?2) WHERE id = ?1")?.execute([id, until])?;
        return Ok(id);
    }
    tx.prepare_cached(
        "INSERT INTO proof (signature, signed_text, signer, subaccount, until_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .insert(params![&proof.signature[..], proof.signed_text, &proof.signer[..], proof.subaccount, until])
}

pub(super) fn load_proof(c: &Connection, id: i64) -> Result<Proof> {
    c.prepare_cached("SELECT signed_text, signature, signer, subaccount FROM proof WHERE id = ?1")?.query_row(
        [id],
        |row| {
            Ok(Proof { signed_text: row.get(0)?, signature: row.get(1)?, signer: row.get(2)?, subaccount: row.get(3)? })
        },
    )
}

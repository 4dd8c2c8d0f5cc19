//! All that members tell each other, as it stands in the tables: one way to read it for
//! comparison, transfer and removal.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use tacit_sqlite::rusqlite::{Connection, OptionalExtension as _, Params, Result, Row as SqlRow, params};
use tacit_wire::{Namespace, Namespaces};

use super::message::Held;
use super::rows::{Account, Proof, account_id, load_proof, namespaces_number, namespaces_of, ns_of, time};
use super::tx::Tx;
use crate::swarm::merge::{Expiry, Revocation};
use crate::swarm::reconcile::Item;
use crate::swarm::record::{Fact, Mark, Record};

/// A table of facts, in the order in which they are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Wiped,
    Revocation,
    Tombstone,
    Ending,
    Message,
}

/// Which rows; `{…}` stands for what differs between kinds.
pub(super) mod scope {
    /// Messages that have ended: now, how many.
    pub const EXPIRED: &str = "WHERE f.expiry_ms <= ?1 ORDER BY f.expiry_ms LIMIT ?2";
    /// What need not be remembered any more: now, how many.
    pub const OLD: &str = "WHERE f.until_ms <= ?1 LIMIT ?2";
    /// An account's: account, how many.
    pub const OF_ACCOUNT: &str = "WHERE f.account = ?1 LIMIT ?2";
    /// What is compared, of a time: from, to (not included), first and last place.
    pub const IN_TIME: &str = "WHERE {time} >= ?1 AND {time} < ?2{told} AND a.space BETWEEN ?3 AND ?4";
    /// What is compared: first and last place.
    pub const IN_PART: &str = "WHERE a.space BETWEEN ?1 AND ?2{told}";
    /// An account's, from one on: account, key.
    pub const PAGE: &str = "WHERE f.account = ?1 AND {key} > ?2{told} ORDER BY {key}";
}

impl Kind {
    pub(super) const ALL: [Self; 5] = [Self::Wiped, Self::Revocation, Self::Tombstone, Self::Ending, Self::Message];

    fn select(self) -> &'static str {
        match self {
            Self::Wiped => "a.id, a.pubkey, f.proof, f.ns, f.before_ms, f.until_ms FROM wiped",
            Self::Revocation => "a.id, a.pubkey, f.proof, f.token, f.at_ms, f.revoked FROM revocation",
            Self::Tombstone => "a.id, a.pubkey, f.proof, f.ns, f.hash, f.deleted_ms, f.until_ms FROM tombstone",
            Self::Ending => "a.id, a.pubkey, f.proof, f.hash, f.expiry_ms, f.set_ms FROM ending",
            Self::Message => {
                "a.id, a.pubkey, f.expiry_proof, f.seq, f.ns, f.hash, f.stored_ms, f.expiry_ms, f.expiry_set_ms,
                 length(f.data) FROM message"
            }
        }
    }

    fn time(self) -> &'static str {
        match self {
            Self::Wiped => "f.before_ms",
            Self::Revocation => "f.at_ms",
            Self::Tombstone => "f.deleted_ms",
            Self::Ending => "f.set_ms",
            Self::Message => "f.stored_ms",
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::Wiped => "f.ns",
            Self::Revocation => "f.token",
            Self::Tombstone | Self::Ending | Self::Message => "f.hash",
        }
    }

    /// The statement. Rows come first and their account after, since the index is on the rows.
    pub(super) fn sql(self, scope: &str) -> String {
        // What has merely expired concerns nobody else.
        let told = if self == Self::Tombstone { " AND f.proof IS NOT NULL" } else { "" };
        let scope = scope.replace("{time}", self.time()).replace("{key}", self.key()).replace("{told}", told);
        format!("SELECT {} f CROSS JOIN account a ON a.id = f.account {scope}", self.select())
    }
}

/// A fact without its bytes and proof.
pub(super) struct Row {
    pub account: Account,
    proof: Option<i64>,
    pub what: What,
}

pub(super) enum What {
    Wiped { ns: Namespaces, before_ms: u64, until_ms: u64 },
    Revocation { token: [u8; 36], revocation: Revocation },
    Tombstone { ns: Namespace, hash: [u8; 32], deleted_ms: u64, until_ms: u64 },
    Ending { hash: [u8; 32], expiry: Expiry },
    Message(Held),
}

impl Row {
    /// Gives each row to `with` until that says false.
    pub(super) fn each(
        c: &Connection,
        kind: Kind,
        scope: &str,
        params: impl Params,
        mut with: impl FnMut(Self) -> Result<bool>,
    ) -> Result<()> {
        let mut select = c.prepare_cached(&kind.sql(scope))?;
        let mut rows = select.query(params)?;
        while let Some(row) = rows.next()? {
            if !with(Self::read(kind, row)?)? {
                break;
            }
        }
        Ok(())
    }

    pub(super) fn all(c: &Connection, kind: Kind, scope: &str, params: impl Params) -> Result<Vec<Self>> {
        let mut all = Vec::new();
        Self::each(c, kind, scope, params, |row| {
            all.push(row);
            Ok(true)
        })?;
        Ok(all)
    }

    fn read(kind: Kind, row: &SqlRow<'_>) -> Result<Self> {
        let ms = |column| Ok::<_, tacit_sqlite::rusqlite::Error>(time(row.get(column)?).0);
        let what = match kind {
            Kind::Wiped => What::Wiped { ns: namespaces_of(row.get(3)?), before_ms: ms(4)?, until_ms: ms(5)? },
            Kind::Revocation => {
                What::Revocation { token: row.get(3)?, revocation: Revocation { at_ms: ms(4)?, revoked: row.get(5)? } }
            }
            Kind::Tombstone => {
                What::Tombstone { ns: ns_of(row.get(3)?), hash: row.get(4)?, deleted_ms: ms(5)?, until_ms: ms(6)? }
            }
            Kind::Ending => What::Ending { hash: row.get(3)?, expiry: Expiry { expires_ms: ms(4)?, set_ms: ms(5)? } },
            Kind::Message => What::Message(Held {
                seq: row.get(3)?,
                ns: row.get(4)?,
                hash: row.get(5)?,
                stored: time(row.get(6)?),
                expiry: Expiry { expires_ms: ms(7)?, set_ms: ms(8)? },
                proof: row.get(2)?,
                bytes: row.get(9)?,
            }),
        };
        Ok(Self { account: Account { id: row.get(0)?, key: account_id(row, 1)? }, proof: row.get(2)?, what })
    }

    fn mark(&self) -> Mark<'_> {
        match &self.what {
            What::Wiped { ns, before_ms, .. } => Mark::Wiped { ns: *ns, before_ms: *before_ms },
            What::Revocation { token, revocation } => Mark::Revocation { token, revocation: *revocation },
            What::Tombstone { hash, deleted_ms, .. } => Mark::Tombstone { hash, deleted_ms: *deleted_ms },
            What::Ending { hash, expiry } => Mark::Expiry { hash, expiry: *expiry },
            What::Message(held) => held.mark(),
        }
    }

    /// What it is compared by.
    pub(super) fn item(&self) -> Item {
        self.mark().item(&self.account.key)
    }

    /// Whether it is a message that has ended and waits for its removal.
    pub(super) fn has_ended(&self, now_ms: u64) -> bool {
        matches!(&self.what, What::Message(held) if held.expiry.expires_ms <= now_ms)
    }

    /// What the rows of one kind and account are sorted by.
    pub(super) fn key(&self) -> Vec<u8> {
        match &self.what {
            What::Wiped { ns, .. } => namespaces_number(*ns).to_be_bytes().to_vec(),
            What::Revocation { token, .. } => token.to_vec(),
            What::Tombstone { hash, .. } | What::Ending { hash, .. } => hash.to_vec(),
            What::Message(held) => held.hash.to_vec(),
        }
    }

    /// Removes it without a trace.
    pub(super) fn delete(&self, tx: &Tx<'_>) -> Result<()> {
        let account = self.account.id;
        let told = match &self.what {
            What::Wiped { ns, .. } => {
                tx.prepare_cached("DELETE FROM wiped WHERE account = ?1 AND ns = ?2")?
                    .execute(params![account, namespaces_number(*ns)])?;
                true
            }
            What::Revocation { token, .. } => {
                tx.prepare_cached("DELETE FROM revocation WHERE account = ?1 AND token = ?2")?
                    .execute(params![account, &token[..]])?;
                true
            }
            What::Tombstone { hash, .. } => {
                tx.prepare_cached("DELETE FROM tombstone WHERE account = ?1 AND hash = ?2")?
                    .execute(params![account, &hash[..]])?;
                self.proof.is_some()
            }
            What::Ending { hash, .. } => {
                tx.prepare_cached("DELETE FROM ending WHERE account = ?1 AND hash = ?2")?
                    .execute(params![account, &hash[..]])?;
                true
            }
            What::Message(held) => return held.remove(tx, &self.account),
        };
        if told {
            tx.went(&self.account.key, self.mark());
        }
        Ok(())
    }
}

/// Makes whole records of rows; proofs that several share are read once.
pub(super) struct Loader<'c> {
    c: &'c Connection,
    proofs: HashMap<i64, Arc<Proof>>,
}

impl<'c> Loader<'c> {
    pub(super) fn new(c: &'c Connection) -> Self {
        Self { c, proofs: HashMap::new() }
    }

    /// None: it is gone meanwhile.
    pub(super) fn load(&mut self, row: &Row) -> Result<Option<Record>> {
        let proof = row.proof.map(|id| self.proof(id)).transpose()?;
        let fact = match (&row.what, proof) {
            (What::Message(held), proof) => {
                let data: Option<Vec<u8>> = self
                    .c
                    .prepare_cached("SELECT data FROM message WHERE seq = ?1")?
                    .query_row([held.seq], |row| row.get(0))
                    .optional()?;
                let Some(data) = data else { return Ok(None) };
                Fact::Message {
                    ns: ns_of(held.ns),
                    hash: held.hash,
                    stored_ms: held.stored.0,
                    expiry: held.expiry,
                    proof,
                    data: Bytes::from(data),
                }
            }
            (What::Wiped { ns, before_ms, until_ms }, Some(proof)) => {
                Fact::Wiped { ns: *ns, before_ms: *before_ms, until_ms: *until_ms, proof }
            }
            (What::Revocation { token, revocation }, Some(proof)) => {
                Fact::Revocation { token: *token, revocation: *revocation, proof }
            }
            (What::Tombstone { ns, hash, deleted_ms, until_ms }, Some(proof)) => {
                Fact::Tombstone { ns: *ns, hash: *hash, deleted_ms: *deleted_ms, until_ms: *until_ms, proof }
            }
            (What::Ending { hash, expiry }, Some(proof)) => Fact::Expiry { hash: *hash, expiry: *expiry, proof },
            (_, None) => return Ok(None),
        };
        Ok(Some(Record { account: row.account.key, fact }))
    }

    fn proof(&mut self, id: i64) -> Result<Arc<Proof>> {
        if let Some(known) = self.proofs.get(&id) {
            return Ok(Arc::clone(known));
        }
        let proof = Arc::new(load_proof(self.c, id)?);
        self.proofs.insert(id, Arc::clone(&proof));
        Ok(proof)
    }
}

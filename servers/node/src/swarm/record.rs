//! What members tell each other: single facts, each with the time and the id under which sets of
//! them are compared.

use std::sync::Arc;

use bytes::Bytes;
use tacit_crypto::blake2b;
use tacit_wire::{AccountId, Namespace, Namespaces, swarm};

use super::merge::{Expiry, Revocation};
use super::reconcile::Item;
use crate::store::Proof;

/// How the namespace of a wipe of all of them is written.
const ALL_NAMESPACES: i32 = i32::MAX;

/// One fact about one account.
#[derive(Clone, Debug)]
pub struct Record {
    /// Whose mailbox.
    pub account: AccountId,
    /// What is so.
    pub fact: Fact,
}

/// What is so.
#[derive(Clone, Debug)]
pub enum Fact {
    /// A message is there.
    Message {
        /// In which box.
        ns: Namespace,
        /// Hash of account, namespace and bytes.
        hash: [u8; 32],
        /// The sender's time, ms.
        stored_ms: u64,
        /// When it ends, and when that was decided.
        expiry: Expiry,
        /// The request that decided it; none: as stored.
        proof: Option<Arc<Proof>>,
        /// The bytes.
        data: Bytes,
    },
    /// Its owner deleted a message.
    Tombstone {
        /// In which box; 0 when the message was not known.
        ns: Namespace,
        /// Which message.
        hash: [u8; 32],
        /// When the member that was asked took the request, ms.
        deleted_ms: u64,
        /// How long that must be remembered, ms.
        until_ms: u64,
        /// The request.
        proof: Arc<Proof>,
    },
    /// A subaccount is revoked, or allowed again.
    Revocation {
        /// Which.
        token: [u8; 36],
        /// Since when.
        revocation: Revocation,
        /// The request.
        proof: Arc<Proof>,
    },
    /// Everything up to a time is gone.
    Wiped {
        /// From which boxes.
        ns: Namespaces,
        /// Up to this sender's time, ms.
        before_ms: u64,
        /// How long that must be remembered, ms.
        until_ms: u64,
        /// The request.
        proof: Arc<Proof>,
    },
    /// When a message ends that is not here: not yet, or no more. Without it an older copy, whose
    /// end is later, would come back.
    Expiry {
        /// Which message.
        hash: [u8; 32],
        /// The decision.
        expiry: Expiry,
        /// The request.
        proof: Arc<Proof>,
    },
}

/// What of a fact enters its id.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "as in Fact")]
pub enum Mark<'a> {
    Message { ns: Namespace, hash: &'a [u8; 32], stored_ms: u64, expiry: Expiry },
    Tombstone { hash: &'a [u8; 32], deleted_ms: u64 },
    Revocation { token: &'a [u8; 36], revocation: Revocation },
    Wiped { ns: Namespaces, before_ms: u64 },
    Expiry { hash: &'a [u8; 32], expiry: Expiry },
}

impl Mark<'_> {
    /// Time and id: BLAKE2b-256 of kind (1 byte), account (33), time (8, big-endian) and fields.
    #[must_use]
    pub fn item(&self, account: &AccountId) -> Item {
        let item = |kind: u8, time: u64, fields: [&[u8]; 4]| {
            let [a, b, c, d] = fields;
            let id = blake2b::hash256(&[&[kind], account.as_bytes(), &time.to_be_bytes(), a, b, c, d]);
            Item { time, id }
        };
        match *self {
            Self::Message { ns, hash, stored_ms, expiry } => {
                let (ends, set) = (expiry.expires_ms.to_be_bytes(), expiry.set_ms.to_be_bytes());
                item(1, stored_ms, [&ns_bytes(ns.into()), hash, &ends, &set])
            }
            Self::Tombstone { hash, deleted_ms } => item(2, deleted_ms, [hash, &[], &[], &[]]),
            Self::Revocation { token, revocation } => {
                item(3, revocation.at_ms, [token, &[revocation.revoked.into()], &[], &[]])
            }
            Self::Wiped { ns, before_ms } => item(4, before_ms, [&ns_bytes(ns), &[], &[], &[]]),
            Self::Expiry { hash, expiry } => item(5, expiry.set_ms, [hash, &expiry.expires_ms.to_be_bytes(), &[], &[]]),
        }
    }
}

impl Fact {
    /// What of it enters its id.
    #[must_use]
    pub fn mark(&self) -> Mark<'_> {
        match self {
            Self::Message { ns, hash, stored_ms, expiry, .. } => {
                Mark::Message { ns: *ns, hash, stored_ms: *stored_ms, expiry: *expiry }
            }
            Self::Tombstone { hash, deleted_ms, .. } => Mark::Tombstone { hash, deleted_ms: *deleted_ms },
            Self::Revocation { token, revocation, .. } => Mark::Revocation { token, revocation: *revocation },
            Self::Wiped { ns, before_ms, .. } => Mark::Wiped { ns: *ns, before_ms: *before_ms },
            Self::Expiry { hash, expiry, .. } => Mark::Expiry { hash, expiry: *expiry },
        }
    }
}

impl Record {
    /// Where its account lies on the ring of swarms.
    #[must_use]
    pub fn space(&self) -> u64 {
        swarm::space(&self.account)
    }

    /// The time under which it is compared, ms.
    #[must_use]
    pub fn time(&self) -> u64 {
        match &self.fact {
            Fact::Message { stored_ms, .. } => *stored_ms,
            Fact::Tombstone { deleted_ms, .. } => *deleted_ms,
            Fact::Revocation { revocation, .. } => revocation.at_ms,
            Fact::Wiped { before_ms, .. } => *before_ms,
            Fact::Expiry { expiry, .. } => expiry.set_ms,
        }
    }

    /// What it is compared by.
    #[must_use]
    pub fn item(&self) -> Item {
        self.fact.mark().item(&self.account)
    }

    /// The user's request, where the fact needs one to be believed.
    #[must_use]
    pub fn proof(&self) -> Option<&Proof> {
        match &self.fact {
            Fact::Message { proof, .. } => proof.as_deref(),
            Fact::Tombstone { proof, .. }
            | Fact::Revocation { proof, .. }
            | Fact::Wiped { proof, .. }
            | Fact::Expiry { proof, .. } => Some(proof),
        }
    }

    /// Whether nobody may believe it without the user's request.
    #[must_use]
    pub fn needs_proof(&self) -> bool {
        !matches!(&self.fact, Fact::Message { expiry, .. } if expiry.set_ms == 0)
    }

    /// About what it takes on the wire and on disk, bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        let data = if let Fact::Message { data, .. } = &self.fact { data.len() } else { 0 };
        let proof = self
            .proof()
            .map_or(0, |proof| proof.signed_text.len() + proof.subaccount.as_ref().map_or(0, Vec::len) + 96);
        128 + data + proof
    }

    /// Until when a member that missed it has to be told, ms.
    #[must_use]
    pub fn matters_until(&self) -> u64 {
        const REMEMBER_MS: u64 = 31 * 24 * 60 * 60 * 1000;
        match &self.fact {
            Fact::Message { expiry, .. } if expiry.set_ms == 0 => expiry.expires_ms,
            Fact::Message { expiry, .. } | Fact::Expiry { expiry, .. } => expiry.set_ms.saturating_add(REMEMBER_MS),
            Fact::Tombstone { until_ms, .. } | Fact::Wiped { until_ms, .. } => *until_ms,
            Fact::Revocation { .. } => u64::MAX,
        }
    }
}

fn ns_bytes(ns: Namespaces) -> [u8; 4] {
    match ns {
        Namespaces::One(ns) => i32::from(ns.0).to_be_bytes(),
        Namespaces::All => ALL_NAMESPACES.to_be_bytes(),
    }
}

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

    /// Time and id: BLAKE2b-256 of kind (1 byte), account (33), time (8, big-endian) and fields.
    #[must_use]
    pub fn item(&self) -> Item {
        let time = self.time();
        let id = |kind: u8, fields: &[&[u8]]| {
            let head = [&[kind][..], self.account.as_bytes(), &time.to_be_bytes()].concat();
            blake2b::hash256(&[&head, &fields.concat()])
        };
        let id = match &self.fact {
            Fact::Message { ns, hash, expiry, .. } => {
                id(1, &[&ns_bytes((*ns).into()), hash, &expiry.expires_ms.to_be_bytes(), &expiry.set_ms.to_be_bytes()])
            }
            Fact::Tombstone { hash, .. } => id(2, &[hash]),
            Fact::Revocation { token, revocation, .. } => id(3, &[token, &[revocation.revoked.into()]]),
            Fact::Wiped { ns, .. } => id(4, &[&ns_bytes(*ns)]),
            Fact::Expiry { hash, expiry, .. } => id(5, &[hash, &expiry.expires_ms.to_be_bytes()]),
        };
        Item { time, id }
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

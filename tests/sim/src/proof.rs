//! Users' signatures, as cheap as a history needs them: only [`sign`] makes what [`proves`] takes,
//! and only clients call it.

use std::sync::Arc;

use tacit_node::store::Proof;
use tacit_node::swarm::{Fact, Record};
use tacit_wire::{AccountId, Namespaces};

/// What a user signs for each kind of fact. As in the protocol, the times that members set are not
/// in it.
fn text(fact: &Fact) -> Vec<u8> {
    let ns = |ns: &Namespaces| match ns {
        Namespaces::One(ns) => i32::from(ns.0),
        Namespaces::All => i32::MAX,
    };
    match fact {
        Fact::Message { hash, expiry, .. } | Fact::Expiry { hash, expiry, .. } => {
            [b"e", &hash[..], &expiry.expires_ms.to_be_bytes()].concat()
        }
        Fact::Tombstone { hash, .. } => [b"d", &hash[..]].concat(),
        Fact::Revocation { token, revocation, .. } => {
            [b"r", &token[..], &revocation.at_ms.to_be_bytes(), &[revocation.revoked.into()]].concat()
        }
        Fact::Wiped { ns: of, before_ms, .. } => [b"w", &ns(of).to_be_bytes()[..], &before_ms.to_be_bytes()].concat(),
    }
}

fn mark(account: &AccountId, text: &[u8]) -> [u8; 64] {
    let mut mark = [0; 64];
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    for byte in account.as_bytes().iter().chain(text) {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3);
    }
    mark[..8].copy_from_slice(&hash.to_be_bytes());
    mark
}

fn proof(text: Vec<u8>, signature: [u8; 64]) -> Arc<Proof> {
    Arc::new(Proof { signed_text: text, signature, signer: [0; 32], subaccount: None })
}

/// A proof of nothing.
pub(crate) fn forged() -> Arc<Proof> {
    proof(b"forged".to_vec(), [7; 64])
}

/// The owner signs what the fact says.
pub(crate) fn sign(mut record: Record) -> Record {
    let text = text(&record.fact);
    let signature = mark(&record.account, &text);
    let signed = proof(text, signature);
    match &mut record.fact {
        Fact::Message { proof, .. } => *proof = Some(signed),
        Fact::Tombstone { proof, .. }
        | Fact::Revocation { proof, .. }
        | Fact::Wiped { proof, .. }
        | Fact::Expiry { proof, .. } => *proof = signed,
    }
    record
}

/// Whether the owner signed what the record says.
pub(crate) fn proves(record: &Record) -> bool {
    let text = text(&record.fact);
    record.proof().is_some_and(|p| p.signed_text == text && p.signature == mark(&record.account, &text))
}

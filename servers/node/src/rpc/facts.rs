//! What a request makes true, for a member that missed it.

use std::sync::Arc;

use bytes::Bytes;
use tacit_wire::rpc::{Auth, ExpiryChange, Request};
use tacit_wire::{AccountId, Namespace, Namespaces, TimestampMs};

use super::clock::LONGEST_MS;
use super::delete::proof;
use crate::store::Proof;
use crate::swarm::merge::{Expiry, Revocation};
use crate::swarm::{Fact, Record};

/// How long a deletion is remembered: the longest life and a day for clocks.
const REMEMBER_MS: u64 = LONGEST_MS + 24 * 60 * 60 * 1000;

/// The facts of a request that was taken at `at`. What depends on what a member has (all messages,
/// ends in one direction) is left to comparison.
pub(super) fn facts(request: &Request, at: TimestampMs) -> Vec<Record> {
    let until_ms = at.plus_ms(REMEMBER_MS).0;
    let signed = |account: &AccountId, text: Vec<u8>, auth: &Auth| Arc::new(proof(account, text, auth));
    let wiped = |account, ns: Namespaces, before: TimestampMs, proof: Arc<Proof>| {
        vec![Record { account, fact: Fact::Wiped { ns, before_ms: before.0, until_ms, proof } }]
    };
    match request {
        Request::Store(r) => {
            let fact = Fact::Message {
                ns: r.namespace,
                hash: r.hash().to_bytes(),
                stored_ms: r.timestamp.0,
                expiry: Expiry { set_ms: 0, expires_ms: r.expiry().0 },
                proof: None,
                data: Bytes::copy_from_slice(&r.data),
            };
            vec![Record { account: r.account, fact }]
        }
        Request::Delete(r) => {
            let proof = signed(&r.account, r.signed_text(), &r.auth);
            let fact = |hash: [u8; 32]| Fact::Tombstone {
                ns: Namespace(0),
                hash,
                deleted_ms: at.0,
                until_ms,
                proof: Arc::clone(&proof),
            };
            r.messages.iter().map(|hash| Record { account: r.account, fact: fact(hash.to_bytes()) }).collect()
        }
        Request::DeleteAll(r) => {
            wiped(r.account, r.namespaces, r.timestamp, signed(&r.account, r.signed_text(), &r.auth))
        }
        Request::DeleteBefore(r) => {
            wiped(r.account, r.namespaces, r.before, signed(&r.account, r.signed_text(), &r.auth))
        }
        Request::Expire(r) if r.allowed_change() == ExpiryChange::Any => {
            let proof = signed(&r.account, r.signed_text(), &r.auth);
            let latest = at.plus_ms(LONGEST_MS);
            let fact = |hash: [u8; 32], ends: TimestampMs| Fact::Expiry {
                hash,
                expiry: Expiry { set_ms: at.0, expires_ms: ends.min(latest).0 },
                proof: Arc::clone(&proof),
            };
            r.pairs().map(|(hash, ends)| Record { account: r.account, fact: fact(hash.to_bytes(), ends) }).collect()
        }
        Request::Revocation(r) => {
            let proof = signed(&r.account, r.signed_text(), &r.auth);
            let revocation = Revocation { at_ms: r.timestamp.0, revoked: r.revoke };
            let fact = |token| Fact::Revocation { token, revocation, proof: Arc::clone(&proof) };
            r.tokens.iter().map(|token| Record { account: r.account, fact: fact(token.0) }).collect()
        }
        _ => Vec::new(),
    }
}

use std::sync::Arc;

use tacit_crypto::{AccountKeys, Seed};
use tacit_wire::rpc::{ExpiryChange, Signer as _};
use tacit_wire::{AccountId, Namespace};

use super::*;
use crate::swarm::merge::Revocation;

const T: u64 = 1_800_000_000_000;

fn keys(n: u8) -> AccountKeys {
    AccountKeys::from_seed(&Seed::from_bytes([n; 16]))
}

fn record(n: u8, fact: impl FnOnce(Arc<Proof>) -> Fact, text: Vec<u8>) -> Record {
    let keys = keys(n);
    let proof =
        Proof { signature: keys.sign(&text), signed_text: text, signer: keys.ed25519_public(), subaccount: None };
    Record { account: keys.account(), fact: fact(Arc::new(proof)) }
}

fn hash(n: u8) -> MessageHash {
    MessageHash::from_bytes(&[n; 32])
}

fn tombstone(n: u8) -> impl Fn(Arc<Proof>) -> Fact {
    move |proof| Fact::Tombstone { ns: Namespace(0), hash: [n; 32], deleted_ms: T, until_ms: T, proof }
}

fn end(n: u8, set_ms: u64, expires_ms: u64) -> impl Fn(Arc<Proof>) -> Fact {
    move |proof| Fact::Expiry { hash: [n; 32], expiry: Expiry { set_ms, expires_ms }, proof }
}

#[test]
fn a_deletion_holds_for_the_messages_that_it_names() {
    let text = signing::delete(&[hash(1), hash(2)]);
    assert!(proves(&record(7, tombstone(1), text.clone())));
    assert!(proves(&record(7, tombstone(2), text.clone())));
    assert!(!proves(&record(7, tombstone(3), text.clone())));
    let mut other = record(7, tombstone(1), text);
    other.account = keys(8).account();
    assert!(!proves(&other), "another account did not ask for it");
}

#[test]
fn a_sweep_reaches_what_was_there_and_no_more() {
    let text = signing::delete_all(Namespaces::All, TimestampMs(T));
    assert!(proves(&record(7, tombstone(1), text.clone())));
    let wiped = |before_ms| move |proof| Fact::Wiped { ns: Namespaces::All, before_ms, until_ms: T, proof };
    assert!(proves(&record(7, wiped(T), text.clone())));
    assert!(!proves(&record(7, wiped(T + 1), text)));
    let old = signing::delete_all(Namespaces::All, TimestampMs(T - 10 * SWEEP_REACH_MS));
    assert!(!proves(&record(7, tombstone(1), old)));
    let before = signing::delete_before(Namespaces::All, TimestampMs(T));
    assert!(proves(&record(7, wiped(T), before)));
}

#[test]
fn an_end_is_the_one_that_was_asked_for() {
    let times = [TimestampMs(T + 5), TimestampMs(T + 9)];
    let both = signing::expire(ExpiryChange::Any, &times, &[hash(1), hash(2)]);
    assert!(proves(&record(7, end(1, T, T + 5), both.clone())));
    assert!(proves(&record(7, end(2, T, T + 9), both.clone())));
    assert!(!proves(&record(7, end(1, T, T + 9), both)));
    let one = signing::expire(ExpiryChange::Shorten, &times[..1], &[hash(1), hash(2)]);
    assert!(proves(&record(7, end(2, T, T + 5), one)));
    let far = signing::expire(ExpiryChange::Extend, &[TimestampMs(T + 2 * LONGEST_MS)], &[hash(1)]);
    assert!(proves(&record(7, end(1, T, T + LONGEST_MS), far.clone())), "cut to the longest life");
    assert!(!proves(&record(7, end(1, T, T + LONGEST_MS - 1), far)));
    let all = signing::expire_all(Namespaces::All, TimestampMs(T + 5));
    assert!(proves(&record(7, end(9, T, T + 5), all)));
}

#[test]
fn a_revocation_has_its_time_and_its_direction() {
    let text = signing::revoke_subaccount(TimestampMs(T), &[[1; 36], [2; 36]]);
    let says = |token: u8, at_ms, revoked| {
        move |proof| Fact::Revocation { token: [token; 36], revocation: Revocation { at_ms, revoked }, proof }
    };
    assert!(proves(&record(7, says(2, T, true), text.clone())));
    assert!(!proves(&record(7, says(3, T, true), text.clone())));
    assert!(!proves(&record(7, says(2, T + 1, true), text.clone())));
    assert!(!proves(&record(7, says(2, T, false), text)));
}

#[test]
fn a_signature_of_nobody_proves_nothing() {
    let mut forged = record(7, tombstone(1), signing::delete(&[hash(1)]));
    if let Fact::Tombstone { proof, .. } = &mut forged.fact {
        *proof = Arc::new(Proof { signature: [9; 64], ..Proof::clone(proof) });
    }
    assert!(!proves(&forged));
    forged.account = AccountId::from_x25519(&[3; 32]);
    assert!(!proves(&forged));
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_without_fault(text: Vec<u8>, start in 0..6usize) {
        let starts: [&[u8]; 6] = [b"", b"expire", b"expire_all", b"delete", b"delete_all", b"expireshorten"];
        let text = [starts[start], &text].concat();
        let _ = sets_end(&text, &[1; 32], Expiry::default());
        let _ = deletes(&text, &[1; 32], 5);
        let _ = revokes(&text, &[1; 36], 5, true);
    }
}

use std::sync::Arc;

use proptest::prelude::*;
use tacit_wire::{AccountId, Namespace, Namespaces};

use super::*;
use crate::store::Proof;
use crate::swarm::merge::{Expiry, Revocation};
use crate::swarm::{Fact, Record};

fn proof() -> Arc<Proof> {
    let subaccount = Some(vec![7; 132]);
    Arc::new(Proof { signed_text: b"text".to_vec(), signature: [1; 64], signer: [2; 32], subaccount })
}

fn all_kinds() -> Vec<Record> {
    let account = AccountId::from_x25519(&[9; 32]);
    let (hash, expiry) = ([3; 32], Expiry { set_ms: 4, expires_ms: u64::from(u32::MAX) });
    let (ns, data) = (Namespace(-21), Bytes::from_static(b"data"));
    let message = |proof| Fact::Message { ns, hash, stored_ms: 5, expiry, proof, data: data.clone() };
    [
        message(None),
        message(Some(proof())),
        Fact::Tombstone { ns, hash, deleted_ms: 6, until_ms: 7, proof: proof() },
        Fact::Revocation { token: [8; 36], revocation: Revocation { at_ms: 9, revoked: true }, proof: proof() },
        Fact::Wiped { ns: Namespaces::All, before_ms: 1, until_ms: 2, proof: proof() },
        Fact::Wiped { ns: Namespaces::One(ns), before_ms: 1, until_ms: 2, proof: proof() },
        Fact::Expiry { hash, expiry, proof: proof() },
    ]
    .map(|fact| Record { account, fact })
    .into()
}

fn messages() -> Vec<Message> {
    let intervals = Intervals::from_unsorted(vec![Interval { lo: 1, hi: 5 }, Interval { lo: 9, hi: u64::MAX }]);
    let item = Item { time: u64::MAX, id: [6; 32] };
    let bucket = Bucket { count: 3, sum: Sum([1, 2, 3, u64::MAX]) };
    let frame = vec![
        Range { end: Some(Item::default()), claim: Claim::Done },
        Range { end: Some(item), claim: Claim::Sum(bucket) },
        Range { end: None, claim: Claim::Items(vec![item]) },
    ];
    vec![
        Message::Apply(all_kinds()),
        Message::Sums { intervals: intervals.clone(), until: 4 },
        Message::Compare { intervals: intervals.clone(), hours: vec![1, 2], until: 4, frame },
        Message::Get { intervals, items: vec![item] },
        Message::Pull { interval: Interval { lo: 0, hi: u64::MAX }, cursor: None },
        Message::Pull { interval: Interval { lo: 0, hi: u64::MAX }, cursor: Some(Bytes::from_static(b"x")) },
    ]
}

#[test]
fn what_is_written_is_read_again() {
    for message in messages() {
        let (operation, body) = encode_message(&message);
        let again = decode_message(operation, &body).expect("it can be read");
        assert_eq!(format!("{again:?}"), format!("{message:?}"));
    }
    for record in all_kinds() {
        let again = decode_record(&encode_record(&record)).expect("it can be read");
        assert_eq!(format!("{again:?}"), format!("{record:?}"));
    }
}

#[test]
fn answers_are_read_again() {
    let mut buckets = Buckets::default();
    buckets.add(&Item { time: 7_200_000, id: [255; 32] });
    let next = Some(Bytes::from_static(b"next"));
    let replies = [
        ("apply", Reply::Applied(Bytes::from_static(b"receipt"))),
        ("sums", Reply::Sums { buckets, whole: true }),
        ("reconcile", Reply::Frame(vec![Range { end: None, claim: Claim::Done }])),
        ("get", Reply::Records { records: all_kinds(), taken: 7 }),
        ("pull", Reply::Page { records: all_kinds(), next }),
        ("pull", Reply::Page { records: Vec::new(), next: None }),
        ("pull", Reply::NotWhole),
        ("sums", Reply::Refused),
        ("get", Reply::Failed),
    ];
    for (operation, reply) in replies {
        let (status, body) = encode_reply(&reply);
        let again = decode_reply(operation, status, &body).expect("it can be read");
        assert_eq!(format!("{again:?}"), format!("{reply:?}"));
    }
}

proptest! {
    #[test]
    fn cut_and_altered_bodies_are_refused_or_read(which in 0..6usize, at: prop::sample::Index, byte: u8, cut: bool) {
        let (operation, body) = encode_message(&messages()[which]);
        let mut body = body.to_vec();
        let at = at.index(body.len());
        if cut { body.truncate(at) } else { body[at] = byte }
        let _ = decode_message(operation, &body);
        let body = Bytes::from(body);
        for operation in ["sums", "reconcile", "get", "pull"] {
            let _ = decode_reply(operation, 200, &body);
        }
    }

    #[test]
    fn any_bytes_are_read_without_fault(body: Vec<u8>) {
        for operation in ["apply", "sums", "reconcile", "get", "pull", "other"] {
            let _ = decode_message(operation, &body);
        }
    }
}

//! What the tests share.

use proptest::prelude::*;
use tacit_crypto::{AccountKeys, Seed};
use tacit_wire::{AccountId, MessageHash, TimestampMs};

use crate::value::{Dict, Scalar, Value, prune};
use crate::{Config, Kind};

pub(crate) const NOW: TimestampMs = TimestampMs(1_795_504_100_256);

pub(crate) fn keys(number: u8) -> AccountKeys {
    AccountKeys::from_seed(&Seed::from_bytes([number; 16]))
}

pub(crate) fn config(kind: Kind) -> Config {
    Config::new(kind, &keys(1))
}

pub(crate) fn somebody(number: u8) -> AccountId {
    AccountId::from_x25519(&[number; 32])
}

pub(crate) fn hash(number: u8) -> MessageHash {
    MessageHash::from_bytes(&[number; 32])
}

/// Stored messages with their hashes.
pub(crate) type Stored = Vec<(MessageHash, Vec<u8>)>;

/// Pushes, and confirms under hashes that count from `first`.
pub(crate) fn store(config: &mut Config, first: u8) -> Stored {
    let push = config.push(NOW).unwrap();
    let hashes: Vec<_> = (first..).take(push.messages.len()).map(hash).collect();
    config.confirm(push.seqno, &hashes);
    hashes.into_iter().zip(push.messages).collect()
}

fn scalar() -> impl Strategy<Value = Scalar> {
    prop_oneof![(0..4_i64).prop_map(Scalar::from), "[a-c]{0,2}".prop_map(|text| Scalar::from(text.as_str()))]
}

/// Data with few keys, so that changes meet.
pub(crate) fn data() -> impl Strategy<Value = Dict> {
    let value = prop_oneof![
        scalar().prop_map(Value::Scalar),
        prop::collection::btree_set(scalar(), 0..4).prop_map(Value::Set),
    ];
    let value = value.prop_recursive(3, 16, 4, |inner| {
        prop::collection::btree_map("[a-d]".prop_map(String::into_bytes), inner, 0..4).prop_map(Value::Dict)
    });
    prop::collection::btree_map("[a-d]{0,2}".prop_map(String::into_bytes), value, 0..5).prop_map(|mut data| {
        prune(&mut data);
        data
    })
}

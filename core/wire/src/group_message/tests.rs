use proptest::prelude::*;

use super::*;
use crate::proto::DataMessage;
use crate::testing::{Numbers, account};

const KEY: [u8; 32] = [8; 32];

fn group() -> AccountId {
    AccountId::new(Prefix::Group, &[9; 32])
}

fn content(body: &str) -> Content {
    let message = DataMessage { body: Some(body.to_owned()), ..Default::default() };
    Content { data_message: Some(message), sig_timestamp: Some(5), ..Default::default() }
}

fn sealed(dictionary: &[u8]) -> Vec<u8> {
    tacit_crypto::group::seal(dictionary, &KEY, &mut Numbers::new(3)).unwrap()
}

#[test]
fn members_read_what_one_of_them_writes() {
    let alice = account(1);
    for body in ["short", &"a long text that is worth compressing ".repeat(40)] {
        let stored = encode(&content(body), &alice, &group(), &KEY, &mut Numbers::new(1)).unwrap();
        assert!(stored.len().is_multiple_of(256));
        let received = decode(&stored, &[[1; 32], KEY], &group()).unwrap();
        assert_eq!(received.sender, AccountId::from_x25519(&alice.x25519_public()));
        assert_eq!((received.key_index, received.timestamp), (1, TimestampMs(5)));
        assert_eq!(received.content.encode_to_vec(), content(body).encode_to_vec());
        assert!(!format!("{received:?}").contains(body));
    }
}

#[test]
fn long_messages_are_compressed_and_short_ones_are_not() {
    let alice = account(1);
    let has = |envelope: &[u8], key| {
        let dictionary = dictionary(envelope, &alice, &[9; 32]);
        Value::parse(&dictionary).unwrap().get(key).is_some()
    };
    assert!(has(b"short", "d") && !has(b"short", "z"));
    assert!(has(&[7; 1_000], "z") && !has(&[7; 1_000], "d"));
}

#[test]
fn a_message_for_one_group_is_none_for_another() {
    let stored = encode(&content("x"), &account(1), &group(), &KEY, &mut Numbers::new(1)).unwrap();
    let other = AccountId::new(Prefix::Group, &[10; 32]);
    assert_eq!(decode(&stored, &[KEY], &other).err(), Some(ReceiveError::Signature));
}

#[test]
fn a_bomb_is_refused_before_it_takes_memory() {
    let alice = account(1);
    let bomb = zstd::bulk::compress(&vec![0; 50_000_000], 1).unwrap();
    let key = alice.ed25519_public();
    let signature = alice.sign(&[&bomb, group().key().as_slice()].concat());
    let dictionary = Value::from([
        ("", Value::Integer(1)),
        ("a", Value::bytes(&key)),
        ("s", Value::bytes(&signature)),
        ("z", Value::bytes(&bomb)),
    ]);
    let stored = sealed(&dictionary.to_bytes());
    assert_eq!(decode(&stored, &[KEY], &group()).err(), Some(ReceiveError::Decompress));
}

#[test]
fn dictionaries_that_lack_something_are_malformed() {
    let (key, signature) = ([1; 32], [2; 64]);
    let whole = || {
        vec![
            ("", Value::Integer(1)),
            ("a", Value::bytes(&key)),
            ("d", Value::bytes(b"envelope")),
            ("s", Value::bytes(&signature)),
        ]
    };
    let build = |entries: Vec<(&'static str, Value<'_>)>| {
        let entries = entries.into_iter().map(|(key, value)| (key.as_bytes().into(), value));
        sealed(&Value::Dictionary(entries.collect()).to_bytes())
    };
    for missing in 0..4 {
        let mut entries = whole();
        entries.remove(missing);
        assert_eq!(decode(&build(entries), &[KEY], &group()).err(), Some(ReceiveError::Format));
    }
    for short in [1, 3] {
        let mut entries = whole();
        entries[short].1 = Value::bytes(&key[..31]);
        assert_eq!(decode(&build(entries), &[KEY], &group()).err(), Some(ReceiveError::Format));
    }
}

proptest! {
    #[test]
    fn receiving_never_panics(data: Vec<u8>) {
        let _ = decode(&data, &[KEY], &group());
        let _ = decode(&sealed(&data), &[KEY], &group());
    }
}

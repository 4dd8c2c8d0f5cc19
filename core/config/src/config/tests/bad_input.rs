//! Messages that are none of ours, or that nobody should read.

use tacit_crypto::{config as cipher, sealed};
use tacit_wire::envelope::wrap;
use tacit_wire::proto::{Content, Envelope, Message as _, SharedConfigMessage, envelope, shared_config_message};

use super::*;
use crate::seal;

const DOMAIN: &[u8] = b"UserProfile";
const GOOD: &[u8] = b"d1:#i1e1:&d1:n3:Anae1:<le1:=d1:n0:ee";

fn sealed(plain: &[u8]) -> Vec<u8> {
    cipher::seal(keys(1).ed25519_seed(), DOMAIN, plain).unwrap()
}

/// Merges one message into an empty profile.
fn merged(stored: Vec<u8>) -> (Merged, Config) {
    let mut phone = config(Kind::Profile);
    let merged = phone.merge(&[(hash(1), stored)], NOW);
    (merged, phone)
}

fn is_refused(stored: Vec<u8>) -> bool {
    let (merged, mut phone) = merged(stored);
    phone.needs_dump = false;
    merged == Merged::default() && phone.dump() == config(Kind::Profile).dump()
}

#[test]
fn the_good_message_is_taken() {
    assert_eq!(merged(sealed(GOOD)).0.accepted, [hash(1)]);
}

#[test]
fn bad_messages_do_not_keep_good_ones_from_being_taken() {
    let mut phone = config(Kind::Profile);
    let messages = [
        (hash(1), vec![7; 300]),
        (hash(2), sealed(b"xyz")),
        (hash(3), sealed(GOOD)),
        (hash(4), Vec::new()),
        (hash(5), sealed(b"d1:#i1ee")),
    ];
    assert_eq!(phone.merge(&messages, NOW).accepted, [hash(3)]);
    assert_eq!(profile::read(&phone).name, "Ana");
    assert!(phone.old_hashes().is_empty());
}

#[test]
fn what_another_account_wrapped_is_refused() {
    let content = Content {
        shared_config_message: Some(SharedConfigMessage {
            kind: shared_config_message::Kind::UserProfile.into(),
            seqno: 1,
            data: sealed(GOOD),
        }),
        ..Content::default()
    };
    let wrapped = |sender: &AccountKeys| {
        let padded = [content.encode_to_vec(), vec![0x80]].concat();
        let content = sealed::seal_deterministic(&padded, sender, &keys(1).x25519_public()).unwrap();
        let r#type = envelope::Type::SessionMessage.into();
        wrap(&Envelope { r#type, timestamp: 1, content: Some(content), ..Envelope::default() }.encode_to_vec())
    };
    assert!(!is_refused(wrapped(&keys(1))));
    assert!(is_refused(wrapped(&keys(2))));
}

#[test]
fn what_is_encrypted_with_another_seed_is_refused() {
    assert!(is_refused(cipher::seal(keys(2).ed25519_seed(), DOMAIN, GOOD).unwrap()));
    assert!(is_refused(cipher::seal(keys(1).ed25519_seed(), b"Contacts", GOOD).unwrap()));
}

#[test]
fn a_replayed_message_changes_nothing() {
    let (mut phone, mut laptop) = (config(Kind::Profile), config(Kind::Profile));
    let mut all = Vec::new();
    for (name, first) in ["one", "two", "three"].into_iter().zip(1..) {
        profile::set_name(&mut phone, name, NOW).unwrap();
        all.extend(store(&mut phone, first));
    }
    laptop.merge(&all, NOW);
    let before = laptop.to_bytes();
    for _ in 0..3 {
        let old = [(hash(9), all[0].1.clone()), all[1].clone()];
        let merged = laptop.merge(&old, NOW);
        assert_eq!((merged.accepted.len(), merged.changed), (2, false));
    }
    assert_eq!(laptop.to_bytes(), before);
    assert!(!laptop.needs_push());
    // They are to be deleted with the next push, and the current one is not.
    assert_eq!(laptop.current_hashes(), [hash(3)]);
    assert_eq!(laptop.old_hashes(), [hash(1), hash(2), hash(9)]);
}

#[test]
fn a_sequence_number_that_leaves_no_next_is_refused() {
    for seqno in [i64::MAX.to_string(), "9223372036854775808".to_owned()] {
        let message = format!("d1:#i{seqno}e1:&d1:n3:Anae1:<le1:=d1:n0:ee");
        assert!(is_refused(sealed(message.as_bytes())));
    }
}

#[test]
fn five_megabytes_are_refused_before_they_are_decrypted() {
    assert!(is_refused(sealed(&[GOOD.to_vec(), vec![0; 5_000_000]].concat())));
}

#[test]
fn a_bomb_is_refused() {
    let zeros = zstd::bulk::compress(&vec![b'0'; 200 << 20], 19).unwrap();
    assert!(zeros.len() < 70_000);
    assert!(is_refused(sealed(&[b"z", &zeros[..]].concat())));
    // Just small enough to be unpacked, and nothing that is read.
    let values = [b"d1:#i1e1:!l", &b"le".repeat(4_000_000)[..]].concat();
    let values = zstd::bulk::compress(&values, 19).unwrap();
    assert!(is_refused(sealed(&[b"z", &values[..]].concat())));
}

#[test]
fn compressed_data_that_ends_early_is_refused() {
    let whole = zstd::bulk::compress(&GOOD.repeat(3), 1).unwrap();
    for length in 0..whole.len() {
        assert!(is_refused(sealed(&[b"z", &whole[..length]].concat())), "{length}");
    }
}

#[test]
fn what_is_no_message_is_refused() {
    for plain in ["", "\0\0\0", "x", "li1ee", "z", "m", "mle", "d", "d1:#i1e1:&d1:b0:1:a0:e1:<le1:=dee"] {
        assert!(is_refused(sealed(plain.as_bytes())), "{plain}");
    }
    assert!(is_refused(Vec::new()));
}

proptest::proptest! {
    #[test]
    fn any_bytes_do_no_harm(stored: Vec<u8>, plain: Vec<u8>) {
        let mut phone = config(Kind::Profile);
        phone.merge(&[(hash(1), stored), (hash(2), sealed(&plain))], NOW);
        let _ = seal::unpad(&plain);
    }
}

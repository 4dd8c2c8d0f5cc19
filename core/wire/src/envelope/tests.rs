use proptest::prelude::*;

use super::*;
use crate::testing::{Numbers, account};

fn content(body: &str, timestamp: u64) -> Content {
    let message = proto::DataMessage { body: Some(body.to_owned()), ..Default::default() };
    Content { data_message: Some(message), sig_timestamp: Some(timestamp), ..Default::default() }
}

fn id(keys: &AccountKeys) -> AccountId {
    AccountId::from_x25519(&keys.x25519_public())
}

#[test]
fn alice_writes_to_bob_and_only_bob_reads_it() {
    let (alice, bob, eve) = (account(1), account(2), account(3));
    let sent = content("hello", 1_770_000_000_000);
    let stored = encode_direct(&sent, &alice, &id(&bob), &mut Numbers::new(1)).unwrap();
    let received = decode_direct(&stored, &bob).unwrap();
    assert_eq!((received.sender, received.sender_ed25519), (id(&alice), alice.ed25519_public()));
    assert_eq!((received.timestamp, received.timestamp_is_signed), (TimestampMs(1_770_000_000_000), true));
    assert_eq!(received.content.encode_to_vec(), sent.encode_to_vec());
    assert_eq!(decode_direct(&stored, &eve).err(), Some(ReceiveError::Decrypt));
}

#[test]
fn content_without_timestamp_and_recipients_without_mailbox_are_refused() {
    let alice = account(1);
    let mut rng = Numbers::new(1);
    let unsigned = Content { sig_timestamp: None, ..content("x", 1) };
    assert!(encode_direct(&unsigned, &alice, &id(&alice), &mut rng).is_err());
    let group = AccountId::new(Prefix::Group, &[5; 32]);
    assert!(encode_direct(&content("x", 1), &alice, &group, &mut rng).is_err());
}

#[test]
fn what_would_not_fit_a_stored_message_is_not_sent() {
    let alice = account(1);
    let mut rng = Numbers::new(1);
    let fits = encode_direct(&content(&"x".repeat(76_300), 1), &alice, &id(&alice), &mut rng);
    assert!(fits.is_ok_and(|stored| stored.len() <= MAX_DATA));
    let error = encode_direct(&content(&"x".repeat(76_700), 1), &alice, &id(&alice), &mut rng).err();
    assert_eq!(error, Some(Error::too_long("message", MAX_DATA)));
    assert_eq!(decode_direct(&vec![0; MAX_DATA + 1], &alice).err(), Some(ReceiveError::TooLong));
}

#[test]
fn every_message_carries_a_signature_shaped_decoy() {
    let alice = account(1);
    let stored = encode_direct(&content("x", 1), &alice, &id(&alice), &mut Numbers::new(1)).unwrap();
    let envelope: Envelope = proto::decode(&unwrap(&stored).unwrap()).unwrap();
    assert_eq!(envelope.pro_sig.unwrap().len(), 64);
    assert_eq!((envelope.r#type, envelope.source, envelope.source_device), (6, None, Some(1)));
}

#[test]
fn a_received_message_shows_nothing_in_a_log() {
    let alice = account(1);
    let stored = encode_direct(&content("secret", 1), &alice, &id(&alice), &mut Numbers::new(1)).unwrap();
    let shown = format!("{:?}", decode_direct(&stored, &alice).unwrap());
    assert!(!shown.contains("secret") && !shown.contains(&id(&alice).to_hex()), "{shown}");
}

proptest! {
    #[test]
    fn receiving_never_panics(data: Vec<u8>, at in 0..400_usize, with: u8) {
        let bob = account(2);
        let _ = decode_direct(&data, &bob);
        let _ = decode_direct(&wrap(&data), &bob);
        let mut stored = encode_direct(&content("x", 1), &account(1), &id(&bob), &mut Numbers::new(7)).unwrap();
        let at = at % stored.len();
        let _ = decode_direct(&stored[..at], &bob);
        stored[at] = with;
        let _ = decode_direct(&stored, &bob);
    }
}

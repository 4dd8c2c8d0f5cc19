//! Messages: as they come, and as if their outer layers were right.

use tacit_crypto::{AccountKeys, Seed};
use tacit_wire::content::{classify, expiration};
use tacit_wire::envelope::{decode_direct, direct_envelope, encode_direct, unwrap, wrap};
use tacit_wire::proto::{self, Content, DataMessage, Envelope, Message, TypingMessage, WebSocketMessage};
use tacit_wire::{AccountId, Prefix, TimestampMs, group_message as group, padding as pad, push as pushed};

use crate::sections::case::Scripted;

const KEY: [u8; 32] = [8; 32];

pub(super) fn account(number: u8) -> AccountKeys {
    AccountKeys::from_seed(&Seed::from_bytes([number; 16]))
}

/// Content in clear; also wrappers and envelopes, which are parsed by the same rules.
pub fn content(data: &[u8]) {
    let _ = proto::decode::<WebSocketMessage>(data);
    let _ = proto::decode::<Envelope>(data);
    if let Ok(content) = proto::decode::<Content>(data) {
        let _ = classify(&content, TimestampMs(content.sig_timestamp()));
        let _ = expiration(&content);
        let written = content.encode_to_vec();
        let again = proto::decode_bounded::<Content>(&written, usize::MAX).map(|content| content.encode_to_vec());
        assert_eq!(again.as_ref(), Ok(&written));
    }
}

/// Stored bytes of namespace 0; then as the envelope, and as the content, of a message that
/// is right otherwise.
pub fn direct(data: &[u8]) {
    let (alice, bob) = (account(1), account(2));
    let _ = unwrap(data);
    let _ = decode_direct(data, &bob);
    let _ = decode_direct(&wrap(data), &bob);
    let mut rng = Scripted::new(&[&[7; 32]]);
    if let Ok(sealed) = tacit_crypto::seal(data, &alice, &bob.x25519_public(), &mut rng) {
        let wrapper = wrap(&direct_envelope(sealed, TimestampMs(5), &[1; 64]));
        if let Ok(received) = decode_direct(&wrapper, &bob) {
            assert_eq!(received.sender_ed25519, alice.ed25519_public());
            assert_eq!(received.content_bytes, pad::unpad(data));
        }
    }
}

/// Stored bytes of namespace 11; then as the dictionary, and as the envelope, of a message
/// that is right otherwise.
pub fn group_message(data: &[u8]) {
    let id = AccountId::new(Prefix::Group, &[9; 32]);
    let _ = group::decode(data, &[KEY], &id);
    let dictionary = group::dictionary(data, &account(1), id.key());
    for plain in [data, &dictionary] {
        if let Ok(stored) = tacit_crypto::group::seal(plain, &KEY, &mut Scripted::new(&[])) {
            let _ = group::decode(&stored, &[KEY], &id);
        }
    }
    if let Ok(stored) = tacit_crypto::group::seal(&dictionary, &KEY, &mut Scripted::new(&[]))
        && let Ok(signed) = group::open(&stored, &[KEY], id.key())
    {
        assert_eq!(signed.envelope, data);
    }
}

/// Padding comes off as it went on.
pub fn padding(data: &[u8]) {
    let _ = pad::unpad(data);
    assert_eq!(pad::unpad(&pad::pad(data)), data);
}

/// Notifications: encrypted, and as if decrypted.
pub fn push(data: &[u8]) {
    let _ = pushed::open(data, &KEY);
    if let Ok(payload) = tacit_crypto::push::seal(data, &KEY, &mut Scripted::new(&[]))
        && let Ok(notification) = pushed::open(&payload, &KEY)
        && let Ok(again) = tacit_crypto::push::seal(&pushed::payload(&notification), &KEY, &mut Scripted::new(&[]))
    {
        assert_eq!(pushed::open(&again, &KEY).as_ref(), Ok(&notification));
    }
}

fn sample() -> Content {
    Content {
        data_message: Some(DataMessage { body: Some("hello".to_owned()), ..Default::default() }),
        sig_timestamp: Some(5),
        ..Default::default()
    }
}

pub(super) fn contents() -> Vec<Vec<u8>> {
    let typing = TypingMessage { timestamp: 5, action: 1 };
    let typing = Content { typing_message: Some(typing), sig_timestamp: Some(5), ..Default::default() };
    let envelope = direct_envelope(sample().encode_to_vec(), TimestampMs(5), &[1; 64]);
    vec![
        sample().encode_to_vec(),
        typing.encode_to_vec(),
        pad::pad(&sample().encode_to_vec()),
        wrap(&envelope),
        envelope,
    ]
}

pub(super) fn stored() -> Vec<Vec<u8>> {
    let bob = AccountId::from_x25519(&account(2).x25519_public());
    let whole = encode_direct(&sample(), &account(1), &bob, &mut Scripted::new(&[&[7; 32]]));
    contents().into_iter().chain(whole).collect()
}

pub(super) fn dictionaries() -> Vec<Vec<u8>> {
    let envelope = group::group_envelope(sample().encode_to_vec(), TimestampMs(5), &[1; 64]);
    vec![
        group::dictionary(&envelope, &account(1), &[9; 32]),
        group::dictionary(&[5; 900], &account(1), &[9; 32]),
        envelope,
    ]
}

//! What is read with keys, or becomes one.

use tacit_crypto::attachment::{legacy, stream};
use tacit_crypto::{ed25519_to_x25519, ons as names, phrase as words, picture};

use super::messages::account;
use crate::sections::case::Scripted;

/// Recovery phrases as people type them.
pub fn phrase(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(parsed) = words::parse(&text) {
        let again = words::parse(&words::session13(&parsed.seed)).map(|parsed| *parsed.seed.as_bytes());
        assert_eq!(again.ok(), Some(*parsed.seed.as_bytes()));
    }
    let _ = words::review(&text);
    let _ = words::complete(&text, 5);
    let _ = words::nearest(&text, 5);
}

/// Sealed messages; what was sealed opens.
pub fn sealed(data: &[u8]) {
    let (alice, bob) = (account(1), account(2));
    let _ = tacit_crypto::open(data, &bob);
    if let Some(key) = data.first_chunk::<32>() {
        let _ = ed25519_to_x25519(key);
        let _ = tacit_crypto::x25519_to_ed25519(key);
    }
    let sealed = tacit_crypto::seal(data, &alice, &bob.x25519_public(), &mut Scripted::new(&[&[7; 32]]));
    let opened = sealed.and_then(|sealed| tacit_crypto::open(&sealed, &bob)).map(|opened| opened.plaintext);
    assert_eq!(opened.as_deref(), Ok(data));
}

/// Files and pictures in the forms of today.
pub fn attachment_legacy(data: &[u8]) {
    let digest = legacy::digest(data);
    for size in [0, 1, data.len(), usize::MAX] {
        let _ = legacy::decrypt(data, &[7; 64], Some(&digest), size);
    }
    let _ = legacy::decrypt(data, data, None, 1);
    let _ = picture::decrypt(data, &[7; 32]);
    let _ = picture::decrypt(data, data);
}

/// Files in the deterministic form.
pub fn attachment_stream(data: &[u8]) {
    let _ = stream::decrypt(data, &[7; 32]);
    if let Ok((upload, key)) = stream::encrypt(data, &[3; 32], stream::Domain::Attachment) {
        assert_eq!(stream::decrypt(&upload, &key).as_deref(), Ok(data));
        for cut in [upload.len() / 2, upload.len().saturating_sub(1)] {
            assert!(stream::decrypt(upload.get(..cut).unwrap_or_default(), &key).is_err());
        }
    }
}

/// Registered names and their values.
pub fn ons(data: &[u8]) {
    let _ = names::Name::parse(&String::from_utf8_lossy(data));
    if let Ok(name) = names::Name::parse("tacit") {
        let _ = name.open(data, &[5; 24]);
    }
}

pub(super) fn uploads() -> Vec<Vec<u8>> {
    let legacy = legacy::encrypt(b"data", &mut Scripted::new(&[&[7; 64]])).map(|(upload, _)| upload);
    let stream = stream::encrypt(b"data", &[3; 32], stream::Domain::Attachment).map(|(upload, _)| upload);
    legacy.into_iter().chain(stream).collect()
}

pub(super) fn phrases() -> Vec<Vec<u8>> {
    let seed = tacit_crypto::Seed::from_bytes([5; 16]);
    vec![
        words::session13(&seed).as_bytes().to_vec(),
        words::bip39(&seed).as_bytes().to_vec(),
        hex::encode([5; 16]).into_bytes(),
    ]
}

//! What must hold for every input, not only for the vectors.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod scripted;

use proptest::prelude::*;
use scripted::Scripted;
use tacit_crypto::attachment::{legacy, stream};
use tacit_crypto::ons::Name;
use tacit_crypto::phrase::{self, Kind};
use tacit_crypto::{
    AccountKeys, EncType, NodeKeys, Seed, ed25519_to_x25519, group, layer_open, layer_seal, open, picture, push, seal,
    verify, x25519_to_ed25519,
};

fn account(seed: [u8; 16]) -> AccountKeys {
    AccountKeys::from_seed(&Seed::from_bytes(seed))
}

fn rng(script: [u8; 32]) -> Scripted {
    Scripted::new(script.to_vec())
}

fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..=most)
}

fn enc_type() -> impl Strategy<Value = EncType> {
    prop_oneof![Just(EncType::XChaCha20), Just(EncType::AesGcm), Just(EncType::AesCbc)]
}

/// The data with one bit turned.
fn damaged(data: &[u8], at: prop::sample::Index, bit: u8) -> Vec<u8> {
    let mut data = data.to_vec();
    let at = at.index(data.len());
    data[at] ^= 1 << (bit % 8);
    data
}

proptest! {
    #[test]
    fn sealed_messages_open_for_their_recipient(
        from: [u8; 16], to: [u8; 16], script: [u8; 32], text in bytes(1_000)
    ) {
        let (sender, recipient) = (account(from), account(to));
        let sealed = seal(&text, &sender, &recipient.x25519_public(), &mut rng(script)).unwrap();
        let opened = open(&sealed, &recipient).unwrap();
        prop_assert_eq!(opened.plaintext, text);
        prop_assert_eq!(opened.sender_ed25519, sender.ed25519_public());
        prop_assert_eq!(opened.sender_x25519, sender.x25519_public());
    }

    #[test]
    fn sealed_messages_open_for_nobody_else_and_in_no_other_form(
        script: [u8; 32], text in bytes(300), at: prop::sample::Index, bit: u8, cut: prop::sample::Index, other: [u8; 16]
    ) {
        let (sender, recipient) = (account([1; 16]), account([2; 16]));
        prop_assume!(other != [2; 16]);
        let sealed = seal(&text, &sender, &recipient.x25519_public(), &mut rng(script)).unwrap();
        prop_assert!(open(&sealed, &account(other)).is_err());
        let opened = open(&damaged(&sealed, at, bit), &recipient);
        // X25519 ignores the top bit of E, but the nonce does not.
        prop_assert!(opened.is_err());
        prop_assert!(open(&sealed[..cut.index(sealed.len())], &recipient).is_err());
    }

    #[test]
    fn nothing_random_opens(data in bytes(400), key: [u8; 32], ephemeral: [u8; 32]) {
        prop_assert!(open(&data, &account([2; 16])).is_err());
        prop_assert!(group::open(&data, [&key]).is_err());
        prop_assert!(push::open(&data, &key).is_err());
        prop_assert!(picture::decrypt(&data, &key).is_err());
        prop_assert!(stream::decrypt(&data, &key).is_err());
        prop_assert!(legacy::decrypt(&data, &[key, key].concat(), Some(&key), data.len()).is_err());
        for enc in [EncType::XChaCha20, EncType::AesGcm] {
            prop_assert!(layer_open(enc, &data, &ephemeral, &key).is_err());
        }
        // Not authenticated: it may open to nonsense, but must not panic.
        let _ = layer_open(EncType::AesCbc, &data, &ephemeral, &key);
    }

    #[test]
    fn layers_open_for_their_node(
        node: [u8; 32], script: [u8; 32], enc in enc_type(), request in bytes(2_000), answer in bytes(300)
    ) {
        let node = NodeKeys::from_seed(&node);
        let mut rng = rng(script);
        let layer = layer_seal(enc, &request, &node.x25519_public(), &mut rng).unwrap();
        let (opened, key) =
            layer_open(enc, &layer.ciphertext, &layer.ephemeral_public, node.x25519_secret()).unwrap();
        prop_assert_eq!(opened, request);
        prop_assert_eq!(layer.key.open(&key.seal(&answer, &mut rng)).unwrap(), answer);
    }

    #[test]
    fn signatures_hold_for_one_message(seed: [u8; 32], text in bytes(200), at: prop::sample::Index, bit: u8) {
        let keys = NodeKeys::from_seed(&seed);
        let signature = keys.sign(&text);
        prop_assert!(verify(&keys.ed25519_public(), &text, &signature).is_ok());
        let other: [u8; 64] = damaged(&signature, at, bit).try_into().unwrap();
        prop_assert!(verify(&keys.ed25519_public(), &text, &other).is_err());
        if !text.is_empty() {
            prop_assert!(verify(&keys.ed25519_public(), &damaged(&text, at, bit), &signature).is_err());
        }
    }

    #[test]
    fn keys_convert_both_ways_up_to_the_sign(seed: [u8; 32]) {
        let keys = NodeKeys::from_seed(&seed);
        prop_assert_eq!(ed25519_to_x25519(&keys.ed25519_public()), Ok(keys.x25519_public()));
        let mut positive = keys.ed25519_public();
        positive[31] &= 0x7f;
        prop_assert_eq!(x25519_to_ed25519(&keys.x25519_public()), Ok(positive));
        prop_assert_eq!(ed25519_to_x25519(&positive), Ok(keys.x25519_public()));
    }

    #[test]
    fn any_32_bytes_convert_or_are_refused(key: [u8; 32]) {
        if let Ok(x25519) = ed25519_to_x25519(&key) {
            let positive = x25519_to_ed25519(&x25519).unwrap();
            prop_assert_eq!(positive[..31].to_vec(), key[..31].to_vec());
        }
        if let Ok(ed25519) = x25519_to_ed25519(&key) {
            prop_assert_eq!(ed25519_to_x25519(&ed25519), Ok(key));
        }
    }

    #[test]
    fn phrases_lead_back_to_their_seed(seed: [u8; 16], shout: bool, gap in "[ ,.0-9\\n]{1,5}") {
        let original = Seed::from_bytes(seed);
        for (text, kind) in [(phrase::session13(&original), Kind::Session13), (phrase::bip39(&original), Kind::Bip39_12)] {
            let mut text = text.replace(' ', &gap);
            if shout {
                text.make_ascii_uppercase();
            }
            let parsed = phrase::parse(&text).unwrap();
            prop_assert_eq!(parsed.kind, kind);
            prop_assert_eq!(parsed.seed.as_bytes(), &seed);
        }
    }

    #[test]
    fn a_mistyped_letter_is_named_or_a_checksum_fails_but_no_other_account_comes_silently(
        seed: [u8; 16], word in 0..13usize, letter in "[a-z]"
    ) {
        let right = phrase::session13(&Seed::from_bytes(seed));
        let mut words: Vec<_> = right.split(' ').map(str::to_owned).collect();
        prop_assume!(!words[word].starts_with(&letter));
        words[word].replace_range(..1, &letter);
        match phrase::parse(&words.join(" ")) {
            Err(phrase::PhraseError::UnknownWord { index, suggestions, .. }) => {
                prop_assert_eq!(index, word);
                prop_assert!(suggestions.len() <= 3);
            }
            Err(error) => prop_assert!(
                matches!(error.kind(), "checksum" | "invalid_words" | "unknown_word"), "{}", error
            ),
            // One wrong word in twelve or so passes: all that this checksum can do.
            Ok(parsed) => prop_assert_ne!(parsed.seed.as_bytes(), &seed),
        }
    }

    #[test]
    fn no_text_makes_the_phrase_reader_panic(text in any::<String>(), words in "([a-zA-Zİß]{0,9}[ ,.0-9]){0,40}") {
        for text in [text.as_str(), words.as_str()] {
            if let Err(error) = phrase::parse(text) {
                prop_assert!(!error.kind().is_empty() && !error.to_string().is_empty());
            }
            let _ = phrase::parse_session13(text);
            let _ = phrase::repair(text);
            prop_assert!(phrase::review(text).len() <= 32);
            prop_assert!(phrase::complete(text, 5).len() <= 5);
            prop_assert!(phrase::nearest(text, 3).len() <= 3);
        }
    }

    #[test]
    fn damaged_files_never_come_through(
        data in bytes(3_000), script: [u8; 32], at: prop::sample::Index, bit: u8, cut: prop::sample::Index
    ) {
        prop_assume!(!data.is_empty());
        let (upload, secrets) = legacy::encrypt(&data, &mut rng(script)).unwrap();
        for bad in [damaged(&upload, at, bit), upload[..cut.index(upload.len())].to_vec()] {
            prop_assert!(legacy::decrypt(&bad, secrets.key.as_ref(), Some(&secrets.digest), data.len()).is_err());
        }
        let (upload, key) = stream::encrypt(&data, &script, stream::Domain::Picture).unwrap();
        for bad in [damaged(&upload, at, bit), upload[..cut.index(upload.len())].to_vec()] {
            prop_assert!(stream::decrypt(&bad, &key).is_err());
        }
    }

    #[test]
    fn names_are_lower_case_or_refused(text in any::<String>(), likely in "[a-zA-Z0-9_-]{0,70}") {
        for text in [text, likely] {
            if let Ok(name) = Name::parse(&text) {
                prop_assert_eq!(name.as_str(), text.to_ascii_lowercase());
                prop_assert_eq!(Name::parse(name.as_str()), Ok(name));
            }
        }
    }
}

proptest! {
    // Large inputs, so fewer of them.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn files_come_back_in_both_forms(data in bytes(80_000), script: [u8; 32], seed: [u8; 32], piece in 1..50_000usize) {
        if !data.is_empty() {
            let (upload, secrets) = legacy::encrypt(&data, &mut rng(script)).unwrap();
            let mut decoder =
                legacy::Decoder::new(secrets.key.as_ref(), Some(&secrets.digest), data.len()).unwrap();
            let mut out = Vec::new();
            upload.chunks(piece).for_each(|part| decoder.push(part, &mut out));
            decoder.finish(&mut out).unwrap();
            prop_assert!(out == data);
        }
        let (upload, key) = stream::encrypt(&data, &seed, stream::Domain::Attachment).unwrap();
        prop_assert_eq!(upload.len(), stream::encrypted_size(data.len()));
        let mut decoder = stream::Decoder::new(&key);
        let mut out = Vec::new();
        for part in upload.chunks(piece) {
            decoder.push(part, &mut out).unwrap();
        }
        decoder.finish(&mut out).unwrap();
        prop_assert!(out == data);
    }
}

//! Layers and sealed messages against the vectors the project carries.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod scripted;

use scripted::Scripted;
use serde_json::Value;
use tacit_crypto::{AccountKeys, EncType, Seed, layer_open, layer_seal, open, seal};

fn load(name: &str) -> Value {
    let path = format!("{}/../../tests/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

fn array<const N: usize>(value: &Value) -> [u8; N] {
    bytes(value).try_into().unwrap()
}

#[test]
fn every_onion_layer_is_made_and_opened_byte_for_byte() {
    let network = load("network");
    let mut nodes = network["nodes"]["path"].as_array().unwrap().clone();
    nodes.push(network["nodes"]["destination"].clone());
    for case in network["onion_to_node"].as_array().unwrap() {
        let enc = EncType::from_name(case["enc_type"].as_str().unwrap()).unwrap();
        let nonce_size = match enc {
            EncType::XChaCha20 => 24,
            EncType::AesGcm => 12,
            EncType::AesCbc => 16,
        };
        for layer in case["layers"].as_array().unwrap() {
            let mut script = bytes(&layer["ephemeral_secret"]);
            script.extend_from_slice(&bytes(&layer["nonce"])[..nonce_size]);
            let plain = bytes(&layer["plaintext"]);
            let to = array(&layer["to_x25519"]);
            let made = layer_seal(enc, &plain, &to, &mut Scripted::new(script)).unwrap();
            assert_eq!(made.ciphertext, bytes(&layer["ciphertext"]));
            assert_eq!(made.ephemeral_public, array(&layer["ephemeral_public"]));
            assert_eq!(made.key.as_bytes(), &array(&layer["key"]));
            let node = nodes.iter().find(|node| array(&node["x25519"]) == to).expect("the node of this layer");
            let secret = array(&node["x25519_secret"]);
            let (opened, key) = layer_open(enc, &made.ciphertext, &made.ephemeral_public, &secret).unwrap();
            assert_eq!(opened, plain);
            assert_eq!(key.as_bytes(), made.key.as_bytes());
        }
    }
}

#[test]
fn every_sealed_message_is_made_and_opened_byte_for_byte() {
    for case in load("messages")["sealed"].as_array().unwrap() {
        let keys = |name: &str| AccountKeys::from_seed(&Seed::from_bytes(array(&case[name])));
        let (sender, recipient) = (keys("sender_seed16"), keys("recipient_seed16"));
        let mut rng = Scripted::new(bytes(&case["ephemeral_secret"]));
        let plain = bytes(&case["plaintext"]);
        let sealed = seal(&plain, &sender, &recipient.x25519_public(), &mut rng).unwrap();
        assert_eq!(sealed, bytes(&case["ciphertext"]));
        let opened = open(&sealed, &recipient).unwrap();
        assert_eq!(opened.plaintext, plain);
        assert_eq!(opened.sender_x25519, sender.x25519_public());
    }
}

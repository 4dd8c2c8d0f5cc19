//! Taking one layer off an onion request, as a guard does, against the bare cryptography of it.

use std::hint::black_box;

use blake2::Blake2b;
use blake2::digest::Digest as _;
use blake2::digest::consts::U32;
use chacha20poly1305::aead::{Aead as _, KeyInit as _};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use tacit_crypto::NodeKeys;
use tacit_crypto::onion::{EncType, LayerReceiver};
use tacit_wire::onion::{Hop, Outer, Peeled, build_to_node, peel_with, split};
use tacit_wire::{AccountId, Namespace, NodeId, TimestampMs, rpc};
use x25519_dalek::{PublicKey, StaticSecret};

use crate::Rows;
use crate::measure::in_turns;
use crate::table::Row;

/// As the wrapped, sealed and padded form of a text of 320 bytes.
const STORED: usize = 640;
const BOUND: f64 = 1.4;

pub fn rows() -> Rows {
    let nodes: Vec<NodeKeys> = (1..=4).map(|byte| NodeKeys::from_seed(&[byte; 32])).collect();
    let packet = packet(&nodes)?;
    let receiver = LayerReceiver::from(&nodes[0]);
    let bare = Bare::new(&nodes[0], &packet)?;
    let peeled = peel_with(&packet, &receiver).map_err(|_| "the guard cannot open its layer")?;
    if !matches!(peeled, Peeled::Forward { .. }) || bare.open().is_none() {
        return Err("the layers differ".into());
    }
    let pair = in_turns(2_000, 8, || peel_with(black_box(&packet), &receiver), || bare.open());
    Ok(vec![Row::bounded("peel one onion layer", pair, BOUND)])
}

/// A store over three hops, as the client sends it to its guard.
fn packet(nodes: &[NodeKeys]) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let keys: Vec<(NodeId, [u8; 32])> =
        nodes.iter().map(|keys| (NodeId(keys.ed25519_public()), keys.x25519_public())).collect();
    let hops: Vec<Hop<'_>> = keys.iter().map(|(ed25519, x25519)| Hop { ed25519, x25519 }).collect();
    let (destination, path) = hops.split_last().ok_or("no nodes")?;
    let account = AccountId::from_x25519(&[7; 32]);
    let store = rpc::Store::public(account, Namespace::MESSAGES, TimestampMs(1), 1_000, vec![5; STORED]);
    let body = rpc::Request::Store(store).to_body();
    Ok(build_to_node(EncType::XChaCha20, path, destination, &body, &mut rand::rng())?.body)
}

/// The layer's parts, found beforehand.
struct Bare {
    secret: StaticSecret,
    public: [u8; 32],
    ephemeral: PublicKey,
    nonce: XNonce,
    ciphertext: Vec<u8>,
}

impl Bare {
    fn new(node: &NodeKeys, packet: &[u8]) -> Result<Self, Box<dyn std::error::Error>> {
        let (layer, json) = split(packet)?;
        let ephemeral = Outer::parse(json)?.ephemeral_key;
        let (nonce, ciphertext) = layer.split_first_chunk::<24>().ok_or("no nonce")?;
        Ok(Self {
            secret: StaticSecret::from(*node.x25519_secret()),
            public: node.x25519_public(),
            ephemeral: PublicKey::from(ephemeral),
            nonce: (*nonce).into(),
            ciphertext: ciphertext.to_vec(),
        })
    }

    fn open(&self) -> Option<Vec<u8>> {
        let shared = self.secret.diffie_hellman(&self.ephemeral);
        let mut hash = Blake2b::<U32>::new();
        hash.update(shared.as_bytes());
        hash.update(self.ephemeral.as_bytes());
        hash.update(self.public);
        XChaCha20Poly1305::new(&hash.finalize()).decrypt(&self.nonce, self.ciphertext.as_slice()).ok()
    }
}

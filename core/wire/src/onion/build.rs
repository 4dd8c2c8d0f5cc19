//! Wrapping a request in layers, from the destination outwards (protocol: network 4.3).

use rand_core::CryptoRng;
use tacit_crypto::onion::{EncType, SharedKey, layer_seal};

use super::control::{Control, Outer, ReplyOptions};
use super::frame::{MAX_BODY, combine};
use crate::{Error, NodeId};

/// A node as a layer needs it.
#[derive(Debug, Clone, Copy)]
pub struct Hop<'a> {
    /// Its name.
    pub ed25519: &'a NodeId,
    /// The key its layer is encrypted to.
    pub x25519: &'a [u8; 32],
}

/// A server outside the network, reached from the last hop.
#[derive(Debug, Clone, Copy)]
pub struct ServerTarget<'a> {
    /// The key its layer is encrypted to.
    pub x25519: &'a [u8; 32],
    /// Host name or address.
    pub host: &'a str,
    /// `/oxen/v4/lsrpc`.
    pub target: &'a str,
    /// `http` or `https`; absent means `https`.
    pub protocol: Option<&'a str>,
    /// Absent means 443.
    pub port: Option<u16>,
}

/// A request ready to go, and the key its answer will come under.
pub struct Packet {
    /// Body of the `POST /onion_req/v2` to the guard.
    pub body: Vec<u8>,
    /// Opens the answer.
    pub reply_key: SharedKey,
}

/// A request to a node: `body` is the JSON of a storage request.
///
/// # Errors
/// When `path` is empty, the packet would pass [`MAX_BODY`] or a key is unfit.
pub fn build_to_node(
    enc: EncType,
    path: &[Hop<'_>],
    destination: &Hop<'_>,
    body: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<Packet, Error> {
    let plain = combine(body, &Control::Destination(ReplyOptions::default()).to_json());
    let next = |layer| Control::NextHop { destination: *destination.ed25519, layer };
    build(enc, path, destination.x25519, &plain, next, rng)
}

/// A request to a server: `request` is a v4 payload (see [`crate::v4`]).
///
/// # Errors
/// As [`build_to_node`].
pub fn build_to_server(
    enc: EncType,
    path: &[Hop<'_>],
    server: &ServerTarget<'_>,
    request: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<Packet, Error> {
    let next = |layer| Control::Server {
        host: server.host.to_owned(),
        target: server.target.to_owned(),
        method: "POST".to_owned(),
        protocol: server.protocol.map(str::to_owned),
        port: server.port,
        layer,
    };
    build(enc, path, server.x25519, request, next, rng)
}

fn build(
    enc: EncType,
    path: &[Hop<'_>],
    destination: &[u8; 32],
    plain: &[u8],
    last: impl FnOnce(Outer) -> Control,
    rng: &mut impl CryptoRng,
) -> Result<Packet, Error> {
    let (exit, before) = path.split_last().ok_or(Error::malformed("path without hops"))?;
    let sealed = layer_seal(enc, plain, destination, rng)?;
    let reply_key = sealed.key;
    let mut ciphertext = sealed.ciphertext;
    let mut layer = Outer { ephemeral_key: sealed.ephemeral_public, enc_type: enc };
    let mut control = last(layer);
    let mut hop = exit;
    let mut rest = before;
    loop {
        // The layer before is given back first: of a large body there are never more than two.
        let plain = combine(&std::mem::take(&mut ciphertext), &control.to_json());
        let sealed = layer_seal(enc, &plain, hop.x25519, rng)?;
        ciphertext = sealed.ciphertext;
        layer.ephemeral_key = sealed.ephemeral_public;
        let Some((previous, before)) = rest.split_last() else { break };
        control = Control::NextHop { destination: *hop.ed25519, layer };
        (hop, rest) = (previous, before);
    }
    let body = combine(&ciphertext, &layer.to_json());
    if body.len() > MAX_BODY {
        return Err(Error::too_long("onion body", MAX_BODY));
    }
    Ok(Packet { body, reply_key })
}

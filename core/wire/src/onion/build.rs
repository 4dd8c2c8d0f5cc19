//! Wrapping a request in layers, from the destination outwards (protocol: network 4.3).

use rand_core::CryptoRng;
use tacit_crypto::onion::{EncType, SharedKey, layer_seal_in_place};

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
    build(enc, path, destination.x25519, plain.len(), appended(&plain), next, rng)
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
    build_to_server_with(enc, path, server, request.len(), appended(request), rng)
}

/// As [`build_to_server`], of a request that `write` appends where its layers are then put around
/// it: of a large one there is never a second copy. It has about `size` bytes.
///
/// # Errors
/// As [`build_to_node`], and those of `write`.
pub fn build_to_server_with(
    enc: EncType,
    path: &[Hop<'_>],
    server: &ServerTarget<'_>,
    size: usize,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), Error>,
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
    build(enc, path, server.x25519, size, write, next, rng)
}

/// Bytes that a layer adds behind: tag or padding, and JSON. More are possible and only cost time.
const BEHIND: usize = 512;
/// The length in front of each ciphertext.
const LENGTH: usize = 4;

fn build(
    enc: EncType,
    path: &[Hop<'_>],
    destination: &[u8; 32],
    size: usize,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), Error>,
    last: impl FnOnce(Outer) -> Control,
    rng: &mut impl CryptoRng,
) -> Result<Packet, Error> {
    let (exit, before) = path.split_last().ok_or(Error::malformed("path without hops"))?;
    let layers = path.len() + 1;
    let mut body = Growing::new(layers * (LENGTH + enc.nonce_size()), size + layers * BEHIND);
    write(&mut body.bytes)?;
    let (ephemeral_key, reply_key) = body.seal(enc, destination, rng)?;
    let mut layer = Outer { ephemeral_key, enc_type: enc };
    let mut control = last(layer);
    let mut hop = exit;
    let mut rest = before;
    loop {
        body.steer(&control.to_json())?;
        (layer.ephemeral_key, _) = body.seal(enc, hop.x25519, rng)?;
        let Some((previous, before)) = rest.split_last() else { break };
        control = Control::NextHop { destination: *hop.ed25519, layer };
        (hop, rest) = (previous, before);
    }
    body.steer(&layer.to_json())?;
    let body = body.finish();
    if body.len() > MAX_BODY {
        return Err(Error::too_long("onion body", MAX_BODY));
    }
    Ok(Packet { body, reply_key })
}

/// A body that grows in both directions as layers are put around it.
struct Growing {
    bytes: Vec<u8>,
    /// Where it begins; before that is room.
    start: usize,
}

impl Growing {
    fn new(front: usize, behind: usize) -> Self {
        let mut bytes = Vec::with_capacity(front + behind);
        bytes.resize(front, 0);
        Self { bytes, start: front }
    }

    /// Encrypts all of it to a node.
    fn seal(&mut self, enc: EncType, to: &[u8; 32], rng: &mut impl CryptoRng) -> Result<([u8; 32], SharedKey), Error> {
        let sealed = layer_seal_in_place(enc, &mut self.bytes, self.start, to, rng)?;
        self.start -= enc.nonce_size();
        Ok(sealed)
    }

    /// Puts its length in front and the JSON that steers it behind, as [`super::frame::combine`].
    fn steer(&mut self, json: &[u8]) -> Result<(), Error> {
        let too_long = Error::too_long("onion body", MAX_BODY);
        let length = u32::try_from(self.bytes.len() - self.start).map_err(|_| too_long)?;
        let front = self.start.checked_sub(LENGTH).ok_or(Error::malformed("onion body without room"))?;
        self.bytes[front..self.start].copy_from_slice(&length.to_le_bytes());
        self.bytes.extend_from_slice(json);
        self.start = front;
        Ok(())
    }

    fn finish(mut self) -> Vec<u8> {
        self.bytes.drain(..self.start);
        self.bytes
    }
}

/// Appends bytes that are there already.
fn appended(bytes: &[u8]) -> impl FnOnce(&mut Vec<u8>) -> Result<(), Error> {
    |body| {
        body.extend_from_slice(bytes);
        Ok(())
    }
}

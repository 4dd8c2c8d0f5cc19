//! What a node does with the body of `POST /onion_req/v2` (protocol: network 4.2).

use tacit_crypto::onion::{LayerReceiver, SharedKey};

use super::control::{Control, Outer, ReplyOptions};
use super::errors::PeelError;
use super::frame::{combine, split};
use crate::NodeId;

/// One layer less.
pub enum Peeled {
    /// This node shall answer.
    Destination {
        /// The storage request.
        body: Vec<u8>,
        /// How to answer.
        options: ReplyOptions,
        /// Encrypts the answer.
        key: SharedKey,
    },
    /// To be passed on; the answer goes back as it comes.
    Forward {
        /// The next node.
        to: NodeId,
        /// Body of the `POST /onion_req/v2` to it.
        body: Vec<u8>,
    },
    /// To be posted to a server outside; the answer goes back as it comes.
    Exit {
        /// `http` or `https`.
        protocol: &'static str,
        /// Host name or IPv4 address, checked for its characters only: whether the node
        /// connects to such an address is its own decision.
        host: String,
        /// TCP port.
        port: u16,
        /// Path; begins with `/oxen/` or `/loki/`, ends in `/lsrpc`.
        target: String,
        /// Body of the POST.
        body: Vec<u8>,
    },
}

/// Opens the outermost layer of `body` with the node's X25519 secret. For many, keep a
/// [`LayerReceiver`] and use [`peel_with`].
///
/// # Errors
/// See [`PeelError`]: each says how it is answered.
pub fn peel(body: &[u8], secret_x25519: &[u8; 32]) -> Result<Peeled, PeelError> {
    peel_with(body, &LayerReceiver::new(secret_x25519))
}

/// Opens the outermost layer of `body`.
///
/// # Errors
/// See [`PeelError`]: each says how it is answered.
pub fn peel_with(body: &[u8], node: &LayerReceiver) -> Result<Peeled, PeelError> {
    let (plain, key) = open_at_server(body, node)?;
    let unfit = |text, key| PeelError::Unfit { text, key, options: ReplyOptions::default() };
    let parts = split(&plain).and_then(|(inner, json)| Ok((inner, Control::parse(json)?)));
    let Ok((inner, control)) = parts else { return Err(unfit("Invalid json", key)) };
    match control {
        Control::Destination(options) => Ok(Peeled::Destination { body: inner.to_vec(), options, key }),
        Control::NextHop { destination, layer } => {
            Ok(Peeled::Forward { to: destination, body: combine(inner, &layer.to_json()) })
        }
        Control::Server { host, target, protocol, port, .. } => {
            let protocol = match protocol.as_deref() {
                None | Some("https") => "https",
                Some("http") => "http",
                Some(_) => return Err(unfit("Invalid url", key)),
            };
            let port = port.unwrap_or(443);
            if !is_host(&host) || !is_target(&target) || port == 0 {
                return Err(unfit("Invalid url", key));
            }
            Ok(Peeled::Exit { protocol, host, port, target, body: plain })
        }
    }
}

/// What a server does with the body of `POST /oxen/v4/lsrpc`: the decrypted payload and the
/// key of the answer.
///
/// # Errors
/// [`PeelError::Malformed`] and [`PeelError::InvalidCiphertext`] only.
pub fn open_at_server(body: &[u8], server: &LayerReceiver) -> Result<(Vec<u8>, SharedKey), PeelError> {
    let (ciphertext, json) = split(body).map_err(|_| PeelError::Malformed)?;
    let outer = Outer::parse(json).map_err(|_| PeelError::Malformed)?;
    server.open(outer.enc_type, ciphertext, &outer.ephemeral_key).map_err(|_| PeelError::InvalidCiphertext)
}

/// Letters, digits, dots and hyphens: nothing that could end the host part of a URL early.
fn is_host(host: &str) -> bool {
    (1..=253).contains(&host.len()) && host.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-')
}

fn is_target(target: &str) -> bool {
    target.len() <= 128
        && (target.starts_with("/oxen/") || target.starts_with("/loki/"))
        && target.ends_with("/lsrpc")
        && target.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'?' | b'#'))
}

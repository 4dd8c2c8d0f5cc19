//! Node to node: TLS 1.3 with raw Ed25519 keys on both sides, HTTP/2, one connection to each peer
//! that is kept open.
//!
//! `POST /peer/1/put`, `del`, `expire`: a user's request as this node got it, with the time at
//! which it did (`at`); the receiver checks everything again. The answer is the receiver's receipt.
//! `apply`, `sums`, `reconcile`, `get`, `pull`: what members do to keep equal (`codec`, `driver`).
//! `POST /peer/1/onion`: an onion request without its outermost layer. `POST /peer/1/ping`: 200.

mod client;
mod codec;
mod driver;
mod serve;
mod tls;

pub(crate) use client::{PeerError, Peers, holds_key};
pub(crate) use driver::{Swarm, run as drive};
pub(crate) use serve::serve;
pub(crate) use tls::server_config;

#[cfg(test)]
mod tests;

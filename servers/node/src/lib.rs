//! `tacit-node`: a service node of a Tacit network, and local networks of such nodes.
//!
//! A node keeps mailboxes for the accounts of its swarm ([`store`], [`rpc`]), passes on onion
//! requests ([`onion`]), and keeps the other members of its swarm up to date ([`peer`], [`swarm`]).
//! What a request needs to know of the node stands in [`app`]; [`node`] starts and stops it all.
//!
//! It never writes anywhere who asked, for whom, or where an onion request went.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod app;
pub mod cli;
mod config;
mod error;
mod http;
mod https;
mod keys;
mod limits;
pub mod localnet;
mod membership;
mod metrics;
mod node;
mod onion;
mod peer;
pub mod registrar;
mod rpc;
pub mod status;
pub mod store;
pub mod swarm;

pub use config::{Config, Exit, KEYS, Limits};
pub use error::Error;
pub use node::Node;

/// Version of the software, as nodes announce it.
pub const VERSION: [u16; 3] = [0, 1, 0];
/// Version of the network's rules (`hf` of every answer).
pub const HARDFORK: [u16; 2] = [19, 4];

/// The machine's clock.
pub(crate) fn now() -> tacit_wire::TimestampMs {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    tacit_wire::TimestampMs(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

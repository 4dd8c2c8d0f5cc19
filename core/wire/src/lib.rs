//! Every byte format of the protocol: identifiers, storage requests, onion framing,
//! protobuf messages, envelopes, dictionaries and URLs.
//!
//! Nothing here does I/O, reads a clock or draws randomness of its own: time and a
//! generator are passed in. Every parser is bounded and returns an error on bad input;
//! none panics.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod base64;
mod error;
mod ids;
pub mod json;
pub mod message_hash;
mod node;
pub mod node_list;
pub mod onion;
pub mod profile;
pub mod rpc;
pub mod signing;
pub mod swarm;

pub use error::Error;
pub use ids::{AccountId, AccountIdError, MessageHash, Namespace, Namespaces, NodeId, Prefix, SwarmId, TimestampMs};
pub use node::ServiceNode;

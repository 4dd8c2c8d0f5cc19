//! Every byte format of the protocol: identifiers, storage requests, onion framing,
//! protobuf messages, envelopes, dictionaries and URLs.
//!
//! Nothing here does I/O, reads a clock or draws randomness of its own: time and a
//! generator are passed in. Every parser is bounded and returns an error on bad input;
//! none panics.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod base64;
pub mod bencode;
pub mod consensus;
pub mod content;
pub mod envelope;
mod error;
pub mod file_url;
pub mod group_message;
mod ids;
pub mod json;
pub mod mention;
pub mod message_hash;
pub mod name;
mod node;
pub mod node_list;
pub mod onion;
pub mod padding;
pub mod profile;
pub mod proto;
pub mod push;
pub mod rpc;
pub mod signing;
pub mod swarm;
#[cfg(test)]
mod testing;
pub mod v4;

pub use error::Error;
pub use ids::{AccountId, AccountIdError, MessageHash, Namespace, Namespaces, NodeId, Prefix, SwarmId, TimestampMs};
pub use node::ServiceNode;

//! Synced configuration: config messages, their merge, and the records that they hold.
//!
//! Pure: bytes in, bytes out; time is passed in, nothing is stored or sent here. Whoever uses a
//! [`Config`] loads it from its dump, merges what came from the swarm or changes records, and
//! keeps a new dump; if it needs a push, stores what [`Config::push`] gives and confirms it.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod access;
pub mod community_url;
mod config;
pub mod diff;
mod error;
pub mod group;
mod kind;
pub mod merge;
pub mod message;
pub mod multipart;
mod records;
pub mod seal;
#[cfg(test)]
mod testing;
pub mod value;

pub use config::{Config, Merged, Push, State};
pub use error::Error;
pub use kind::Kind;
pub use records::{Expiry, Notify, Picture, contacts, groups, profile, volatile};

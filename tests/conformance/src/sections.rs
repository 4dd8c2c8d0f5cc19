//! One module per section of the vector files.

pub mod attachments;
pub(crate) mod case;
pub mod config;
pub mod contents;
pub mod conversions;
pub mod direct;
pub mod file_urls;
pub mod group;
pub mod hashes;
pub mod identities;
mod kinds;
pub mod onion;
pub mod onion_server;
pub mod ons;
pub mod phrases;
pub mod pictures;
pub mod push;
pub mod sealed;
pub mod signatures;
pub mod swarms;
pub mod text;

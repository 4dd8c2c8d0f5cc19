//! `tacit-files`: the file server. It keeps opaque, encrypted bytes under an ID until they expire,
//! and knows no users (protocol: files).
//!
//! A request comes by plain HTTP ([`http`]) or inside an onion request ([`onion`]); [`api`] answers
//! both alike. [`store`] puts rows of the [`index`] and bytes of the [`blobs`] together so that
//! neither is left without the other, whenever the process ends. [`server`] starts and stops it.
//!
//! IDs and addresses are never written anywhere but in the index.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod api;
mod blobs;
pub mod cli;
mod config;
mod date;
mod error;
mod http;
mod id;
mod index;
mod metrics;
mod onion;
mod range;
mod server;
mod store;
mod throttle;
mod version;

pub use blobs::{BlobError, Blobs, Disk, Objects};
pub use config::{Config, Ids, KEYS, Limits, S3, Storage};
pub use error::Error;
pub use id::FileId;
pub use index::{Index, Row};
pub use server::{FileServer, open_store};
pub use store::{Policy, Store, StoreError};

//! SQLite with encryption: SQLCipher, which takes its cryptography from Rust.
//!
//! Nobody else depends on rusqlite: all use [`rusqlite`] from here, since every program that
//! links this SQLite must link the provider in [`provider`] too. Without a key it is plain
//! SQLite, and that is how the servers use it.
//!
//! - [`open_encrypted`] opens a file with a raw 256-bit key; [`open_plain`] without one.
//! - [`Settings`] are the pragmas that a connection works under.
//! - [`fault`] tells what an error means for the user: wrong key, busy, read-only, full, …
//! - [`any_page_verifies`] tells a wrong key from a damaged first page.
//! - [`wal`] tells a write-ahead log that was cut short from one that was damaged.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod fault;
mod open;
mod page;
mod primitives;
pub mod provider;
mod settings;
pub mod wal;

pub use fault::{Fault, fault};
pub use open::{open_encrypted, open_plain};
pub use page::any_page_verifies;
pub use rusqlite;
pub use settings::{Settings, Synchronous};

//! Keys, phrases and encryption of Tacit: bytes in, bytes out.
//!
//! This crate knows no clock, no network, no file and no text format beyond the two recovery
//! phrases. Randomness is passed in as `rng: &mut impl CryptoRng`, so that every function is
//! deterministic under a scripted source. Section numbers name the protocol description.
//!
//! Secrets are wiped when dropped and have no `Debug`.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod aead;
pub mod attachment;
pub mod blake2b;
pub mod config;
mod convert;
mod derive;
mod error;
pub mod group;
mod keys;
pub mod multi;
pub mod onion;
pub mod ons;
pub mod phrase;
pub mod picture;
pub mod push;
pub mod sealed;
pub mod subaccount;
#[cfg(test)]
mod testing;
mod wrap;

pub use convert::{ed25519_to_x25519, x25519_to_ed25519};
pub use derive::{Cost, derive_key, derive_key_at};
pub use error::Error;
pub use keys::{AccountKeys, NodeKeys, Seed, random_seed32, verify};
pub use onion::{EncType, LayerReceiver, SealedLayer, SharedKey, layer_open, layer_seal, layer_seal_in_place};
pub use phrase::PhraseError;
pub use sealed::{Opened, decoy_signature, open, seal};
pub use wrap::{unwrap_key, wrap_key};

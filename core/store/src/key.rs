//! The key of a database file.

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The 256-bit key of one account's database. Random, or derived from a passphrase by the
/// caller; never stored here. Wiped when dropped, and without `Debug`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct DatabaseKey([u8; 32]);

impl DatabaseKey {
    /// The key with these bytes, such as [`tacit_crypto::random_seed32`] gives.
    #[must_use]
    pub fn new(bytes: &Zeroizing<[u8; 32]>) -> Self {
        Self(**bytes)
    }

    /// The secret bytes, for whoever wraps the key for keeping.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

//! Keys from passphrases, for the app lock and backup files.

use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

use crate::Error;

/// How much work a guess costs. Store it beside the salt: it may grow in later versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Cost {
    /// 64 MiB and 3 passes: some tenths of a second, on phones too.
    pub const DEFAULT: Self = Self { memory_kib: 64 * 1024, passes: 3 };

    /// More than this is a damaged or hostile file, not a cost.
    const MOST: Self = Self { memory_kib: 1024 * 1024, passes: 16 };
}

/// A 32-byte key from a passphrase by Argon2id, at [`Cost::DEFAULT`].
///
/// # Errors
/// As [`derive_key_at`].
pub fn derive_key(passphrase: &[u8], salt: &[u8]) -> Result<Zeroizing<[u8; 32]>, Error> {
    derive_key_at(passphrase, salt, Cost::DEFAULT)
}

/// A 32-byte key from a passphrase by Argon2id, at a stored cost.
///
/// # Errors
/// [`Error::KeyDerivation`] if the salt has fewer than 8 bytes, or the cost is out of reason
/// (above 1 GiB or 16 passes).
pub fn derive_key_at(passphrase: &[u8], salt: &[u8], cost: Cost) -> Result<Zeroizing<[u8; 32]>, Error> {
    if cost.memory_kib > Cost::MOST.memory_kib || cost.passes > Cost::MOST.passes {
        return Err(Error::KeyDerivation);
    }
    let params = Params::new(cost.memory_kib, cost.passes, 1, Some(32)).map_err(|_| Error::KeyDerivation)?;
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase, salt, key.as_mut())
        .map_err(|_| Error::KeyDerivation)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Cost = Cost { memory_kib: 64, passes: 1 };

    #[test]
    fn passphrase_salt_and_cost_all_matter() {
        let key = |phrase: &[u8], salt: &[u8], cost| *derive_key_at(phrase, salt, cost).unwrap();
        let first = key(b"phrase", b"salt of it", CHEAP);
        assert_eq!(first, key(b"phrase", b"salt of it", CHEAP));
        assert_ne!(first, key(b"phrasf", b"salt of it", CHEAP));
        assert_ne!(first, key(b"phrase", b"salt of is", CHEAP));
        let dearer = Cost { passes: 2, ..CHEAP };
        assert_ne!(first, key(b"phrase", b"salt of it", dearer));
    }

    #[test]
    fn impossible_costs_and_salts_are_refused() {
        let most = Cost { memory_kib: u32::MAX, passes: 1 };
        let none = Cost { memory_kib: 0, passes: 0 };
        for cost in [most, none] {
            assert!(derive_key_at(b"x", b"salt of it", cost).is_err());
        }
        assert!(derive_key_at(b"x", b"short", CHEAP).is_err());
    }
}

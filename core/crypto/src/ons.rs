//! Registered names: what is asked for, and how the answer opens (protocol: messages 4.14).

use zeroize::Zeroizing;

use crate::{Error, aead, blake2b};

/// Bytes of an account ID: the prefix and a key.
pub const ACCOUNT_ID: usize = 33;
const LONGEST: usize = 64;

/// A name as it is registered: lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// Takes ASCII letters, digits, `_` and `-`, the latter not at the ends; 1 to 64 of them.
    ///
    /// # Errors
    /// [`Error::Name`] for anything else.
    pub fn parse(name: &str) -> Result<Self, Error> {
        let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let bytes = name.as_bytes();
        let ends = [bytes.first(), bytes.last()];
        let valid = bytes.len() <= LONGEST
            && bytes.iter().all(|byte| word(*byte) || *byte == b'-')
            && ends.iter().all(|end| end.is_some_and(|byte| word(*byte)));
        if valid { Ok(Self(name.to_ascii_lowercase())) } else { Err(Error::Name) }
    }

    /// The name itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What nodes know the name by.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        blake2b::hash256(&[self.0.as_bytes()])
    }

    /// The key of the value: only who knows the name can read it.
    ///
    /// # Errors
    /// None in practice: the key has a fixed length.
    pub fn key(&self) -> Result<Zeroizing<[u8; 32]>, Error> {
        blake2b::keyed256(&self.hash(), &[self.0.as_bytes()]).map(Zeroizing::new)
    }

    /// Opens the value of the name: the bytes of an account ID, prefix first.
    ///
    /// # Errors
    /// [`Error::TooShort`], [`Error::Decrypt`]; [`Error::Size`] if it is no account ID.
    pub fn open(&self, encrypted_value: &[u8], nonce: &[u8; 24]) -> Result<[u8; ACCOUNT_ID], Error> {
        let whole = [nonce, encrypted_value].concat();
        let value = aead::xchacha_open(&*self.key()?, &whole)?;
        value.try_into().map_err(|_| Error::Size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words_with_hyphens_inside() {
        for name in ["a", "A-b", "_", "a--b", &"x".repeat(64)] {
            let parsed = Name::parse(name).unwrap();
            assert_eq!(parsed.as_str(), name.to_lowercase());
        }
        for name in ["", "-", "-a", "a-", "a b", "a.b", "ü", &"x".repeat(65)] {
            assert_eq!(Name::parse(name), Err(Error::Name));
        }
    }

    #[test]
    fn a_value_opens_for_its_name_alone() {
        let name = Name::parse("tacit").unwrap();
        let sealed = aead::xchacha_seal(&name.key().unwrap(), &[1; 24], &[5; 33]).unwrap();
        assert_eq!(name.open(&sealed[24..], &[1; 24]), Ok([5; 33]));
        let other = Name::parse("tacet").unwrap();
        assert_eq!(other.open(&sealed[24..], &[1; 24]), Err(Error::Decrypt));
        let sealed = aead::xchacha_seal(&name.key().unwrap(), &[1; 24], &[5; 32]).unwrap();
        assert_eq!(name.open(&sealed[24..], &[1; 24]), Err(Error::Size));
    }
}

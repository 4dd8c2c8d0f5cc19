//! What can go wrong with keys and ciphertexts.

use thiserror::Error;

/// Why bytes were refused. [`Error::kind`] gives the stable short name of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Error {
    /// Fewer bytes than the smallest valid form has.
    #[error("the data is too short to be valid")]
    TooShort,
    /// The authentication tag, the padding of the cipher or the key does not fit.
    #[error("the data cannot be decrypted with this key")]
    Decrypt,
    /// An Ed25519 signature does not hold under the strict rules.
    #[error("the signature is not valid")]
    Signature,
    /// The sender's Ed25519 key has no place in the prime-order group.
    #[error("the sender's key is not a valid public key")]
    SenderKey,
    /// A public key that is not a point, of small order, or outside the prime-order group.
    #[error("the public key is not valid")]
    PublicKey,
    /// A key of another length than the form wants.
    #[error("the key has the wrong length")]
    KeySize,
    /// The HMAC of a legacy attachment differs.
    #[error("the authentication code does not match")]
    Mac,
    /// The SHA-256 of a legacy attachment is missing or differs.
    #[error("the digest is missing or does not match")]
    Digest,
    /// A length that is impossible here: declared, decrypted or too large.
    #[error("the size is not valid")]
    Size,
    /// The first byte names no form known here.
    #[error("the data is of an unknown type")]
    UnknownType,
    /// A stream ended before its final chunk.
    #[error("the data ends before its last part")]
    NoFinal,
    /// A stream went on after its final chunk.
    #[error("there is data after the last part")]
    DataAfterFinal,
    /// Padding that is not as the form prescribes.
    #[error("the padding is not valid")]
    Padding,
    /// A name that cannot be registered.
    #[error("the name is not valid")]
    Name,
    /// A passphrase could not be turned into a key.
    #[error("no key could be derived")]
    KeyDerivation,
    /// A stream was given other data in its second pass than in its first.
    #[error("the data changed while it was being encrypted")]
    Changed,
}

impl Error {
    /// The short stable name of this kind of error, as the test vectors spell it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::TooShort => "too_short",
            Self::Decrypt => "decrypt",
            Self::Signature => "signature",
            Self::SenderKey => "sender_key",
            Self::PublicKey => "public_key",
            Self::KeySize => "key_size",
            Self::Mac => "mac",
            Self::Digest => "digest",
            Self::Size => "size",
            Self::UnknownType => "unknown_type",
            Self::NoFinal => "no_final",
            Self::DataAfterFinal => "data_after_final",
            Self::Padding => "padding",
            Self::Name => "name",
            Self::KeyDerivation => "key_derivation",
            Self::Changed => "changed",
        }
    }
}

//! What can be wrong with bytes that claim to be of one of the formats here.

use thiserror::Error;

/// A format error. Where a format has answers of its own for bad input (storage requests,
/// onion paths, received messages, file URLs), its module has an error type of its own.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Error {
    /// Longer than the format allows.
    #[error("{what} is longer than {limit} bytes")]
    TooLong {
        /// What was measured.
        what: &'static str,
        /// The limit, in bytes.
        limit: usize,
    },
    /// Shorter than the format needs.
    #[error("{what} is too short")]
    TooShort {
        /// What was measured.
        what: &'static str,
    },
    /// Not of the form that the format asks for.
    #[error("{what} is malformed")]
    Malformed {
        /// What was read.
        what: &'static str,
    },
    /// JSON that does not parse, nests deeper than allowed or holds too many values.
    #[error("invalid JSON")]
    Json,
    /// A cryptographic operation failed.
    #[error(transparent)]
    Crypto(#[from] tacit_crypto::Error),
}

impl Error {
    pub(crate) fn malformed(what: &'static str) -> Self {
        Self::Malformed { what }
    }

    pub(crate) fn too_long(what: &'static str, limit: usize) -> Self {
        Self::TooLong { what, limit }
    }

    /// The name of the kind of error in the test vectors.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "too_long",
            Self::TooShort { .. } => "too_short",
            Self::Malformed { .. } => "format",
            Self::Json => "json",
            Self::Crypto(error) => error.kind(),
        }
    }
}

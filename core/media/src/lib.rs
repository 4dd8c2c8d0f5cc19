//! Pictures, video and sound as bytes: what is sent is scaled and freed of metadata, what arrives is
//! recognised by its content and decoded within bounds of memory and time. No I/O but what is handed in.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod audio;
mod guard;
mod kind;
pub mod picture;
pub mod video;

pub use kind::{Kind, Recognised, kind};

/// Why bytes could not be used as a picture, video or sound.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The content is of no form known here, whatever its name claims.
    #[error("not a known form of {0}")]
    Unknown(&'static str),
    /// Known, but nothing here decodes it.
    #[error("{0} cannot be decoded")]
    Unsupported(&'static str),
    /// More pixels, bytes or frames than are ever decoded.
    #[error("too large: {0}")]
    TooLarge(String),
    /// Cut short or damaged.
    #[error("damaged: {0}")]
    Damaged(String),
    /// Longer than the limit of what is recorded or played.
    #[error("too long")]
    TooLong,
    /// An encoder refused; says which.
    #[error("{0} could not encode")]
    Encoder(&'static str),
}

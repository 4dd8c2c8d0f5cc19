//! Why a file is not sent, or cannot be used.

use std::io;

/// What can be wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// More than a message carries.
    #[error("Files can be at most 10 MB. This one is larger.")]
    TooLarge,
    /// There is nothing in it.
    #[error("This file is empty.")]
    Empty,
    /// A picture whose place and camera cannot be taken out here.
    #[error("This kind of picture can't be cleaned of location data here. Send it as a file, or convert it to JPEG.")]
    Uncleanable,
    /// A picture that cannot be read, or is too large to be.
    #[error("This picture can't be used: {0}.")]
    Picture(tacit_media::Error),
    /// A sound that cannot be read.
    #[error("This sound can't be used: {0}.")]
    Sound(tacit_media::Error),
    /// What came is not what its sender described: it was changed, cut, or damaged on the way.
    #[error("This file isn't what its sender described: {0}.")]
    Damaged(tacit_crypto::Error),
    /// Its address names no server that may be asked.
    #[error("This file's address can't be used.")]
    Address,
    /// It was not downloaded.
    #[error("This file isn't here yet. Download it first.")]
    NotHere,
    /// It cannot be read.
    #[error("The file can't be read: {0}.")]
    Read(io::Error),
    /// It cannot be written.
    #[error("The file can't be written: {0}.")]
    Write(io::Error),
    /// The program ends.
    #[error("The account was closed.")]
    Interrupted,
}

impl FileError {
    /// The disk has no room for it.
    pub(crate) fn is_full(&self) -> bool {
        use io::ErrorKind::{QuotaExceeded, StorageFull};
        matches!(self, Self::Write(error) if matches!(error.kind(), StorageFull | QuotaExceeded))
    }

    /// A short stable name, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "file_too_large",
            Self::Empty => "file_empty",
            Self::Uncleanable => "picture_uncleanable",
            Self::Picture(_) => "picture",
            Self::Sound(_) => "sound",
            Self::Damaged(_) => "file_damaged",
            Self::Address => "file_address",
            Self::NotHere => "file_not_here",
            Self::Read(_) => "file_read",
            Self::Write(_) if self.is_full() => "disk_full",
            Self::Write(_) => "file_write",
            Self::Interrupted => "closed",
        }
    }
}

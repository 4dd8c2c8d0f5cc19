//! Why a backup could not be written or read.

use std::io;
use std::path::PathBuf;

use super::header::KeyKind;

/// What is wrong with a backup. Each leaves the account as it was, but for what a damaged file gave
/// before its damage, which stays.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The file is something else.
    #[error("This isn't a backup of Tacit.")]
    NotABackup,
    /// A later version made it.
    #[error("This backup was made by a newer version of Tacit (form {found}). Update first.")]
    NewerVersion {
        /// Its form.
        found: u8,
    },
    /// Another kind of key opens it.
    #[error("This backup opens with {}.", kind.words())]
    OtherKey {
        /// Which.
        kind: KeyKind,
    },
    /// The passphrase or key is another.
    #[error("That's not the passphrase or key of this backup.")]
    WrongKey,
    /// It belongs to somebody else.
    #[error("This backup belongs to another account.")]
    OtherAccount,
    /// Bytes were changed, or the end is missing.
    #[error("This backup is damaged at {percent} % (byte {offset}). What came before was read.")]
    Damaged {
        /// The first byte of the part that is damaged.
        offset: u64,
        /// The same in the size of the file.
        percent: u8,
    },
    /// A passphrase has 6 to 256 characters.
    #[error("A passphrase has 6 to 256 characters.")]
    PassphraseLength,
    /// It was cancelled.
    #[error("The backup was cancelled.")]
    Cancelled,
    /// The disk is full.
    #[error("There is no space left for {}.", path.display())]
    NoSpace {
        /// The file that was being written.
        path: PathBuf,
    },
    /// A file can't be read or written.
    #[error("{} can't be used: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl BackupError {
    /// A short stable name, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotABackup => "not_a_backup",
            Self::NewerVersion { .. } => "newer_backup",
            Self::OtherKey { .. } => "other_key",
            Self::WrongKey => "wrong_passphrase",
            Self::OtherAccount => "other_account",
            Self::Damaged { .. } => "damaged_backup",
            Self::PassphraseLength => "passphrase_length",
            Self::Cancelled => "cancelled",
            Self::NoSpace { .. } => "disk_full",
            Self::File { .. } => "file",
        }
    }

    /// What an error of the system at a file means.
    pub(super) fn at(path: &std::path::Path) -> impl Fn(io::Error) -> Self {
        let path = path.to_owned();
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace { path: path.clone() },
            _ => Self::File { path: path.clone(), source },
        }
    }
}

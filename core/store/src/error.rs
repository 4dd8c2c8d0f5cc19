//! What can go wrong, and what can be done about it.

use std::io;

use tacit_sqlite::{Fault, fault, rusqlite};
use thiserror::Error;

/// Errors of the store. None of them deletes or overwrites the file.
#[derive(Debug, Error)]
pub enum Error {
    /// There is no file at the path.
    #[error("there is no database at this place")]
    Missing,
    /// A file stands where one was to be created.
    #[error("there is a database at this place already")]
    Exists,
    /// The key does not open the file, or it is no database of this program. Damage to the first
    /// 16 bytes can't be told from it; damage anywhere else is [`Error::Damaged`].
    #[error("the key does not open this database")]
    WrongKey,
    /// A newer version of the program wrote the file.
    #[error("the database has version {found}, this program knows versions up to {known}")]
    NewerVersion {
        /// Version of the file.
        found: u32,
        /// The newest version that this program can read.
        known: u32,
    },
    /// The file contradicts itself or fails its authentication. When that shows while the store
    /// is open, nothing more can be read or written through it: close it.
    #[error("the database is damaged: {detail}")]
    Damaged {
        /// What was found.
        detail: String,
    },
    /// Another process or connection uses the file.
    #[error("the database is in use elsewhere")]
    Locked,
    /// The file or its folder can't be written.
    #[error("the database can't be written: the file or its folder is read-only")]
    ReadOnly,
    /// No space is left.
    #[error("there is no space left for the database")]
    DiskFull,
    /// The operating system could not read or write.
    #[error("the database can't be read or written: {detail}")]
    Io {
        /// What the system said.
        detail: String,
    },
    /// The conversation, message or account that was named is not there (any more).
    #[error("there is no such {what}")]
    Unknown {
        /// What was asked for.
        what: &'static str,
    },
    /// A value breaks a rule of the store; a mistake in the calling program.
    #[error("refused by the database: {detail}")]
    Refused {
        /// Which rule.
        detail: String,
    },
}

impl Error {
    /// One sentence on what the user can do.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Missing => "Check the folder, or create or restore an account there.",
            Self::Exists => "Open the account that is there, or choose another folder.",
            Self::WrongKey => "Check the passphrase or key; the file was left as it is.",
            Self::NewerVersion { .. } => "Update Tacit; the file was left as it is.",
            Self::Damaged { .. } => "Keep a copy of the file, then restore from a backup or the recovery phrase.",
            Self::Locked => "Close the other Tacit that uses this account, then try again.",
            Self::ReadOnly => "Make the folder and the file writable for you, then try again.",
            Self::DiskFull => "Free some space, then try again; nothing that was saved is lost.",
            Self::Io { .. } => "Check the disk, then try again; the file was left as it is.",
            Self::Unknown { .. } => "It was removed in the meantime; go back to the list.",
            Self::Refused { .. } => "Please report this as a fault of Tacit.",
        }
    }

    pub(crate) fn damaged(detail: impl Into<String>) -> Self {
        Self::Damaged { detail: detail.into() }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        let detail = || error.to_string();
        match fault(&error) {
            Fault::Busy => Self::Locked,
            Fault::ReadOnly => Self::ReadOnly,
            Fault::Full => Self::DiskFull,
            Fault::Io | Fault::CannotOpen => Self::Io { detail: detail() },
            Fault::NotADatabase | Fault::Corrupt => Self::damaged(detail()),
            Fault::Constraint => Self::Refused { detail: detail() },
            // Our statements are fixed and tested: a failure while one runs is a page that
            // failed its authentication. A failure to compile one is our mistake.
            Fault::General if matches!(error, rusqlite::Error::SqliteFailure(..)) => {
                Self::damaged("a page failed its authentication")
            }
            Fault::General | Fault::Other => match error {
                rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::Utf8Error(..) => Self::damaged(detail()),
                _ => Self::Refused { detail: detail() },
            },
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            io::ErrorKind::AlreadyExists => Self::Exists,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => Self::DiskFull,
            _ => Self::Io { detail: error.to_string() },
        }
    }
}

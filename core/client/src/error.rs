//! What can go wrong, for whoever shows it to a person.

use std::io;
use std::path::PathBuf;

use tacit_crypto::phrase::PhraseError;
use tacit_wire::AccountIdError;

use crate::backup::BackupError;
use crate::files::FileError;
use crate::lock::LockError;
use crate::text::{NameError, TextError};

/// Errors of the client. [`Error::code`] is a stable short name; the text is a sentence for people.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The recovery phrase is not one.
    #[error(transparent)]
    Phrase(#[from] PhraseError),
    /// Not an account ID.
    #[error(transparent)]
    AccountId(#[from] AccountIdError),
    /// A text that is not sent.
    #[error(transparent)]
    Text(#[from] TextError),
    /// A display name that is not taken.
    #[error(transparent)]
    Name(#[from] NameError),
    /// More files than one message holds.
    #[error("A message holds at most 32 files. Send the others with another one.")]
    TooManyFiles,
    /// Not an emoji that can stand as a reaction.
    #[error("That isn't an emoji.")]
    Reaction,
    /// Too many reactions within a minute.
    #[error("Slow down a little.")]
    TooFast,
    /// Somebody else's message cannot be removed for everyone.
    #[error("Only your own messages can be deleted for everyone.")]
    NotYours,
    /// The account is blocked by us.
    #[error("You've blocked this account. Unblock it to write to it.")]
    Blocked,
    /// There is no such conversation or message.
    #[error("There is no such {what}.")]
    Unknown {
        /// `conversation` or `message`.
        what: &'static str,
    },
    /// No account lives in the folder.
    #[error("There is no account in {}. Create one, or restore one from its recovery phrase.", path.display())]
    NoAccount {
        /// The folder.
        path: PathBuf,
    },
    /// An account lives in the folder already.
    #[error("There is an account in {} already.", path.display())]
    AccountExists {
        /// The folder.
        path: PathBuf,
    },
    /// Another program uses the account.
    #[error("Another program uses the account in {}.", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The folder cannot be read or written.
    #[error("{} cannot be used: {source}", path.display())]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file with the key is gone or holds something else.
    #[error("The key of the database is missing or unreadable: {}. Without it the account can only be restored from its recovery phrase.", path.display())]
    KeyFile {
        /// The file.
        path: PathBuf,
    },
    /// The app lock.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A backup.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
    /// The system gives no random numbers.
    #[error("This device gave no secure random numbers.")]
    NoRandomness,
    /// No network profile was given, and none is kept.
    #[error("No network was chosen. Name one with --network.")]
    NoNetwork,
    /// The database.
    #[error("{source} {}", source.advice())]
    Store {
        /// What happened.
        #[from]
        source: tacit_store::Error,
    },
    /// The network.
    #[error(transparent)]
    Network(#[from] tacit_network::Error),
    /// What our devices share.
    #[error("Settings and contacts cannot be synced: {0}.")]
    Config(#[from] tacit_config::Error),
    /// Keys and ciphertexts.
    #[error(transparent)]
    Crypto(#[from] tacit_crypto::Error),
    /// A byte format.
    #[error(transparent)]
    Wire(#[from] tacit_wire::Error),
    /// A mistake in this program.
    #[error("Something went wrong in Tacit itself. Nothing was changed.")]
    Internal,
    /// The account was closed.
    #[error("The account was closed.")]
    Closed,
}

impl Error {
    /// A short stable name, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Phrase(error) => error.kind(),
            Self::AccountId(_) => "account_id",
            Self::Text(TextError::Empty) => "text_empty",
            Self::Text(TextError::TooLong { .. }) => "text_too_long",
            Self::Name(NameError::Empty) => "name_empty",
            Self::Name(NameError::TooLong) => "name_too_long",
            Self::TooManyFiles => "too_many_files",
            Self::Reaction => "reaction",
            Self::TooFast => "too_fast",
            Self::NotYours => "not_yours",
            Self::Blocked => "blocked",
            Self::Unknown { .. } => "unknown",
            Self::NoAccount { .. } => "no_account",
            Self::AccountExists { .. } => "account_exists",
            Self::InUse { .. } => "in_use",
            Self::Folder { .. } => "folder",
            Self::KeyFile { .. } => "key_file",
            Self::Lock(error) => error.code(),
            Self::Backup(error) => error.code(),
            Self::File(error) => error.code(),
            Self::NoRandomness => "no_randomness",
            Self::NoNetwork => "no_network",
            Self::Store { source } => store_code(source),
            Self::Network(error) => network_code(error),
            Self::Config(tacit_config::Error::TooLarge { .. }) => "config_too_large",
            Self::Config(_) => "config",
            Self::Crypto(_) => "crypto",
            Self::Wire(_) => "format",
            Self::Internal => "internal",
            Self::Closed => "closed",
        }
    }
}

fn store_code(error: &tacit_store::Error) -> &'static str {
    use tacit_store::Error;
    match error {
        Error::Missing => "no_account",
        Error::Exists => "account_exists",
        Error::WrongKey => "wrong_key",
        Error::NewerVersion { .. } => "newer_version",
        Error::Damaged { .. } => "damaged",
        Error::Locked => "in_use",
        Error::ReadOnly => "read_only",
        Error::DiskFull => "disk_full",
        Error::Io { .. } => "io",
        Error::Unknown { .. } => "unknown",
        Error::Refused { .. } => "internal",
    }
}

fn network_code(error: &tacit_network::Error) -> &'static str {
    use tacit_network::Error;
    match error {
        Error::Offline => "offline",
        Error::TooFewNodes { .. } => "too_few_nodes",
        Error::NoAnswer { .. } => "no_answer",
        Error::Status { .. } => "refused",
        Error::NoSwarm => "no_swarm",
        Error::TooLarge | Error::FileTooLarge => "too_large",
        Error::Gone => "file_gone",
        Error::NoFileServer => "no_file_server",
        Error::Unreadable => "file_read",
        Error::Profile(_) => "network_profile",
        Error::Setup => "setup",
        Error::Closed => "closed",
    }
}

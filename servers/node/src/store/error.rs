//! What can go wrong with the disk.

/// Errors of the store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Too many writes wait; nothing was done.
    #[error("too many writes waiting")]
    Busy,
    /// Writing failed earlier (disk full, damaged file) or the limit on size is reached.
    #[error("the store takes no writes: {0}")]
    ReadOnly(&'static str),
    /// The mailbox holds as much as it may.
    #[error("mailbox full")]
    MailboxFull,
    /// More was asked for than can be answered at once.
    #[error("too much at once")]
    TooMuch,
    /// The group of writes that this one was part of was rolled back.
    #[error("the write was rolled back")]
    RolledBack,
    /// The store is being closed.
    #[error("the store is closed")]
    Closed,
    /// A newer program made the file.
    #[error("the database has version {found}, this program knows {known}: use a newer one")]
    NewerVersion {
        /// Version in the file.
        found: i64,
        /// Version of this program.
        known: i64,
    },
    /// SQLite said no.
    #[error("database: {0}")]
    Sqlite(#[from] tacit_sqlite::rusqlite::Error),
    /// A folder or file cannot be used.
    #[error("{path}: {source}")]
    File {
        /// Which one.
        path: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

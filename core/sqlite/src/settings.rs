//! The pragmas under which a connection works.

use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, Error, Result};

/// When a commit waits for the disk. Both forms survive the death of the process; in WAL mode
/// both leave a consistent file after power loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Synchronous {
    /// What was committed since the last full commit or checkpoint may be gone after power loss.
    Normal,
    /// The commit is on the disk when it returns, with all commits before it.
    Full,
}

impl Synchronous {
    /// Sets it for the commits to come. Not possible within a transaction.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn apply(self, connection: &Connection) -> Result<()> {
        let value = match self {
            Self::Normal => "NORMAL",
            Self::Full => "FULL",
        };
        connection.pragma_update(None, "synchronous", value)
    }
}

/// Settings of a connection. All use WAL, foreign keys, temporary files in memory and checks of
/// page contents while reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Page cache, in KiB. Pages in it are decrypted once.
    pub cache_kib: u32,
    /// When commits wait for the disk.
    pub synchronous: Synchronous,
    /// Whether this connection alone may use the file, for as long as it is open. Then no
    /// shared memory file is needed either.
    pub exclusive: bool,
    /// How long to wait for another connection's lock.
    pub busy_timeout: Duration,
    /// Whether what is deleted is overwritten with zeros.
    pub secure_delete: bool,
}

impl Settings {
    /// For the database of one account: one connection, durable, 16 MiB of cache, deleted
    /// texts wiped.
    #[must_use]
    pub fn account() -> Self {
        Self {
            cache_kib: 16 * 1024,
            synchronous: Synchronous::Full,
            exclusive: true,
            busy_timeout: Duration::from_secs(2),
            secure_delete: true,
        }
    }

    /// For a server: several connections, group commits that are durable, 64 MiB of cache for
    /// the writer (give readers less).
    #[must_use]
    pub fn server() -> Self {
        Self {
            cache_kib: 64 * 1024,
            synchronous: Synchronous::Full,
            exclusive: false,
            busy_timeout: Duration::from_secs(5),
            secure_delete: false,
        }
    }

    /// Applies them; the first statements after opening (and after the key), since only then the
    /// log's index of an exclusive connection stays in its own memory.
    ///
    /// # Errors
    /// What SQLite says, among it [`crate::Fault::Busy`] when another holds the file, and
    /// [`crate::Fault::ReadOnly`] when it can't be written.
    pub fn apply(&self, connection: &Connection) -> Result<()> {
        connection.busy_timeout(self.busy_timeout)?;
        // Else a statement with `LIMIT ?` is prepared anew at each use, for the value bound to it.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        let locking = if self.exclusive { "EXCLUSIVE" } else { "NORMAL" };
        connection.pragma_update(None, "locking_mode", locking)?;
        let mode: String = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
        if mode != "wal" {
            return Err(Error::SqliteFailure(
                rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_READONLY),
                Some(format!("the database stays in journal mode {mode}")),
            ));
        }
        self.synchronous.apply(connection)?;
        connection.pragma_update(None, "cache_size", -i64::from(self.cache_kib))?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "trusted_schema", false)?;
        connection.pragma_update(None, "cell_size_check", true)?;
        connection.pragma_update(None, "secure_delete", self.secure_delete)
    }
}

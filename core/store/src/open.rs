//! Creating and opening the file, with everything that can be wrong about it.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};

use tacit_sqlite::rusqlite::{Connection, MAIN_DB, OpenFlags};
use tacit_sqlite::wal::{self, Verdict};
use tacit_sqlite::{Fault, Settings, any_page_verifies, fault, open_encrypted};

use crate::{DatabaseKey, Error, Store, Tx, migrations, outbox};

/// Statements kept prepared; more than the store has.
const PREPARED: usize = 128;

impl Store {
    /// Creates a database that has no account yet ([`crate::Tx::create_account`]) and opens it.
    ///
    /// The file appears at `path` complete or not at all, readable by its owner only.
    ///
    /// # Errors
    /// [`Error::Exists`] when there is a file already, which is left as it is; [`Error::Missing`]
    /// when the folder is not there; [`Error::ReadOnly`], [`Error::DiskFull`], [`Error::Io`].
    pub fn create(path: &Path, key: &DatabaseKey) -> Result<Self, Error> {
        Self::create_with(path, key, |_| Ok(()))
    }

    /// The same, and puts something in before the file appears: so nobody ever finds a database
    /// without its account.
    ///
    /// # Errors
    /// As [`Store::create`], and those of `fill`.
    pub fn create_with(
        path: &Path,
        key: &DatabaseKey,
        fill: impl FnOnce(&Tx<'_>) -> Result<(), Error>,
    ) -> Result<Self, Error> {
        if path.try_exists()? {
            return Err(Error::Exists);
        }
        let draft = with_suffix(path, ".creating");
        // Left behind when an earlier creation was killed: no account was ever in it.
        for leftover in [&draft, &log_of(&draft)] {
            match fs::remove_file(leftover) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        create_private(&draft)?;
        let built = build(&draft, key, fill).and_then(|()| {
            File::open(&draft)?.sync_all()?;
            publish(&draft, path)
        });
        // Gone already when it was renamed.
        let _ = fs::remove_file(&draft);
        built?;
        Self::open(path, key)
    }

    /// Opens a database and brings it to the newest version. After an unclean stop the whole
    /// file is checked first, which takes time in proportion to its size.
    ///
    /// # Errors
    /// Any of [`Error`]'s; the file is left as it is.
    pub fn open(path: &Path, key: &DatabaseKey) -> Result<Self, Error> {
        if fs::metadata(path)?.len() == 0 {
            return Err(Error::damaged("the file is empty"));
        }
        let log = wal::inspect(&log_of(path))?;
        if let Verdict::Damaged { commits } = log {
            return Err(Error::damaged(format!(
                "its log fails its checksum after {commits} transactions, and more come after that"
            )));
        }
        let connection = connect(path, key).map_err(|error| explain(error, path, key))?;
        migrations::check_version(&connection)?;
        if log != Verdict::Empty {
            check_all(&connection)?;
        }
        migrations::run(&connection)?;
        outbox::prepare(&connection)?;
        connection.set_prepared_statement_cache_capacity(PREPARED);
        Ok(Self::over(connection))
    }
}

fn connect(path: &Path, key: &DatabaseKey) -> Result<Connection, tacit_sqlite::rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    open_encrypted(path, key.as_bytes(), flags, &Settings::account())
}

/// What an error on opening means; SQLite's code alone does not always tell.
fn explain(error: tacit_sqlite::rusqlite::Error, path: &Path, key: &DatabaseKey) -> Error {
    match fault(&error) {
        Fault::NotADatabase => match any_page_verifies(path, key.as_bytes()) {
            Ok(true) => Error::damaged("its first page fails its authentication"),
            Ok(false) => Error::WrongKey,
            Err(error) => error.into(),
        },
        Fault::CannotOpen | Fault::Io => writable(path).err().unwrap_or_else(|| error.into()),
        _ => error.into(),
    }
}

/// Whether the file and the log beside it can be written, as the system puts it.
fn writable(path: &Path) -> Result<(), Error> {
    OpenOptions::new().read(true).write(true).open(path)?;
    OpenOptions::new().write(true).create(true).truncate(false).open(log_of(path))?;
    Ok(())
}

/// Reads every page and compares what the file says with itself; then takes over the log, so
/// that it is not replayed twice.
fn check_all(connection: &Connection) -> Result<(), Error> {
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found != "ok" {
        return Err(Error::damaged(found));
    }
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}

fn build(draft: &Path, key: &DatabaseKey, fill: impl FnOnce(&Tx<'_>) -> Result<(), Error>) -> Result<(), Error> {
    let connection = connect(draft, key)?;
    if connection.is_readonly(MAIN_DB)? {
        return Err(Error::ReadOnly);
    }
    migrations::run(&connection)?;
    let mut store = Store::over(connection);
    store.write(fill)?;
    store.close()
}

/// Gives the finished file its name, without replacing one that appeared meanwhile.
fn publish(draft: &Path, path: &Path) -> Result<(), Error> {
    match fs::hard_link(draft, path) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Err(Error::Exists),
        // Some systems know no hard links or forbid them to apps.
        Err(_) => fs::rename(draft, path)?,
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        sync_folder(folder);
    }
    Ok(())
}

/// Makes the new name durable, where a folder can be opened for that.
fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

#[cfg(unix)]
fn create_private(path: &Path) -> Result<(), Error> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    Ok(())
}

#[cfg(not(unix))]
fn create_private(path: &Path) -> Result<(), Error> {
    OpenOptions::new().write(true).create_new(true).open(path)?;
    Ok(())
}

/// Where SQLite keeps the write-ahead log.
fn log_of(path: &Path) -> PathBuf {
    with_suffix(path, "-wal")
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

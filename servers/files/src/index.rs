//! The index: which files there are, how large, until when. SQLite, one connection that writes and
//! one that reads; every write is on the disk when it is answered.
//!
//! Several processes may use it at once (the server and its commands): all that must not happen
//! twice goes through the table `claim`.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use tacit_sqlite::rusqlite::{Connection, OpenFlags, OptionalExtension as _, Result, TransactionBehavior, params};
use tacit_sqlite::{Settings, open_plain};

use crate::{FileId, StoreError};

const VERSION: i64 = 1;
const SCHEMA: &str = include_str!("index/schema.sql");

const ROW: &str = "SELECT size, uploaded_ms, expiry_ms FROM file WHERE id = ?1";
const EXPIRED: &str = "SELECT id FROM file WHERE expiry_ms <= ?1 ORDER BY expiry_ms LIMIT ?2";
const GOING: &str = "SELECT id FROM claim WHERE going = 1 AND id > ?1 ORDER BY id LIMIT ?2";
const OLDEST: &str = "SELECT min(expiry_ms) FROM file";
const PAGE: &str = "SELECT id, size FROM file WHERE id > ?1 ORDER BY id LIMIT ?2";

/// What is known of a file. Times are milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Bytes.
    pub size: u64,
    /// When it came first.
    pub uploaded_ms: u64,
    /// From then on it is gone.
    pub expiry_ms: u64,
}

/// What came of the wish to write the bytes of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The caller alone may write them, and must confirm or give up.
    Ours,
    /// They are there already.
    Exists(Row),
    /// Somebody else writes or deletes them right now.
    Busy,
}

/// How much there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Files.
    pub files: u64,
    /// Their bytes together.
    pub bytes: u64,
    /// The earliest end of a file, ms since 1970.
    pub oldest_expiry_ms: Option<u64>,
    /// Names whose bytes are being written or deleted.
    pub claims: u64,
}

/// The index.
#[derive(Clone)]
pub struct Index {
    writer: Arc<Mutex<Connection>>,
    reader: Arc<Mutex<Connection>>,
}

impl Index {
    /// Opens the index, or makes it.
    ///
    /// # Errors
    /// [`StoreError::Index`], or [`StoreError::NewerVersion`].
    pub fn open(path: &Path) -> std::result::Result<Self, StoreError> {
        let flags = OpenFlags::default();
        let mut writer = open_plain(path, flags, &Settings::server())?;
        match writer.query_row("PRAGMA user_version", [], |row| row.get(0))? {
            0 => {
                let transaction = writer.transaction_with_behavior(TransactionBehavior::Exclusive)?;
                transaction.execute_batch(SCHEMA)?;
                transaction.pragma_update(None, "user_version", VERSION)?;
                transaction.commit()?;
            }
            VERSION => (),
            found => return Err(StoreError::NewerVersion { found, known: VERSION }),
        }
        let settings = Settings { cache_kib: 16 * 1024, ..Settings::server() };
        let reader = open_plain(path, flags, &settings)?;
        Ok(Self { writer: Arc::new(Mutex::new(writer)), reader: Arc::new(Mutex::new(reader)) })
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, StoreError> {
        let writer = Arc::clone(&self.writer);
        let task = tokio::task::spawn_blocking(move || {
            let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
            let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        });
        task.await.map_err(|_| StoreError::Ended)?
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, StoreError> {
        let reader = Arc::clone(&self.reader);
        let task = tokio::task::spawn_blocking(move || {
            let reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
            work(&reader).map_err(StoreError::from)
        });
        task.await.map_err(|_| StoreError::Ended)?
    }

    /// Claims the bytes of a name for an upload; if they are there, they stay at least until
    /// `expiry_ms`.
    ///
    /// # Errors
    /// See [`StoreError`]; so with all others here.
    pub async fn claim(&self, id: FileId, expiry_ms: u64) -> std::result::Result<Claim, StoreError> {
        self.write(move |c| {
            if let Some(row) = prolong(c, &id, expiry_ms)? {
                return Ok(Claim::Exists(row));
            }
            let new = c
                .prepare_cached("INSERT INTO claim (id, going) VALUES (?1, 0) ON CONFLICT DO NOTHING")?
                .execute([id.as_str()])?;
            Ok(if new == 1 { Claim::Ours } else { Claim::Busy })
        })
        .await
    }

    /// The bytes of a claimed name are there: now the file is.
    pub async fn confirm(&self, id: FileId, row: Row) -> std::result::Result<(), StoreError> {
        self.write(move |c| {
            c.prepare_cached("INSERT INTO file (id, size, uploaded_ms, expiry_ms) VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![id.as_str(), int(row.size), int(row.uploaded_ms), int(row.expiry_ms)])?;
            release(c, &id)
        })
        .await
    }

    /// The bytes of these names are gone, or never came: others may write them again.
    pub async fn gone(&self, ids: Vec<FileId>) -> std::result::Result<(), StoreError> {
        self.write(move |c| ids.iter().try_for_each(|id| release(c, id))).await
    }

    /// The file, unless it has expired.
    pub async fn get(&self, id: FileId, now_ms: u64) -> std::result::Result<Option<Row>, StoreError> {
        self.read(move |c| Ok(row(c, &id)?.filter(|row| row.expiry_ms > now_ms))).await
    }

    /// Lets a file stay at least until `expiry_ms`; none if there is no such file.
    pub async fn extend(
        &self,
        id: FileId,
        expiry_ms: u64,
        now_ms: u64,
    ) -> std::result::Result<Option<Row>, StoreError> {
        self.write(move |c| match row(c, &id)? {
            Some(row) if row.expiry_ms > now_ms => prolong(c, &id, expiry_ms),
            _ => Ok(None),
        })
        .await
    }

    /// Takes up to `limit` files that have expired out of the index and marks their bytes for
    /// deletion; how many.
    pub async fn expire(&self, now_ms: u64, limit: u32) -> std::result::Result<usize, StoreError> {
        self.write(move |c| {
            let ids = names(c, EXPIRED, params![int(now_ms), limit])?;
            ids.iter().try_for_each(|id| doom(c, id))?;
            Ok(ids.len())
        })
        .await
    }

    /// Takes a file out of the index and marks its bytes for deletion; whether there was one.
    pub async fn doom(&self, id: FileId) -> std::result::Result<bool, StoreError> {
        self.write(move |c| {
            let known = row(c, &id)?.is_some();
            if known {
                doom(c, &id)?;
            }
            Ok(known)
        })
        .await
    }

    /// Names whose bytes are to be deleted, in order, from behind `after`.
    pub async fn going(&self, after: String, limit: u32) -> std::result::Result<Vec<FileId>, StoreError> {
        self.read(move |c| names(c, GOING, params![after, limit])).await
    }

    /// Uploads that an earlier process did not end: their bytes are to be deleted. Only while no
    /// other server uses the index.
    pub async fn abandon_uploads(&self) -> std::result::Result<usize, StoreError> {
        self.write(|c| c.execute("UPDATE claim SET going = 1 WHERE going = 0", [])).await
    }

    /// Names and sizes, expired ones too, in order, from behind `after`.
    pub async fn page(&self, after: String, limit: u32) -> std::result::Result<Vec<(FileId, u64)>, StoreError> {
        self.read(move |c| {
            let mut page = c.prepare_cached(PAGE)?;
            let rows = page.query_map(params![after, limit], |row| Ok((row.get::<_, String>(0)?, uint(row, 1)?)))?;
            let rows: Vec<_> = rows.collect::<Result<_>>()?;
            Ok(rows.into_iter().filter_map(|(id, size)| Some((FileId::parse(&id)?, size))).collect())
        })
        .await
    }

    /// How much there is.
    pub async fn totals(&self) -> std::result::Result<Totals, StoreError> {
        self.read(|c| {
            let (files, bytes) = c
                .prepare_cached("SELECT files, bytes FROM total")?
                .query_row([], |row| Ok((uint(row, 0)?, uint(row, 1)?)))?;
            let oldest: Option<i64> = c.prepare_cached(OLDEST)?.query_row([], |row| row.get(0))?;
            let claims = c.query_row("SELECT count(*) FROM claim", [], |row| uint(row, 0))?;
            let oldest_expiry_ms = oldest.and_then(|ms| u64::try_from(ms).ok());
            Ok(Totals { files, bytes, oldest_expiry_ms, claims })
        })
        .await
    }

    /// Bytes of all files together.
    pub async fn bytes(&self) -> std::result::Result<u64, StoreError> {
        self.read(|c| c.prepare_cached("SELECT bytes FROM total")?.query_row([], |row| uint(row, 0))).await
    }
}

fn row(c: &Connection, id: &FileId) -> Result<Option<Row>> {
    c.prepare_cached(ROW)?
        .query_row([id.as_str()], |row| {
            Ok(Row { size: uint(row, 0)?, uploaded_ms: uint(row, 1)?, expiry_ms: uint(row, 2)? })
        })
        .optional()
}

/// Raises the expiry, never lowers it.
fn prolong(c: &Connection, id: &FileId, expiry_ms: u64) -> Result<Option<Row>> {
    let Some(row) = row(c, id)? else { return Ok(None) };
    if expiry_ms > row.expiry_ms {
        c.prepare_cached("UPDATE file SET expiry_ms = ?2 WHERE id = ?1")?
            .execute(params![id.as_str(), int(expiry_ms)])?;
    }
    Ok(Some(Row { expiry_ms: row.expiry_ms.max(expiry_ms), ..row }))
}

fn doom(c: &Connection, id: &FileId) -> Result<()> {
    c.prepare_cached("DELETE FROM file WHERE id = ?1")?.execute([id.as_str()])?;
    c.prepare_cached("INSERT OR REPLACE INTO claim (id, going) VALUES (?1, 1)")?.execute([id.as_str()])?;
    Ok(())
}

fn release(c: &Connection, id: &FileId) -> Result<()> {
    c.prepare_cached("DELETE FROM claim WHERE id = ?1")?.execute([id.as_str()]).map(|_| ())
}

fn names(c: &Connection, query: &str, parameters: impl tacit_sqlite::rusqlite::Params) -> Result<Vec<FileId>> {
    let mut statement = c.prepare_cached(query)?;
    let names = statement.query_map(parameters, |row| row.get::<_, String>(0))?;
    let names: Vec<String> = names.collect::<Result<_>>()?;
    Ok(names.iter().filter_map(|name| FileId::parse(name)).collect())
}

fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn uint(row: &tacit_sqlite::rusqlite::Row<'_>, column: usize) -> Result<u64> {
    Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or(0))
}

#[cfg(test)]
mod tests;

//! Mailboxes on disk.
//!
//! Guarantees: what a write answers is on the disk (`synchronous=FULL`, answer after the commit);
//! a cursor stays valid after its message was deleted or has expired, as long as its tombstone is
//! kept; what a user deleted does not come back, whatever way it takes. Order of arrival is this
//! node's own: cursors belong to one node. Quotas per mailbox are not enforced here.

mod delete;
mod error;
mod expire;
mod put;
mod readers;
mod retrieve;
mod revoke;
mod rows;
mod schema;
mod sweep;
mod writer;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread::JoinHandle;

use tacit_sqlite::rusqlite::{self, Connection, OptionalExtension as _};
use tacit_wire::{AccountId, MessageHash, Namespace, TimestampMs};

pub use delete::{Delete, Wipe};
pub use error::StoreError;
pub use expire::{ChangeExpiry, ExpiryChanged, ShortenAll};
pub use put::{Put, Stored};
pub use retrieve::{Message, Page, Query};
pub use revoke::Revoke;
pub use rows::Proof;

use readers::Readers;
use writer::Writer;

/// A node's mailboxes.
pub struct Store {
    writer: tokio::sync::RwLock<Option<Writer>>,
    thread: Mutex<Option<JoinHandle<Connection>>>,
    readers: Readers,
    path: PathBuf,
    max_bytes: u64,
    clean: bool,
    _lock: File,
}

impl Store {
    /// Opens (or makes) the database in `data_dir`, which no other process may use meanwhile.
    /// Above `max_bytes` stores fail; reading and deleting go on.
    ///
    /// # Errors
    /// [`StoreError::File`] if the folder is in use or cannot be written, [`StoreError::NewerVersion`],
    /// [`StoreError::Sqlite`].
    pub fn open(data_dir: &Path, max_bytes: u64) -> Result<Self, StoreError> {
        let lock = lock(data_dir)?;
        let path = data_dir.join("mailboxes.sqlite");
        let writer = schema::open_writer(&path)?;
        let clean = writer.query_row("SELECT value FROM kv WHERE key = 'clean'", [], |_| Ok(())).optional()?.is_some();
        writer.execute("DELETE FROM kv WHERE key = 'clean'", [])?;
        let readers = Readers::open(&path)?;
        let (writer, thread) =
            Writer::start(writer).map_err(|source| StoreError::File { path: path.clone(), source })?;
        Ok(Self {
            writer: tokio::sync::RwLock::new(Some(writer)),
            thread: Mutex::new(Some(thread)),
            readers,
            path,
            max_bytes,
            clean,
            _lock: lock,
        })
    }

    /// Whether the last process that used it ended in order; a new database counts as unclean.
    #[must_use]
    pub fn was_clean(&self) -> bool {
        self.clean
    }

    async fn write<T: Send + 'static>(
        &self,
        bytes: usize,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        match &*self.writer.read().await {
            Some(writer) => writer.write(bytes, work).await,
            None => Err(StoreError::Closed),
        }
    }

    /// Stores a message.
    ///
    /// # Errors
    /// See [`StoreError`]; nothing is stored then.
    pub async fn put(&self, message: Put, now: TimestampMs) -> Result<Stored, StoreError> {
        if self.size() > self.max_bytes / 100 * 97 {
            return Err(StoreError::ReadOnly("size limit reached"));
        }
        self.write(message.data.len() + 256, move |c| put::put(c, &message, now)).await
    }

    /// Deletes messages; the hashes that were there, ascending.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn delete(&self, request: Delete, now: TimestampMs) -> Result<Vec<MessageHash>, StoreError> {
        self.write(request.hashes.len() * 256, move |c| delete::delete(c, &request, now)).await
    }

    /// Empties boxes; what was there, ascending.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn wipe(&self, request: Wipe, now: TimestampMs) -> Result<Vec<(Namespace, MessageHash)>, StoreError> {
        self.write(4096, move |c| delete::wipe(c, &request, now)).await
    }

    /// Changes when messages end.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn change_expiry(&self, request: ChangeExpiry, now: TimestampMs) -> Result<ExpiryChanged, StoreError> {
        self.write(request.changes.len() * 256, move |c| expire::change(c, &request, now)).await
    }

    /// Shortens the life of all messages of boxes; those that changed, ascending.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn shorten_all(
        &self,
        request: ShortenAll,
        now: TimestampMs,
    ) -> Result<Vec<(Namespace, MessageHash)>, StoreError> {
        self.write(4096, move |c| expire::shorten_all(c, &request, now)).await
    }

    /// Shuts subaccounts out or lets them in again; how many of them this changed.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn revoke(&self, request: Revoke) -> Result<usize, StoreError> {
        self.write(request.tokens.len() * 256, move |c| revoke::revoke(c, &request)).await
    }

    /// Whether a subaccount is shut out.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn is_revoked(&self, account: AccountId, token: [u8; 36]) -> Result<bool, StoreError> {
        self.readers.read(move |c| revoke::is_revoked(c, &account, &token)).await
    }

    /// The subaccounts that are shut out.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn revoked(&self, account: AccountId) -> Result<Vec<[u8; 36]>, StoreError> {
        self.readers.read(move |c| revoke::revoked(c, &account)).await
    }

    /// Reads a box.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn retrieve(&self, query: Query, now: TimestampMs) -> Result<Page, StoreError> {
        self.readers.read(move |c| retrieve::retrieve(c, &query, now)).await
    }

    /// When messages end; `hashes` none: all of the account's.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn expiries(
        &self,
        account: AccountId,
        hashes: Option<Vec<MessageHash>>,
        now: TimestampMs,
    ) -> Result<Vec<(MessageHash, TimestampMs)>, StoreError> {
        self.readers.read(move |c| expire::expiries(c, &account, hashes.as_deref(), now)).await
    }

    /// Removes some of what has ended; true if there is more to do at once.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn sweep(&self, now: TimestampMs) -> Result<bool, StoreError> {
        let more = self.write(4096, move |c| sweep::step(c, now)).await?;
        if !more {
            // Gives pages back to the system while nobody waits.
            self.write(0, |c| c.execute_batch("PRAGMA incremental_vacuum(256)")).await?;
        }
        Ok(more)
    }

    /// Reads the whole file and looks for damage; empty if there is none.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn quick_check(&self) -> Result<Vec<String>, StoreError> {
        self.readers
            .read(|c| {
                let mut check = c.prepare("PRAGMA quick_check(10)")?;
                let found: Vec<String> = check.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
                Ok(found.into_iter().filter(|line| line != "ok").collect())
            })
            .await
    }

    /// Size of the database in bytes, its log included.
    #[must_use]
    pub fn size(&self) -> u64 {
        let of = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
        of(&self.path) + of(&self.path.with_extension("sqlite-wal"))
    }

    /// Writes that wait now.
    pub async fn waiting(&self) -> usize {
        self.writer.read().await.as_ref().map_or(0, Writer::waiting)
    }

    /// Transactions since the start: fewer than writes, since writes share them.
    pub async fn groups(&self) -> u64 {
        self.writer.read().await.as_ref().map_or(0, Writer::groups)
    }

    /// Commits what waits, marks the stop as orderly and closes the file.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`] if the mark could not be written; everything acknowledged is safe.
    pub async fn close(&self) -> Result<(), StoreError> {
        drop(self.writer.write().await.take());
        let thread = self.thread.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        self.readers.close().await;
        let Some(thread) = thread else { return Ok(()) };
        let closing = tokio::task::spawn_blocking(move || -> Result<(), StoreError> {
            let connection = thread.join().map_err(|_| StoreError::Closed)?;
            connection.execute("INSERT OR REPLACE INTO kv (key, value) VALUES ('clean', x'01')", [])?;
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            connection.close().map_err(|(_, error)| error.into())
        });
        closing.await.map_err(|_| StoreError::Closed)?
    }
}

fn lock(data_dir: &Path) -> Result<File, StoreError> {
    let path = data_dir.join("lock");
    let file_error = |source| StoreError::File { path: path.clone(), source };
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(file_error)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            Err(file_error(std::io::Error::new(std::io::ErrorKind::WouldBlock, "another node uses this folder")))
        }
        Err(std::fs::TryLockError::Error(source)) => Err(file_error(source)),
    }
}

#[cfg(test)]
mod tests;

//! Mailboxes on disk, and what the swarm keeps about itself.
//!
//! Guarantees: what a write answers is on the disk (`synchronous=FULL`, answer after the commit);
//! a cursor stays valid after its message was deleted or has expired, as long as its tombstone is
//! kept; what a user deleted does not come back, whatever way it takes. Order of arrival is this
//! node's own: cursors belong to one node.
//!
//! What users ask for is in [`mailbox`], what other members do in [`replica`]. Both merge by the
//! rules of [`crate::swarm::merge`].

mod apply;
mod compare;
mod delete;
mod ending;
mod error;
mod expire;
mod facts;
mod generation;
mod hints;
mod mailbox;
mod message;
mod put;
mod quota;
mod readers;
mod replica;
mod retrieve;
mod revoke;
mod rows;
mod schema;
mod sums;
mod sweep;
mod tombstone;
mod transfer;
mod tx;
mod writer;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tacit_sqlite::rusqlite::{self, Connection};
use tacit_wire::TimestampMs;

pub use apply::{Applied, Write};
pub use delete::{Delete, Wipe};
pub use error::StoreError;
pub use expire::{ChangeExpiry, ExpiryChanged, ShortenAll};
pub use generation::Generation;
pub use hints::{Hint, Owed};
pub use put::{Put, Stored};
pub use quota::{Fullness, Quota};
pub use retrieve::{Message, Page, Query};
pub use revoke::Revoke;
pub use rows::Proof;

use readers::Readers;
use sums::Sums;
use tx::Tx;
use writer::Writer;

/// How a store is run.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// What the file may take, bytes.
    pub max_bytes: u64,
    /// What each mailbox may take.
    pub quota: Quota,
    /// Chance from outside: names this run.
    pub nonce: [u8; 16],
}

impl Settings {
    /// With the usual quota.
    #[must_use]
    pub fn new(max_bytes: u64, nonce: [u8; 16]) -> Self {
        Self { max_bytes, quota: Quota::default(), nonce }
    }
}

/// A node's mailboxes.
pub struct Store {
    writer: tokio::sync::RwLock<Option<Writer>>,
    thread: Mutex<Option<JoinHandle<Connection>>>,
    readers: Readers,
    sums: Arc<Sums>,
    path: PathBuf,
    settings: Settings,
    clean: bool,
    generation: Generation,
    _lock: File,
}

impl Store {
    /// Opens (or makes) the database in `data_dir`, which no other process may use meanwhile.
    ///
    /// # Errors
    /// [`StoreError::File`] if the folder is in use or cannot be written, [`StoreError::NewerVersion`],
    /// [`StoreError::Sqlite`].
    pub fn open(data_dir: &Path, settings: Settings) -> Result<Self, StoreError> {
        let lock = lock(data_dir)?;
        let path = data_dir.join("mailboxes.sqlite");
        let mut writer = schema::open_writer(&path)?;
        let left = generation::begin(&mut writer, settings.nonce)?;
        let readers = Readers::open(&path)?;
        let sums = Arc::new(left.sums);
        let (writer, thread) = Writer::start(writer, Arc::clone(&sums))
            .map_err(|source| StoreError::File { path: path.clone(), source })?;
        Ok(Self {
            writer: tokio::sync::RwLock::new(Some(writer)),
            thread: Mutex::new(Some(thread)),
            readers,
            sums,
            path,
            settings,
            clean: left.clean,
            generation: left.generation,
            _lock: lock,
        })
    }

    /// Whether the last process that used it ended in order; a new database counts as unclean.
    #[must_use]
    pub fn was_clean(&self) -> bool {
        self.clean
    }

    /// This run of the database and the one before, by which other members notice a copy.
    #[must_use]
    pub fn generation(&self) -> Generation {
        self.generation
    }

    async fn write<T: Send + 'static>(
        &self,
        bytes: usize,
        work: impl FnOnce(&Tx<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        match &*self.writer.read().await {
            Some(writer) => writer.write(bytes, work).await,
            None => Err(StoreError::Closed),
        }
    }

    /// Removes some of what has ended; true if there is more to do at once.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn sweep(&self, now: TimestampMs) -> Result<bool, StoreError> {
        let more = self.write(4096, move |tx| sweep::step(tx, now)).await?;
        if !more {
            // Gives pages back to the system while nobody waits.
            self.write(0, |tx| tx.execute_batch("PRAGMA incremental_vacuum(256)")).await?;
        }
        Ok(more)
    }

    /// Reads the whole file and looks for damage; empty if there is none. A damaged file is not
    /// written to any more.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn quick_check(&self) -> Result<Vec<String>, StoreError> {
        let found = self
            .readers
            .read(|c| {
                let mut check = c.prepare("PRAGMA quick_check(10)")?;
                let found: Vec<String> = check.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
                Ok(found.into_iter().filter(|line| line != "ok").collect::<Vec<_>>())
            })
            .await?;
        if let (false, Some(writer)) = (found.is_empty(), &*self.writer.read().await) {
            writer.stop_damaged();
        }
        Ok(found)
    }

    /// Size of the database in bytes, its log included.
    #[must_use]
    pub fn size(&self) -> u64 {
        let of = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
        of(&self.path) + of(&self.path.with_extension("sqlite-wal"))
    }

    /// How much of what the node may take is in use.
    pub async fn fullness(&self) -> Fullness {
        let used = self.writer.read().await.as_ref().map_or(0, Writer::used);
        Fullness::of(used, self.settings.max_bytes)
    }

    /// Why the node takes no writes: full disk, faulty disk, damaged file.
    pub async fn trouble(&self) -> Option<&'static str> {
        self.writer.read().await.as_ref().and_then(Writer::trouble)
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
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.readers.close().await;
        let Some(thread) = thread else { return Ok(()) };
        let sums = Arc::clone(&self.sums);
        let closing = tokio::task::spawn_blocking(move || -> Result<(), StoreError> {
            let connection = thread.join().map_err(|_| StoreError::Closed)?;
            // Now that the last group is in.
            generation::end(&connection, &sums.to_bytes())?;
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

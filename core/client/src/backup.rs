//! Encrypted backups: the whole history with its files in one file, and back (`docs/backup-format.md`).
//!
//! A backup is written under another name until it is whole. Reading merges: what is here already
//! stays, what is missing is added, in steps that can be interrupted and done again. Memory does
//! not grow with the size.

mod error;
mod header;
mod read;
mod record;
mod stream;
mod write;

use std::path::Path;
use std::sync::Arc;

use tacit_crypto::{AccountKeys, Cost, Seed, phrase};
use tacit_wire::AccountId;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

pub use error::BackupError;
pub use header::{BackupKey, KeyKind};

use crate::Error;
use crate::client::{Client, Options};
use crate::events::Event;
use crate::profile::{KeySource, ProfileFolder};
use read::Backup;

/// The folder beside the database in which files lie.
const FILES: &str = "files";

/// How far it is, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BackupProgress {
    /// Written or read.
    pub done: u64,
    /// Of about so many.
    pub total: u64,
}

/// Watches a backup on its way, and cancels it. Clones are the same.
#[derive(Clone, Default)]
pub struct BackupControl {
    progress: Arc<watch::Sender<BackupProgress>>,
    cancel: CancellationToken,
    without_files: bool,
}

impl BackupControl {
    /// Writes a backup without the bytes of files.
    #[must_use]
    pub fn without_files(self) -> Self {
        Self { without_files: true, ..self }
    }

    /// How far it is, now and from now on.
    pub fn progress(&self) -> watch::Receiver<BackupProgress> {
        self.progress.subscribe()
    }

    /// Ends it; what a restore has taken in until then stays.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    fn at(&self, done: u64, total: u64) -> Result<(), Error> {
        self.progress.send_replace(BackupProgress { done: done.min(total), total });
        if self.cancel.is_cancelled() { Err(BackupError::Cancelled.into()) } else { Ok(()) }
    }
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    /// Messages.
    pub messages: u64,
    /// Files with their bytes.
    pub files: u64,
    /// Bytes of the backup.
    pub bytes: u64,
}

/// What was new to this device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Restored {
    /// Messages.
    pub messages: u64,
    /// Files with their bytes.
    pub files: u64,
}

/// Which key a backup wants, by its file alone.
///
/// # Errors
/// [`BackupError`] with what else it is.
pub fn backup_kind(path: &Path) -> Result<KeyKind, Error> {
    let mut bytes = [0; header::SIZE];
    let mut file = std::fs::File::open(path).map_err(BackupError::at(path))?;
    std::io::Read::read_exact(&mut file, &mut bytes).map_err(|_| BackupError::NotABackup)?;
    Ok(header::kind(&bytes)?)
}

impl Client {
    /// Writes everything into a file, which replaces one of this name when it is whole.
    ///
    /// # Errors
    /// [`Error::Backup`], those of the database; there is no file then, or the one that was.
    pub async fn write_backup(&self, path: &Path, key: BackupKey, control: &BackupControl) -> Result<Written, Error> {
        let (inner, path, control, runtime) =
            (Arc::clone(&self.inner), path.to_owned(), control.clone(), Handle::current());
        let work = move || write::write(&inner, &runtime, &path, &key, Cost::DEFAULT, &control);
        tokio::task::spawn_blocking(work).await.map_err(|_| Error::Closed)?
    }

    /// Merges a backup of this account into it.
    ///
    /// # Errors
    /// [`Error::Backup`], those of the database; nothing that was here is lost, and reading it
    /// again goes on where it ended.
    pub async fn read_backup(&self, path: &Path, key: BackupKey, control: &BackupControl) -> Result<Restored, Error> {
        let seed = self.inner.database.call(|store| store.account()).await?.ok_or(Error::Closed)?.seed;
        let (inner, path, control, runtime) =
            (Arc::clone(&self.inner), path.to_owned(), control.clone(), Handle::current());
        let work = move || Backup::open(&path, &key, Some(&seed))?.merge(&inner, &runtime, &control);
        let restored = tokio::task::spawn_blocking(work).await.map_err(|_| Error::Closed)?;
        self.inner.reload().await?;
        self.inner.events.tell(Event::Conversations);
        restored
    }

    /// Brings an account back from its backup into an empty folder. `words` is the recovery
    /// phrase, which [`BackupKey::Account`] needs; the other keys need the file alone.
    ///
    /// # Errors
    /// As [`Client::read_backup`] and [`Client::restore`]. The account is there once the backup
    /// could be opened: after a later error, read it again.
    pub async fn restore_backup(
        folder: ProfileFolder,
        source: KeySource,
        path: &Path,
        key: BackupKey,
        words: Option<&str>,
        options: Options,
        control: &BackupControl,
    ) -> Result<(Self, Result<Restored, Error>), Error> {
        let given = words.map(|words| phrase::parse(words).map(|parsed| parsed.seed)).transpose()?;
        let (file, opened) = (path.to_owned(), given.clone());
        let open = move || {
            let backup = Backup::open(&file, &key, opened.as_ref())?;
            let account = backup.account;
            Ok::<_, Error>((backup.seed()?, account, key))
        };
        let (seed, account, key) = tokio::task::spawn_blocking(open).await.map_err(|_| Error::Closed)??;
        let other =
            |seed: &Seed| *AccountId::from_x25519(&AccountKeys::from_seed(seed).x25519_public()).as_bytes() != account;
        if other(&seed) || given.as_ref().is_some_and(other) {
            return Err(BackupError::OtherAccount.into());
        }
        // Nothing is fetched before the backup was read: what it brings is older.
        let client = Self::restore_seed(folder, source, seed, Options { polling: false, ..options }).await?;
        let restored = client.read_backup(path, key, control).await;
        Ok((client, restored))
    }
}

#[cfg(test)]
mod tests;

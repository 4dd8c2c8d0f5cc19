//! Files on the move: what is attached is taken over into the account's folder, uploaded, and sent
//! on; what came is fetched, checked, and looked at (protocol: messages 6, files).
//!
//! ```text
//! attach ──► cache ──► message (assembling) ──► upload ──► sealed into the outbox
//! pointer ──► fetched-… (as the server keeps it) ──► checked, decrypted into the cache ──► looked at
//! ```
//!
//! The database says what is to be moved; one task moves it. A program that ends at any moment goes
//! on where it was: what has an address is not uploaded again, what was fetched is not fetched again.

mod attach;
mod cache;
mod download;
mod error;
mod look;
mod moving;
mod pictures;
mod policy;
mod progress;
mod saved;
mod task;
mod upload;
mod voice;

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Mutex;

use tacit_store::{AttachmentId, FileId, Store};
use tokio::sync::Notify;

pub use attach::{Attached, SendAs, Source, Warning};
pub use cache::FileReader;
pub use error::FileError;
pub use moving::Fetched;
pub(crate) use pictures::run as run_pictures;
pub(crate) use policy::state_of_received;
pub(crate) use task::run;
pub use voice::Voice;

use crate::Error;
use crate::client::{Client, Inner};
use crate::clock::device_now;
use cache::{Cache, NewFile};
use progress::Running;

/// What an open account needs to move files.
pub(crate) struct Files {
    cache: Cache,
    /// Something is to be moved.
    pub(crate) wake: Notify,
    /// Our picture changed.
    pictures_wake: Notify,
    running: Mutex<HashMap<AttachmentId, Running>>,
    /// Held while a file is saved elsewhere.
    saving: Mutex<()>,
}

impl Files {
    pub(crate) fn of(account: &Path) -> Self {
        Self {
            cache: Cache::of(account),
            wake: Notify::new(),
            pictures_wake: Notify::new(),
            running: Mutex::default(),
            saving: Mutex::default(),
        }
    }

    /// Removes what an earlier run left and no row names. Before anything else uses the folder.
    pub(crate) fn sweep(&self, store: &mut Store) -> Result<(), tacit_store::Error> {
        #[allow(clippy::redundant_closure_for_method_calls, reason = "the method alone is of one lifetime")]
        let forgotten = store.write(|tx| tx.forget_all_unused_files())?;
        self.cache.remove(&forgotten);
        let moving: HashSet<AttachmentId> = store.transfers()?.into_iter().collect();
        match self.cache.sweep(&store.file_names()?, &moving) {
            Ok(0) => {}
            Ok(swept) => tracing::info!(swept, "files without a row were removed"),
            Err(error) => tracing::warn!(%error, "the folder of files could not be tidied up"),
        }
        Ok(())
    }
}

impl Client {
    /// Reads a file of the account, as much at a time as is asked for.
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no such file, [`FileError::Read`], those of the database.
    pub async fn open_file(&self, file: FileId) -> Result<FileReader, Error> {
        self.inner.open_file(file).await
    }
}

impl Inner {
    pub(crate) async fn open_file(&self, file: FileId) -> Result<FileReader, Error> {
        let stored = self.database.call(move |store| store.file(file)).await?;
        Ok(self.files.cache.open(&stored).map_err(FileError::Read)?)
    }

    /// Gives new files rows, or removes them where that fails.
    async fn keep(&self, new: Vec<NewFile>) -> Result<Vec<FileId>, Error> {
        let names: Vec<String> = new.iter().map(|file| file.name.clone()).collect();
        let now = device_now();
        let insert = move |store: &mut Store| {
            store.write::<_, tacit_store::Error>(|tx| {
                new.iter().map(|file| tx.insert_file(&file.name, &file.key, file.size, now)).collect()
            })
        };
        self.database.call(insert).await.inspect_err(|_| self.files.cache.remove(&names))
    }

    /// Removes the bytes of files that no row names any more: in one job, so that the end of a task
    /// leaves no bytes without a row.
    pub(crate) async fn remove_unused_files(&self) -> Result<(), Error> {
        let cache = self.files.cache.clone();
        #[allow(clippy::redundant_closure_for_method_calls, reason = "the method alone is of one lifetime")]
        let forget = move |store: &mut Store| {
            store.write::<_, tacit_store::Error>(|tx| tx.forget_unused_files()).map(|names| cache.remove(&names))
        };
        self.database.call(forget).await
    }
}

/// Runs what reads or writes files apart from the tasks of the network.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, FileError> + Send + 'static,
) -> Result<T, FileError> {
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(FileError::Interrupted))
}

//! Rows and bytes together.
//!
//! An upload claims its name, writes the bytes, then turns the claim into a row. A deletion turns
//! the row into a claim, deletes the bytes, then drops the claim. Whenever the process ends, a row
//! has its bytes, and bytes without a row have a claim by which the next start deletes them; and
//! an upload of the same bytes that meets a deletion waits for its end.

mod policy;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::blobs::{BlobError, Blobs, Incoming};
use crate::id::ContentHash;
use crate::index::{Claim, Index, Row, Totals};
use crate::{FileId, Ids};

pub use policy::Policy;

/// Names out of the air are tried so often.
const NUMERIC_TRIES: u32 = 25;
/// How long an upload waits for somebody who holds its name.
const BUSY_TRIES: u32 = 100;
const BUSY_WAIT: Duration = Duration::from_millis(50);
/// Files that are deleted in one step.
const BATCH: u32 = 512;
/// Deletions at once.
const DELETIONS: usize = 16;

/// What can go wrong with files.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Nothing was uploaded, or more than is allowed.
    #[error("empty or too large")]
    Size,
    /// There is no room for it, or no name.
    #[error("the server is full")]
    Full,
    /// Somebody else holds the name for too long.
    #[error("the same file is being deleted")]
    Busy,
    /// Bytes.
    #[error("bytes: {0}")]
    Blob(BlobError),
    /// Index.
    #[error("index: {0}")]
    Index(#[from] tacit_sqlite::rusqlite::Error),
    /// A newer program made the index.
    #[error("the index has version {found}, this program knows {known}: use a newer one")]
    NewerVersion {
        /// Version in the file.
        found: i64,
        /// Version of this program.
        known: i64,
    },
    /// The server is ending.
    #[error("the server is ending")]
    Ended,
}

impl From<BlobError> for StoreError {
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::Full => Self::Full,
            error => Self::Blob(error),
        }
    }
}

/// All files.
#[derive(Clone)]
pub struct Store {
    index: Index,
    blobs: Arc<dyn Blobs>,
    policy: Policy,
}

/// An upload under way; dropped, it is forgotten.
pub struct Upload {
    incoming: Box<dyn Incoming>,
    hash: ContentHash,
    size: u64,
    largest: u64,
}

impl Upload {
    /// Takes the next piece.
    ///
    /// # Errors
    /// [`StoreError::Size`] if it is too much, [`StoreError::Full`], [`StoreError::Blob`].
    pub async fn write(&mut self, piece: Bytes) -> Result<(), StoreError> {
        self.size += piece.len() as u64;
        if self.size > self.largest {
            return Err(StoreError::Size);
        }
        self.hash.update(&piece);
        Ok(self.incoming.write(piece).await?)
    }
}

impl Store {
    /// Files out of an index and bytes.
    #[must_use]
    pub fn new(index: Index, blobs: Arc<dyn Blobs>, policy: Policy) -> Self {
        Self { index, blobs, policy }
    }

    /// The index.
    #[must_use]
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// The bytes.
    #[must_use]
    pub fn blobs(&self) -> &Arc<dyn Blobs> {
        &self.blobs
    }

    /// What is allowed.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Begins an upload.
    ///
    /// # Errors
    /// See [`StoreError`]; so with all others here.
    pub async fn begin(&self) -> Result<Upload, StoreError> {
        let incoming = self.blobs.begin().await?;
        Ok(Upload { incoming, hash: ContentHash::default(), size: 0, largest: self.policy.max_file_bytes })
    }

    /// Keeps what was uploaded for `ttl_ms`, or as long as usual; `ids` is the kind of its name.
    /// Goes on to its end even if nobody waits for it any more.
    pub async fn finish(
        &self,
        upload: Upload,
        ids: Ids,
        ttl_ms: Option<u64>,
        now_ms: u64,
    ) -> Result<(FileId, Row), StoreError> {
        let store = self.clone();
        let task = tokio::spawn(async move { store.settle(upload, ids, ttl_ms, now_ms).await });
        task.await.map_err(|_| StoreError::Ended)?
    }

    async fn settle(
        &self,
        upload: Upload,
        ids: Ids,
        ttl_ms: Option<u64>,
        now_ms: u64,
    ) -> Result<(FileId, Row), StoreError> {
        let Upload { incoming, hash, size, .. } = upload;
        if size == 0 {
            return Err(StoreError::Size);
        }
        let life = self.policy.life_ms(ttl_ms, self.index.bytes().await?, size).ok_or(StoreError::Full)?;
        let row = Row { size, uploaded_ms: now_ms, expiry_ms: now_ms.saturating_add(life) };
        let id = match ids {
            Ids::Content => {
                let id = hash.finish();
                if let Some(known) = self.claim_content(&id, row.expiry_ms).await? {
                    return Ok((id, known));
                }
                id
            }
            Ids::Numeric => self.claim_number().await?,
        };
        match incoming.keep(id.clone()).await {
            Ok(()) => {
                self.index.confirm(id.clone(), row).await?;
                Ok((id, row))
            }
            Err(error) => {
                // If even that fails the claim stays, and the next start deletes them.
                if self.blobs.delete(&id).await.is_ok() {
                    self.index.gone(vec![id]).await?;
                }
                Err(error.into())
            }
        }
    }

    async fn claim_content(&self, id: &FileId, expiry_ms: u64) -> Result<Option<Row>, StoreError> {
        for _ in 0..BUSY_TRIES {
            match self.index.claim(id.clone(), expiry_ms).await? {
                Claim::Ours => return Ok(None),
                Claim::Exists(row) => return Ok(Some(row)),
                Claim::Busy => tokio::time::sleep(BUSY_WAIT).await,
            }
        }
        Err(StoreError::Busy)
    }

    async fn claim_number(&self) -> Result<FileId, StoreError> {
        for _ in 0..NUMERIC_TRIES {
            let id = FileId::numeric(rand::random(), self.policy.server_number, self.policy.server_bits);
            if self.index.claim(id.clone(), 0).await? == Claim::Ours {
                return Ok(id);
            }
        }
        Err(StoreError::Full)
    }

    /// The file, unless it has expired.
    pub async fn get(&self, id: FileId, now_ms: u64) -> Result<Option<Row>, StoreError> {
        self.index.get(id, now_ms).await
    }

    /// Lets it stay longer; never shortens.
    pub async fn extend(&self, id: FileId, ttl_ms: Option<u64>, now_ms: u64) -> Result<Option<Row>, StoreError> {
        // In a full server those that are there stay, but get no more time.
        let life = self.policy.life_ms(ttl_ms, self.index.bytes().await?, 0).unwrap_or(0);
        self.index.extend(id, now_ms.saturating_add(life), now_ms).await
    }

    /// Takes one file away at once; whether there was one. Its bytes go with the next sweep.
    pub async fn purge(&self, id: FileId) -> Result<bool, StoreError> {
        self.index.doom(id).await
    }

    /// Deletes what has expired, all of it; how many files. What cannot be deleted now is left for
    /// the next time. Only one at a time, and only where no other process sweeps: a second one
    /// could delete bytes that came anew after the first.
    pub async fn sweep(&self, now_ms: u64) -> Result<usize, StoreError> {
        let mut expired = 0;
        loop {
            let batch = self.index.expire(now_ms, BATCH).await?;
            expired += batch;
            self.delete_going().await?;
            if batch < BATCH as usize {
                return Ok(expired);
            }
            tokio::task::yield_now().await;
        }
    }

    async fn delete_going(&self) -> Result<(), StoreError> {
        let mut after = String::new();
        let mut failed = None;
        loop {
            let names = self.index.going(after, BATCH).await?;
            let Some(last) = names.last() else { break };
            after = last.to_string();
            let mut gone = Vec::new();
            for group in names.chunks(DELETIONS) {
                let deletions = group.iter().cloned().map(|id| {
                    let blobs = Arc::clone(&self.blobs);
                    tokio::spawn(async move { blobs.delete(&id).await.map(|()| id) })
                });
                for deletion in deletions.collect::<Vec<_>>() {
                    match deletion.await.map_err(|_| StoreError::Ended)? {
                        Ok(id) => gone.push(id),
                        Err(error) => failed = Some(error),
                    }
                }
            }
            self.index.gone(gone).await?;
        }
        failed.map_or(Ok(()), |error| Err(error.into()))
    }

    /// How much there is.
    pub async fn totals(&self) -> Result<Totals, StoreError> {
        self.index.totals().await
    }
}

#[cfg(test)]
mod tests;

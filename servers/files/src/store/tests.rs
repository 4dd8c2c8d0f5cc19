use std::sync::atomic::{AtomicBool, Ordering};

use object_store::memory::InMemory;
use tokio::sync::Semaphore;

use super::*;
use crate::blobs::{Boxed, Listed};
use crate::{Disk, Objects};

fn policy() -> Policy {
    Policy {
        max_file_bytes: 1_000,
        max_bytes: 1_000_000,
        ttl_ms: 100_000,
        max_ttl_ms: 200_000,
        full_ttl_ms: 50_000,
        ids: Ids::Content,
        server_number: 0,
        server_bits: 0,
    }
}

fn open(blobs: impl Blobs) -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let index = Index::open(&dir.path().join("files.sqlite")).unwrap();
    (dir, Store::new(index, Arc::new(blobs), policy()))
}

async fn upload(store: &Store, bytes: &'static [u8], ids: Ids, now_ms: u64) -> Result<(FileId, Row), StoreError> {
    let mut upload = store.begin().await?;
    for piece in bytes.chunks(3) {
        upload.write(Bytes::from_static(piece)).await?;
    }
    store.finish(upload, ids, None, now_ms).await
}

async fn bytes(store: &Store, id: &FileId) -> Option<Bytes> {
    store.blobs().read(id, 0..1_000).await.ok()
}

#[tokio::test]
async fn the_same_bytes_are_kept_once_and_live_until_the_last_asked() {
    let (_dir, store) = open(Objects::new(Arc::new(InMemory::new())));
    let (id, row) = upload(&store, b"hello", Ids::Content, 1_000).await.unwrap();
    assert_eq!((row.size, row.uploaded_ms, row.expiry_ms), (5, 1_000, 101_000));
    let (again, row) = upload(&store, b"hello", Ids::Content, 2_000).await.unwrap();
    assert!(again == id);
    assert_eq!((row.uploaded_ms, row.expiry_ms), (1_000, 102_000));
    let (number, _) = upload(&store, b"hello", Ids::Numeric, 2_000).await.unwrap();
    assert!(number.number().is_some());
    assert_eq!(store.totals().await.unwrap().files, 2);
    assert_eq!(bytes(&store, &number).await.unwrap(), "hello");

    assert_eq!(store.sweep(101_999).await.unwrap(), 0);
    assert_eq!(store.sweep(102_000).await.unwrap(), 2);
    assert_eq!(store.totals().await.unwrap(), Totals::default());
    assert!(bytes(&store, &id).await.is_none());
}

#[tokio::test]
async fn nothing_and_too_much_are_refused_and_leave_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (_index, store) = open(Disk::open(dir.path()).unwrap());
    assert!(matches!(upload(&store, b"", Ids::Content, 0).await, Err(StoreError::Size)));
    assert!(matches!(upload(&store, &[7; 1_001], Ids::Content, 0).await, Err(StoreError::Size)));
    upload(&store, &[7; 1_000], Ids::Content, 0).await.unwrap();
    assert_eq!(std::fs::read_dir(dir.path().join("incoming")).unwrap().count(), 0);
}

/// Bytes whose deletion waits, or fails.
struct Slow {
    inner: Objects,
    turns: Arc<Semaphore>,
    failing: Arc<AtomicBool>,
}

impl Blobs for Slow {
    fn begin(&self) -> Boxed<'_, Box<dyn Incoming>> {
        self.inner.begin()
    }

    fn read<'a>(&'a self, id: &'a FileId, range: std::ops::Range<u64>) -> Boxed<'a, Bytes> {
        self.inner.read(id, range)
    }

    fn size<'a>(&'a self, id: &'a FileId) -> Boxed<'a, u64> {
        self.inner.size(id)
    }

    fn delete<'a>(&'a self, id: &'a FileId) -> Boxed<'a, ()> {
        Box::pin(async move {
            self.turns.acquire().await.unwrap().forget();
            if self.failing.load(Ordering::SeqCst) {
                return Err(BlobError::Objects("down"));
            }
            self.inner.delete(id).await
        })
    }

    fn list<'a>(&'a self, folder: &'a str) -> Boxed<'a, Listed> {
        self.inner.list(folder)
    }
}

#[tokio::test]
async fn an_upload_that_meets_the_deletion_of_the_same_bytes_comes_after_it() {
    let turns = Arc::new(Semaphore::new(0));
    let inner = Objects::new(Arc::new(InMemory::new()));
    let (_dir, store) = open(Slow { inner, turns: Arc::clone(&turns), failing: Arc::default() });
    let (id, _) = upload(&store, b"hello", Ids::Content, 0).await.unwrap();
    let sweeping = tokio::spawn({
        let store = store.clone();
        async move { store.sweep(100_000).await }
    });
    while store.totals().await.unwrap().claims == 0 {
        tokio::task::yield_now().await;
    }
    // The row is gone, the bytes are going: the upload waits.
    let uploading = tokio::spawn({
        let store = store.clone();
        async move { upload(&store, b"hello", Ids::Content, 100_001).await }
    });
    turns.add_permits(1);
    sweeping.await.unwrap().unwrap();
    let (again, row) = uploading.await.unwrap().unwrap();
    assert!(again == id && row.uploaded_ms == 100_001);
    assert_eq!(bytes(&store, &id).await.unwrap(), "hello");
    assert_eq!(store.totals().await.unwrap().claims, 0);
}

#[tokio::test]
async fn bytes_that_cannot_be_deleted_now_go_the_next_time() {
    let failing = Arc::new(AtomicBool::new(true));
    let inner = Objects::new(Arc::new(InMemory::new()));
    let turns = Arc::new(Semaphore::new(1_000));
    let (_dir, store) = open(Slow { inner, turns, failing: Arc::clone(&failing) });
    let (id, _) = upload(&store, b"hello", Ids::Content, 0).await.unwrap();
    assert!(store.sweep(100_000).await.is_err());
    assert!(store.get(id.clone(), 0).await.unwrap().is_none(), "it is not served any more");
    assert!(bytes(&store, &id).await.is_some());
    failing.store(false, Ordering::SeqCst);
    store.sweep(100_000).await.unwrap();
    assert!(bytes(&store, &id).await.is_none());
    assert_eq!(store.totals().await.unwrap().claims, 0);
}

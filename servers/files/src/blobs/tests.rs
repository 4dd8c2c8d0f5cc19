//! The same story over memory, disk and an S3 service in this process.

use std::sync::Arc;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use object_store::memory::InMemory;
use zeroize::Zeroizing;

use super::*;
use crate::config::S3;

async fn put(blobs: &dyn Blobs, id: &FileId, bytes: &[u8]) {
    let mut incoming = blobs.begin().await.unwrap();
    for piece in bytes.chunks(100_000) {
        incoming.write(Bytes::copy_from_slice(piece)).await.unwrap();
    }
    incoming.keep(id.clone()).await.unwrap();
}

async fn names(blobs: &dyn Blobs) -> Vec<FileId> {
    let (mut names, mut folders) = (Vec::new(), vec![String::new()]);
    while let Some(folder) = folders.pop() {
        let listed = blobs.list(&folder).await.unwrap();
        folders.extend(listed.folders);
        names.extend(listed.ids);
    }
    names.sort();
    names
}

async fn story(blobs: &dyn Blobs) {
    let bytes: Vec<u8> = (0..2_500_000_u32).map(|n| (n / 251) as u8).collect();
    let (first, second) = (FileId::numeric(1, 0, 0), FileId::numeric(u64::MAX, 0, 0));
    assert!(matches!(blobs.size(&first).await, Err(BlobError::Missing)));
    assert!(matches!(blobs.read(&first, 0..10).await, Err(BlobError::Missing)));
    put(blobs, &first, &bytes).await;
    put(blobs, &second, b"x").await;
    assert_eq!(blobs.size(&first).await.unwrap(), 2_500_000);
    assert_eq!(blobs.read(&first, 5..9).await.unwrap(), bytes[5..9]);
    assert_eq!(blobs.read(&first, 2_400_000..2_500_000).await.unwrap(), bytes[2_400_000..]);
    assert_eq!(blobs.read(&first, 0..2_500_000).await.unwrap().len() as u64, PIECE, "never more than a piece");

    let mut both = [first.clone(), second.clone()];
    both.sort();
    assert!(names(blobs).await == both);
    // The same again replaces it; one that is given up leaves nothing.
    put(blobs, &second, b"yz").await;
    assert_eq!(blobs.read(&second, 0..2).await.unwrap(), "yz");
    let mut forgotten = blobs.begin().await.unwrap();
    forgotten.write(Bytes::from(vec![0; 600_000])).await.unwrap();
    drop(forgotten);
    assert!(names(blobs).await == both);
    for _ in 0..2 {
        blobs.delete(&first).await.unwrap();
    }
    assert!(names(blobs).await == [second]);
}

#[tokio::test]
async fn in_memory() {
    story(&Objects::new(Arc::new(InMemory::new()))).await;
}

#[tokio::test]
async fn on_disk() {
    let dir = tempfile::tempdir().unwrap();
    let disk = Disk::open(dir.path()).unwrap();
    story(&disk).await;
    assert_eq!(std::fs::read_dir(dir.path().join("incoming")).unwrap().count(), 0);
    std::fs::write(dir.path().join("incoming/left"), "by a process that was killed").unwrap();
    assert_eq!(disk.clear_incoming().unwrap(), 1);
}

/// A service that speaks S3, with its objects in a folder.
async fn s3_service(dir: &std::path::Path) -> String {
    std::fs::create_dir_all(dir.join("bucket")).unwrap();
    let mut builder = s3s::service::S3ServiceBuilder::new(s3s_fs::FileSystem::new(dir).unwrap());
    builder.set_auth(s3s::auth::SimpleAuth::from_single("access", "secret"));
    let service = builder.build();
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = socket.accept().await {
            let service = service.clone();
            tokio::spawn(async move {
                let builder = auto::Builder::new(TokioExecutor::new());
                let _ = builder.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    format!("http://{address}")
}

#[tokio::test]
async fn in_an_s3_service() {
    let dir = tempfile::tempdir().unwrap();
    let settings = S3 {
        endpoint: s3_service(dir.path()).await,
        bucket: "bucket".to_owned(),
        access_key: "access".to_owned(),
        secret_key: Zeroizing::new("secret".to_owned()),
        allow_http: true,
        ..S3::default()
    };
    story(&Objects::s3(&settings).unwrap()).await;

    // A wrong secret is an error, and no missing file.
    let wrong = S3 { secret_key: Zeroizing::new("other".to_owned()), ..settings };
    let size = Objects::s3(&wrong).unwrap().size(&FileId::numeric(u64::MAX, 0, 0)).await;
    assert!(matches!(size, Err(BlobError::Objects(_))));
}

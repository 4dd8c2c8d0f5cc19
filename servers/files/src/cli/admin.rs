//! What an operator does with the files.

use serde_json::json;

use super::args::Task;
use crate::api::now_ms;
use crate::blobs::{BlobError, Blobs, PIECE};
use crate::config::Storage;
use crate::id::ContentHash;
use crate::{Config, Error, FileId, Store, StoreError, server};

/// Rows that are looked at in one step.
const PAGE: u32 = 512;

pub(super) async fn execute(config: &Config, task: Task) -> Result<(), Error> {
    let store = server::open_store(config)?;
    match task {
        Task::Stats => stats(&store).await,
        Task::Expire => {
            let _lock = server::lock(&config.data_dir)?;
            println!("{} files had expired", store.sweep(now_ms()).await?);
            Ok(())
        }
        Task::Purge(id) => purge(config, &store, id).await,
        Task::Verify { content, repair } => {
            let _lock = server::lock(&config.data_dir)?;
            let (damaged, orphans) = verify(&store, content, repair).await?;
            match (damaged, orphans) {
                (0, 0) => println!("index and bytes agree"),
                (damaged, orphans) if repair => println!("removed {damaged} rows and {orphans} files of bytes"),
                (damaged, orphans) => return Err(Error::Unsound(damaged, orphans)),
            }
            Ok(())
        }
        Task::Migrate { to } => {
            let _lock = server::lock(&config.data_dir)?;
            migrate(config, &store, to).await
        }
    }
}

async fn stats(store: &Store) -> Result<(), Error> {
    let totals = store.totals().await?;
    let answer = json!({
        "files": totals.files, "bytes": totals.bytes, "max_bytes": store.policy().max_bytes,
        "oldest_expiry_ms": totals.oldest_expiry_ms, "claims": totals.claims,
    });
    println!("{answer:#}");
    Ok(())
}

async fn purge(config: &Config, store: &Store, id: FileId) -> Result<(), Error> {
    if !store.purge(id).await? {
        return Err(Error::NoSuchFile);
    }
    // A running server sweeps by itself.
    if let Ok(_lock) = server::lock(&config.data_dir) {
        store.sweep(now_ms()).await?;
    }
    println!("it is gone");
    Ok(())
}

/// How many rows have no good bytes, and how many bytes no row.
pub(crate) async fn verify(store: &Store, content: bool, repair: bool) -> Result<(usize, usize), Error> {
    let (mut damaged, mut after) = (0, String::new());
    loop {
        let page = store.index().page(after, PAGE).await?;
        let Some((last, _)) = page.last() else { break };
        after = last.to_string();
        for (id, size) in page {
            if !is_sound(store.blobs().as_ref(), &id, size, content).await? {
                damaged += 1;
                if repair {
                    store.purge(id).await?;
                }
            }
        }
    }
    if repair {
        store.sweep(now_ms()).await?;
    }
    Ok((damaged, orphans(store, repair).await?))
}

async fn is_sound(blobs: &dyn Blobs, id: &FileId, size: u64, content: bool) -> Result<bool, StoreError> {
    match blobs.size(id).await {
        Ok(found) if found == size => (),
        Ok(_) | Err(BlobError::Missing) => return Ok(false),
        Err(error) => return Err(error.into()),
    }
    if !content || id.number().is_some() {
        return Ok(true);
    }
    let mut hash = ContentHash::default();
    let mut next = 0;
    while next < size {
        let piece = blobs.read(id, next..size.min(next + PIECE)).await?;
        next += piece.len() as u64;
        if piece.is_empty() {
            return Ok(false);
        }
        hash.update(&piece);
    }
    Ok(hash.finish() == *id)
}

async fn orphans(store: &Store, repair: bool) -> Result<usize, StoreError> {
    let mut orphans = 0;
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        let listed = store.blobs().list(&folder).await?;
        folders.extend(listed.folders);
        for id in listed.ids {
            // At time 0 nothing has expired: every row counts.
            if store.get(id.clone(), 0).await?.is_none() {
                orphans += 1;
                if repair {
                    store.blobs().delete(&id).await?;
                }
            }
        }
    }
    Ok(orphans)
}

async fn migrate(config: &Config, store: &Store, to: Storage) -> Result<(), Error> {
    if to == config.storage {
        return Err(Error::Settings("the bytes lie there already: storage in the settings is where they are".into()));
    }
    let target = server::open_blobs(config, to)?;
    let (mut copied, mut after) = (0, String::new());
    loop {
        let page = store.index().page(after, PAGE).await?;
        let Some((last, _)) = page.last() else { break };
        after = last.to_string();
        for (id, size) in page {
            // Whole ones that an earlier run copied stay.
            if !matches!(target.size(&id).await, Ok(found) if found == size) {
                copy(store.blobs().as_ref(), target.as_ref(), &id, size).await?;
            }
            copied += 1;
        }
    }
    let name = if to == Storage::S3 { "s3" } else { "disk" };
    println!("{copied} files are there; now set storage = \"{name}\". The old bytes can go then.");
    Ok(())
}

async fn copy(from: &dyn Blobs, to: &dyn Blobs, id: &FileId, size: u64) -> Result<(), StoreError> {
    let mut part = to.begin().await?;
    let mut next = 0;
    while next < size {
        let piece = from.read(id, next..size.min(next + PIECE)).await?;
        if piece.is_empty() {
            return Err(BlobError::Missing.into());
        }
        next += piece.len() as u64;
        part.write(piece).await?;
    }
    Ok(part.keep(id.clone()).await?)
}

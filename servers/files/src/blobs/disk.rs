//! Bytes on the local disk: written to a temporary file, synced, renamed into `blobs/ab/cd/ID`.

use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::{Bytes, BytesMut};

use super::{BlobError, Blobs, Boxed, Incoming, Listed, PIECE};
use crate::FileId;

/// Pieces of a network are gathered up to this before they go to the disk.
const BLOCK: usize = 256 * 1024;

/// A folder with the bytes of all files.
pub struct Disk {
    blobs: PathBuf,
    temporary: PathBuf,
    next: AtomicU64,
}

impl Disk {
    /// The folder, made if it is not there.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(dir: &Path) -> std::io::Result<Self> {
        let (blobs, temporary) = (dir.join("blobs"), dir.join("incoming"));
        fs::create_dir_all(&blobs)?;
        fs::create_dir_all(&temporary)?;
        Ok(Self { blobs, temporary, next: AtomicU64::new(0) })
    }

    /// Removes what uploads of an earlier process left. Only while no other server uses the folder.
    ///
    /// # Errors
    /// What the system says.
    pub fn clear_incoming(&self) -> std::io::Result<usize> {
        let mut cleared = 0;
        for entry in fs::read_dir(&self.temporary)? {
            fs::remove_file(entry?.path())?;
            cleared += 1;
        }
        Ok(cleared)
    }

    fn place(&self, id: &FileId) -> PathBuf {
        self.blobs.join(id.place())
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BlobError> + Send + 'static,
) -> Result<T, BlobError> {
    let ended = |_| BlobError::Io(std::io::Error::other("the work was broken off"));
    tokio::task::spawn_blocking(work).await.map_err(ended)?
}

impl Blobs for Disk {
    fn begin(&self) -> Boxed<'_, Box<dyn Incoming>> {
        // Commands beside the server write here too: the process is part of the name.
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let path = self.temporary.join(format!("{}-{number}", std::process::id()));
        let blobs = self.blobs.clone();
        Box::pin(blocking(move || {
            let file = File::create_new(&path)?;
            let part = Part { path, blobs, file: Some(file), waiting: BytesMut::new() };
            Ok(Box::new(part) as Box<dyn Incoming>)
        }))
    }

    fn read<'a>(&'a self, id: &'a FileId, range: Range<u64>) -> Boxed<'a, Bytes> {
        let path = self.place(id);
        Box::pin(blocking(move || {
            let mut file = File::open(path)?;
            file.seek(SeekFrom::Start(range.start))?;
            let length = range.end.saturating_sub(range.start).min(PIECE);
            let mut piece = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
            file.take(length).read_to_end(&mut piece)?;
            Ok(Bytes::from(piece))
        }))
    }

    fn size<'a>(&'a self, id: &'a FileId) -> Boxed<'a, u64> {
        let path = self.place(id);
        Box::pin(blocking(move || Ok(fs::metadata(path)?.len())))
    }

    fn delete<'a>(&'a self, id: &'a FileId) -> Boxed<'a, ()> {
        let path = self.place(id);
        Box::pin(blocking(move || match fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }))
    }

    fn list<'a>(&'a self, folder: &'a str) -> Boxed<'a, Listed> {
        let (path, above) = (self.blobs.join(folder), folder.to_owned());
        Box::pin(blocking(move || {
            let mut listed = Listed::default();
            for entry in fs::read_dir(path)? {
                let entry = entry?;
                let Ok(name) = entry.file_name().into_string() else { continue };
                if entry.file_type()?.is_dir() {
                    listed.folders.push(if above.is_empty() { name } else { format!("{above}/{name}") });
                } else {
                    listed.ids.extend(FileId::parse(&name));
                }
            }
            Ok(listed)
        }))
    }
}

/// A file that is being written.
struct Part {
    path: PathBuf,
    blobs: PathBuf,
    /// None while a piece is on its way to the disk, and after a failure.
    file: Option<File>,
    waiting: BytesMut,
}

impl Incoming for Part {
    fn write(&mut self, piece: Bytes) -> Boxed<'_, ()> {
        self.waiting.extend_from_slice(&piece);
        if self.waiting.len() < BLOCK {
            return Box::pin(std::future::ready(Ok(())));
        }
        let block = self.waiting.split().freeze();
        Box::pin(async move {
            let Some(mut file) = self.file.take() else { return Err(closed()) };
            let written = blocking(move || {
                file.write_all(&block)?;
                Ok(file)
            });
            self.file = Some(written.await?);
            Ok(())
        })
    }

    fn keep(mut self: Box<Self>, id: FileId) -> Boxed<'static, ()> {
        Box::pin(blocking(move || {
            let mut file = self.file.take().ok_or_else(closed)?;
            file.write_all(&self.waiting)?;
            file.sync_all()?;
            let place = self.blobs.join(id.place());
            let folder = place.parent().unwrap_or(&self.blobs);
            make_folder(&self.blobs, folder)?;
            fs::rename(&self.path, &place)?;
            File::open(folder)?.sync_all()?;
            Ok(())
        }))
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Renamed if it was kept: then there is nothing under this name.
        let _ = fs::remove_file(&self.path);
    }
}

/// A new folder is only safe once the one above it is on the disk.
fn make_folder(top: &Path, folder: &Path) -> std::io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    for above in folder.ancestors().skip(1) {
        File::open(above)?.sync_all()?;
        if above == top {
            break;
        }
    }
    Ok(())
}

fn closed() -> BlobError {
    BlobError::Io(std::io::Error::other("an earlier piece was not written"))
}

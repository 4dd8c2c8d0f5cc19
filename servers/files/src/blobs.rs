//! The bytes of files: on the disk or in an object store, behind one trait.
//!
//! Whoever writes or deletes the bytes of a name holds its claim in the index, so nobody else does.

mod disk;
mod objects;

use std::future::Future;
use std::ops::Range;
use std::pin::Pin;

use bytes::Bytes;

use crate::FileId;

pub use disk::Disk;
pub use objects::Objects;

/// Longest piece that is asked for at once, in bytes: more than that is never held for a reader.
pub const PIECE: u64 = 1 << 20;

/// Why bytes could not be written, read or deleted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BlobError {
    /// There are none under this name.
    #[error("no bytes under this name")]
    Missing,
    /// No room is left.
    #[error("no room left")]
    Full,
    /// The system said no.
    #[error("{0}")]
    Io(std::io::Error),
    /// The object store said no. The text names no object.
    #[error("the object store failed: {0}")]
    Objects(&'static str),
}

impl From<std::io::Error> for BlobError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound => Self::Missing,
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Io(error),
        }
    }
}

/// A future in a box.
pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = Result<T, BlobError>> + Send + 'a>>;

/// Where bytes lie.
pub trait Blobs: Send + Sync + 'static {
    /// Begins to take bytes whose name is not known yet.
    fn begin(&self) -> Boxed<'_, Box<dyn Incoming>>;

    /// A part of at most [`PIECE`] bytes; shorter only if the bytes end before.
    fn read<'a>(&'a self, id: &'a FileId, range: Range<u64>) -> Boxed<'a, Bytes>;

    /// How many bytes there are; [`BlobError::Missing`] if none.
    fn size<'a>(&'a self, id: &'a FileId) -> Boxed<'a, u64>;

    /// Deletes them; no error if there are none.
    fn delete<'a>(&'a self, id: &'a FileId) -> Boxed<'a, ()>;

    /// What is in a folder, for checks: "" is the top, below it are `ab` and `ab/cd`.
    fn list<'a>(&'a self, folder: &'a str) -> Boxed<'a, Listed>;
}

/// The content of a folder.
#[derive(Default)]
pub struct Listed {
    /// Folders in it, written from the top.
    pub folders: Vec<String>,
    /// Names of files whose bytes are in it.
    pub ids: Vec<FileId>,
}

/// Bytes that are coming. Dropped, they are forgotten.
pub trait Incoming: Send {
    /// Takes the next piece.
    fn write(&mut self, piece: Bytes) -> Boxed<'_, ()>;

    /// All came: they get their name, and are safe when this ends.
    fn keep(self: Box<Self>, id: FileId) -> Boxed<'static, ()>;
}

#[cfg(test)]
mod tests;

//! The folder beside the database in which the account's files lie, each in the stream form
//! (protocol: messages 6.3) under a random key of its own that stands in its row.
//!
//! A file has its name only once it is whole and durable, and its row only after that. What lies
//! here without a row is swept away at the next start.

mod read;
#[cfg(test)]
mod tests;
mod write;

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tacit_crypto::attachment::stream::secretstream::{HEADER, OVERHEAD};
use tacit_store::{AttachmentId, StoredFile};

pub use read::FileReader;
pub(crate) use write::{NewFile, Writer};

/// First byte of the form.
const TYPE: u8 = b'S';
/// Bytes before the first chunk.
const HEAD: usize = 1 + HEADER;
/// Plaintext of a chunk. The first begins with one byte of padding.
const CHUNK: usize = 32_768;
const SEALED_CHUNK: usize = CHUNK + OVERHEAD;
/// Begins the names of files that are being fetched, still as their servers keep them.
const FETCHED: &str = "fetched-";

/// The folder.
#[derive(Debug, Clone)]
pub(crate) struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// That of an account.
    pub(crate) fn of(account: &Path) -> Self {
        Self { folder: account.join("files") }
    }

    /// Begins a new file.
    pub(crate) fn create(&self) -> io::Result<Writer> {
        fs::create_dir_all(&self.folder)?;
        Writer::create(&self.folder)
    }

    /// Opens a file.
    pub(crate) fn open(&self, file: &StoredFile) -> io::Result<FileReader> {
        FileReader::open(&self.folder.join(&file.name), &file.key, file.size)
    }

    /// Where an attachment is gathered while it is fetched.
    pub(crate) fn fetched(&self, attachment: AttachmentId) -> io::Result<PathBuf> {
        fs::create_dir_all(&self.folder)?;
        Ok(self.folder.join(format!("{FETCHED}{attachment}")))
    }

    /// Removes files; one that is gone already is fine, one that cannot be removed is swept away
    /// later.
    pub(crate) fn remove(&self, names: &[String]) {
        for name in names {
            let _ = fs::remove_file(self.folder.join(name));
        }
    }

    /// Removes what no row names: `known` are the names of files, `moving` the attachments that
    /// are still to be fetched.
    pub(crate) fn sweep(&self, known: &HashSet<String>, moving: &HashSet<AttachmentId>) -> io::Result<u32> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(error),
        };
        let mut swept = 0;
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let fetched = name.strip_prefix(FETCHED).and_then(|id| id.parse().ok());
            let kept = known.contains(name.as_ref()) || fetched.is_some_and(|id| moving.contains(&id));
            if !kept && entry.file_type()?.is_file() {
                fs::remove_file(entry.path())?;
                swept += 1;
            }
        }
        Ok(swept)
    }
}

/// Makes a file that only its owner reads.
fn private(options: &mut fs::OpenOptions, path: &Path) -> io::Result<fs::File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.open(path)
}

/// Opens what was fetched so far of a file, to add to it.
pub(crate) fn append(path: &Path) -> io::Result<fs::File> {
    private(fs::OpenOptions::new().append(true).create(true), path)
}

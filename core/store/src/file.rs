//! Files of the account: what lies encrypted beside the database.

use std::fmt;

use tacit_sqlite::rusqlite::{OptionalExtension, params};
use tacit_wire::TimestampMs;
use zeroize::Zeroizing;

use crate::column::{Columns, clamped, ms};
use crate::{Error, FileId, Queries, Tx};

/// A file in the folder `files`, in the stream form (protocol: messages 6.3). `Debug` shows no key.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// Its row.
    pub id: FileId,
    /// Its name in the folder.
    pub name: String,
    /// Opens it; used for nothing else.
    pub key: Zeroizing<[u8; 32]>,
    /// Bytes of the plaintext.
    pub size: u64,
}

impl fmt::Debug for StoredFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredFile").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

impl Queries {
    /// A file.
    ///
    /// # Errors
    /// [`Error::Unknown`] when it is gone; those of the database.
    pub fn file(&self, id: FileId) -> Result<StoredFile, Error> {
        let mut statement = self.connection.prepare_cached("SELECT name, key, size FROM file WHERE id = ?1")?;
        let found = statement.query_row([id], |row| {
            let mut columns = Columns::of(row);
            let (name, key, size) = (columns.take()?, Zeroizing::new(columns.take()?), columns.unsigned()?);
            Ok(StoredFile { id, name, key, size })
        });
        found.optional()?.ok_or(Error::Unknown { what: "file" })
    }
}

impl Tx<'_> {
    /// Takes in a file that lies in the folder. `size` is that of the plaintext, in bytes.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is one of this name; those of the database.
    pub fn insert_file(&self, name: &str, key: &[u8; 32], size: u64, now: TimestampMs) -> Result<FileId, Error> {
        self.connection
            .prepare_cached("INSERT INTO file(name, key, size, created_ms) VALUES(?1, ?2, ?3, ?4)")?
            .execute(params![name, key, clamped(size), ms(now)])?;
        Ok(FileId(self.connection.last_insert_rowid()))
    }
}

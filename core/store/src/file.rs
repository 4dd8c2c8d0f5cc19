//! Files of the account: what lies encrypted beside the database.

use std::collections::HashSet;
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

    /// The names of all files, for what lies in the folder besides them.
    ///
    /// # Errors
    /// Those of the database.
    pub fn file_names(&self) -> Result<HashSet<String>, Error> {
        let mut statement = self.connection.prepare("SELECT name FROM file")?;
        let names = statement.query_map([], |row| row.get(0))?;
        Ok(names.collect::<Result<_, _>>()?)
    }
}

/// Whether a row names the file `f.id`.
const USED: &str = "EXISTS(SELECT 1 FROM attachment WHERE file = f.id)
    OR EXISTS(SELECT 1 FROM attachment WHERE thumbnail = f.id)
    OR EXISTS(SELECT 1 FROM picture WHERE file = f.id) OR EXISTS(SELECT 1 FROM account WHERE picture_file = f.id)";

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
    /// Forgets files that were in use and no row names any more; gives their names, so that their
    /// bytes can be removed once this transaction stands.
    ///
    /// # Errors
    /// Those of the database.
    pub fn forget_unused_files(&self) -> Result<Vec<String>, Error> {
        let sql =
            format!("DELETE FROM file AS f WHERE id IN (SELECT file FROM unused_file) AND NOT ({USED}) RETURNING name");
        self.forget_files(&sql)
    }

    /// As [`Tx::forget_unused_files`], also those that never were in use: at the start, when nobody
    /// is about to use one.
    ///
    /// # Errors
    /// Those of the database.
    pub fn forget_all_unused_files(&self) -> Result<Vec<String>, Error> {
        self.forget_files(&format!("DELETE FROM file AS f WHERE NOT ({USED}) RETURNING name"))
    }

    fn forget_files(&self, sql: &str) -> Result<Vec<String>, Error> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let names = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        self.connection.prepare_cached("DELETE FROM unused_file")?.execute([])?;
        Ok(names)
    }
}

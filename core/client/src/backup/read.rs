//! From a file into the database and the folder.

use std::fs::{self, File};
use std::io::{BufReader, Read, Write as _};
use std::path::{Path, PathBuf};

use tacit_crypto::Seed;
use tacit_store::{BackupRow, BackupTable, BackupValue, Restore};
use tokio::runtime::Handle;

use super::error::BackupError;
use super::header::{self, BackupKey, Header};
use super::record::Record;
use super::stream::Opener;
use super::write::{Ask, create_private, sync_folder};
use super::{BackupControl, FILES, Restored};
use crate::Error;
use crate::client::Inner;

/// Rows that are taken in by one transaction at the most …
const BATCH: usize = 500;
/// … and their bytes.
const BATCH_BYTES: usize = 1 << 20;
/// Longest name of a file in the folder; 32 hex digits today.
const NAME: usize = 64;

/// An opened backup, at the record behind the overview.
pub(super) struct Backup {
    records: Opener<BufReader<File>>,
    id: String,
    size: u64,
    pub(super) account: [u8; 33],
    messages: u64,
}

impl Backup {
    /// Opens a file. `seed` is that of the account, if it is known.
    pub(super) fn open(path: &Path, key: &BackupKey, seed: Option<&Seed>) -> Result<Self, Error> {
        let file = File::open(path).map_err(BackupError::at(path))?;
        let size = file.metadata().map_err(BackupError::at(path))?.len();
        let mut file = BufReader::with_capacity(1 << 18, file);
        let mut bytes = [0; header::SIZE];
        match file.read_exact(&mut bytes) {
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                return Err(BackupError::NotABackup.into());
            }
            read => read.map_err(BackupError::at(path))?,
        }
        let header = Header::open(&bytes, key, seed)?;
        let mut records = Opener::new(file, &header, size);
        let Record::Overview { account, messages } = records.record()? else { return Err(records.damaged().into()) };
        Ok(Self { records, id: header.id(), size, account, messages })
    }

    /// The seed that stands in the backup.
    pub(super) fn seed(mut self) -> Result<Seed, Error> {
        let mut names = Vec::new();
        loop {
            match self.records.record()? {
                Record::Columns { table, names: found } if table == BackupTable::Account as u8 => names = found,
                Record::Row(Some(row)) if row.table == BackupTable::Account => {
                    let seed = names.iter().zip(&row.values).find(|(name, _)| *name == "seed");
                    let Some((_, BackupValue::Blob(seed))) = seed else { break };
                    let Ok(seed) = <[u8; 16]>::try_from(seed.as_slice()) else { break };
                    return Ok(Seed::from_bytes(seed));
                }
                Record::Columns { .. } => {}
                _ => break,
            }
        }
        Err(self.records.damaged().into())
    }

    /// Merges everything into the open account.
    pub(super) fn merge(self, inner: &Inner, runtime: &Handle, control: &BackupControl) -> Result<Restored, Error> {
        if self.account != *inner.me.as_bytes() {
            return Err(BackupError::OtherAccount.into());
        }
        let ask = Ask { inner, runtime };
        let (id, messages) = (self.id, self.messages);
        let restore = ask.store(move |store| store.write(|tx| Restore::begin(tx, &id, messages)))?;
        let mut merge = Merge {
            ask,
            folder: inner.folder.path().join(FILES),
            restore: Some(restore),
            batch: Vec::new(),
            batch_bytes: 0,
            file: None,
            restored: Restored::default(),
        };
        let mut records = self.records;
        loop {
            let record = records.record()?;
            control.at(records.offset(), self.size)?;
            match record {
                Record::End => break,
                record => merge.take(record).map_err(|error| refused(error, &records))?,
            }
        }
        merge.settle().map_err(|error| refused(error, &records))?;
        records.finish()?;
        merge.finish()
    }
}

/// What the database refuses is not what was saved.
fn refused<R: Read>(error: Error, records: &Opener<R>) -> Error {
    match error {
        Error::Store { source: tacit_store::Error::Refused { detail } } => {
            tracing::warn!(detail, "the database refuses what the backup has");
            records.damaged().into()
        }
        other => other,
    }
}

/// A file that is being taken in.
struct Arriving {
    row: BackupRow,
    uses: Vec<BackupRow>,
    name: String,
    /// `None` when the folder has it already.
    draft: Option<(PathBuf, File)>,
}

struct Merge<'a> {
    ask: Ask<'a>,
    folder: PathBuf,
    /// Lent to the database's thread for each step.
    restore: Option<Restore>,
    batch: Vec<BackupRow>,
    batch_bytes: usize,
    file: Option<Arriving>,
    restored: Restored,
}

impl Merge<'_> {
    fn take(&mut self, record: Record) -> Result<(), Error> {
        match record {
            Record::Columns { table, names } => {
                if let (Some(table), Some(restore)) = (BackupTable::from_number(table), &mut self.restore) {
                    restore.set_columns(table, names);
                }
                Ok(())
            }
            Record::Row(None) => Ok(()),
            Record::Row(Some(row)) if row.table == BackupTable::File => self.begin_file(row),
            Record::Row(Some(row)) if row.table == BackupTable::FileUse => {
                if let Some(file) = &mut self.file {
                    file.uses.push(row);
                }
                Ok(())
            }
            Record::Row(Some(row)) => {
                self.batch_bytes += row.values.iter().map(size_of_value).sum::<usize>();
                self.batch.push(row);
                if self.batch.len() >= BATCH || self.batch_bytes >= BATCH_BYTES { self.settle() } else { Ok(()) }
            }
            Record::Bytes(piece) => match self.file.as_mut().and_then(|file| file.draft.as_mut()) {
                Some((path, file)) => Ok(file.write_all(&piece).map_err(BackupError::at(path))?),
                None => Ok(()),
            },
            Record::Overview { .. } | Record::End => Ok(()),
        }
    }

    /// Takes in what was gathered: the rows, or the file.
    fn settle(&mut self) -> Result<(), Error> {
        if !self.batch.is_empty() {
            let rows = std::mem::take(&mut self.batch);
            self.batch_bytes = 0;
            let now = self.ask.inner.now();
            self.with_restore(move |restore, tx| restore.take(tx, &rows, now))?;
        }
        match self.file.take() {
            Some(file) => self.end_file(file),
            None => Ok(()),
        }
    }

    fn begin_file(&mut self, row: BackupRow) -> Result<(), Error> {
        self.settle()?;
        let name = match self.restore.as_ref().and_then(|restore| restore.value(&row, "name")) {
            Some(BackupValue::Text(name)) if is_plain(name) => name.clone(),
            _ => return Err(tacit_store::Error::Refused { detail: "a file without a name".to_owned() }.into()),
        };
        let asked = name.clone();
        let known = self.with_restore(move |restore, tx| restore.has_file(tx, &asked))?;
        let draft = if known && self.folder.join(&name).exists() {
            None
        } else {
            fs::create_dir_all(&self.folder).map_err(BackupError::at(&self.folder))?;
            let path = self.folder.join(format!("{name}.part"));
            let file = create_private(&path).map_err(BackupError::at(&path))?;
            Some((path, file))
        };
        self.file = Some(Arriving { row, uses: Vec::new(), name, draft });
        Ok(())
    }

    /// The bytes get their name once they are durable, and then the row: a file without a row is
    /// swept away at the next start.
    fn end_file(&mut self, arriving: Arriving) -> Result<(), Error> {
        let path = self.folder.join(&arriving.name);
        let new = arriving.draft.is_some();
        if let Some((draft, file)) = arriving.draft {
            file.sync_all().map_err(BackupError::at(&draft))?;
            fs::rename(&draft, &path).map_err(BackupError::at(&path))?;
            sync_folder(&path);
        }
        let (row, uses) = (arriving.row, arriving.uses);
        let used = self.with_restore(move |restore, tx| restore.take_file(tx, &row, &uses))?;
        if !used {
            let _ = fs::remove_file(&path); // nothing here names it any more
        } else if new {
            self.restored.files += 1;
        }
        Ok(())
    }

    fn with_restore<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Restore, &tacit_store::Tx<'_>) -> Result<T, tacit_store::Error> + Send + 'static,
    ) -> Result<T, Error> {
        let mut restore = self.restore.take().ok_or(Error::Closed)?;
        let (restore, result) = self.ask.store(move |store| {
            let result = store.write(|tx| work(&mut restore, tx));
            Ok((restore, result))
        })?;
        self.restored.messages = restore.messages();
        self.restore = Some(restore);
        Ok(result?)
    }

    fn finish(mut self) -> Result<Restored, Error> {
        self.with_restore(|restore, tx| restore.finish(tx))?;
        Ok(self.restored)
    }
}

/// Nothing that leads out of the folder.
fn is_plain(name: &str) -> bool {
    (1..=NAME).contains(&name.len()) && name.bytes().all(|letter| letter.is_ascii_alphanumeric())
}

fn size_of_value(value: &BackupValue) -> usize {
    match value {
        BackupValue::Null | BackupValue::Integer(_) => 8,
        BackupValue::Text(text) => text.len(),
        BackupValue::Blob(bytes) => bytes.len(),
    }
}

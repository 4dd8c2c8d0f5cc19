//! From the database and the folder to a file.

use std::fs::{self, File};
use std::io::{BufWriter, Read as _, Write};
use std::path::{Path, PathBuf};

use tacit_crypto::Cost;
use tacit_store::{BackupCursor, BackupSize, BackupTable, FileId};
use tokio::runtime::Handle;

use super::error::BackupError;
use super::header::{BackupKey, Header};
use super::record::PIECE;
use super::stream::Sealer;
use super::{BackupControl, FILES, Written};
use crate::Error;
use crate::client::Inner;

/// Rows that are read at once, between which the database does other work.
const PAGE: u32 = 256;
/// What a message counts for in the progress, in bytes.
const MESSAGE_BYTES: u64 = 300;

/// Writes a backup under another name, which becomes `path` once it is whole and durable.
pub(super) fn write(
    inner: &Inner,
    runtime: &Handle,
    path: &Path,
    key: &BackupKey,
    cost: Cost,
    control: &BackupControl,
) -> Result<Written, Error> {
    let part = part_of(path);
    let written = write_part(inner, runtime, &part, key, cost, control).and_then(|written| {
        fs::rename(&part, path).map_err(BackupError::at(path))?;
        sync_folder(path);
        Ok(written)
    });
    if written.is_err() {
        let _ = fs::remove_file(&part); // what is left would be of no use
    }
    written
}

/// The name of an unfinished backup.
fn part_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

fn write_part(
    inner: &Inner,
    runtime: &Handle,
    part: &Path,
    key: &BackupKey,
    cost: Cost,
    control: &BackupControl,
) -> Result<Written, Error> {
    let ask = Ask { inner, runtime };
    let (account, size) = ask.store(|store| Ok((store.account()?, store.backup_size()?)))?;
    let account = account.ok_or(Error::Closed)?;
    let header = Header::new(key, &account.seed, cost)?;
    let fail = BackupError::at(part);
    let file = create_private(part).map_err(&fail)?;
    let sealer = Sealer::new(BufWriter::with_capacity(1 << 18, file), &header).map_err(&fail)?;
    let file_bytes = if control.without_files { 0 } else { size.file_bytes };
    let total = size.messages.saturating_mul(MESSAGE_BYTES).saturating_add(file_bytes);
    let mut writer = Writer { ask, sealer, control, part, done: 0, total, written: Written::default() };
    writer.rows(&size)?;
    if !control.without_files {
        writer.files(inner.folder.path())?;
    }
    writer.sealer.end().map_err(&fail)?;
    let mut written = writer.written;
    let file = writer.sealer.finish().and_then(|out| out.into_inner().map_err(std::io::Error::from)).map_err(&fail)?;
    file.sync_all().map_err(&fail)?;
    written.bytes = file.metadata().map_err(&fail)?.len();
    control.at(total, total)?;
    Ok(written)
}

/// Asks the database from a thread that may wait.
#[derive(Clone, Copy)]
pub(super) struct Ask<'a> {
    pub(super) inner: &'a Inner,
    pub(super) runtime: &'a Handle,
}

impl Ask<'_> {
    pub(super) fn store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut tacit_store::Store) -> Result<T, tacit_store::Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.runtime.block_on(self.inner.database.call(work))
    }
}

struct Writer<'a, W> {
    ask: Ask<'a>,
    sealer: Sealer<W>,
    control: &'a BackupControl,
    part: &'a Path,
    done: u64,
    total: u64,
    written: Written,
}

impl<W: Write> Writer<'_, W> {
    fn rows(&mut self, size: &BackupSize) -> Result<(), Error> {
        let me = *self.ask.inner.me.as_bytes();
        self.sealer.overview(&me, size.messages).map_err(BackupError::at(self.part))?;
        for table in BackupTable::PAGED {
            self.columns(table)?;
            let mut after: Option<BackupCursor> = None;
            loop {
                let now = self.ask.inner.now();
                let page = self.ask.store(move |store| store.backup_page(table, after, PAGE, now))?;
                for row in &page.rows {
                    self.sealer.row(row).map_err(BackupError::at(self.part))?;
                }
                if table == BackupTable::Message {
                    self.written.messages += page.rows.len() as u64;
                    self.advance(page.rows.len() as u64 * MESSAGE_BYTES)?;
                } else {
                    self.advance(0)?;
                }
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(())
    }

    fn columns(&mut self, table: BackupTable) -> Result<(), Error> {
        let names = self.ask.store(move |store| store.backup_columns(table))?;
        Ok(self.sealer.columns(table, &names).map_err(BackupError::at(self.part))?)
    }

    /// The bytes of files as they lie in the folder, encrypted; their keys stand in their rows.
    fn files(&mut self, folder: &Path) -> Result<(), Error> {
        self.columns(BackupTable::File)?;
        self.columns(BackupTable::FileUse)?;
        let mut after: Option<FileId> = None;
        while let Some((id, found)) = self.ask.store(move |store| store.backup_file(after))? {
            after = Some(id);
            // One that is gone by now, or whose bytes were lost, can be fetched again.
            let Ok(mut file) = File::open(folder.join(FILES).join(&found.name)) else { continue };
            let fail = BackupError::at(self.part);
            self.sealer.row(&found.row).map_err(&fail)?;
            for used in &found.uses {
                self.sealer.row(used).map_err(&fail)?;
            }
            let mut piece = Vec::with_capacity(PIECE);
            loop {
                piece.clear();
                let path = folder.join(FILES).join(&found.name);
                let count = (&mut file).take(PIECE as u64).read_to_end(&mut piece).map_err(BackupError::at(&path))?;
                if count == 0 {
                    break;
                }
                self.sealer.bytes(&piece).map_err(&fail)?;
                self.advance(count as u64)?;
            }
            self.written.files += 1;
        }
        Ok(())
    }

    fn advance(&mut self, bytes: u64) -> Result<(), Error> {
        self.done += bytes;
        self.control.at(self.done, self.total)
    }
}

/// Makes a file that only its owner reads, in place of one that an ended program left.
pub(super) fn create_private(path: &Path) -> std::io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes a new name durable, where a folder can be opened for that.
pub(super) fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

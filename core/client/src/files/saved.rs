//! Attachments that are here: saved elsewhere, played.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use tacit_media::audio;
use tacit_store::{Attachment, AttachmentId, OldFiles, SpaceUse, Store};

use super::{FileError, FileReader, blocking};
use crate::Error;
use crate::client::Client;
use crate::events::Event;
use crate::text::safe_file_name;

/// Names that are tried before one gives up.
const NAMES: u32 = 1_000;

impl Client {
    /// An attachment as it stands.
    ///
    /// # Errors
    /// [`Error::Unknown`], those of the database.
    pub async fn attachment(&self, id: AttachmentId) -> Result<Attachment, Error> {
        self.inner.database.call(move |store| store.attachment(id)).await
    }

    /// Saves an attachment in the clear: under its own name if `to` is a folder, where nothing is
    /// overwritten, else as the file `to`. Gives the path. Who sent it is not told; see
    /// [`Client::media_saved`] for that.
    ///
    /// # Errors
    /// [`FileError::NotHere`], [`FileError::Read`], [`FileError::Write`], [`Error::Unknown`], those
    /// of the database.
    pub async fn save_attachment(&self, id: AttachmentId, to: &Path) -> Result<PathBuf, Error> {
        let attachment = self.attachment(id).await?;
        let reader = self.inner.open_file(attachment.file.ok_or(FileError::NotHere)?).await?;
        let to = to.to_owned();
        Ok(blocking(move || save(reader, &to, &attachment.file_name)).await?)
    }

    /// The sound of an attachment, decoded piece by piece as it is asked for.
    ///
    /// # Errors
    /// [`FileError::NotHere`], [`FileError::Sound`], and as [`Client::open_file`].
    pub async fn audio(&self, id: AttachmentId) -> Result<audio::Decoder, Error> {
        let attachment = self.attachment(id).await?;
        let reader = self.inner.open_file(attachment.file.ok_or(FileError::NotHere)?).await?;
        Ok(blocking(move || audio::Decoder::new(reader).map_err(FileError::Sound)).await?)
    }

    /// How much [`Client::free_up`] would free.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn space_in(&self, old: OldFiles) -> Result<SpaceUse, Error> {
        self.inner.database.call(move |store| store.space_in(&old)).await
    }

    /// Removes files from this device that can be fetched again as long as their servers have them;
    /// small pictures of them stay. Gives what was freed.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn free_up(&self, old: OldFiles) -> Result<SpaceUse, Error> {
        let space = self.inner.database.call(move |store| store.write(|tx| tx.free_files(&old))).await?;
        self.inner.remove_unused_files().await?;
        self.inner.events.tell(Event::Conversations);
        Ok(space)
    }

    /// Keeps that the sound of an attachment was played.
    ///
    /// # Errors
    /// [`Error::Unknown`], those of the database.
    pub async fn set_played(&self, id: AttachmentId) -> Result<(), Error> {
        let set = move |store: &mut Store| {
            store.write::<_, tacit_store::Error>(|tx| {
                tx.set_played(id)?;
                tx.attachment(id)
            })
        };
        let message = self.inner.database.call(set).await?.message;
        self.inner.tell_attachment(message).await;
        Ok(())
    }
}

fn save(mut reader: FileReader, to: &Path, name: &str) -> Result<PathBuf, FileError> {
    let (mut file, path) = if to.is_dir() { create_in(to, name) } else { create(to) }.map_err(FileError::Write)?;
    let mut buffer = vec![0; 64 << 10];
    let copied = loop {
        match reader.read(&mut buffer).map_err(FileError::Read) {
            Ok(0) => break file.sync_all().map_err(FileError::Write),
            Ok(count) => {
                if let Err(error) = file.write_all(&buffer[..count]) {
                    break Err(FileError::Write(error));
                }
            }
            Err(error) => break Err(error),
        }
    };
    // Half a file would be taken for the whole.
    copied.inspect_err(|_| drop(fs::remove_file(&path)))?;
    Ok(path)
}

fn create(path: &Path) -> io::Result<(File, PathBuf)> {
    Ok((File::create(path)?, path.to_owned()))
}

/// A new file of this name, or with a number behind it.
fn create_in(folder: &Path, name: &str) -> io::Result<(File, PathBuf)> {
    let name = safe_file_name(name);
    let (stem, ending) = match name.rfind('.') {
        Some(at) => name.split_at(at),
        None => (name.as_str(), ""),
    };
    for number in 1..=NAMES {
        let path = if number == 1 { folder.join(&name) } else { folder.join(format!("{stem} ({number}){ending}")) };
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((file, path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

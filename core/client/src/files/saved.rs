//! Attachments that are here: saved elsewhere, played.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

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
        let file = attachment.file.ok_or(FileError::NotHere)?;
        let stored = self.inner.database.call(move |store| store.file(file)).await?;
        let reader = self.inner.files.cache.open(&stored).map_err(FileError::Read)?;
        let (files, to) = (Arc::clone(&self.inner.files), to.to_owned());
        let copied = blocking(move || {
            // What is copied is written to one place, however often it is asked for.
            let _one_at_a_time = files.saving.lock().unwrap_or_else(PoisonError::into_inner);
            save(reader, &stored.name, &to, &attachment.file_name)
        });
        Ok(copied.await?)
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

/// Copies beside its place first: a program that ends while it copies leaves nothing there that would
/// be taken for the whole, and the next copy replaces what it left.
fn save(mut reader: FileReader, stored: &str, to: &Path, name: &str) -> Result<PathBuf, FileError> {
    let folder = if to.is_dir() { to } else { to.parent().unwrap_or(to) };
    let draft = folder.join(format!(".{stored}.part"));
    let saved = copy(&mut reader, &draft).and_then(|()| {
        let path = if to.is_dir() { reserve(to, name).map_err(FileError::Write)? } else { to.to_owned() };
        fs::rename(&draft, &path).map_err(FileError::Write)?;
        Ok(path)
    });
    saved.inspect_err(|_| drop(fs::remove_file(&draft)))
}

fn copy(reader: &mut FileReader, path: &Path) -> Result<(), FileError> {
    let mut file = File::create(path).map_err(FileError::Write)?;
    let mut buffer = vec![0; 64 << 10];
    loop {
        match reader.read(&mut buffer).map_err(FileError::Read)? {
            0 => return file.sync_all().map_err(FileError::Write),
            count => file.write_all(&buffer[..count]).map_err(FileError::Write)?,
        }
    }
}

/// Makes an empty file of this name, or with a number behind it, to be replaced at once.
fn reserve(folder: &Path, name: &str) -> io::Result<PathBuf> {
    let name = safe_file_name(name);
    let (stem, ending) = match name.rfind('.') {
        Some(at) => name.split_at(at),
        None => (name.as_str(), ""),
    };
    for number in 1..=NAMES {
        let path = if number == 1 { folder.join(&name) } else { folder.join(format!("{stem} ({number}){ending}")) };
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(_) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

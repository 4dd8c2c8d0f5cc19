//! Writing a file of the account.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tacit_crypto::attachment::stream::secretstream::{HEADER, State, Tag};
use zeroize::Zeroizing;

use super::{CHUNK, TYPE, private};

/// A file that is whole and durable, and has no row yet.
pub(crate) struct NewFile {
    pub(crate) name: String,
    pub(crate) key: Zeroizing<[u8; 32]>,
    /// Bytes of the plaintext.
    pub(crate) size: u64,
}

/// Encrypts what is written to it. Dropped before [`Writer::finish`], it leaves nothing behind.
pub(crate) struct Writer {
    file: File,
    draft: PathBuf,
    path: PathBuf,
    state: State,
    /// Not yet encrypted: what may be the last chunk.
    chunk: Vec<u8>,
    new: NewFile,
    finished: bool,
}

impl Writer {
    pub(super) fn create(folder: &Path) -> io::Result<Self> {
        let mut random = Zeroizing::new([0_u8; 16 + 32 + HEADER]);
        getrandom::fill(random.as_mut_slice()).map_err(|error| io::Error::other(error.to_string()))?;
        let (mut key, mut header) = (Zeroizing::new([0; 32]), [0; HEADER]);
        key.copy_from_slice(&random[16..48]);
        header.copy_from_slice(&random[48..]);
        let name = hex::encode(&random[..16]);
        let (path, draft) = (folder.join(&name), folder.join(format!("{name}.part")));
        let mut file = private(OpenOptions::new().write(true).create_new(true), &draft)?;
        file.write_all(&[TYPE])?;
        file.write_all(&header)?;
        let mut chunk = Vec::with_capacity(CHUNK);
        chunk.push(1); // the padding
        let state = State::new(&key, &header);
        Ok(Self { file, draft, path, state, chunk, new: NewFile { name, key, size: 0 }, finished: false })
    }

    /// Makes it durable and gives it its name.
    pub(crate) fn finish(mut self) -> io::Result<NewFile> {
        self.seal(Tag::Final)?;
        self.file.sync_all()?;
        fs::rename(&self.draft, &self.path)?;
        self.finished = true;
        // The name is durable where a folder can be opened for that.
        if let Some(folder) = self.path.parent().and_then(|folder| File::open(folder).ok()) {
            let _ = folder.sync_all();
        }
        Ok(NewFile { name: self.new.name.clone(), key: self.new.key.clone(), size: self.new.size })
    }

    fn seal(&mut self, tag: Tag) -> io::Result<()> {
        let (tag, mac) = self.state.push(tag, &mut self.chunk);
        self.file.write_all(&[tag])?;
        self.file.write_all(&self.chunk)?;
        self.file.write_all(&mac)?;
        self.chunk.clear();
        Ok(())
    }
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.chunk.len() == CHUNK {
            self.seal(Tag::Message)?;
        }
        let taken = bytes.len().min(CHUNK - self.chunk.len());
        self.chunk.extend_from_slice(&bytes[..taken]);
        self.new.size += taken as u64;
        Ok(taken)
    }

    /// Does nothing: a chunk goes out when it is full.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if !self.finished {
            let _ = fs::remove_file(&self.draft);
        }
    }
}

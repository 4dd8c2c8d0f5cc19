//! Reading a file of the account.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use tacit_crypto::attachment::stream::secretstream::{HEADER, OVERHEAD, State, Tag};
use zeroize::Zeroizing;

use super::{HEAD, SEALED_CHUNK, TYPE};

/// Decrypts a file of the account while it is read, a chunk of 32 KiB at a time. Seeking forth
/// decrypts what lies between, seeking back begins again at the start.
pub struct FileReader {
    file: File,
    key: Zeroizing<[u8; 32]>,
    state: State,
    size: u64,
    /// The decrypted chunk, without padding.
    chunk: Zeroizing<Vec<u8>>,
    /// Where in the file's data the chunk begins.
    start: u64,
    ended: bool,
    /// Where the next read begins.
    position: u64,
}

impl FileReader {
    pub(super) fn open(path: &Path, key: &[u8; 32], size: u64) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let state = begin(&mut file, key)?;
        let key = Zeroizing::new(*key);
        let chunk = Zeroizing::new(Vec::with_capacity(SEALED_CHUNK));
        Ok(Self { file, key, state, size, chunk, start: 0, ended: false, position: 0 })
    }

    /// Bytes of the plaintext.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// All of it.
    ///
    /// # Errors
    /// When it cannot be read, or is not what was written.
    pub fn bytes(mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(usize::try_from(self.size).unwrap_or_default());
        self.rewind()?;
        self.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Decrypts the next chunk.
    fn advance(&mut self) -> io::Result<()> {
        let first = self.start == 0 && self.chunk.is_empty();
        self.start += self.chunk.len() as u64;
        self.chunk.clear();
        (&mut self.file).take(SEALED_CHUNK as u64).read_to_end(&mut self.chunk)?;
        let length = self.chunk.len().checked_sub(OVERHEAD).ok_or_else(damaged)?;
        let (tag, rest) = self.chunk.split_first_mut().ok_or_else(damaged)?;
        let (text, mac) = rest.split_at_mut(length);
        self.ended = self.state.pull(*tag, text, mac).map_err(|_| damaged())? == Tag::Final;
        // Behind the tag byte, and in the first chunk behind the padding.
        let skipped = if first { 2 } else { 1 };
        self.chunk.truncate(1 + length);
        self.chunk.drain(..skipped.min(1 + length));
        let end = self.start + self.chunk.len() as u64;
        if end > self.size || self.ended != (end == self.size) {
            return Err(damaged());
        }
        Ok(())
    }

    fn restart(&mut self) -> io::Result<()> {
        self.file.rewind()?;
        self.state = begin(&mut self.file, &self.key)?;
        self.chunk.clear();
        (self.start, self.ended) = (0, false);
        Ok(())
    }
}

fn begin(file: &mut File, key: &[u8; 32]) -> io::Result<State> {
    let mut head = [0; HEAD];
    file.read_exact(&mut head)?;
    let header: &[u8; HEADER] = head[1..].try_into().map_err(|_| damaged())?;
    if head[0] == TYPE { Ok(State::new(key, header)) } else { Err(damaged()) }
}

impl Read for FileReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position >= self.size || buffer.is_empty() {
            return Ok(0);
        }
        if self.position < self.start {
            self.restart()?;
        }
        while self.position >= self.start + self.chunk.len() as u64 {
            if self.ended {
                return Err(damaged());
            }
            self.advance()?;
        }
        // Within a chunk.
        let at = usize::try_from(self.position - self.start).map_err(|_| damaged())?;
        let taken = buffer.len().min(self.chunk.len() - at);
        buffer[..taken].copy_from_slice(&self.chunk[at..at + taken]);
        self.position += taken as u64;
        Ok(taken)
    }
}

impl Seek for FileReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => self.size.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the file is damaged")
}

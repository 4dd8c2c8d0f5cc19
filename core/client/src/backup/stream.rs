//! The sealed part: chunks of 32 KiB, each authentic in its place, the last one marked as such.

use std::io::{self, Read, Write};

use tacit_crypto::attachment::stream::secretstream::{OVERHEAD, State, Tag};

use super::error::BackupError;
use super::header::{Header, SIZE};

const CHUNK: usize = 32_768;

/// Seals what is written.
pub(super) struct Sealer<W> {
    out: W,
    state: State,
    chunk: Vec<u8>,
}

impl<W: Write> Sealer<W> {
    /// Writes the header and begins.
    pub(super) fn new(mut out: W, header: &Header) -> io::Result<Self> {
        out.write_all(header.bytes())?;
        Ok(Self { out, state: State::new(&header.key, &header.stream()), chunk: Vec::with_capacity(CHUNK) })
    }

    pub(super) fn write(&mut self, mut data: &[u8]) -> io::Result<()> {
        while !data.is_empty() {
            // A full chunk waits until it is known not to be the last.
            if self.chunk.len() == CHUNK {
                self.seal(Tag::Message)?;
            }
            let (now, later) = data.split_at(data.len().min(CHUNK - self.chunk.len()));
            self.chunk.extend_from_slice(now);
            data = later;
        }
        Ok(())
    }

    /// Seals the last chunk and gives back where it went.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.seal(Tag::Final)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn seal(&mut self, tag: Tag) -> io::Result<()> {
        let (tag, mac) = self.state.push(tag, &mut self.chunk);
        self.out.write_all(&[tag])?;
        self.out.write_all(&self.chunk)?;
        self.out.write_all(&mac)?;
        self.chunk.clear();
        Ok(())
    }
}

/// Opens what is read.
pub(super) struct Opener<R> {
    from: R,
    state: State,
    /// What was opened, and how much of it was given out.
    chunk: Vec<u8>,
    given: usize,
    /// Where the next chunk begins in the file.
    offset: u64,
    size: u64,
    ended: bool,
}

impl<R: Read> Opener<R> {
    /// Begins behind the header of a file of `size` bytes.
    pub(super) fn new(from: R, header: &Header, size: u64) -> Self {
        let state = State::new(&header.key, &header.stream());
        Self { from, state, chunk: Vec::new(), given: 0, offset: SIZE as u64, size, ended: false }
    }

    /// Bytes of the file that were opened.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Damage at the chunk that was opened last, or is to be opened next.
    pub(super) fn damaged(&self) -> BackupError {
        let percent = self.offset.saturating_mul(100).checked_div(self.size).unwrap_or(0).min(100);
        BackupError::Damaged { offset: self.offset, percent: u8::try_from(percent).unwrap_or(100) }
    }

    /// Fills `out`; less than that is damage.
    pub(super) fn read(&mut self, mut out: &mut [u8]) -> Result<(), BackupError> {
        while !out.is_empty() {
            if self.given == self.chunk.len() {
                self.open()?;
            }
            let count = out.len().min(self.chunk.len() - self.given);
            let (now, later) = out.split_at_mut(count);
            now.copy_from_slice(&self.chunk[self.given..self.given + count]);
            self.given += count;
            out = later;
        }
        Ok(())
    }

    /// Checks that nothing is left: the last chunk was the last, and the file ends with it.
    pub(super) fn finish(mut self) -> Result<(), BackupError> {
        let over = self.from.read(&mut [0]).unwrap_or(1);
        if !self.ended || self.given < self.chunk.len() || over > 0 { Err(self.damaged()) } else { Ok(()) }
    }

    fn open(&mut self) -> Result<(), BackupError> {
        self.chunk.clear();
        self.given = 0;
        if self.ended {
            return Err(self.damaged());
        }
        let whole = CHUNK + OVERHEAD;
        let read = (&mut self.from).take(whole as u64).read_to_end(&mut self.chunk).map_err(|_| self.damaged())?;
        let text = read.checked_sub(OVERHEAD).filter(|text| *text > 0).ok_or_else(|| self.damaged())?;
        let (tag, rest) = self.chunk.split_at_mut(1);
        let (text, mac) = rest.split_at_mut(text);
        let opened = self.state.pull(tag[0], text, mac);
        match opened {
            Err(_) => return Err(self.damaged()),
            Ok(Tag::Final) => self.ended = true,
            // Only the last chunk is shorter than the others.
            Ok(Tag::Message) if read < whole => return Err(self.damaged()),
            Ok(Tag::Message) => {}
        }
        self.offset += read as u64;
        self.chunk.truncate(read - OVERHEAD + 1);
        self.given = 1; // the tag's byte stands in front
        Ok(())
    }
}

//! From data to upload, in two passes.

use blake2::Blake2bMac;
use blake2::digest::consts::U56;
use blake2::digest::{FixedOutput, Update};
use zeroize::Zeroizing;

use super::secretstream::{HEADER, State, Tag};
use super::{CHUNK, Domain, MAX_DATA, TYPE, encrypted_size, padding};
use crate::Error;

/// The first pass over the data.
#[derive(Clone)]
pub struct Hasher {
    /// As it was before any data, for the second pass.
    fresh: Blake2bMac<U56>,
    hash: Blake2bMac<U56>,
    size: usize,
}

impl Hasher {
    /// Starts with the sender's secret Ed25519 seed.
    ///
    /// # Errors
    /// None in practice: the lengths are fixed.
    pub fn new(ed25519_seed: &[u8; 32], domain: Domain) -> Result<Self, Error> {
        let fresh = Blake2bMac::new_with_salt_and_personal(Some(ed25519_seed), &[], domain.personal())
            .map_err(|_| Error::KeySize)?;
        Ok(Self { hash: fresh.clone(), fresh, size: 0 })
    }

    /// Takes more of the data.
    ///
    /// # Errors
    /// [`Error::Size`] if all data together is larger than [`MAX_DATA`].
    pub fn push(&mut self, data: &[u8]) -> Result<(), Error> {
        if data.len() > MAX_DATA - self.size {
            return Err(Error::Size);
        }
        self.size += data.len();
        self.hash.update(data);
        Ok(())
    }

    /// Ends the first pass.
    #[must_use]
    pub fn finish(self) -> Plan {
        let whole = Zeroizing::new(<[u8; 56]>::from(self.hash.finalize_fixed()));
        let mut header = [0; HEADER];
        let mut key = Zeroizing::new([0; 32]);
        header.copy_from_slice(&whole[..HEADER]);
        key.copy_from_slice(&whole[HEADER..]);
        Plan { key, header, size: self.size, fresh: self.fresh }
    }
}

/// All that the second pass needs.
pub struct Plan {
    /// The key for the message.
    pub key: Zeroizing<[u8; 32]>,
    header: [u8; HEADER],
    size: usize,
    fresh: Blake2bMac<U56>,
}

impl Plan {
    /// How large the upload will be.
    #[must_use]
    pub fn encrypted_size(&self) -> usize {
        encrypted_size(self.size)
    }

    /// The header of the stream, which the upload begins with.
    #[must_use]
    pub fn header(&self) -> &[u8; 24] {
        &self.header
    }

    /// Starts the second pass.
    #[must_use]
    pub fn encoder(&self) -> Encoder {
        Encoder { writer: self.writer(), hash: self.fresh.clone(), expected: (self.header, self.key.clone()) }
    }

    pub(super) fn writer(&self) -> Writer {
        let padding = padding(self.size);
        Writer {
            state: State::new(&self.key, &self.header),
            header: Some(self.header),
            padding,
            left: self.size + padding,
            chunk: Vec::with_capacity(CHUNK),
        }
    }
}

/// The second pass over the data.
pub struct Encoder {
    writer: Writer,
    hash: Blake2bMac<U56>,
    expected: ([u8; HEADER], Zeroizing<[u8; 32]>),
}

impl Encoder {
    /// Encrypts more of the data, appending to `out`.
    ///
    /// # Errors
    /// [`Error::Changed`] if there is more than in the first pass.
    pub fn push(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        if data.len() > self.writer.data_left() {
            return Err(Error::Changed);
        }
        self.hash.update(data);
        self.writer.push(data, out);
        Ok(())
    }

    /// Ends the upload; nothing more comes out.
    ///
    /// # Errors
    /// [`Error::Changed`] if the data was not that of the first pass. **The upload must be
    /// discarded then**: two texts under one key would give both away.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        self.writer.push(&[], out);
        let whole = Zeroizing::new(<[u8; 56]>::from(self.hash.finalize_fixed()));
        let (header, key) = &self.expected;
        if self.writer.left > 0 || whole[..HEADER] != header[..] || whole[HEADER..] != key[..] {
            return Err(Error::Changed);
        }
        Ok(())
    }
}

/// Pads, cuts into chunks and encrypts.
pub(super) struct Writer {
    state: State,
    header: Option<[u8; HEADER]>,
    /// Padding to come, marker included.
    padding: usize,
    /// Bytes to come that are not yet in a chunk, padding included.
    left: usize,
    chunk: Vec<u8>,
}

impl Writer {
    fn data_left(&self) -> usize {
        self.left - self.padding
    }

    /// Takes no more data than was announced.
    pub(super) fn push(&mut self, mut data: &[u8], out: &mut Vec<u8>) {
        if let Some(header) = self.header.take() {
            out.push(TYPE);
            out.extend_from_slice(&header);
        }
        while self.padding > 0 {
            let step = self.padding.min(CHUNK - self.chunk.len());
            self.chunk.resize(self.chunk.len() + step, 0);
            self.padding -= step;
            if let (0, Some(last)) = (self.padding, self.chunk.last_mut()) {
                *last = 1;
            }
            self.took(step, out);
        }
        while !data.is_empty() {
            let (now, later) = data.split_at(data.len().min(CHUNK - self.chunk.len()));
            self.chunk.extend_from_slice(now);
            self.took(now.len(), out);
            data = later;
        }
    }

    /// Sends the chunk on when it is full or the last.
    fn took(&mut self, bytes: usize, out: &mut Vec<u8>) {
        self.left -= bytes;
        let tag = match self.left {
            0 => Tag::Final,
            _ if self.chunk.len() == CHUNK => Tag::Message,
            _ => return,
        };
        let (tag, mac) = self.state.push(tag, &mut self.chunk);
        out.push(tag);
        out.extend_from_slice(&self.chunk);
        out.extend_from_slice(&mac);
        self.chunk.clear();
    }
}

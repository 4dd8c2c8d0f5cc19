//! From upload to data.

use zeroize::Zeroizing;

use super::secretstream::{OVERHEAD, State, Tag};
use super::{HEAD, SEALED_CHUNK, SHORTEST, TYPE};
use crate::Error;

/// Decrypts piece by piece.
pub struct Decoder {
    key: Zeroizing<[u8; 32]>,
    state: Option<State>,
    /// Part of a head or chunk.
    held: Vec<u8>,
    taken: usize,
    /// Whether the marker after the padding was seen.
    data_began: bool,
    ended: bool,
}

impl Decoder {
    /// Starts with the key of the message.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        Self { key: Zeroizing::new(*key), state: None, held: Vec::new(), taken: 0, data_began: false, ended: false }
    }

    /// Decrypts more of the upload, appending to `out`. Each chunk is authentic, but only
    /// [`Decoder::finish`] tells whether none is missing.
    ///
    /// # Errors
    /// [`Error::UnknownType`], [`Error::Decrypt`], [`Error::DataAfterFinal`], [`Error::Padding`].
    pub fn push(&mut self, mut upload: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        if self.taken == 0 && upload.first().is_some_and(|first| *first != TYPE) {
            return Err(Error::UnknownType);
        }
        self.taken = self.taken.saturating_add(upload.len());
        while !upload.is_empty() {
            if self.ended {
                return Err(Error::DataAfterFinal);
            }
            let size = if self.state.is_some() { SEALED_CHUNK } else { HEAD };
            let (now, later) = upload.split_at(upload.len().min(size - self.held.len()));
            self.held.extend_from_slice(now);
            upload = later;
            if self.held.len() == size {
                self.take(out)?;
            }
        }
        Ok(())
    }

    /// Opens the last chunk and checks that the stream is whole.
    ///
    /// # Errors
    /// [`Error::TooShort`], [`Error::Decrypt`], [`Error::Padding`], or [`Error::NoFinal`] if the
    /// end is missing. After any error, everything given out before must be discarded.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        if self.taken < SHORTEST {
            return Err(Error::TooShort);
        }
        if !self.held.is_empty() {
            self.take(out)?;
        }
        match (self.ended, self.data_began) {
            (false, _) => Err(Error::NoFinal),
            (true, false) => Err(Error::Padding),
            (true, true) => Ok(()),
        }
    }

    /// Handles what is held: the head or a chunk.
    fn take(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        let Some(state) = &mut self.state else {
            let header = self.held[1..].try_into().map_err(|_| Error::TooShort)?;
            self.state = Some(State::new(&self.key, header));
            self.held.clear();
            return Ok(());
        };
        let size = self.held.len().checked_sub(OVERHEAD).ok_or(Error::Decrypt)?;
        let (tag, rest) = self.held.split_first_mut().ok_or(Error::Decrypt)?;
        let (text, mac) = rest.split_at_mut(size);
        self.ended = state.pull(*tag, text, mac)? == Tag::Final;
        let mut text = &*text;
        if !self.data_began {
            let zeros = text.iter().take_while(|byte| **byte == 0).count();
            text = &text[zeros..];
            match text.split_first() {
                None => {}
                Some((1, data)) => {
                    self.data_began = true;
                    text = data;
                }
                Some(_) => return Err(Error::Padding),
            }
        }
        out.extend_from_slice(text);
        self.held.clear();
        Ok(())
    }
}

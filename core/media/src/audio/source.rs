use std::io::{self, Read, Seek, SeekFrom};

use symphonia::core::io::MediaSource;

use super::Source;
use crate::Error;

/// A source whose length was measured once.
pub(super) struct Sized<S> {
    source: S,
    length: u64,
}

impl<S: Source> Sized<S> {
    pub fn new(mut source: S) -> Result<Self, Error> {
        let length = source.seek(SeekFrom::End(0)).and_then(|length| source.rewind().map(|()| length));
        let length = length.map_err(|error| Error::Damaged(error.to_string()))?;
        Ok(Self { source, length })
    }
}

impl<S: Source> Read for Sized<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.source.read(buffer)
    }
}

impl<S: Source> Seek for Sized<S> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.source.seek(to)
    }
}

impl<S: Source> MediaSource for Sized<S> {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.length)
    }
}

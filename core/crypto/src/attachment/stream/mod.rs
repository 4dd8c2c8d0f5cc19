//! The deterministic form (protocol: messages 6.3): the same file from the same sender is the same
//! upload, so that the server keeps it once.
//!
//! Key and header are a keyed hash of the data, so encrypting needs two passes: [`Hasher`], then
//! [`Encoder`].

mod decode;
mod encode;
pub mod secretstream;
#[cfg(test)]
mod tests;

use zeroize::Zeroizing;

use crate::Error;
use secretstream::{HEADER, OVERHEAD};

pub use decode::Decoder;
pub use encode::{Encoder, Hasher, Plan};

const TYPE: u8 = b'S';
const HEAD: usize = 1 + HEADER;
const CHUNK: usize = 32_768;
const SEALED_CHUNK: usize = CHUNK + OVERHEAD;
/// The shortest upload: a head and a chunk of one byte.
const SHORTEST: usize = HEAD + OVERHEAD + 1;

/// The largest data whose upload is within [`super::MAX_UPLOAD`].
pub const MAX_DATA: usize = 9_956_278;

/// What the data is: the same bytes give different keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Domain {
    /// A file in a message.
    Attachment,
    /// A picture of a profile or group.
    Picture,
}

impl Domain {
    fn personal(self) -> &'static [u8; 16] {
        match self {
            Self::Attachment => b"SessionAttachmnt",
            Self::Picture => b"Session_Prof_Pic",
        }
    }
}

/// How many bytes of padding, marker included, go before data of this size.
#[must_use]
pub fn padding(size: usize) -> usize {
    let chunks = size.div_ceil(CHUNK);
    let enough = size + HEAD + 1 + OVERHEAD * chunks;
    let step = (1 << enough.max(131_072).ilog2()) / 32;
    let first = enough.div_ceil(step) * step - enough + 1;
    // Padding that opens further chunks pays for their overhead.
    let mut overhead = OVERHEAD * (first / SEALED_CHUNK);
    if first % SEALED_CHUNK > CHUNK * chunks - size {
        overhead += OVERHEAD;
    }
    first - overhead
}

/// How large the upload of data of this size is.
#[must_use]
pub fn encrypted_size(size: usize) -> usize {
    let padded = size + padding(size);
    HEAD + padded + OVERHEAD * padded.div_ceil(CHUNK)
}

/// Encrypts a whole file; gives the upload and the key for the message.
///
/// # Errors
/// [`Error::Size`] if it is larger than [`MAX_DATA`].
pub fn encrypt(data: &[u8], ed25519_seed: &[u8; 32], domain: Domain) -> Result<(Vec<u8>, Zeroizing<[u8; 32]>), Error> {
    let mut hasher = Hasher::new(ed25519_seed, domain)?;
    hasher.push(data)?;
    let plan = hasher.finish();
    let key = plan.key.clone();
    let mut upload = Vec::with_capacity(plan.encrypted_size());
    let mut encoder = plan.writer();
    encoder.push(data, &mut upload);
    Ok((upload, key))
}

/// Decrypts a whole upload.
///
/// # Errors
/// As [`Decoder::push`] and [`Decoder::finish`], but [`Error::TooShort`] comes first.
pub fn decrypt(upload: &[u8], key: &[u8; 32]) -> Result<Vec<u8>, Error> {
    if upload.len() < SHORTEST {
        return Err(Error::TooShort);
    }
    let mut decoder = Decoder::new(key);
    let mut data = Vec::with_capacity(upload.len());
    decoder.push(upload, &mut data)?;
    decoder.finish(&mut data)?;
    Ok(data)
}

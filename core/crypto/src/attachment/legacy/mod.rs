//! The form all deployed clients send (protocol: messages 6.2).
//!
//! ```text
//! upload = iv || AES-256-CBC-PKCS7(data || zeros) || HMAC-SHA256(all before)
//! digest = SHA-256(upload)
//! ```

mod decode;
mod encode;
#[cfg(test)]
mod tests;

use hmac::{Hmac, KeyInit};
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::Error;

pub use decode::Decoder;
pub use encode::Encoder;

const BLOCK: usize = 16;
const AES_KEY: usize = 32;
const MAC: usize = 32;
/// The shortest upload a decoder looks at, and what it holds back to the end.
const SHORTEST: usize = BLOCK + MAC;
const SMALLEST_PADDED: usize = 541;

/// Bytes of a key: one half for AES, one for HMAC.
pub const KEY: usize = 64;
/// The largest data that fits into an upload of [`super::MAX_UPLOAD`].
pub const MAX_DATA: usize = 9_999_951;

/// What the message about an attachment carries.
pub struct Secrets {
    /// The key, made for this upload alone.
    pub key: Zeroizing<[u8; KEY]>,
    /// SHA-256 of the upload.
    pub digest: [u8; 32],
}

/// To how many bytes data of this size is padded: the next power of 1.05 rounded down, at least
/// 541, at most [`MAX_DATA`], never less than the data.
#[must_use]
pub fn padded_size(size: usize) -> usize {
    let (mut power, mut padded) = (1.05f64, 1);
    while padded < size.clamp(SMALLEST_PADDED, MAX_DATA) {
        power *= 1.05;
        // Positive and far below 2^52: the conversion only drops the fraction.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let floor = power as usize;
        padded = floor;
    }
    padded.min(MAX_DATA).max(size)
}

/// How large the upload of data of this size is.
#[must_use]
pub fn encrypted_size(size: usize) -> usize {
    BLOCK + (padded_size(size) / BLOCK + 1) * BLOCK + MAC
}

/// SHA-256 of a whole upload, which the message about it carries.
#[must_use]
pub fn digest(upload: &[u8]) -> [u8; 32] {
    Sha256::digest(upload).into()
}

/// Encrypts a whole file.
///
/// # Errors
/// [`Error::Size`] if it is empty or larger than [`MAX_DATA`].
pub fn encrypt(data: &[u8], rng: &mut impl CryptoRng) -> Result<(Vec<u8>, Secrets), Error> {
    let mut upload = Vec::with_capacity(encrypted_size(data.len()));
    let mut encoder = Encoder::new(rng);
    encoder.push(data, &mut upload)?;
    let secrets = encoder.finish(&mut upload)?;
    Ok((upload, secrets))
}

/// Decrypts a whole upload. `size` is that of the data, as the message says.
///
/// # Errors
/// As [`Decoder::new`] and [`Decoder::finish`].
pub fn decrypt(upload: &[u8], key: &[u8], digest: Option<&[u8]>, size: usize) -> Result<Vec<u8>, Error> {
    let mut decoder = Decoder::new(key, digest, size)?;
    let mut data = Vec::with_capacity(upload.len().min(size.saturating_add(BLOCK)));
    decoder.push(upload, &mut data);
    decoder.finish(&mut data)?;
    Ok(data)
}

fn halves(key: &[u8; KEY]) -> (Zeroizing<[u8; AES_KEY]>, Hmac<Sha256>) {
    let mut aes_key = Zeroizing::new([0; AES_KEY]);
    aes_key.copy_from_slice(&key[..AES_KEY]);
    // HMAC fills keys up to a block with zeros itself; given a whole block, it cannot fail.
    let mut block = Zeroizing::new([0; 64]);
    block[..KEY - AES_KEY].copy_from_slice(&key[AES_KEY..]);
    (aes_key, Hmac::new((&*block).into()))
}

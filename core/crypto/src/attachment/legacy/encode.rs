//! From data to upload.

use aes::Aes256;
use aes::cipher::array::Array;
use aes::cipher::{BlockModeEncrypt, KeyIvInit};
use hmac::{Hmac, Mac};
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{BLOCK, KEY, MAX_DATA, Secrets, halves, padded_size};
use crate::Error;

const ZEROS: [u8; 4096] = [0; 4096];

/// Encrypts piece by piece.
pub struct Encoder {
    key: Zeroizing<[u8; KEY]>,
    head: Option<[u8; BLOCK]>,
    cipher: cbc::Encryptor<Aes256>,
    mac: Hmac<Sha256>,
    digest: Sha256,
    /// The start of a block that is not full.
    rest: Vec<u8>,
    size: usize,
}

impl Encoder {
    /// Starts an upload under a fresh key. Draws from `rng` 64 bytes (the key), then 16 (the iv).
    pub fn new(rng: &mut impl CryptoRng) -> Self {
        let mut key = Zeroizing::new([0; KEY]);
        rng.fill_bytes(key.as_mut());
        let mut iv = [0; BLOCK];
        rng.fill_bytes(&mut iv);
        let (aes_key, mac) = halves(&key);
        Self {
            cipher: cbc::Encryptor::new((&*aes_key).into(), &iv.into()),
            mac,
            digest: Sha256::new(),
            head: Some(iv),
            rest: Vec::with_capacity(BLOCK),
            size: 0,
            key,
        }
    }

    /// Encrypts more of the data, appending to `out`.
    ///
    /// # Errors
    /// [`Error::Size`] if all data together is larger than [`MAX_DATA`].
    pub fn push(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        if data.len() > MAX_DATA - self.size {
            return Err(Error::Size);
        }
        self.size += data.len();
        self.encrypt(data, out);
        Ok(())
    }

    /// Pads, authenticates and gives what the message needs.
    ///
    /// # Errors
    /// [`Error::Size`] if there was no data: receivers refuse empty attachments.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<Secrets, Error> {
        if self.size == 0 {
            return Err(Error::Size);
        }
        let mut missing = padded_size(self.size) - self.size;
        while missing > 0 {
            let step = missing.min(ZEROS.len());
            self.encrypt(&ZEROS[..step], out);
            missing -= step;
        }
        let start = out.len();
        let fill = BLOCK - self.rest.len();
        let value = u8::try_from(fill).map_err(|_| Error::Size)?;
        self.encrypt(&[value; BLOCK][..fill], out);
        debug_assert_eq!(out.len() - start, BLOCK);
        let tag = self.mac.finalize().into_bytes();
        self.digest.update(tag);
        out.extend_from_slice(&tag);
        Ok(Secrets { key: self.key, digest: self.digest.finalize().into() })
    }

    fn encrypt(&mut self, data: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        out.extend(self.head.take().into_iter().flatten());
        let text = out.len();
        let blocks = (self.rest.len() + data.len()) / BLOCK * BLOCK;
        if blocks == 0 {
            self.rest.extend_from_slice(data);
        } else {
            let (now, later) = data.split_at(blocks - self.rest.len());
            out.append(&mut self.rest);
            out.extend_from_slice(now);
            self.rest.extend_from_slice(later);
            let (blocks, _) = Array::slice_as_chunks_mut(&mut out[text..]);
            self.cipher.encrypt_blocks(blocks);
        }
        self.mac.update(&out[start..]);
        self.digest.update(&out[start..]);
    }
}

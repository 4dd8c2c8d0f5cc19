//! From upload to data.

use aes::Aes256;
use aes::cipher::array::Array;
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{Block, BlockModeDecrypt, KeyIvInit};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{AES_KEY, BLOCK, KEY, MAC, SHORTEST, halves};
use crate::Error;

/// Decrypts piece by piece.
pub struct Decoder {
    aes_key: Zeroizing<[u8; AES_KEY]>,
    cipher: Option<cbc::Decryptor<Aes256>>,
    mac: Hmac<Sha256>,
    hash: Sha256,
    digest: Option<[u8; 32]>,
    /// Not yet decrypted: at least what may be the last block and the MAC.
    held: Vec<u8>,
    /// Bytes of data that are still to come.
    wanted: usize,
    size: usize,
}

impl Decoder {
    /// Starts with what the message says about the attachment.
    ///
    /// # Errors
    /// [`Error::KeySize`] unless the key has 64 bytes.
    pub fn new(key: &[u8], digest: Option<&[u8]>, size: usize) -> Result<Self, Error> {
        let key: &[u8; KEY] = key.try_into().map_err(|_| Error::KeySize)?;
        let (aes_key, mac) = halves(key);
        Ok(Self {
            aes_key,
            cipher: None,
            mac,
            hash: Sha256::new(),
            digest: digest.and_then(|digest| digest.try_into().ok()),
            held: Vec::with_capacity(SHORTEST + BLOCK),
            wanted: size,
            size,
        })
    }

    /// Decrypts more of the upload, appending to `out` what is not yet to be trusted.
    pub fn push(&mut self, upload: &[u8], out: &mut Vec<u8>) {
        self.hash.update(upload);
        let all = self.held.len() + upload.len();
        let ready = all.saturating_sub(SHORTEST) / BLOCK * BLOCK;
        let from_held = ready.min(self.held.len());
        let (now, later) = upload.split_at(ready - from_held);
        let start = out.len();
        out.extend(self.held.drain(..from_held));
        out.extend_from_slice(now);
        self.held.extend_from_slice(later);
        self.mac.update(&out[start..]);
        self.decrypt(start, out);
        self.cut(start, out);
    }

    /// Checks everything and gives the rest of the data.
    ///
    /// # Errors
    /// In this order: [`Error::TooShort`]; [`Error::Mac`]; [`Error::Digest`] if it differs or the
    /// message had none; [`Error::Decrypt`]; [`Error::Size`] if the message said 0 or more than
    /// there is. After any error, everything given out before must be discarded.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        if self.held.len() < SHORTEST {
            return Err(Error::TooShort);
        }
        let tag = self.held.split_off(self.held.len() - MAC);
        self.mac.update(&self.held);
        let mac = self.mac.clone();
        mac.verify_slice(&tag).map_err(|_| Error::Mac)?;
        let hash: [u8; 32] = self.hash.finalize_reset().into();
        if self.digest != Some(hash) {
            return Err(Error::Digest);
        }
        // Whole blocks came before, so a last one that is not whole shows here.
        let last: [u8; BLOCK] = self.held[..].try_into().map_err(|_| Error::Decrypt)?;
        let cipher = self.cipher.take().ok_or(Error::Decrypt)?;
        let mut last = last;
        let plain = cipher.decrypt_padded::<Pkcs7>(&mut last).map_err(|_| Error::Decrypt)?;
        let start = out.len();
        out.extend_from_slice(plain);
        self.cut(start, out);
        if self.size == 0 || self.wanted > 0 {
            return Err(Error::Size);
        }
        Ok(())
    }

    /// Decrypts whole blocks from `start` on; the very first one is the iv and falls out.
    fn decrypt(&mut self, start: usize, out: &mut Vec<u8>) {
        if self.cipher.is_none() {
            let Some(iv) = out.get(start..start + BLOCK) else {
                return;
            };
            let iv: [u8; BLOCK] = iv.try_into().unwrap_or_default();
            self.cipher = Some(cbc::Decryptor::new((&*self.aes_key).into(), &iv.into()));
            out.drain(start..start + BLOCK);
        }
        if let Some(cipher) = &mut self.cipher {
            let (blocks, _): (&mut [Block<Aes256>], _) = Array::slice_as_chunks_mut(&mut out[start..]);
            cipher.decrypt_blocks(blocks);
        }
    }

    /// Leaves only data: the padding begins where the size ends.
    fn cut(&mut self, start: usize, out: &mut Vec<u8>) {
        let kept = (out.len() - start).min(self.wanted);
        out.truncate(start + kept);
        self.wanted -= kept;
    }
}

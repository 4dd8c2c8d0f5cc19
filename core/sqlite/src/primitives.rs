//! The cryptography that SQLCipher asks for, on slices: HMAC, PBKDF2 and AES-256-CBC.
//!
//! Nothing here panics; what can't be done is `None`. SHA-1, which only files of SQLCipher 3
//! and older use, is not offered.

use aes::Aes256;
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha512};

/// Bytes of an AES-256 key.
pub const KEY_LENGTH: usize = 32;
/// Bytes of an AES block and of an initialisation vector.
pub const BLOCK_LENGTH: usize = 16;
/// Bytes of the longest digest.
pub const DIGEST_MAX: usize = 64;

/// Digests by SQLCipher's numbers, the same for HMAC and PBKDF2.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Digest {
    /// 1
    Sha256,
    /// 2, the default of version 4.
    Sha512,
}

impl Digest {
    /// The digest with SQLCipher's number; `None` for SHA-1 (0) and unknown ones.
    pub fn from_number(number: i32) -> Option<Self> {
        match number {
            1 => Some(Self::Sha256),
            2 => Some(Self::Sha512),
            _ => None,
        }
    }

    /// Bytes that it puts out.
    pub fn length(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

/// HMAC over the parts one after the other; the first [`Digest::length`] bytes count.
pub fn hmac(digest: Digest, key: &[u8], parts: &[&[u8]]) -> Option<[u8; DIGEST_MAX]> {
    fn run<M: Mac + KeyInit>(key: &[u8], parts: &[&[u8]]) -> Option<[u8; DIGEST_MAX]> {
        let mut mac = <M as KeyInit>::new_from_slice(key).ok()?;
        for part in parts {
            mac.update(part);
        }
        let tag = mac.finalize().into_bytes();
        let mut out = [0; DIGEST_MAX];
        out.get_mut(..tag.len())?.copy_from_slice(&tag);
        Some(out)
    }
    match digest {
        Digest::Sha256 => run::<Hmac<Sha256>>(key, parts),
        Digest::Sha512 => run::<Hmac<Sha512>>(key, parts),
    }
}

/// PBKDF2 with HMAC into the whole of `out`. `rounds` below 1 is refused.
pub fn pbkdf2(digest: Digest, pass: &[u8], salt: &[u8], rounds: u32, out: &mut [u8]) -> Option<()> {
    if rounds == 0 {
        return None;
    }
    match digest {
        Digest::Sha256 => pbkdf2::pbkdf2::<Hmac<Sha256>>(pass, salt, rounds, out).ok(),
        Digest::Sha512 => pbkdf2::pbkdf2::<Hmac<Sha512>>(pass, salt, rounds, out).ok(),
    }
}

/// AES-256-CBC without padding, in place. The length must be a multiple of 16.
pub fn aes_cbc(encrypt: bool, key: &[u8], iv: &[u8], data: &mut [u8]) -> Option<()> {
    let length = data.len();
    if encrypt {
        cbc::Encryptor::<Aes256>::new_from_slices(key, iv).ok()?.encrypt_padded::<NoPadding>(data, length).ok()?;
    } else {
        if !length.is_multiple_of(BLOCK_LENGTH) {
            return None;
        }
        cbc::Decryptor::<Aes256>::new_from_slices(key, iv).ok()?.decrypt_padded::<NoPadding>(data).ok()?;
    }
    Some(())
}

//! The same message format made of libsodium's functions (protocol: messages 2.1, 2.2).
#![allow(unsafe_code)]

use std::ffi::{c_int, c_uchar, c_ulonglong};
use std::ptr;

use tacit_crypto::AccountKeys;

/// As libsodium's headers declare them; the same in every version since 1.0.
mod c {
    use super::{c_int, c_uchar, c_ulonglong};

    #[link(name = "sodium")]
    unsafe extern "C" {
        pub fn sodium_init() -> c_int;
        pub fn crypto_sign_detached(
            signature: *mut c_uchar,
            signature_length: *mut c_ulonglong,
            message: *const c_uchar,
            length: c_ulonglong,
            secret: *const c_uchar,
        ) -> c_int;
        pub fn crypto_sign_verify_detached(
            signature: *const c_uchar,
            message: *const c_uchar,
            length: c_ulonglong,
            public: *const c_uchar,
        ) -> c_int;
        pub fn crypto_sign_ed25519_pk_to_curve25519(x25519: *mut c_uchar, ed25519: *const c_uchar) -> c_int;
        pub fn crypto_box_seal(
            sealed: *mut c_uchar,
            message: *const c_uchar,
            length: c_ulonglong,
            public: *const c_uchar,
        ) -> c_int;
        pub fn crypto_box_seal_open(
            message: *mut c_uchar,
            sealed: *const c_uchar,
            length: c_ulonglong,
            public: *const c_uchar,
            secret: *const c_uchar,
        ) -> c_int;
    }
}

const KEY: usize = 32;
const SIGNATURE: usize = 64;
/// What `crypto_box_seal` adds.
const BOX: usize = 48;

/// The keys of both ends as libsodium takes them.
pub struct Sodium {
    sender_secret: [u8; 64],
    sender: [u8; KEY],
    recipient_secret: [u8; KEY],
    recipient: [u8; KEY],
}

impl Sodium {
    /// `None` when libsodium does not start.
    pub fn new(sender: &AccountKeys, recipient: &AccountKeys) -> Option<Self> {
        // SAFETY: it may be called at any time.
        if unsafe { c::sodium_init() } < 0 {
            return None;
        }
        let mut sender_secret = [0; 64];
        sender_secret[..KEY].copy_from_slice(sender.ed25519_seed());
        sender_secret[KEY..].copy_from_slice(&sender.ed25519_public());
        Some(Self {
            sender_secret,
            sender: sender.ed25519_public(),
            recipient_secret: *recipient.x25519_secret(),
            recipient: recipient.x25519_public(),
        })
    }

    /// Signs text, sender and recipient; seals text, sender and signature.
    pub fn seal(&self, text: &[u8]) -> Vec<u8> {
        let mut inner = Vec::with_capacity(text.len() + KEY + SIGNATURE);
        inner.extend_from_slice(text);
        inner.extend_from_slice(&self.sender);
        inner.extend_from_slice(&self.recipient);
        let mut signature = [0_u8; SIGNATURE];
        let mut sealed = vec![0_u8; text.len() + KEY + SIGNATURE + BOX];
        // SAFETY: the signature has 64 bytes, the secret key 64, and the lengths are those of
        // the buffers.
        unsafe {
            let secret = self.sender_secret.as_ptr();
            c::crypto_sign_detached(
                signature.as_mut_ptr(),
                ptr::null_mut(),
                inner.as_ptr(),
                inner.len() as u64,
                secret,
            );
        }
        inner.truncate(text.len() + KEY);
        inner.extend_from_slice(&signature);
        // SAFETY: `sealed` is 48 bytes longer than `inner`, the key has 32.
        unsafe {
            c::crypto_box_seal(sealed.as_mut_ptr(), inner.as_ptr(), inner.len() as u64, self.recipient.as_ptr());
        }
        sealed
    }

    /// The text and the sender's X25519 key, once the signature and that key were checked.
    pub fn open(&self, sealed: &[u8]) -> Option<(Vec<u8>, [u8; KEY])> {
        let mut inner = vec![0_u8; sealed.len().checked_sub(BOX)?];
        let (public, secret) = (self.recipient.as_ptr(), self.recipient_secret.as_ptr());
        // SAFETY: `inner` is 48 bytes shorter than `sealed`, both keys have 32.
        let opened = unsafe {
            c::crypto_box_seal_open(inner.as_mut_ptr(), sealed.as_ptr(), sealed.len() as u64, public, secret)
        };
        let text = inner.len().checked_sub(KEY + SIGNATURE).filter(|_| opened == 0)?;
        let (sender, signature) = inner[text..].split_first_chunk::<KEY>()?;
        let (sender, signature): ([u8; KEY], [u8; SIGNATURE]) = (*sender, signature.try_into().ok()?);
        inner.truncate(text + KEY);
        inner.extend_from_slice(&self.recipient);
        let mut x25519 = [0_u8; KEY];
        // SAFETY: 64 bytes of signature, 32 of each key, and the length of the text.
        let genuine = unsafe {
            c::crypto_sign_verify_detached(signature.as_ptr(), inner.as_ptr(), inner.len() as u64, sender.as_ptr()) == 0
                && c::crypto_sign_ed25519_pk_to_curve25519(x25519.as_mut_ptr(), sender.as_ptr()) == 0
        };
        inner.truncate(text);
        genuine.then_some((inner, x25519))
    }
}

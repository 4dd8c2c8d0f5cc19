//! libsodium's secretstream_xchacha20poly1305, with a given header.

use chacha20::cipher::{KeyIvInit, StreamCipher};
use chacha20::{ChaCha20, R20, hchacha};
use poly1305::Poly1305;
use poly1305::universal_hash::array::Array;
use poly1305::universal_hash::{KeyInit, UniversalHash};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::Error;

/// Bytes of the header that starts a stream.
pub const HEADER: usize = 24;
/// Bytes a message grows by.
pub const OVERHEAD: usize = 1 + MAC;
const MAC: usize = 16;
const BLOCK: usize = 64;

/// The two tags in use.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// Others follow.
    Message = 0,
    /// The last one.
    Final = 3,
}

/// One direction of a stream.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct State {
    key: [u8; 32],
    counter: u32,
    nonce: [u8; 8],
}

impl State {
    /// Starts a stream; a header must be used once only with a key.
    #[must_use]
    pub fn new(key: &[u8; 32], header: &[u8; HEADER]) -> Self {
        let mut input = [0; 16];
        let mut nonce = [0; 8];
        input.copy_from_slice(&header[..16]);
        nonce.copy_from_slice(&header[16..]);
        Self { key: hchacha::<R20>(key.into(), &input.into()).into(), counter: 1, nonce }
    }

    /// Encrypts `text` in place and gives the tag byte before and the MAC after it.
    pub fn push(&mut self, tag: Tag, text: &mut [u8]) -> (u8, [u8; MAC]) {
        let (mut cipher, mac) = self.message_cipher();
        let mut block = [0; BLOCK];
        block[0] = tag as u8;
        cipher.apply_keystream(&mut block);
        cipher.apply_keystream(text);
        let mac = authenticate(mac, &block, text);
        self.step(mac);
        (block[0], mac)
    }

    /// Decrypts `text` in place and gives its tag.
    ///
    /// # Errors
    /// [`Error::Decrypt`] when it is not what stood in this place of the stream.
    pub fn pull(&mut self, tag: u8, text: &mut [u8], mac: &[u8]) -> Result<Tag, Error> {
        let (mut cipher, authenticator) = self.message_cipher();
        let mut block = [0; BLOCK];
        cipher.apply_keystream(&mut block);
        let plain_tag = block[0] ^ tag;
        block[0] = tag;
        let expected = authenticate(authenticator, &block, text);
        if !bool::from(expected.ct_eq(mac)) {
            return Err(Error::Decrypt);
        }
        cipher.apply_keystream(text);
        self.step(expected);
        // The other tags of secretstream change the key on the way; nobody sends them here.
        match plain_tag {
            0 => Ok(Tag::Message),
            3 => Ok(Tag::Final),
            _ => Err(Error::Decrypt),
        }
    }

    /// The cipher past the block that keys the authenticator, and that authenticator.
    fn message_cipher(&self) -> (ChaCha20, Poly1305) {
        let mut nonce = [0; 12];
        nonce[..4].copy_from_slice(&self.counter.to_le_bytes());
        nonce[4..].copy_from_slice(&self.nonce);
        let mut cipher = ChaCha20::new((&self.key).into(), &nonce.into());
        let mut block = Zeroizing::new([0; BLOCK]);
        cipher.apply_keystream(block.as_mut());
        let mut mac_key = Zeroizing::new([0; 32]);
        mac_key.copy_from_slice(&block[..32]);
        (cipher, Poly1305::new((&*mac_key).into()))
    }

    fn step(&mut self, mac: [u8; MAC]) {
        self.nonce.iter_mut().zip(mac).for_each(|(byte, mac)| *byte ^= mac);
        // Files of today have some 300 messages: the counter never comes round, and the new key
        // that libsodium makes then never is due.
        self.counter = self.counter.wrapping_add(1);
    }
}

/// The MAC over the tag's block and the text. As in libsodium, the zeros after the text do *not*
/// fill up a block of 16 but are as many as the text has over.
fn authenticate(mut mac: Poly1305, block: &[u8; BLOCK], text: &[u8]) -> [u8; MAC] {
    let (blocks, _) = Array::slice_as_chunks(block);
    mac.update(blocks);
    let (blocks, over) = Array::slice_as_chunks(text);
    mac.update(blocks);
    let mut tail = [0; 46];
    tail[..over.len()].copy_from_slice(over);
    let lengths = over.len() * 2;
    let length = (BLOCK + text.len()) as u64;
    tail[lengths + 8..lengths + 16].copy_from_slice(&length.to_le_bytes());
    mac.compute_unpadded(&tail[..lengths + 16]).into()
}

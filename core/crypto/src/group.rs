//! The outer encryption of group messages (protocol: messages 2.3), and the keys for it.

pub mod keys;

use rand_core::CryptoRng;

use crate::{Error, aead};

/// Uploads are multiples of this, so that their length tells little.
const STEP: usize = 256;
/// Nonce and tag.
const OVERHEAD: usize = aead::XNONCE + aead::TAG;

/// Pads a dictionary with zeros and encrypts it under the group's current key. Draws 24 bytes from
/// `rng`: the nonce.
///
/// # Errors
/// [`Error::Size`] for texts no memory holds.
pub fn seal(dictionary: &[u8], key: &[u8; 32], rng: &mut impl CryptoRng) -> Result<Vec<u8>, Error> {
    let mut nonce = [0; aead::XNONCE];
    rng.fill_bytes(&mut nonce);
    let whole = (dictionary.len() + OVERHEAD).next_multiple_of(STEP);
    let mut padded = Vec::with_capacity(whole);
    padded.extend_from_slice(dictionary);
    padded.resize(whole - OVERHEAD, 0);
    aead::xchacha_seal(key, &nonce, &padded)
}

/// A group message opened: the dictionary without its padding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The dictionary; not yet authenticated as any member's.
    pub dictionary: Vec<u8>,
    /// Which of the keys fitted.
    pub key_index: usize,
}

/// Tries the keys in their order, newest first.
///
/// # Errors
/// [`Error::TooShort`], or [`Error::Decrypt`] if no key fits.
pub fn open<'a>(data: &[u8], keys: impl IntoIterator<Item = &'a [u8; 32]>) -> Result<Opened, Error> {
    if data.len() < OVERHEAD {
        return Err(Error::TooShort);
    }
    for (key_index, key) in keys.into_iter().enumerate() {
        if let Ok(mut dictionary) = aead::xchacha_open(key, data) {
            cut_zeros(&mut dictionary);
            return Ok(Opened { dictionary, key_index });
        }
    }
    Err(Error::Decrypt)
}

/// Cuts the zeros at the end.
pub(crate) fn cut_zeros(text: &mut Vec<u8>) {
    let end = text.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    text.truncate(end);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Scripted;

    #[test]
    fn any_known_key_opens_and_the_length_is_rounded() {
        let mut rng = Scripted::counting();
        let (old, new) = ([1; 32], [2; 32]);
        for size in [0, 1, 215, 216, 217, 1000] {
            let dictionary = vec![b'e'; size];
            let sealed = seal(&dictionary, &old, &mut rng).unwrap();
            assert!(sealed.len().is_multiple_of(STEP));
            let opened = open(&sealed, [&new, &old]).unwrap();
            assert_eq!(opened.dictionary, dictionary);
            assert_eq!(opened.key_index, 1);
            assert_eq!(open(&sealed, [&new]), Err(Error::Decrypt));
        }
    }

    #[test]
    fn what_is_too_short_is_not_tried() {
        assert_eq!(open(&[0; 39], [&[0; 32]]), Err(Error::TooShort));
        assert_eq!(open(&[0; 40], [&[0; 32]]), Err(Error::Decrypt));
        assert_eq!(open(&[0; 40], []), Err(Error::Decrypt));
    }
}

//! The encryption of config messages (protocol: config 5.2): key and nonce follow from the text,
//! so that two devices which write the same make the same bytes.

use zeroize::Zeroizing;

use crate::{Error, aead, blake2b};

const NONCE_KEY: &[u8] = b"libsessionutil-config-encrypted-";
const MAX_DOMAIN: usize = 24;
/// What encryption adds to a text, in bytes.
pub const OVERHEAD: usize = aead::XNONCE + aead::TAG;

/// Encrypts a padded text: ciphertext, tag, nonce.
///
/// # Errors
/// [`Error::KeySize`] unless `domain` has 1 to 24 bytes.
pub fn seal(base_key: &[u8; 32], domain: &[u8], padded: &[u8]) -> Result<Vec<u8>, Error> {
    let key = message_key(base_key, domain, padded.len())?;
    let nonce = blake2b::keyed192(&[NONCE_KEY, domain].concat(), &[padded])?;
    let mut out = aead::xchacha_seal(&key, &nonce, padded)?;
    out.rotate_left(aead::XNONCE);
    Ok(out)
}

/// Opens what [`seal`] made.
///
/// # Errors
/// [`Error::KeySize`], [`Error::TooShort`], or [`Error::Decrypt`].
pub fn open(base_key: &[u8; 32], domain: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Error> {
    let length = sealed.len().checked_sub(OVERHEAD).ok_or(Error::TooShort)?;
    let key = message_key(base_key, domain, length)?;
    let (text, nonce) = sealed.split_at(length + aead::TAG);
    aead::xchacha_open(&key, &[nonce, text].concat())
}

fn message_key(base_key: &[u8; 32], domain: &[u8], length: usize) -> Result<Zeroizing<[u8; 32]>, Error> {
    if domain.is_empty() || domain.len() > MAX_DOMAIN {
        return Err(Error::KeySize);
    }
    let length = (length as u64).to_be_bytes();
    Ok(Zeroizing::new(blake2b::hash256(&[base_key, &length, domain])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_key_and_domain_open_a_message() {
        let sealed = seal(&[1; 32], b"Contacts", b"text").unwrap();
        assert_eq!(sealed.len(), 4 + OVERHEAD);
        assert_eq!(open(&[1; 32], b"Contacts", &sealed).unwrap(), b"text");
        assert_eq!(open(&[2; 32], b"Contacts", &sealed), Err(Error::Decrypt));
        assert_eq!(open(&[1; 32], b"Profile", &sealed), Err(Error::Decrypt));
        assert_eq!(open(&[1; 32], b"Contacts", &sealed[..39]), Err(Error::TooShort));
    }

    #[test]
    fn a_domain_has_1_to_24_bytes() {
        assert!(seal(&[1; 32], &[b'd'; 24], b"").is_ok());
        assert_eq!(seal(&[1; 32], &[b'd'; 25], b""), Err(Error::KeySize));
        assert_eq!(seal(&[1; 32], b"", b""), Err(Error::KeySize));
    }
}

//! A key within a key, for keeping: XChaCha20-Poly1305 under a key that a passphrase gave.

use zeroize::Zeroizing;

use crate::{Error, aead};

/// nonce || ciphertext || tag, 72 bytes. The nonce must be random or else unique for `wrapping`.
///
/// # Errors
/// None in practice: the lengths are fixed.
pub fn wrap_key(key: &[u8; 32], wrapping: &[u8; 32], nonce: &[u8; 24]) -> Result<Vec<u8>, Error> {
    aead::xchacha_seal(wrapping, nonce, key)
}

/// Takes the key out again.
///
/// # Errors
/// [`Error::Decrypt`] for another wrapping key or changed bytes, [`Error::TooShort`],
/// [`Error::KeySize`] when something else than a key was wrapped.
pub fn unwrap_key(wrapped: &[u8], wrapping: &[u8; 32]) -> Result<Zeroizing<[u8; 32]>, Error> {
    let opened = Zeroizing::new(aead::xchacha_open(wrapping, wrapped)?);
    let key = opened.as_slice().try_into().map_err(|_| Error::KeySize)?;
    Ok(Zeroizing::new(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_wrapping_key_takes_it_out() {
        let wrapped = wrap_key(&[1; 32], &[2; 32], &[3; 24]).unwrap();
        assert_eq!(wrapped.len(), 72);
        assert_eq!(*unwrap_key(&wrapped, &[2; 32]).unwrap(), [1; 32]);
        assert_eq!(unwrap_key(&wrapped, &[1; 32]), Err(Error::Decrypt));
        assert_eq!(unwrap_key(&wrapped[..39], &[2; 32]), Err(Error::TooShort));
        for index in 0..wrapped.len() {
            let mut other = wrapped.clone();
            other[index] ^= 1;
            assert_eq!(unwrap_key(&other, &[2; 32]), Err(Error::Decrypt));
        }
    }
}

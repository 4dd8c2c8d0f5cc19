//! Profile and group pictures in the form sent today (protocol: messages 6.4).

use aes_gcm::Aes128Gcm;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::{Error, aead};

/// The largest picture, in bytes before encryption.
pub const MAX_DATA: usize = 5_000_000;
/// Nonce, one byte, tag.
const SHORTEST: usize = aead::GCM_NONCE + 1 + aead::TAG;

/// Encrypts a picture under a fresh key: the upload, and the key for the profile. Draws from `rng`
/// 32 bytes (the key), then 12 (the nonce).
///
/// # Errors
/// [`Error::Size`] if the picture is empty or larger than [`MAX_DATA`].
pub fn encrypt(picture: &[u8], rng: &mut impl CryptoRng) -> Result<(Vec<u8>, Zeroizing<[u8; 32]>), Error> {
    if picture.is_empty() || picture.len() > MAX_DATA {
        return Err(Error::Size);
    }
    let key = crate::random_seed32(rng);
    let mut nonce = [0; aead::GCM_NONCE];
    rng.fill_bytes(&mut nonce);
    let upload = aead::gcm_seal(&key, &nonce, picture)?;
    Ok((upload, key))
}

/// Decrypts a picture. Keys of 16 bytes come from profiles of long ago.
///
/// # Errors
/// [`Error::KeySize`] unless the key has 16 or 32 bytes, [`Error::TooShort`], [`Error::Decrypt`].
pub fn decrypt(upload: &[u8], key: &[u8]) -> Result<Vec<u8>, Error> {
    if let Ok(key) = <&[u8; 32]>::try_from(key) {
        check_length(upload)?;
        return aead::gcm_open(key, upload);
    }
    let key: &[u8; 16] = key.try_into().map_err(|_| Error::KeySize)?;
    check_length(upload)?;
    aead::open::<Aes128Gcm>(key.into(), upload)
}

fn check_length(upload: &[u8]) -> Result<(), Error> {
    if upload.len() < SHORTEST {
        return Err(Error::TooShort);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Scripted;

    #[test]
    fn a_picture_opens_with_its_key_alone() {
        let mut rng = Scripted::counting();
        let (upload, key) = encrypt(b"pixels", &mut rng).unwrap();
        assert_eq!(decrypt(&upload, key.as_ref()).unwrap(), b"pixels");
        assert_eq!(decrypt(&upload, &[0; 32]), Err(Error::Decrypt));
        assert_eq!(decrypt(&upload, &[0; 31]), Err(Error::KeySize));
        assert_eq!(decrypt(&upload[..28], key.as_ref()), Err(Error::TooShort));
    }

    #[test]
    fn keys_of_16_bytes_are_read() {
        use aes_gcm::{AeadInOut, KeyInit};
        let mut upload = [&[7; 12][..], b"old pixels"].concat();
        let tag = Aes128Gcm::new(&[3; 16].into())
            .encrypt_inout_detached(&[7; 12].into(), &[], (&mut upload[12..]).into())
            .unwrap();
        upload.extend_from_slice(&tag);
        assert_eq!(decrypt(&upload, &[3; 16]).unwrap(), b"old pixels");
    }

    #[test]
    fn empty_and_huge_pictures_are_refused() {
        let mut rng = Scripted::counting();
        assert_eq!(encrypt(b"", &mut rng).err(), Some(Error::Size));
        let huge = vec![0; MAX_DATA + 1];
        assert_eq!(encrypt(&huge, &mut rng).err(), Some(Error::Size));
    }
}

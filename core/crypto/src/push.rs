//! The encryption of push payloads (protocol: messages 7).

use rand_core::CryptoRng;

use crate::{Error, aead, group};

const STEP: usize = 256;

/// Pads the list with zeros to a multiple of 256 and encrypts it, as a push server does. Draws 24
/// bytes from `rng`: the nonce.
///
/// # Errors
/// [`Error::Size`] for texts no memory holds.
pub fn seal(list: &[u8], key: &[u8; 32], rng: &mut impl CryptoRng) -> Result<Vec<u8>, Error> {
    let mut nonce = [0; aead::XNONCE];
    rng.fill_bytes(&mut nonce);
    let mut padded = list.to_vec();
    padded.resize(list.len().next_multiple_of(STEP), 0);
    aead::xchacha_seal(key, &nonce, &padded)
}

/// Opens a payload with the device's own key and cuts the zeros at the end.
///
/// # Errors
/// [`Error::TooShort`] or [`Error::Decrypt`].
pub fn open(payload: &[u8], key: &[u8; 32]) -> Result<Vec<u8>, Error> {
    let mut list = aead::xchacha_open(key, payload)?;
    group::cut_zeros(&mut list);
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Scripted;

    #[test]
    fn a_payload_opens_on_its_device_alone() {
        let sealed = seal(b"l1:ae", &[1; 32], &mut Scripted::counting()).unwrap();
        assert_eq!(sealed.len(), 24 + 256 + 16);
        assert_eq!(open(&sealed, &[1; 32]).unwrap(), b"l1:ae");
        assert_eq!(open(&sealed, &[2; 32]), Err(Error::Decrypt));
        assert_eq!(open(&sealed[..39], &[1; 32]), Err(Error::TooShort));
    }
}

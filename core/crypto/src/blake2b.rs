//! BLAKE2b in the lengths and keyed forms the protocol uses.

use blake2::digest::array::{Array, ArraySize};
use blake2::digest::consts::{True, U24, U32, U33, U56, U64};
use blake2::digest::typenum::IsLessOrEqual;
use blake2::digest::{FixedOutput, Update};
use blake2::{Blake2b, Blake2bMac};

use crate::Error;

/// BLAKE2b with 24 bytes of output over the parts, one after the other.
#[must_use]
pub fn hash192(parts: &[&[u8]]) -> [u8; 24] {
    let mut hash = Blake2b::<U24>::default();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize_fixed().into()
}

/// BLAKE2b with 32 bytes of output over the parts, one after the other.
#[must_use]
pub fn hash256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Blake2b::<U32>::default();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize_fixed().into()
}

/// BLAKE2b with 64 bytes of output over the parts, one after the other.
#[must_use]
pub fn hash512(parts: &[&[u8]]) -> [u8; 64] {
    let mut hash = Blake2b::<U64>::default();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize_fixed().into()
}

/// Keyed BLAKE2b with 32 bytes of output.
///
/// # Errors
/// [`Error::KeySize`] unless the key has 1 to 64 bytes.
pub fn keyed256(key: &[u8], parts: &[&[u8]]) -> Result<[u8; 32], Error> {
    Ok(keyed::<U32>(key, parts)?.into())
}

/// Keyed BLAKE2b with 24 bytes of output.
///
/// # Errors
/// As [`keyed256`].
pub fn keyed192(key: &[u8], parts: &[&[u8]]) -> Result<[u8; 24], Error> {
    Ok(keyed::<U24>(key, parts)?.into())
}

/// Keyed BLAKE2b with 56 bytes of output.
///
/// # Errors
/// As [`keyed256`].
pub fn keyed448(key: &[u8], parts: &[&[u8]]) -> Result<[u8; 56], Error> {
    Ok(keyed::<U56>(key, parts)?.into())
}

/// Keyed BLAKE2b with 64 bytes of output.
///
/// # Errors
/// As [`keyed256`].
pub fn keyed512(key: &[u8], parts: &[&[u8]]) -> Result<[u8; 64], Error> {
    Ok(keyed::<U64>(key, parts)?.into())
}

fn keyed<N>(key: &[u8], parts: &[&[u8]]) -> Result<Array<u8, N>, Error>
where
    N: ArraySize + IsLessOrEqual<U64, Output = True>,
{
    // The library checks against the block size, twice what BLAKE2b takes, and then panics.
    if key.len() > 64 {
        return Err(Error::KeySize);
    }
    let mut hash = Blake2bMac::<N>::new_with_salt_and_personal(Some(key), &[], &[]).map_err(|_| Error::KeySize)?;
    parts.iter().for_each(|part| hash.update(part));
    Ok(hash.finalize_fixed())
}

/// BLAKE2b with 33 bytes of output and a salt, over what comes piece by piece.
pub struct Salted264(Blake2bMac<U33>);

impl Salted264 {
    /// Over nothing yet.
    #[must_use]
    pub fn new(salt: &[u8; 16]) -> Self {
        match Blake2bMac::new_with_salt_and_personal(None, salt, &[]) {
            Ok(hash) => Self(hash),
            Err(_) => unreachable!("BLAKE2b takes salts of 16 bytes"),
        }
    }

    /// Takes the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// The hash over all pieces.
    #[must_use]
    pub fn finish(self) -> [u8; 33] {
        self.0.finalize_fixed().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_hash_like_their_concatenation() {
        assert_eq!(hash256(&[b"ab", b"", b"c"]), hash256(&[b"abc"]));
        assert_eq!(hash192(&[b"ab", b"c"]), hash192(&[b"abc"]));
        assert_eq!(hash512(&[b"a", b"bc"]), hash512(&[b"abc"]));
    }

    #[test]
    fn the_known_answer_of_the_specification() {
        let expected = "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1\
                        7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923";
        assert_eq!(hex::encode(hash512(&[b"abc"])), expected);
    }

    #[test]
    fn a_key_must_have_1_to_64_bytes() {
        assert_eq!(keyed256(&[], &[b"x"]), Err(Error::KeySize));
        assert_eq!(keyed256(&[0; 65], &[b"x"]), Err(Error::KeySize));
        assert!(keyed256(&[0; 64], &[b"x"]).is_ok());
    }
}

//! The two shapes of authenticated encryption on the wire, nonce in front, no associated data.

use aes_gcm::Aes256Gcm;
use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::array::ArraySize;
use chacha20poly1305::aead::{AeadCore, AeadInOut, Key, KeyInit, Nonce, Tag};

use crate::Error;

/// Bytes of every tag here.
pub(crate) const TAG: usize = 16;
/// Bytes of an XChaCha20 nonce.
pub(crate) const XNONCE: usize = 24;
/// Bytes of an AES-GCM nonce.
pub(crate) const GCM_NONCE: usize = 12;

/// nonce || XChaCha20-Poly1305(plain) || tag.
pub(crate) fn xchacha_seal(key: &[u8; 32], nonce: &[u8; XNONCE], plain: &[u8]) -> Result<Vec<u8>, Error> {
    seal::<XChaCha20Poly1305>(key.into(), nonce, plain)
}

/// Opens what [`xchacha_seal`] made.
pub(crate) fn xchacha_open(key: &[u8; 32], data: &[u8]) -> Result<Vec<u8>, Error> {
    open::<XChaCha20Poly1305>(key.into(), data)
}

/// nonce || AES-256-GCM(plain) || tag.
pub(crate) fn gcm_seal(key: &[u8; 32], nonce: &[u8; GCM_NONCE], plain: &[u8]) -> Result<Vec<u8>, Error> {
    seal::<Aes256Gcm>(key.into(), nonce, plain)
}

/// Opens what [`gcm_seal`] made.
pub(crate) fn gcm_open(key: &[u8; 32], data: &[u8]) -> Result<Vec<u8>, Error> {
    open::<Aes256Gcm>(key.into(), data)
}

fn seal<A>(key: &Key<A>, nonce: &[u8], plain: &[u8]) -> Result<Vec<u8>, Error>
where
    A: AeadInOut + KeyInit + AeadCore<NonceSize: ArraySize>,
{
    let mut out = Vec::with_capacity(nonce.len() + plain.len() + TAG);
    out.extend_from_slice(nonce);
    out.extend_from_slice(plain);
    seal_in_place::<A>(key, nonce, &mut out, nonce.len())?;
    Ok(out)
}

/// Encrypts what stands in `buffer` from `start` on, and puts the tag behind it.
fn seal_in_place<A>(key: &Key<A>, nonce: &[u8], buffer: &mut Vec<u8>, start: usize) -> Result<(), Error>
where
    A: AeadInOut + KeyInit + AeadCore<NonceSize: ArraySize>,
{
    let nonce: &Nonce<A> = nonce.try_into().map_err(|_| Error::Size)?;
    let text = buffer.get_mut(start..).ok_or(Error::Size)?;
    let tag = A::new(key).encrypt_inout_detached(nonce, &[], text.into()).map_err(|_| Error::Size)?;
    buffer.extend_from_slice(&tag);
    Ok(())
}

/// As [`xchacha_seal`], of what stands in `buffer` from `start` on; the nonce is the caller's.
pub(crate) fn xchacha_seal_in_place(
    key: &[u8; 32],
    nonce: &[u8; XNONCE],
    buffer: &mut Vec<u8>,
    start: usize,
) -> Result<(), Error> {
    seal_in_place::<XChaCha20Poly1305>(key.into(), nonce, buffer, start)
}

/// As [`gcm_seal`], of what stands in `buffer` from `start` on; the nonce is the caller's.
pub(crate) fn gcm_seal_in_place(
    key: &[u8; 32],
    nonce: &[u8; GCM_NONCE],
    buffer: &mut Vec<u8>,
    start: usize,
) -> Result<(), Error> {
    seal_in_place::<Aes256Gcm>(key.into(), nonce, buffer, start)
}

/// Opens nonce || text || tag.
pub(crate) fn open<A>(key: &Key<A>, data: &[u8]) -> Result<Vec<u8>, Error>
where
    A: AeadInOut + KeyInit + AeadCore<NonceSize: ArraySize>,
{
    let nonce_size = Nonce::<A>::default().len();
    let (nonce, rest) = data.split_at_checked(nonce_size).ok_or(Error::TooShort)?;
    let text_size = rest.len().checked_sub(TAG).ok_or(Error::TooShort)?;
    let (text, tag) = rest.split_at(text_size);
    let nonce: &Nonce<A> = nonce.try_into().map_err(|_| Error::TooShort)?;
    let tag: &Tag<A> = tag.try_into().map_err(|_| Error::TooShort)?;
    let mut out = text.to_vec();
    A::new(key).decrypt_inout_detached(nonce, &[], out.as_mut_slice().into(), tag).map_err(|_| Error::Decrypt)?;
    Ok(out)
}

//! Direct messages: a signature inside an anonymous sealed box (protocol: messages 2.1, 2.2).
//!
//! ```text
//! inner  = text || A || Ed25519(text || A || Y)
//! sealed = E || tag || XSalsa20-Poly1305(inner)      libsodium's crypto_box_seal
//! ```
//! A is the sender's Ed25519 key, Y the recipient's X25519 key, E a fresh X25519 key.

use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use ed25519_dalek::Signature;
use poly1305::Poly1305;
use poly1305::universal_hash::KeyInit;
use rand_core::CryptoRng;
use salsa20::XSalsa20;
use salsa20::cipher::consts::U10;
use salsa20::cipher::{KeyIvInit, StreamCipher};
use sha2::{Digest, Sha512};
use subtle::ConstantTimeEq;
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use crate::keys::{self, Agreed};
use crate::{AccountKeys, Error, blake2b, convert};

const KEY: usize = 32;
const TAG: usize = 16;
const SIGNATURE: usize = 64;
/// E and the tag, in front of the encrypted bytes.
const HEAD: usize = KEY + TAG;
/// The sender's key and signature, after the text.
const TAIL: usize = KEY + SIGNATURE;

/// Bytes that sealing adds to a text; also the shortest sealed message.
pub const OVERHEAD: usize = HEAD + TAIL;

/// A sealed message opened and authenticated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The text, still padded.
    pub plaintext: Vec<u8>,
    /// The sender's Ed25519 key.
    pub sender_ed25519: [u8; 32],
    /// The sender's X25519 key: who wrote this, and the only proof of it.
    pub sender_x25519: [u8; 32],
}

/// Signs and seals a padded text. Draws 32 bytes from `rng`: the secret of E.
///
/// # Errors
/// [`Error::PublicKey`] if the recipient's key is of small order.
pub fn seal(
    padded: &[u8],
    sender: &AccountKeys,
    recipient_x25519: &[u8; 32],
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, Error> {
    let ephemeral = StaticSecret::from(*crate::random_seed32(rng));
    seal_with(padded, sender, recipient_x25519, &ephemeral)
}

/// As [`seal`], with E derived from the sender's seed, the recipient and the text, so that the
/// same message always seals to the same bytes.
///
/// Whoever sees two such messages learns whether they are equal: prefer [`seal`].
///
/// # Errors
/// [`Error::PublicKey`] if the recipient's key is of small order.
pub fn seal_deterministic(padded: &[u8], sender: &AccountKeys, recipient_x25519: &[u8; 32]) -> Result<Vec<u8>, Error> {
    let seed = Zeroizing::new(blake2b::keyed256(
        b"SessionBoxEphemeralHashKey",
        &[sender.ed25519_seed(), recipient_x25519, padded],
    )?);
    let mut hash = Zeroizing::new([0; 64]);
    Sha512::new().chain_update(seed.as_ref()).finalize_into((&mut *hash).into());
    let mut secret = Zeroizing::new([0; 32]);
    secret.copy_from_slice(&hash[..32]);
    let ephemeral = StaticSecret::from(*secret);
    seal_with(padded, sender, recipient_x25519, &ephemeral)
}

/// One buffer from start to end: the recipient's key stands where the signature will be until
/// the signature over it is made, then all is encrypted in place.
fn seal_with(
    padded: &[u8],
    sender: &AccountKeys,
    recipient: &[u8; 32],
    ephemeral: &StaticSecret,
) -> Result<Vec<u8>, Error> {
    let shared = keys::agree(ephemeral, *recipient)?;
    let ephemeral_public = PublicKey::from(ephemeral).to_bytes();
    let mut out = Vec::with_capacity(OVERHEAD + padded.len());
    out.extend_from_slice(&ephemeral_public);
    out.extend_from_slice(&[0; TAG]);
    out.extend_from_slice(padded);
    out.extend_from_slice(&sender.ed25519_public());
    out.extend_from_slice(recipient);
    let signature = sender.sign(&out[HEAD..]);
    out.truncate(HEAD + padded.len() + KEY);
    out.extend_from_slice(&signature);
    encrypt_box(&mut out, &shared, &ephemeral_public, recipient);
    Ok(out)
}

/// Encrypts what follows the head in place and puts the tag into it.
fn encrypt_box(buffer: &mut [u8], shared: &Agreed, ephemeral: &[u8; 32], recipient: &[u8; 32]) {
    let (head, inner) = buffer.split_at_mut(HEAD);
    let (mut cipher, mac) = box_cipher(shared, ephemeral, recipient);
    cipher.apply_keystream(inner);
    head[KEY..].copy_from_slice(&mac.compute_unpadded(inner));
}

/// The cipher of a sealed box, past the bytes that key its authenticator, and that authenticator.
fn box_cipher(shared: &Agreed, ephemeral: &[u8; 32], recipient: &[u8; 32]) -> (XSalsa20, Poly1305) {
    let nonce = blake2b::hash192(&[ephemeral, recipient]);
    let key: Zeroizing<[u8; 32]> =
        Zeroizing::new(salsa20::hsalsa::<U10>(shared.as_bytes().into(), &[0; 16].into()).into());
    let mut cipher = XSalsa20::new((&*key).into(), &nonce.into());
    let mut mac_key = Zeroizing::new([0; 32]);
    cipher.apply_keystream(mac_key.as_mut());
    let mac = Poly1305::new((&*mac_key).into());
    (cipher, mac)
}

/// Opens a sealed message: decrypts it, checks the signature, checks and converts the sender's
/// key (protocol: messages 2.2, steps 3 to 5).
///
/// # Errors
/// [`Error::TooShort`], [`Error::Decrypt`], [`Error::Signature`], [`Error::SenderKey`], in this
/// order.
pub fn open(sealed: &[u8], recipient: &AccountKeys) -> Result<Opened, Error> {
    if sealed.len() < OVERHEAD {
        return Err(Error::TooShort);
    }
    let mut plaintext = decrypt_box(sealed, recipient)?;
    let tail = plaintext.len() - TAIL;
    let (sender, signature) = split_tail(&plaintext[tail..]).ok_or(Error::TooShort)?;
    // The signed text ends with our own key: write it over the signature, and no copy is needed.
    plaintext.truncate(tail + KEY);
    plaintext.extend_from_slice(&recipient.x25519_public());
    let key = keys::verifying_key(&sender)?;
    key.verify_strict(&plaintext, &Signature::from_bytes(&signature)).map_err(|_| Error::Signature)?;
    let sender_x25519 = convert::checked_montgomery(&key.to_edwards()).ok_or(Error::SenderKey)?;
    plaintext.truncate(tail);
    Ok(Opened { plaintext, sender_ed25519: sender, sender_x25519 })
}

fn split_tail(tail: &[u8]) -> Option<([u8; KEY], [u8; SIGNATURE])> {
    let (sender, signature) = tail.split_first_chunk::<KEY>()?;
    Some((*sender, signature.try_into().ok()?))
}

fn decrypt_box(sealed: &[u8], recipient: &AccountKeys) -> Result<Vec<u8>, Error> {
    let (ephemeral, rest) = sealed.split_first_chunk::<KEY>().ok_or(Error::TooShort)?;
    let (tag, encrypted) = rest.split_first_chunk::<TAG>().ok_or(Error::TooShort)?;
    let shared = recipient.agree(*ephemeral).map_err(|_| Error::Decrypt)?;
    let (mut cipher, mac) = box_cipher(&shared, ephemeral, &recipient.x25519_public());
    let expected = mac.compute_unpadded(encrypted);
    if !bool::from(expected.as_slice().ct_eq(tag)) {
        return Err(Error::Decrypt);
    }
    let mut plain = encrypted.to_vec();
    cipher.apply_keystream(&mut plain);
    Ok(plain)
}

/// 64 bytes that look like an Ed25519 signature and are none: what non-paying clients put where
/// paying ones sign (protocol: messages 2.1, `proSig`). Draws 128 bytes from `rng`.
pub fn decoy_signature(rng: &mut impl CryptoRng) -> [u8; 64] {
    let mut wide = [0; 128];
    rng.fill_bytes(&mut wide);
    let (mut r, mut s) = ([0; 64], [0; 64]);
    r.copy_from_slice(&wide[..64]);
    s.copy_from_slice(&wide[64..]);
    let point = EdwardsPoint::mul_base(&Scalar::from_bytes_mod_order_wide(&r)).compress();
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(point.as_bytes());
    signature[32..].copy_from_slice(Scalar::from_bytes_mod_order_wide(&s).as_bytes());
    signature
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seed;
    use crate::testing::Scripted;
    use curve25519_dalek::constants::EIGHT_TORSION;

    fn account(byte: u8) -> AccountKeys {
        AccountKeys::from_seed(&Seed::from_bytes([byte; 16]))
    }

    #[test]
    fn bob_reads_what_alice_sealed_and_knows_her() {
        let (alice, bob) = (account(1), account(2));
        let mut rng = Scripted::counting();
        let sealed = seal(b"hello", &alice, &bob.x25519_public(), &mut rng).unwrap();
        assert_eq!(sealed.len(), OVERHEAD + 5);
        let opened = open(&sealed, &bob).unwrap();
        assert_eq!(opened.plaintext, b"hello");
        assert_eq!(opened.sender_ed25519, alice.ed25519_public());
        assert_eq!(opened.sender_x25519, alice.x25519_public());
        assert_eq!(open(&sealed, &alice), Err(Error::Decrypt));
    }

    #[test]
    fn the_same_text_seals_to_the_same_bytes_only_when_asked_to() {
        let (alice, bob) = (account(1), account(2));
        let to = bob.x25519_public();
        let once = seal_deterministic(b"x", &alice, &to).unwrap();
        assert_eq!(once, seal_deterministic(b"x", &alice, &to).unwrap());
        assert_eq!(open(&once, &bob).unwrap().plaintext, b"x");
        let mut rng = Scripted::counting();
        let random = seal(b"x", &alice, &to, &mut rng).unwrap();
        assert_ne!(random, seal(b"x", &alice, &to, &mut rng).unwrap());
    }

    #[test]
    fn nothing_is_sealed_to_a_key_of_small_order() {
        let mut rng = Scripted::counting();
        assert_eq!(seal(b"x", &account(1), &[0; 32], &mut rng), Err(Error::PublicKey));
        let mut sealed = vec![0; OVERHEAD];
        assert_eq!(open(&sealed, &account(1)), Err(Error::Decrypt));
        sealed.pop();
        assert_eq!(open(&sealed, &account(1)), Err(Error::TooShort));
    }

    /// A key a B + T, T of order 8, signs validly whenever the hash k is a multiple of 8: only
    /// the check of the subgroup keeps such senders out.
    #[test]
    fn a_sender_outside_the_subgroup_is_refused_though_the_signature_holds() {
        let bob = account(2);
        let secret = Scalar::from(77u64);
        let key = EdwardsPoint::mul_base(&secret) + EIGHT_TORSION[1];
        let a = key.compress().to_bytes();
        let nonce = Scalar::from(5u64);
        let r = EdwardsPoint::mul_base(&nonce).compress().to_bytes();
        let inner = (0u32..)
            .map(|n| [&n.to_le_bytes()[..], &a, &bob.x25519_public()].concat())
            .find_map(|signed| {
                let hash = Sha512::new().chain_update(r).chain_update(a).chain_update(&signed);
                let k = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
                k.as_bytes()[0].is_multiple_of(8).then(|| {
                    let s = nonce + k * secret;
                    [&signed[..36], &r, s.as_bytes()].concat()
                })
            })
            .unwrap();
        let ephemeral = StaticSecret::from([3; 32]);
        let public = PublicKey::from(&ephemeral).to_bytes();
        let mut sealed = [&public[..], &[0; TAG], &inner].concat();
        let shared = keys::agree(&ephemeral, bob.x25519_public()).unwrap();
        encrypt_box(&mut sealed, &shared, &public, &bob.x25519_public());
        assert_eq!(open(&sealed, &bob), Err(Error::SenderKey));
    }

    #[test]
    fn a_decoy_looks_like_a_signature() {
        let mut rng = Scripted::counting();
        let decoy = decoy_signature(&mut rng);
        let (r, s) = decoy.split_at(32);
        assert!(convert::ed25519_to_x25519(r.try_into().unwrap()).is_ok());
        assert!(bool::from(Scalar::from_canonical_bytes(s.try_into().unwrap()).is_some()));
        assert_ne!(decoy, decoy_signature(&mut rng));
    }
}

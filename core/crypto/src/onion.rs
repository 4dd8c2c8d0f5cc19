//! One layer of an onion request (protocol: network 4.1).

use aes::Aes256;
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use hmac::{Hmac, KeyInit, Mac};
use rand_core::CryptoRng;
use sha2::Sha256;
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::keys::{self, Agreed};
use crate::{Error, NodeKeys, aead, blake2b};

const CBC_IV: usize = 16;
/// The HMAC key of the AES forms, a constant of the protocol, filled up to a block of SHA-256.
const AES_CONTEXT: [u8; 64] = {
    let mut block = [0; 64];
    (block[0], block[1], block[2], block[3]) = (b'L', b'O', b'K', b'I');
    block
};

/// How a layer is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EncType {
    /// XChaCha20-Poly1305: what we send.
    XChaCha20,
    /// AES-256-GCM: what is meant when a request names nothing.
    AesGcm,
    /// AES-256-CBC: old and not authenticated; accepted only.
    AesCbc,
}

impl EncType {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::XChaCha20 => "xchacha20",
            Self::AesGcm => "aes-gcm",
            Self::AesCbc => "aes-cbc",
        }
    }

    /// Bytes that stand in front of each ciphertext.
    #[must_use]
    pub fn nonce_size(self) -> usize {
        match self {
            Self::XChaCha20 => aead::XNONCE,
            Self::AesGcm => aead::GCM_NONCE,
            Self::AesCbc => CBC_IV,
        }
    }

    /// The type of this name, short and long forms alike.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "xchacha20" | "xchacha20-poly1305" => Some(Self::XChaCha20),
            "aes-gcm" | "gcm" => Some(Self::AesGcm),
            "aes-cbc" | "cbc" => Some(Self::AesCbc),
            _ => None,
        }
    }
}

/// The symmetric key of one layer; the answer comes back under that of the innermost.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SharedKey {
    #[zeroize(skip)]
    enc: EncType,
    key: [u8; 32],
}

impl SharedKey {
    fn derive(enc: EncType, shared: &Agreed, client: &[u8; 32], node: &[u8; 32]) -> Self {
        let key = match enc {
            EncType::XChaCha20 => blake2b::hash256(&[shared.as_bytes(), client, node]),
            EncType::AesGcm | EncType::AesCbc => {
                Hmac::<Sha256>::new(&AES_CONTEXT.into()).chain_update(shared.as_bytes()).finalize().into_bytes().into()
            }
        };
        Self { enc, key }
    }

    /// How this layer is encrypted.
    #[must_use]
    pub fn enc_type(&self) -> EncType {
        self.enc
    }

    /// The secret bytes of the key.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.key
    }

    /// nonce || ciphertext. Draws 24, 12 or 16 bytes from `rng`: the nonce of the type.
    ///
    /// Only texts above 64 GiB cannot be sealed; for them the answer is empty, which nothing
    /// opens.
    pub fn seal(&self, plain: &[u8], rng: &mut impl CryptoRng) -> Vec<u8> {
        let nonce = self.enc.nonce_size();
        let mut out = Vec::with_capacity(nonce + plain.len() + aead::TAG);
        out.resize(nonce, 0);
        out.extend_from_slice(plain);
        self.seal_in_place(&mut out, nonce, rng).map_or_else(|_| Vec::new(), |()| out)
    }

    /// As [`SharedKey::seal`], of what stands in `buffer` from `start` on, without another copy of
    /// it: the nonce is written in front of it, over what stands there.
    ///
    /// # Errors
    /// [`Error::Size`] when there is no room for the nonce, or the text is too large.
    pub fn seal_in_place(&self, buffer: &mut Vec<u8>, start: usize, rng: &mut impl CryptoRng) -> Result<(), Error> {
        let front = start.checked_sub(self.enc.nonce_size()).ok_or(Error::Size)?;
        let room = buffer.get_mut(front..start).ok_or(Error::Size)?;
        rng.fill_bytes(room);
        match self.enc {
            EncType::XChaCha20 => {
                let nonce = (&*room).try_into().map_err(|_| Error::Size)?;
                aead::xchacha_seal_in_place(&self.key, &nonce, buffer, start)
            }
            EncType::AesGcm => {
                let nonce = (&*room).try_into().map_err(|_| Error::Size)?;
                aead::gcm_seal_in_place(&self.key, &nonce, buffer, start)
            }
            EncType::AesCbc => {
                let iv = (&*room).try_into().map_err(|_| Error::Size)?;
                cbc_seal_in_place(&self.key, &iv, buffer, start)
            }
        }
    }

    /// Opens what [`SharedKey::seal`] made.
    ///
    /// # Errors
    /// [`Error::TooShort`] or [`Error::Decrypt`].
    pub fn open(&self, data: &[u8]) -> Result<Vec<u8>, Error> {
        match self.enc {
            EncType::XChaCha20 => aead::xchacha_open(&self.key, data),
            EncType::AesGcm => aead::gcm_open(&self.key, data),
            EncType::AesCbc => cbc_open(&self.key, data),
        }
    }
}

fn cbc_seal_in_place(key: &[u8; 32], iv: &[u8; CBC_IV], buffer: &mut Vec<u8>, start: usize) -> Result<(), Error> {
    let size = buffer.len().checked_sub(start).ok_or(Error::Size)?;
    buffer.resize(start + (size / CBC_IV + 1) * CBC_IV, 0);
    cbc::Encryptor::<Aes256>::new(key.into(), iv.into())
        .encrypt_padded::<Pkcs7>(&mut buffer[start..], size)
        .map_err(|_| Error::Size)?;
    Ok(())
}

fn cbc_open(key: &[u8; 32], data: &[u8]) -> Result<Vec<u8>, Error> {
    let (iv, text) = data.split_first_chunk::<CBC_IV>().ok_or(Error::TooShort)?;
    let mut out = text.to_vec();
    let length = cbc::Decryptor::<Aes256>::new(key.into(), iv.into())
        .decrypt_padded::<Pkcs7>(&mut out)
        .map_err(|_| Error::Decrypt)?
        .len();
    out.truncate(length);
    Ok(out)
}

/// A layer as its maker holds it.
pub struct SealedLayer {
    /// nonce || ciphertext.
    pub ciphertext: Vec<u8>,
    /// The one-time X25519 key the node needs to open it.
    pub ephemeral_public: [u8; 32],
    /// The key of the layer, for the answer.
    pub key: SharedKey,
}

/// Encrypts a layer to a node. Draws from `rng` 32 bytes (the ephemeral secret), then the nonce.
///
/// # Errors
/// [`Error::PublicKey`] if the node's key is of small order.
pub fn layer_seal(
    enc: EncType,
    plain: &[u8],
    to_x25519: &[u8; 32],
    rng: &mut impl CryptoRng,
) -> Result<SealedLayer, Error> {
    let (ephemeral_public, key) = layer_key(enc, to_x25519, rng)?;
    Ok(SealedLayer { ciphertext: key.seal(plain, rng), ephemeral_public, key })
}

/// Encrypts what stands in `buffer` from `start` on as [`layer_seal`] does, with the nonce in front
/// of it: large requests need no second copy. Gives the one-time key that the node needs, and the
/// key of the layer.
///
/// # Errors
/// As [`layer_seal`], and [`Error::Size`] when there is no room for the nonce.
pub fn layer_seal_in_place(
    enc: EncType,
    buffer: &mut Vec<u8>,
    start: usize,
    to_x25519: &[u8; 32],
    rng: &mut impl CryptoRng,
) -> Result<([u8; 32], SharedKey), Error> {
    let (ephemeral_public, key) = layer_key(enc, to_x25519, rng)?;
    key.seal_in_place(buffer, start, rng)?;
    Ok((ephemeral_public, key))
}

/// A fresh key for a layer, and what its reader needs to derive it.
fn layer_key(enc: EncType, to_x25519: &[u8; 32], rng: &mut impl CryptoRng) -> Result<([u8; 32], SharedKey), Error> {
    let secret = StaticSecret::from(*crate::random_seed32(rng));
    let shared = keys::agree(&secret, *to_x25519)?;
    let ephemeral_public = PublicKey::from(&secret).to_bytes();
    let key = SharedKey::derive(enc, &shared, &ephemeral_public, to_x25519);
    Ok((ephemeral_public, key))
}

/// The X25519 pair a node opens layers with. Keep one per node: its public key enters every
/// layer's key and costs a third of an opening to derive.
#[derive(Clone)]
pub struct LayerReceiver {
    secret: StaticSecret,
    public: [u8; 32],
}

impl LayerReceiver {
    /// The receiver with this X25519 secret.
    #[must_use]
    pub fn new(secret_x25519: &[u8; 32]) -> Self {
        let secret = StaticSecret::from(*secret_x25519);
        let public = PublicKey::from(&secret).to_bytes();
        Self { secret, public }
    }

    /// Opens a layer; the key is for the answer.
    ///
    /// # Errors
    /// [`Error::PublicKey`] if the ephemeral key is of small order, [`Error::TooShort`],
    /// [`Error::Decrypt`].
    pub fn open(
        &self,
        enc: EncType,
        ciphertext: &[u8],
        ephemeral_public: &[u8; 32],
    ) -> Result<(Vec<u8>, SharedKey), Error> {
        let shared = keys::agree(&self.secret, *ephemeral_public)?;
        let key = SharedKey::derive(enc, &shared, ephemeral_public, &self.public);
        Ok((key.open(ciphertext)?, key))
    }
}

impl From<&NodeKeys> for LayerReceiver {
    fn from(keys: &NodeKeys) -> Self {
        Self { secret: StaticSecret::from(*keys.x25519_secret()), public: keys.x25519_public() }
    }
}

/// Opens one layer with a bare secret; for many, keep a [`LayerReceiver`].
///
/// # Errors
/// As [`LayerReceiver::open`].
pub fn layer_open(
    enc: EncType,
    ciphertext: &[u8],
    ephemeral_public: &[u8; 32],
    secret_x25519: &[u8; 32],
) -> Result<(Vec<u8>, SharedKey), Error> {
    LayerReceiver::new(secret_x25519).open(enc, ciphertext, ephemeral_public)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Scripted;

    const ALL: [EncType; 3] = [EncType::XChaCha20, EncType::AesGcm, EncType::AesCbc];

    #[test]
    fn a_node_opens_its_layer_and_the_client_its_answer() {
        let mut rng = Scripted::counting();
        let node = NodeKeys::from_seed(&[9; 32]);
        let receiver = LayerReceiver::from(&node);
        for enc in ALL {
            let layer = layer_seal(enc, b"request", &node.x25519_public(), &mut rng).unwrap();
            let (plain, key) = receiver.open(enc, &layer.ciphertext, &layer.ephemeral_public).unwrap();
            assert_eq!(plain, b"request");
            let answer = key.seal(b"answer", &mut rng);
            assert_eq!(layer.key.open(&answer).unwrap(), b"answer");
            let (again, _) = layer_open(enc, &layer.ciphertext, &layer.ephemeral_public, node.x25519_secret()).unwrap();
            assert_eq!(again, b"request");
        }
    }

    #[test]
    fn keys_that_give_everybody_the_same_secret_are_refused() {
        let mut rng = Scripted::counting();
        let node = LayerReceiver::new(&[5; 32]);
        for enc in ALL {
            assert!(layer_seal(enc, b"x", &[0; 32], &mut rng).is_err_and(|e| e == Error::PublicKey));
            assert!(node.open(enc, &[0; 64], &[0; 32]).is_err_and(|e| e == Error::PublicKey));
        }
    }

    #[test]
    fn short_and_damaged_layers_are_refused() {
        let mut rng = Scripted::counting();
        let node = NodeKeys::from_seed(&[9; 32]);
        for enc in [EncType::XChaCha20, EncType::AesGcm] {
            let layer = layer_seal(enc, b"request", &node.x25519_public(), &mut rng).unwrap();
            for at in 0..layer.ciphertext.len() {
                let mut damaged = layer.ciphertext.clone();
                damaged[at] ^= 1;
                assert_eq!(layer.key.open(&damaged), Err(Error::Decrypt));
                assert!(layer.key.open(&layer.ciphertext[..at]).is_err());
            }
        }
        let cbc = layer_seal(EncType::AesCbc, b"x", &node.x25519_public(), &mut rng).unwrap();
        for end in 0..cbc.ciphertext.len() {
            assert!(cbc.key.open(&cbc.ciphertext[..end]).is_err());
        }
    }

    #[test]
    fn names_are_known_in_both_forms() {
        for enc in ALL {
            assert_eq!(EncType::from_name(enc.name()), Some(enc));
        }
        assert_eq!(EncType::from_name("gcm"), Some(EncType::AesGcm));
        assert_eq!(EncType::from_name("cbc"), Some(EncType::AesCbc));
        assert_eq!(EncType::from_name("xchacha20-poly1305"), Some(EncType::XChaCha20));
        assert_eq!(EncType::from_name("rot13"), None);
    }
}

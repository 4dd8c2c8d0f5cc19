//! Account and node keys (protocol: messages 1.1).

use curve25519_dalek::scalar::clamp_integer;
use ed25519_dalek::hazmat::{ExpandedSecretKey, raw_sign};
use ed25519_dalek::{Signature, VerifyingKey};
use rand_core::CryptoRng;
use sha2::{Digest, Sha512};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{Error, convert};

/// The 16 bytes that are the whole account; both recovery phrases stand for them.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Seed([u8; 16]);

impl Seed {
    /// A new account's seed.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut seed = Self([0; 16]);
        rng.fill_bytes(&mut seed.0);
        seed
    }

    /// The seed with these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The secret bytes themselves.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// 32 fresh random bytes, wiped when dropped.
pub fn random_seed32(rng: &mut impl CryptoRng) -> Zeroizing<[u8; 32]> {
    let mut bytes = Zeroizing::new([0; 32]);
    rng.fill_bytes(bytes.as_mut());
    bytes
}

/// Everything derived from a 32-byte Ed25519 seed, once, so that signing and key agreement need
/// no further derivation.
struct KeyPair {
    seed: Zeroizing<[u8; 32]>,
    signing: ExpandedSecretKey,
    verifying: VerifyingKey,
    agreement: StaticSecret,
    x25519_public: [u8; 32],
}

impl KeyPair {
    fn from_seed(seed: Zeroizing<[u8; 32]>) -> Self {
        let mut hash = Zeroizing::new([0; 64]);
        Sha512::new().chain_update(seed.as_ref()).finalize_into((&mut *hash).into());
        let signing = ExpandedSecretKey::from_bytes(&hash);
        let verifying = VerifyingKey::from(&signing);
        let mut half = Zeroizing::new([0; 32]);
        half.copy_from_slice(&hash[..32]);
        Self {
            seed,
            signing,
            verifying,
            agreement: StaticSecret::from(clamp_integer(*half)),
            x25519_public: verifying.to_montgomery().to_bytes(),
        }
    }
}

impl Clone for KeyPair {
    fn clone(&self) -> Self {
        Self {
            seed: self.seed.clone(),
            signing: ExpandedSecretKey { scalar: self.signing.scalar, hash_prefix: self.signing.hash_prefix },
            verifying: self.verifying,
            agreement: self.agreement.clone(),
            x25519_public: self.x25519_public,
        }
    }
}

macro_rules! key_methods {
    ($name:ident) => {
        impl $name {
            /// The Ed25519 public key, which signatures are checked with.
            #[must_use]
            pub fn ed25519_public(&self) -> [u8; 32] {
                self.0.verifying.to_bytes()
            }

            /// The X25519 public key, which others encrypt to.
            #[must_use]
            pub fn x25519_public(&self) -> [u8; 32] {
                self.0.x25519_public
            }

            /// The Ed25519 signature (RFC 8032) of the message.
            #[must_use]
            pub fn sign(&self, message: &[u8]) -> [u8; 64] {
                raw_sign::<Sha512>(&self.0.signing, message, &self.0.verifying).to_bytes()
            }

            /// The secret 32-byte Ed25519 seed.
            #[must_use]
            pub fn ed25519_seed(&self) -> &[u8; 32] {
                &self.0.seed
            }

            /// The shared X25519 secret with another key.
            pub(crate) fn agree(&self, public: [u8; 32]) -> Result<Agreed, Error> {
                agree(&self.0.agreement, public)
            }

            /// The secret X25519 key, clamped.
            #[must_use]
            pub fn x25519_secret(&self) -> &[u8; 32] {
                self.0.agreement.as_bytes()
            }
        }
    };
}

/// The keys of an account, all derived from its [`Seed`].
#[derive(Clone)]
pub struct AccountKeys(KeyPair);

impl AccountKeys {
    /// Derives the keys: the Ed25519 seed is the 16 bytes followed by 16 zeros.
    #[must_use]
    pub fn from_seed(seed: &Seed) -> Self {
        let mut padded = Zeroizing::new([0; 32]);
        padded[..16].copy_from_slice(seed.as_bytes());
        Self(KeyPair::from_seed(padded))
    }

    /// The keys with a full 32-byte Ed25519 seed: no account made from a phrase has one, but other
    /// programs and the protocol's test vectors do.
    #[must_use]
    pub fn from_ed25519_seed(seed: &[u8; 32]) -> Self {
        Self(KeyPair::from_seed(Zeroizing::new(*seed)))
    }
}

key_methods!(AccountKeys);

/// The keys of a node or server, from a full 32-byte Ed25519 seed.
#[derive(Clone)]
pub struct NodeKeys(KeyPair);

impl NodeKeys {
    /// Derives the keys from the secret seed.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(KeyPair::from_seed(Zeroizing::new(*seed)))
    }
}

key_methods!(NodeKeys);

/// A shared X25519 secret.
pub(crate) type Agreed = x25519_dalek::SharedSecret;

/// X25519, refusing the public keys that give everybody the same secret.
pub(crate) fn agree(secret: &StaticSecret, public: [u8; 32]) -> Result<Agreed, Error> {
    let shared = secret.diffie_hellman(&PublicKey::from(public));
    if shared.was_contributory() { Ok(shared) } else { Err(Error::PublicKey) }
}

/// Checks an Ed25519 signature by the strict rules: S below L, key and R canonical and not of
/// small order.
///
/// # Errors
/// [`Error::Signature`] if it does not hold.
pub fn verify(ed25519_public: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Result<(), Error> {
    verifying_key(ed25519_public)?
        .verify_strict(message, &Signature::from_bytes(signature))
        .map_err(|_| Error::Signature)
}

/// Decodes a key for checking signatures.
pub(crate) fn verifying_key(ed25519_public: &[u8; 32]) -> Result<VerifyingKey, Error> {
    if !convert::is_canonical(ed25519_public) {
        return Err(Error::Signature);
    }
    VerifyingKey::from_bytes(ed25519_public).map_err(|_| Error::Signature)
}

#[cfg(test)]
mod tests {
    use super::*;
    use curve25519_dalek::constants::EIGHT_TORSION;

    fn account(byte: u8) -> AccountKeys {
        AccountKeys::from_seed(&Seed::from_bytes([byte; 16]))
    }

    #[test]
    fn a_signature_holds_for_its_message_and_key_alone() {
        let (alice, bob) = (account(1), account(2));
        let signature = alice.sign(b"hello");
        assert_eq!(verify(&alice.ed25519_public(), b"hello", &signature), Ok(()));
        assert_eq!(verify(&alice.ed25519_public(), b"hullo", &signature), Err(Error::Signature));
        assert_eq!(verify(&bob.ed25519_public(), b"hello", &signature), Err(Error::Signature));
    }

    #[test]
    fn the_first_test_vector_of_rfc_8032() {
        let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
        let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        let signature = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155\
                         5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";
        let keys = NodeKeys::from_seed(&hex::decode(seed).unwrap().try_into().unwrap());
        assert_eq!(hex::encode(keys.ed25519_public()), public);
        assert_eq!(hex::encode(keys.sign(b"")), signature);
    }

    #[test]
    fn both_keys_belong_together() {
        let keys = account(7);
        assert_eq!(convert::ed25519_to_x25519(&keys.ed25519_public()), Ok(keys.x25519_public()));
        let public = PublicKey::from(&StaticSecret::from(*keys.x25519_secret()));
        assert_eq!(public.to_bytes(), keys.x25519_public());
    }

    #[test]
    fn a_clone_signs_alike() {
        let keys = account(3);
        assert_eq!(keys.clone().sign(b"x"), keys.sign(b"x"));
        assert_eq!(keys.clone().x25519_secret(), keys.x25519_secret());
    }

    #[test]
    fn keys_of_small_order_never_verify() {
        for torsion in EIGHT_TORSION {
            let key = torsion.compress().to_bytes();
            let mut signature = [0; 64];
            signature[..32].copy_from_slice(&key);
            assert_eq!(verify(&key, b"any", &signature), Err(Error::Signature));
        }
    }

    #[test]
    fn keys_of_small_order_agree_on_nothing() {
        for torsion in EIGHT_TORSION {
            let public = torsion.to_montgomery().to_bytes();
            assert!(matches!(account(1).agree(public), Err(Error::PublicKey)));
        }
    }
}

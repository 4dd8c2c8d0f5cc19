//! A registrar's identity key, which is kept offline, vouches for the key that signs every day
//! (protocol: servers 6.6).

use tacit_crypto::NodeKeys;

use super::fields::{Fields, integer, owned, sign, verify};
use crate::bencode::Value;
use crate::{Error, NodeId, TimestampMs};

const WHAT: &str = "registrar certificate";
const DOMAIN: &[u8] = b"tacit-registrar-key-1";
pub(super) const MAX_CERTIFICATE: usize = 512;

/// Which key signs for a registrar, and how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The registrar, by its identity key.
    pub registrar: NodeId,
    /// The key that signs for it.
    pub signing: NodeId,
    /// First moment at which it does.
    pub from: TimestampMs,
    /// First moment at which it does not any more.
    pub until: TimestampMs,
    /// The signed form.
    pub bytes: Vec<u8>,
}

impl Certificate {
    /// Lets `signing` sign for the holder of `identity`.
    #[must_use]
    pub fn issue(identity: &NodeKeys, signing: NodeId, from: TimestampMs, until: TimestampMs) -> Self {
        let registrar = NodeId(identity.ed25519_public());
        let value = Value::from([
            ("f", integer(from.0)),
            ("i", owned(&registrar.0)),
            ("s", owned(&signing.0)),
            ("u", integer(until.0)),
        ]);
        Self { registrar, signing, from, until, bytes: sign(value, DOMAIN, identity) }
    }

    /// Reads the signed form and checks that the registrar named in it made it.
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::Malformed`] or [`Error::Crypto`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > MAX_CERTIFICATE {
            return Err(Error::too_long(WHAT, MAX_CERTIFICATE));
        }
        let value = Value::parse_up_to(bytes, 16)?;
        let fields = Fields::of(&value, WHAT)?;
        let certificate = Self {
            registrar: fields.node("i")?,
            signing: fields.node("s")?,
            from: fields.time("f")?,
            until: fields.time("u")?,
            bytes: bytes.to_vec(),
        };
        verify(&value, DOMAIN, &certificate.registrar.0)?;
        Ok(certificate)
    }

    /// Whether the key signs for the registrar at this moment.
    #[must_use]
    pub fn is_valid_at(&self, time: TimestampMs) -> bool {
        self.from <= time && time < self.until
    }
}

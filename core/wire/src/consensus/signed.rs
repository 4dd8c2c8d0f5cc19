//! A document and who signed it.

use tacit_crypto::NodeKeys;

use super::fields::{Fields, array, owned};
use super::{Bytes32, MAX_CONSENSUS, MAX_REGISTRARS, digest};
use crate::bencode::Value;
use crate::{Error, NodeId};

const WHAT: &str = "signed consensus";
pub(super) const DOMAIN: &[u8] = b"tacit-consensus-1";
/// Quick, and keys do not compress anyway.
const LEVEL: i32 = 3;

/// A registrar's signature over the digest of a body, by its signing key.
#[must_use]
pub fn sign_digest(digest: &Bytes32, signing: &NodeKeys) -> [u8; 64] {
    signing.sign(&[DOMAIN, digest].concat())
}

/// A body and signatures over it, as registrars and nodes hand it on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedConsensus {
    /// [`super::Consensus::to_bytes`].
    pub body: Vec<u8>,
    /// Signing keys and their signatures, at most one of each key.
    pub signatures: Vec<(NodeId, [u8; 64])>,
}

impl SignedConsensus {
    /// BLAKE2b-256 of the body.
    #[must_use]
    pub fn digest(&self) -> Bytes32 {
        digest(&self.body)
    }

    /// Whether this key's signature is there and holds.
    #[must_use]
    pub fn is_signed_by(&self, signing: &NodeId) -> bool {
        let text = [DOMAIN, &self.digest()].concat();
        let of_key = self.signatures.iter().find(|(key, _)| key == signing);
        of_key.is_some_and(|(_, signature)| tacit_crypto::verify(&signing.0, &text, signature).is_ok())
    }

    /// Body and signatures as one byte string.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let signatures = self.signatures.iter().map(|(key, sig)| Value::List(vec![owned(&key.0), owned(sig)]));
        Value::from([("b", Value::bytes(&self.body)), ("s", Value::List(signatures.collect()))]).to_bytes()
    }

    /// Reads what [`SignedConsensus::to_bytes`] wrote; nothing is verified.
    ///
    /// # Errors
    /// [`Error::TooLong`] or [`Error::Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > MAX_CONSENSUS {
            return Err(Error::too_long(WHAT, MAX_CONSENSUS));
        }
        let value = Value::parse_up_to(bytes, 256)?;
        let fields = Fields::of(&value, WHAT)?;
        let signature = |value: &Value<'_>| match value.as_list()? {
            [key, signature] => Some((NodeId(array(key)?), array(signature)?)),
            _ => None,
        };
        let signatures: Option<Vec<(NodeId, [u8; 64])>> =
            fields.list("s", MAX_REGISTRARS)?.iter().map(signature).collect();
        Ok(Self {
            body: fields.bytes("b", MAX_CONSENSUS)?.to_vec(),
            signatures: signatures.ok_or_else(|| fields.wrong())?,
        })
    }

    /// [`SignedConsensus::to_bytes`], compressed with zstd.
    #[must_use]
    pub fn compress(&self) -> Vec<u8> {
        // Compressing in memory does not fail.
        zstd::bulk::compress(&self.to_bytes(), LEVEL).unwrap_or_default()
    }

    /// As [`SignedConsensus::compress`] for somebody who has the body `old`, out of which most is
    /// taken: much smaller when little changed.
    #[must_use]
    pub fn compress_from(&self, old: &[u8]) -> Vec<u8> {
        let compressor = zstd::bulk::Compressor::with_dictionary(LEVEL, old);
        compressor.and_then(|mut compressor| compressor.compress(&self.to_bytes())).unwrap_or_default()
    }

    /// Reads what [`SignedConsensus::compress`] wrote.
    ///
    /// # Errors
    /// As [`SignedConsensus::parse`].
    pub fn decompress(bytes: &[u8]) -> Result<Self, Error> {
        let bytes = zstd::bulk::decompress(bytes, MAX_CONSENSUS).map_err(|_| Error::malformed(WHAT))?;
        Self::parse(&bytes)
    }

    /// Reads what [`SignedConsensus::compress_from`] wrote.
    ///
    /// # Errors
    /// As [`SignedConsensus::parse`].
    pub fn decompress_from(bytes: &[u8], old: &[u8]) -> Result<Self, Error> {
        let decompressor = zstd::bulk::Decompressor::with_dictionary(old);
        let bytes = decompressor.and_then(|mut decompressor| decompressor.decompress(bytes, MAX_CONSENSUS));
        Self::parse(&bytes.map_err(|_| Error::malformed(WHAT))?)
    }
}

//! One registrar's signature over a document, on its way to the others.

use tacit_crypto::NodeKeys;

use super::certificate::MAX_CERTIFICATE;
use super::fields::{Fields, integer, owned};
use super::signed::DOMAIN;
use super::{Bytes32, Certificate, sign_digest};
use crate::bencode::Value;
use crate::{Error, NodeId};

const WHAT: &str = "endorsement";
const MAX_ENDORSEMENT: usize = 1024;

/// A registrar's signature over the digest of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endorsement {
    /// Number of the document.
    pub number: u64,
    /// Digest of its body.
    pub digest: Bytes32,
    /// Whose it is.
    pub certificate: Certificate,
    /// By the certificate's signing key.
    pub signature: [u8; 64],
}

impl Endorsement {
    /// Signs the digest of a body.
    #[must_use]
    pub fn new(number: u64, digest: Bytes32, certificate: Certificate, signing: &NodeKeys) -> Self {
        Self { number, digest, certificate, signature: sign_digest(&digest, signing) }
    }

    /// Signing key and signature, as [`super::SignedConsensus`] has them.
    #[must_use]
    pub fn signature(&self) -> (NodeId, [u8; 64]) {
        (self.certificate.signing, self.signature)
    }

    /// As it is sent.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        Value::from([
            ("d", owned(&self.digest)),
            ("k", Value::bytes(&self.certificate.bytes)),
            ("no", integer(self.number)),
            ("s", owned(&self.signature)),
        ])
        .to_bytes()
    }

    /// Reads what was sent and checks certificate and signature.
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::Malformed`] or [`Error::Crypto`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > MAX_ENDORSEMENT {
            return Err(Error::too_long(WHAT, MAX_ENDORSEMENT));
        }
        let value = Value::parse_up_to(bytes, 16)?;
        let fields = Fields::of(&value, WHAT)?;
        let endorsement = Self {
            number: fields.number("no")?,
            digest: fields.array("d")?,
            certificate: Certificate::parse(fields.bytes("k", MAX_CERTIFICATE)?)?,
            signature: fields.array("s")?,
        };
        let text = [DOMAIN, &endorsement.digest].concat();
        tacit_crypto::verify(&endorsement.certificate.signing.0, &text, &endorsement.signature)?;
        Ok(endorsement)
    }
}

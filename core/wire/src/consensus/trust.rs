//! Whom a node or client believes (protocol: servers 6.4, "A verifier accepts iff").

use serde::{Deserialize, Serialize};

use super::{Bytes32, Consensus, RegistrarSet, Rotation, SignedConsensus};
use crate::{Error, NodeId, TimestampMs};

/// A document may begin so far ahead of the own clock, ms.
const AHEAD: u64 = 5 * 60 * 1000;

/// What an accepted document is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accepted {
    /// Newer than the last.
    Newer(Box<Consensus>),
    /// The last one once more.
    Same,
}

/// Why a document is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It cannot be read.
    #[error(transparent)]
    Format(#[from] Error),
    /// It is another network's.
    #[error("the consensus belongs to another network")]
    OtherNetwork,
    /// Too few of the trusted registrars signed it.
    #[error("the consensus has {valid} valid signatures of {needed} needed")]
    TooFewSignatures {
        /// Registrars of the trusted set that did.
        valid: usize,
        /// How many must.
        needed: usize,
    },
    /// It begins later than now, or the own clock is wrong.
    #[error("the consensus is not valid yet")]
    NotYet,
    /// It has ended.
    #[error("the consensus is no longer valid")]
    Expired,
    /// A newer one was accepted already.
    #[error("the consensus is older than the last one")]
    Older,
    /// Another one of the same number was accepted before: enough registrars sign two truths.
    #[error("two different documents of consensus {0} are signed: registrars were taken over")]
    Forked(u64),
}

/// The registrars that are believed, and the last document that was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    network: Bytes32,
    set: RegistrarSet,
    /// How it came from the first set to this one.
    rotations: Vec<Vec<u8>>,
    last: Option<(u64, Bytes32)>,
}

/// What has to be kept of [`Trust`] so that nothing older is believed after a restart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Number of the last document.
    pub number: u64,
    /// Its digest.
    #[serde(with = "crate::base64::serde_hex")]
    pub digest: Bytes32,
    /// Changes of the registrars so far, each in base64.
    pub rotations: Vec<String>,
}

impl Trust {
    /// Believes the registrars of a network profile.
    #[must_use]
    pub fn new(first: RegistrarSet) -> Self {
        Self { network: first.digest(), set: first, rotations: Vec::new(), last: None }
    }

    /// The network.
    #[must_use]
    pub fn network(&self) -> &Bytes32 {
        &self.network
    }

    /// The registrars that are believed now.
    #[must_use]
    pub fn set(&self) -> &RegistrarSet {
        &self.set
    }

    /// Number of the last document that was accepted.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        self.last.map(|(number, _)| number)
    }

    /// What to keep; `None` before the first document.
    #[must_use]
    pub fn mark(&self) -> Option<Mark> {
        let (number, digest) = self.last?;
        let rotations = self.rotations.iter().map(crate::base64::encode).collect();
        Some(Mark { number, digest, rotations })
    }

    /// Goes on from what was kept.
    pub fn resume_mark(&mut self, mark: &Mark) {
        let known: Vec<_> = mark.rotations.iter().filter_map(crate::base64::decode).collect();
        let (set, way) = Rotation::follow(&self.set, &self.network, &known, mark.number);
        (self.set, self.last) = (set, Some((mark.number, mark.digest)));
        self.rotations.extend(way);
    }

    /// Decides about a document, and remembers it if it is accepted.
    ///
    /// # Errors
    /// See [`Refused`]; nothing has changed then.
    pub fn accept(&mut self, signed: &SignedConsensus, now: TimestampMs) -> Result<Accepted, Refused> {
        let digest = signed.digest();
        if self.last.is_some_and(|(_, last)| last == digest) {
            return Ok(Accepted::Same);
        }
        let (consensus, set, way) = self.verify(signed)?;
        if consensus.valid_after > now.plus_ms(AHEAD) {
            return Err(Refused::NotYet);
        }
        if now >= consensus.valid_until {
            return Err(Refused::Expired);
        }
        match self.last {
            Some((last, _)) if consensus.number == last => return Err(Refused::Forked(last)),
            Some((last, _)) if consensus.number < last => return Err(Refused::Older),
            _ => {}
        }
        self.set = set;
        self.rotations.extend(way);
        self.last = Some((consensus.number, digest));
        Ok(Accepted::Newer(Box::new(consensus)))
    }

    /// Takes up again a document that was accepted before this process began, whatever the time.
    ///
    /// # Errors
    /// See [`Refused`].
    pub fn resume(&mut self, signed: &SignedConsensus) -> Result<Consensus, Refused> {
        let (consensus, set, way) = self.verify(signed)?;
        self.set = set;
        self.rotations.extend(way);
        self.last = Some((consensus.number, signed.digest()));
        Ok(consensus)
    }

    /// The document, the registrars that are believed with it, and how it came to them.
    fn verify(&self, signed: &SignedConsensus) -> Result<(Consensus, RegistrarSet, Vec<Vec<u8>>), Refused> {
        let consensus = Consensus::parse(&signed.body)?;
        if consensus.network != self.network {
            return Err(Refused::OtherNetwork);
        }
        // From the set that is believed now: no document can go back behind a change that was
        // accepted before.
        let (set, way) = Rotation::follow(&self.set, &self.network, &consensus.rotations, consensus.number);
        let mut signers: Vec<NodeId> = Vec::new();
        for entry in &consensus.registrars {
            let certificate = &entry.certificate;
            let counts = set.contains(&certificate.registrar)
                && !signers.contains(&certificate.registrar)
                && certificate.is_valid_at(consensus.valid_after);
            if counts && signed.is_signed_by(&certificate.signing) {
                signers.push(certificate.registrar);
            }
        }
        let (valid, needed) = (signers.len(), set.threshold());
        if valid < needed {
            return Err(Refused::TooFewSignatures { valid, needed });
        }
        Ok((consensus, set, way))
    }
}

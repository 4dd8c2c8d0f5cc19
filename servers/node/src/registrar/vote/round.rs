//! Votes and signatures for one document.

use std::collections::BTreeMap;

use tacit_wire::NodeId;
use tacit_wire::consensus::{Bytes32, Endorsement, SignedConsensus, Vote, digest};

/// How far a round is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// The own vote is not cast.
    Waiting,
    /// It is.
    Voted,
    /// Others were asked for votes that did not come.
    Fetched,
    /// The document is computed, and signed unless there were too few votes.
    Signed,
    /// Published, or left to the others.
    Over,
}

struct Cast {
    vote: Vote,
    bytes: Vec<u8>,
    digest: Bytes32,
}

/// One round. Of each registrar at most two votes and two signatures are kept: two different ones
/// already show that it lies.
pub(super) struct Round {
    pub(super) number: u64,
    pub(super) stage: Stage,
    /// What this registrar computed.
    pub(super) body: Option<Vec<u8>>,
    votes: BTreeMap<NodeId, Vec<Cast>>,
    endorsements: BTreeMap<NodeId, Vec<Endorsement>>,
}

impl Round {
    pub(super) fn new(number: u64) -> Self {
        Self { number, stage: Stage::Waiting, body: None, votes: BTreeMap::new(), endorsements: BTreeMap::new() }
    }

    /// Whether this very vote is there.
    pub(super) fn has_vote(&self, bytes: &[u8]) -> bool {
        self.votes.values().flatten().any(|cast| cast.bytes == bytes)
    }

    /// Adds a vote; true if its registrar has now cast two different ones.
    pub(super) fn add_vote(&mut self, vote: Vote, bytes: Vec<u8>) -> bool {
        let casts = self.votes.entry(vote.certificate.registrar).or_default();
        let digest = digest(&bytes);
        if casts.len() > 1 || casts.iter().any(|cast| cast.digest == digest) {
            return false;
        }
        casts.push(Cast { vote, bytes, digest });
        casts.len() > 1
    }

    /// One vote of each registrar: of two that with the smaller digest, on every registrar that
    /// knows both.
    pub(super) fn votes(&self) -> Vec<&Vote> {
        let smallest = self.votes.values().filter_map(|casts| casts.iter().min_by_key(|cast| cast.digest));
        smallest.map(|cast| &cast.vote).collect()
    }

    /// All of them, so that others learn of doubles.
    pub(super) fn all_votes(&self) -> Vec<&[u8]> {
        self.votes.values().flatten().map(|cast| cast.bytes.as_slice()).collect()
    }

    /// Adds a signature; true if its registrar has now signed two different documents.
    pub(super) fn add_endorsement(&mut self, endorsement: Endorsement) -> bool {
        let of_registrar = self.endorsements.entry(endorsement.certificate.registrar).or_default();
        if of_registrar.len() > 1 || of_registrar.iter().any(|known| known.digest == endorsement.digest) {
            return false;
        }
        of_registrar.push(endorsement);
        of_registrar.len() > 1
    }

    /// The document that was computed here, with all signatures over it.
    pub(super) fn signed_consensus(&self) -> Option<SignedConsensus> {
        let body = self.body.clone()?;
        let digest = digest(&body);
        let over = self.endorsements.values().flatten().filter(|endorsement| endorsement.digest == digest);
        Some(SignedConsensus { signatures: over.map(Endorsement::signature).collect(), body })
    }
}

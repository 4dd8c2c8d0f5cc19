//! Membership of a network without a single authority (protocol: servers 6): nodes announce
//! themselves, registrars vote, and k of n registrars sign one document that everybody verifies.
//!
//! ```text
//! Announcement ──► Vote ──► Consensus ──► SignedConsensus ──► Trust::accept
//!  (a node's word)  (one registrar's)  (what all compute)    (k signatures)
//! ```
//!
//! All are bencoded dictionaries in the one right form, so that what was signed can be written
//! again from what was read. Sizes are checked before anything is parsed, and whatever is read is
//! in range. Unknown keys are passed over: they are signed all the same.

mod announcement;
mod certificate;
mod document;
mod endorsement;
mod fields;
mod node;
mod params;
mod registrars;
mod rotation;
mod signed;
mod table;
mod trust;
mod vote;

pub use announcement::{Announcement, Observation, Relay, Wish, Wishes};
pub use certificate::Certificate;
pub use document::{Consensus, RegistrarEntry};
pub use endorsement::Endorsement;
pub use node::{Flag, Flags, NodeRecord};
pub use params::Params;
pub use registrars::{MAX_REGISTRARS, RegistrarSet};
pub use rotation::Rotation;
pub use signed::{SignedConsensus, sign_digest};
pub use table::Swarms;
pub use trust::{Accepted, Mark, Refused, Trust};
pub use vote::{Ballot, Vote};

/// Bytes of an announcement at most.
pub const MAX_ANNOUNCEMENT: usize = 2 * 1024;
/// Bytes of a vote at most.
pub const MAX_VOTE: usize = 16 << 20;
/// Bytes of a document with its signatures at most.
pub const MAX_CONSENSUS: usize = 4 << 20;
/// Nodes in a document at most.
pub const MAX_NODES: usize = 20_000;

/// A key or a digest.
pub type Bytes32 = [u8; 32];

/// BLAKE2b-256 of a document's body, by which it is signed and asked for.
#[must_use]
pub fn digest(body: &[u8]) -> Bytes32 {
    tacit_crypto::blake2b::hash256(&[body])
}

/// What a node signs to show a registrar that it is behind its address.
#[must_use]
pub fn ping_text(network: &Bytes32, nonce: &Bytes32) -> Vec<u8> {
    [b"tacit-ping-1".as_slice(), network, nonce].concat()
}

#[cfg(test)]
mod tests;

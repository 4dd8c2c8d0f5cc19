//! What is kept across restarts: pool, guards, and when the list was fetched.

use serde::{Deserialize, Serialize};
use tacit_wire::consensus::Mark;
use tacit_wire::{NodeId, ServiceNode, TimestampMs};

/// Where the client keeps what the network learned; its encrypted store, in the app. The bytes
/// are opaque. Both calls may block; `save` is called on a thread that may.
pub trait NodeCache: Send + Sync + 'static {
    /// What was saved last, if anything.
    fn load(&self) -> Option<Vec<u8>>;
    /// Replaces what was saved. Errors are the cache's own business: a lost snapshot costs a
    /// question to the seeds.
    fn save(&self, snapshot: &[u8]);
}

/// Larger snapshots than this are not ours, in bytes.
const MAX_BYTES: usize = 16 * 1024 * 1024;
const VERSION: u32 = 1;

/// The content of the cache.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Snapshot {
    pub nodes: Vec<ServiceNode>,
    pub guards: Vec<NodeId>,
    pub fetched_at: TimestampMs,
    pub last_full: usize,
    /// Of the last list that registrars signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consensus: Option<Mark>,
}

#[derive(Serialize, Deserialize)]
struct Versioned {
    version: u32,
    #[serde(flatten)]
    snapshot: Snapshot,
}

impl Snapshot {
    pub fn to_bytes(&self) -> Vec<u8> {
        let versioned = Versioned { version: VERSION, snapshot: self.clone() };
        serde_json::to_vec(&versioned).unwrap_or_default()
    }

    /// `None` for anything damaged or of another version: then the pool starts empty.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > MAX_BYTES {
            return None;
        }
        let versioned: Versioned = serde_json::from_slice(bytes).ok()?;
        (versioned.version == VERSION).then_some(versioned.snapshot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_nodes::nodes;
    use proptest::prelude::*;

    fn snapshot() -> Snapshot {
        let nodes = nodes(4);
        let guards = vec![nodes[0].ed25519, nodes[1].ed25519];
        Snapshot { nodes, guards, fetched_at: TimestampMs(1_790_000_000_000), last_full: 9, consensus: None }
    }

    #[test]
    fn what_was_saved_comes_back() {
        assert_eq!(Snapshot::from_bytes(&snapshot().to_bytes()), Some(snapshot()));
    }

    #[test]
    fn another_version_starts_empty() {
        let text = String::from_utf8(snapshot().to_bytes()).unwrap();
        let newer = text.replace("\"version\":1", "\"version\":2");
        assert_eq!(Snapshot::from_bytes(newer.as_bytes()), None);
    }

    proptest! {
        #[test]
        fn damaged_bytes_never_panic(cut in 0usize..400, flip in 0usize..400, bits in 1u8..=255) {
            let mut bytes = snapshot().to_bytes();
            if let Some(byte) = bytes.get_mut(flip) {
                *byte ^= bits;
            }
            bytes.truncate(bytes.len().saturating_sub(cut));
            let _ = Snapshot::from_bytes(&bytes);
        }
    }
}

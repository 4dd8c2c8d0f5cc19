//! `info`: version and time of a node.

use serde::{Deserialize, Serialize};

use crate::TimestampMs;

/// Answer to `info`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InfoAnswer {
    /// Of the node's software.
    pub version: [u16; 3],
    /// The node's time.
    pub timestamp: TimestampMs,
    /// Version of the network's rules.
    #[serde(default)]
    pub hf: [u16; 2],
    /// The node's time once more, as in every answer.
    #[serde(default)]
    pub t: TimestampMs,
}

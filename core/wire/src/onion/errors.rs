//! What can go wrong on a path, as it is said in clear (protocol: network 4.5).

use std::fmt;

use tacit_crypto::onion::SharedKey;
use thiserror::Error;

use super::control::ReplyOptions;
use crate::NodeId;

/// An answer of the path itself, not of the destination.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PathError {
    /// A hop, or the destination, is unknown to the node before it: replace that hop.
    #[error("next node not found: {0}")]
    NextNodeNotFound(NodeId),
    /// The next hop did not answer: a failure of the path.
    #[error("request timed out")]
    Timeout,
    /// A node does not serve now.
    #[error("node not ready")]
    NotReady(Option<NodeId>),
    /// A layer did not decrypt: a failure of the path.
    #[error("invalid ciphertext")]
    InvalidCiphertext,
    /// A node answered something that no node should: a failure of the path.
    #[error("invalid response from node")]
    InvalidResponse,
    /// Anything else; the status of the outer answer.
    #[error("path failed with status {status}")]
    Other {
        /// HTTP status.
        status: u16,
    },
}

const NOT_FOUND: &str = "Next node not found: ";
const NOT_READY: &str = "Snode not ready: ";

impl PathError {
    /// Reads status and body of an outer answer that is not 200.
    #[must_use]
    pub fn from_http(status: u16, body: &[u8]) -> Self {
        // Long bodies are none of the texts below.
        let text = std::str::from_utf8(body.get(..256).unwrap_or(body)).unwrap_or("").trim();
        let named = |prefix| text.strip_prefix(prefix).and_then(|id: &str| id.trim().parse().ok());
        match status {
            502 => match named(NOT_FOUND) {
                Some(node) => Self::NextNodeNotFound(node),
                None => Self::Other { status },
            },
            503 => Self::NotReady(named(NOT_READY)),
            504 => Self::Timeout,
            400 if text.eq_ignore_ascii_case("Invalid ciphertext") => Self::InvalidCiphertext,
            500 if text.starts_with("Invalid response from snode") => Self::InvalidResponse,
            _ => Self::Other { status },
        }
    }

    /// Status and body of the outer answer that says this.
    #[must_use]
    pub fn to_http(&self) -> (u16, String) {
        match self {
            Self::NextNodeNotFound(node) => (502, format!("{NOT_FOUND}{node}")),
            Self::Timeout => (504, "Request time out".to_owned()),
            Self::NotReady(Some(node)) => (503, format!("{NOT_READY}{node}")),
            Self::NotReady(None) => (503, "Snode not ready".to_owned()),
            Self::InvalidCiphertext => (400, "Invalid ciphertext".to_owned()),
            Self::InvalidResponse => (500, "Invalid response from snode".to_owned()),
            Self::Other { status } => (*status, String::new()),
        }
    }
}

/// Why a layer could not be peeled, and so what to answer.
#[derive(Error)]
pub enum PeelError {
    /// The body is not framed as it should be; answered in clear.
    #[error("malformed onion request")]
    Malformed,
    /// The layer does not decrypt; answered in clear.
    #[error("invalid ciphertext")]
    InvalidCiphertext,
    /// The layer opened, but what it holds is unfit: answered under its key with
    /// [`super::seal_reply`], status 400 and this text.
    #[error("{text}")]
    Unfit {
        /// `Invalid json` or `Invalid url`.
        text: &'static str,
        /// Of the layer that opened.
        key: SharedKey,
        /// How to answer.
        options: ReplyOptions,
    },
}

impl PeelError {
    /// The answer in clear; `None` for [`PeelError::Unfit`].
    #[must_use]
    pub fn to_path_error(&self) -> Option<PathError> {
        match self {
            Self::Malformed | Self::InvalidCiphertext => Some(PathError::InvalidCiphertext),
            Self::Unfit { .. } => None,
        }
    }
}

impl fmt::Debug for PeelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PeelError({self})")
    }
}

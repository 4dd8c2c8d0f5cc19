//! What can go wrong, as the client and its user need to tell it apart.

use thiserror::Error;

/// Errors of the network layer. Texts hold no account, hash or key.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Error {
    /// The network profile cannot be used: a pin or address is malformed.
    #[error("the network profile is unusable: {0}")]
    Profile(&'static str),
    /// The TLS or HTTP client could not be set up.
    #[error("the secure connection layer could not be set up")]
    Setup,
    /// No path could be opened in time: this device, or the whole network, is offline.
    #[error("no connection to the network")]
    Offline,
    /// The network is too small to hide who asks: nothing can be sent.
    #[error("this network has {known} usable nodes, and {needed} are needed")]
    TooFewNodes {
        /// Usable nodes known.
        known: usize,
        /// Hops of a path and a destination.
        needed: usize,
    },
    /// All tries failed on the way, or at nodes that were busy or answered nonsense.
    #[error("no answer after {tries} tries: {last}")]
    NoAnswer {
        /// How many times it was tried.
        tries: u32,
        /// What the last try ended with.
        last: &'static str,
    },
    /// A node answered with a final status: trying again would change nothing.
    #[error("refused with status {status}: {text}")]
    Status {
        /// Status of the storage request.
        status: u16,
        /// The node's text, cut to 200 characters. May quote the request: for the user, not for
        /// logs.
        text: String,
    },
    /// The network names no node that keeps this account's messages.
    #[error("the network has no swarm for this account")]
    NoSwarm,
    /// The request does not fit into one onion request.
    #[error("the request is too large")]
    TooLarge,
    /// A file is not on its server any more, or never was: for ever.
    #[error("the file is gone")]
    Gone,
    /// A file is, or says it is, larger than files may be.
    #[error("the file is too large")]
    FileTooLarge,
    /// A file that was to be sent cannot be read.
    #[error("the file to send cannot be read")]
    Unreadable,
    /// The network has no file server to put files on.
    #[error("this network has no file server")]
    NoFileServer,
    /// The network was shut down.
    #[error("the network was shut down")]
    Closed,
}

impl Error {
    /// Whether the same request may well succeed later, without being changed.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Offline | Self::TooFewNodes { .. } | Self::NoAnswer { .. } | Self::NoSwarm => true,
            Self::Status { status, .. } => matches!(status, 406 | 421 | 425 | 429 | 500..=599),
            Self::Profile(_)
            | Self::Setup
            | Self::TooLarge
            | Self::Gone
            | Self::FileTooLarge
            | Self::Unreadable
            | Self::NoFileServer
            | Self::Closed => false,
        }
    }
}

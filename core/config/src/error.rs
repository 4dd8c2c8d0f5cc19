//! What can be wrong with config messages and with what is to be put into them.

use thiserror::Error;

/// Why something is refused. The object that refused it is unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Error {
    /// Not a config message, or one that section 15 refuses.
    #[error("malformed config message: {0}")]
    Message(&'static str),
    /// Not a dump of a config object.
    #[error("malformed dump of a config")]
    Dump,
    /// More than the swarm keeps, even in parts.
    #[error("the config has {bytes} bytes, {limit} can be stored")]
    TooLarge {
        /// Size of the padded message.
        bytes: usize,
        /// What can be stored.
        limit: usize,
    },
    /// A text that is longer than its field may be.
    #[error("{what} has {bytes} bytes, at most {limit} are allowed")]
    TooLong {
        /// What was to be set.
        what: &'static str,
        /// Its size.
        bytes: usize,
        /// Most bytes that are allowed.
        limit: usize,
    },
    /// An ID of another kind than the record needs.
    #[error("the ID is of the wrong kind")]
    Id,
    /// Not the URL of a community.
    #[error("not a community URL: {0}")]
    CommunityUrl(&'static str),
    /// This config is signed with a key that this device does not have.
    #[error("this config cannot be changed without the group's key")]
    ReadOnly,
    /// There is no key yet to encrypt or decrypt with.
    #[error("the group's encryption keys are missing")]
    NoKeys,
    /// A group's keys message that cannot be used.
    #[error("malformed keys message: {0}")]
    Keys(&'static str),
    /// A cryptographic operation failed.
    #[error(transparent)]
    Crypto(#[from] tacit_crypto::Error),
}

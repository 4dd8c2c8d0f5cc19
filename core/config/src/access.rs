//! Whose config it is: what it is encrypted, signed and checked with.

use tacit_crypto::{AccountKeys, NodeKeys};
use tacit_wire::{AccountId, Prefix};
use zeroize::Zeroizing;

use crate::Error;

/// The keys of a config object.
#[derive(Clone)]
pub(crate) enum Access {
    /// A config of our own account: encrypted with its seed, not signed.
    Account(Box<AccountKeys>),
    /// A config of a group.
    Group {
        /// The group's Ed25519 key, which signs its configs.
        public: [u8; 32],
        /// Its secret half, if we are an admin.
        signer: Option<Box<NodeKeys>>,
        /// Encryption keys: the first encrypts, all are tried to decrypt.
        keys: Vec<Zeroizing<[u8; 32]>>,
    },
}

impl Access {
    pub(crate) fn account(&self) -> Option<&AccountKeys> {
        match self {
            Self::Account(keys) => Some(keys),
            Self::Group { .. } => None,
        }
    }

    pub(crate) fn signer(&self) -> Option<&NodeKeys> {
        match self {
            Self::Account(_) => None,
            Self::Group { signer, .. } => signer.as_deref(),
        }
    }

    pub(crate) fn verify(&self) -> Option<&[u8; 32]> {
        match self {
            Self::Account(_) => None,
            Self::Group { public, .. } => Some(public),
        }
    }

    /// Whether this device may change the config and merge others' changes.
    pub(crate) fn may_write(&self) -> bool {
        self.verify().is_none() || self.signer().is_some()
    }

    pub(crate) fn encryption_keys(&self) -> Vec<&[u8; 32]> {
        match self {
            Self::Account(keys) => vec![keys.ed25519_seed()],
            Self::Group { keys, .. } => keys.iter().map(|key| &**key).collect(),
        }
    }

    pub(crate) fn encrypt_with(&self) -> Result<&[u8; 32], Error> {
        self.encryption_keys().first().copied().ok_or(Error::NoKeys)
    }

    /// In whose swarm the messages are stored.
    pub(crate) fn owner(&self) -> AccountId {
        match self {
            Self::Account(keys) => AccountId::from_x25519(&keys.x25519_public()),
            Self::Group { public, .. } => AccountId::new(Prefix::Group, public),
        }
    }
}

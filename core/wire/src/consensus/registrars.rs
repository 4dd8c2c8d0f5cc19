//! Who must agree (protocol: servers 6.1).

use super::Bytes32;
use crate::profile::NetworkProfile;
use crate::{Error, NodeId};

/// Registrars of one network at most.
pub const MAX_REGISTRARS: usize = 32;

/// The registrars of a network, by their identity keys, and how many of them must agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrarSet {
    /// Ascending, each once.
    keys: Vec<NodeId>,
    threshold: usize,
}

impl RegistrarSet {
    /// A set; the order of `keys` does not matter.
    ///
    /// # Errors
    /// [`Error::Malformed`] for no keys, more than [`MAX_REGISTRARS`], one twice, or a threshold
    /// that is not a majority of them.
    pub fn new(mut keys: Vec<NodeId>, threshold: usize) -> Result<Self, Error> {
        keys.sort_unstable();
        let distinct = keys.windows(2).all(|pair| pair[0] != pair[1]);
        // With less than a majority two documents of one number could both be signed.
        let majority = threshold <= keys.len() && 2 * threshold > keys.len();
        if keys.is_empty() || keys.len() > MAX_REGISTRARS || !distinct || !majority {
            return Err(Error::malformed("registrar set"));
        }
        Ok(Self { keys, threshold })
    }

    /// The set that a network profile names; `None` for a network without registrars.
    ///
    /// # Errors
    /// As [`RegistrarSet::new`].
    pub fn of_profile(profile: &NetworkProfile) -> Result<Option<Self>, Error> {
        if profile.registrars.is_empty() {
            return Ok(None);
        }
        let keys = profile.registrars.iter().map(|registrar| registrar.ed25519).collect();
        Self::new(keys, profile.registrar_threshold).map(Some)
    }

    /// Identity keys, ascending.
    #[must_use]
    pub fn keys(&self) -> &[NodeId] {
        &self.keys
    }

    /// How many of them must agree.
    #[must_use]
    pub fn threshold(&self) -> usize {
        self.threshold
    }

    /// Whether this registrar belongs to it.
    #[must_use]
    pub fn contains(&self, registrar: &NodeId) -> bool {
        self.keys.binary_search(registrar).is_ok()
    }

    /// BLAKE2b-256 over keys and threshold. Of a network's first set it is the network's id for
    /// ever.
    #[must_use]
    pub fn digest(&self) -> Bytes32 {
        let mut text = b"tacit-network-1".to_vec();
        self.keys.iter().for_each(|key| text.extend_from_slice(&key.0));
        // At most 32.
        text.push(u8::try_from(self.threshold).unwrap_or(u8::MAX));
        super::digest(&text)
    }
}

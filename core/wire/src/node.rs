//! A service node as clients and other nodes know it (protocol: network 1).

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::{NodeId, SwarmId};

/// Addresses and keys of one node.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ServiceNode {
    /// Public address.
    pub ip: Ipv4Addr,
    /// Port of the HTTPS listener.
    pub https_port: u16,
    /// Port of the transport between nodes (`storage_lmq_port` on the wire).
    pub peer_port: u16,
    /// Name and signing key.
    pub ed25519: NodeId,
    /// Key of its onion layer.
    #[serde(with = "crate::base64::serde_hex")]
    pub x25519: [u8; 32],
    /// The swarm it serves, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub swarm: Option<SwarmId>,
    /// Software version, if announced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<[u16; 3]>,
}

impl ServiceNode {
    /// The node as a hop of an onion path.
    #[must_use]
    pub fn hop(&self) -> crate::onion::Hop<'_> {
        crate::onion::Hop { ed25519: &self.ed25519, x25519: &self.x25519 }
    }
}

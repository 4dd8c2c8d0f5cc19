//! `get_swarm`, also `get_snodes_for_pubkey`: which nodes keep a mailbox. The body of a 421
//! has the same form.

use std::net::Ipv4Addr;

use data_encoding::{Encoding, Specification};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json};

use super::answer::readable;
use super::fields::Params;
use super::rejection::Rejection;
use crate::{AccountId, NodeId, ServiceNode, SwarmId, TimestampMs};

/// Asks for the swarm of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetSwarm {
    /// The mailbox.
    pub account: AccountId,
}

impl GetSwarm {
    pub(super) fn read(params: &Params<'_>) -> Result<Self, Rejection> {
        Ok(Self { account: params.account()? })
    }

    pub(super) fn write(&self) -> Map<String, Value> {
        Map::from_iter([("pubkey".to_owned(), json!(self.account))])
    }
}

/// Answer to `get_swarm`, and body of a 421.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwarmAnswer {
    /// The members; empty when there is no swarm. Unreadable entries are left out.
    #[serde(deserialize_with = "readable")]
    pub snodes: Vec<SwarmMember>,
    /// The swarm; [`SwarmId::NONE`] when there is none.
    #[serde(default = "no_swarm")]
    pub swarm: SwarmId,
    /// Version of the network's rules.
    #[serde(default)]
    pub hf: [u16; 2],
    /// The node's time.
    #[serde(default)]
    pub t: TimestampMs,
}

fn no_swarm() -> SwarmId {
    SwarmId::NONE
}

impl SwarmAnswer {
    /// The answer for these members.
    #[must_use]
    pub fn new<'a>(
        swarm: Option<SwarmId>,
        members: impl IntoIterator<Item = &'a ServiceNode>,
        hf: [u16; 2],
        t: TimestampMs,
    ) -> Self {
        let snodes = members.into_iter().map(SwarmMember::from).collect();
        Self { snodes, swarm: swarm.unwrap_or(SwarmId::NONE), hf, t }
    }

    /// The members as nodes.
    #[must_use]
    pub fn nodes(&self) -> Vec<ServiceNode> {
        let swarm = (self.swarm != SwarmId::NONE).then_some(self.swarm);
        self.snodes.iter().map(|member| member.to_node(swarm)).collect()
    }
}

/// One member of a swarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwarmMember {
    /// base32z of the legacy key and `.snode`; deprecated.
    #[serde(default)]
    pub address: String,
    /// Legacy key in hex; ours is the Ed25519 key.
    #[serde(default)]
    pub pubkey_legacy: String,
    /// Key of the onion layer.
    #[serde(with = "crate::base64::serde_hex")]
    pub pubkey_x25519: [u8; 32],
    /// Name and signing key.
    pub pubkey_ed25519: NodeId,
    /// HTTPS port as text; deprecated.
    #[serde(default, deserialize_with = "text_or_number")]
    pub port: String,
    /// HTTPS port.
    #[serde(default)]
    pub port_https: Option<u16>,
    /// Port of the transport between nodes.
    #[serde(default)]
    pub port_omq: u16,
    /// Port of the QUIC transport.
    #[serde(default)]
    pub port_quic: u16,
    /// IPv4 address.
    pub ip: Ipv4Addr,
}

fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    })
}

impl SwarmMember {
    /// The node behind the entry.
    #[must_use]
    pub fn to_node(&self, swarm: Option<SwarmId>) -> ServiceNode {
        ServiceNode {
            ip: self.ip,
            https_port: self.port_https.or_else(|| self.port.parse().ok()).unwrap_or(0),
            peer_port: self.port_omq,
            ed25519: self.pubkey_ed25519,
            x25519: self.pubkey_x25519,
            swarm,
            version: None,
        }
    }
}

impl From<&ServiceNode> for SwarmMember {
    fn from(node: &ServiceNode) -> Self {
        Self {
            address: snode_address(&node.ed25519),
            pubkey_legacy: node.ed25519.to_hex(),
            pubkey_x25519: node.x25519,
            pubkey_ed25519: node.ed25519,
            port: node.https_port.to_string(),
            port_https: Some(node.https_port),
            port_omq: node.peer_port,
            port_quic: node.peer_port,
            ip: node.ip,
        }
    }
}

/// The deprecated host name of a node.
fn snode_address(node: &NodeId) -> String {
    base32z().map_or_else(String::new, |encoding| format!("{}.snode", encoding.encode(&node.0)))
}

/// Human-oriented base32; `None` is impossible, the specification is constant and tested.
fn base32z() -> Option<Encoding> {
    let mut specification = Specification::new();
    specification.symbols.push_str("ybndrfg8ejkmcpqxot1uwisza345h769");
    specification.encoding().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deprecated_address_is_base32z() {
        assert_eq!(snode_address(&NodeId([0xff; 32])), format!("{}o.snode", "9".repeat(51)));
    }
}

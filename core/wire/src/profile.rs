//! The network profile: which network a client or node belongs to. One JSON file, written by
//! a local network and shipped with the app for the public ones. Unknown keys are ignored.

mod session;

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::json::{self, Limits};
use crate::{Error, NodeId, ServiceNode, SwarmId};
pub use session::{FILE_SERVER_ED25519, FILE_SERVER_X25519};

/// Which network, and how to enter it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkProfile {
    /// For people.
    pub name: String,
    /// Whether it is one for tests.
    #[serde(default)]
    pub testnet: bool,
    /// Where the list of nodes is fetched first.
    pub seeds: Vec<Seed>,
    /// With fewer nodes the pool counts as empty.
    #[serde(default = "min_pool")]
    pub min_pool: usize,
    /// So many nodes must be common to three lists for a refresh to count.
    #[serde(default = "min_common")]
    pub min_common: usize,
    /// Hops of a path.
    #[serde(default = "path_length")]
    pub path_length: usize,
    /// Whether the hops of a path must be in different /24 networks.
    #[serde(default = "yes")]
    pub distinct_subnets: bool,
    /// The file server, if there is one.
    #[serde(default)]
    pub file_server: Option<FileServer>,
    /// Call relays, where node records name none.
    #[serde(default)]
    pub relays: Vec<Relay>,
    /// Communities that the network offers.
    #[serde(default)]
    pub communities: Vec<Community>,
    /// The push server, if there is one.
    #[serde(default)]
    pub push_server: Option<PushServer>,
    /// Who admits nodes.
    #[serde(default)]
    pub registrars: Vec<Registrar>,
    /// How many of them must agree.
    #[serde(default)]
    pub registrar_threshold: usize,
    /// Nodes of a local network, for tests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<LocalNode>,
}

fn min_pool() -> usize {
    8
}

fn min_common() -> usize {
    24
}

fn path_length() -> usize {
    3
}

fn yes() -> bool {
    true
}

/// A server that gives the list of nodes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seed {
    /// `https://host[:port]`.
    pub url: String,
    /// SHA-256 of the DER public key, in base64, that its certificate must have.
    #[serde(default)]
    pub pin_spki_sha256: Option<String>,
    /// SHA-256 of its certificate, in hex, with or without colons.
    #[serde(default)]
    pub pin_cert_sha256: Option<String>,
}

impl Seed {
    /// The pinned public key's digest. `Some(None)`: there is a pin but it cannot be read,
    /// so that nothing fits it.
    #[must_use]
    pub fn spki_pin(&self) -> Option<Option<[u8; 32]>> {
        self.pin_spki_sha256.as_ref().map(crate::base64::decode_array)
    }

    /// The pinned certificate's digest, as [`Seed::spki_pin`].
    #[must_use]
    pub fn cert_pin(&self) -> Option<Option<[u8; 32]>> {
        self.pin_cert_sha256.as_ref().map(|pin| crate::base64::hex_array(&pin.replace(':', "")))
    }
}

/// A file server and its keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileServer {
    /// Its address.
    pub url: String,
    /// The key that URLs of its files name.
    #[serde(with = "crate::base64::serde_hex")]
    pub ed25519: [u8; 32],
    /// The key of its onion layer.
    #[serde(with = "crate::base64::serde_hex")]
    pub x25519: [u8; 32],
}

/// A relay for calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relay {
    /// The node that runs it.
    pub ed25519: NodeId,
    /// Its address.
    pub ip: Ipv4Addr,
    /// Ports; 0 or absent where it does not listen.
    #[serde(default)]
    pub udp: u16,
    /// As `udp`.
    #[serde(default)]
    pub tcp: u16,
    /// As `udp`.
    #[serde(default)]
    pub tls: u16,
}

/// A community server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Community {
    /// Its address.
    pub url: String,
    /// The key of its onion layer.
    #[serde(with = "crate::base64::serde_hex")]
    pub pubkey: [u8; 32],
}

/// A push server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushServer {
    /// Its address.
    pub url: String,
    /// The key of its onion layer.
    #[serde(with = "crate::base64::serde_hex")]
    pub x25519: [u8; 32],
}

/// Somebody who admits nodes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registrar {
    /// Identity key.
    pub ed25519: NodeId,
    /// Its address.
    pub url: String,
}

/// A node of a local network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalNode {
    /// Its address.
    pub ip: Ipv4Addr,
    /// Port of the HTTPS listener.
    pub https_port: u16,
    /// Port of the transport between nodes.
    pub peer_port: u16,
    /// Name and signing key.
    pub ed25519: NodeId,
    /// Key of its onion layer.
    #[serde(with = "crate::base64::serde_hex")]
    pub x25519: [u8; 32],
    /// Its swarm.
    pub swarm_id: SwarmId,
    /// Its process.
    pub pid: u32,
    /// Its folder.
    pub data_dir: String,
}

impl LocalNode {
    /// The node as clients know it.
    #[must_use]
    pub fn to_node(&self) -> ServiceNode {
        ServiceNode {
            ip: self.ip,
            https_port: self.https_port,
            peer_port: self.peer_port,
            ed25519: self.ed25519,
            x25519: self.x25519,
            swarm: (self.swarm_id != SwarmId::NONE).then_some(self.swarm_id),
            version: None,
        }
    }
}

impl NetworkProfile {
    /// Reads a profile, at most 8 MiB of JSON.
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::Json`], or [`Error::Malformed`] for figures no network
    /// can have.
    pub fn parse(text: &[u8]) -> Result<Self, Error> {
        let profile: Self = json::parse_as(text, Limits { bytes: 8 << 20, ..Limits::ANSWER })?;
        if !(1..=8).contains(&profile.path_length) {
            return Err(Error::malformed("path_length"));
        }
        Ok(profile)
    }

    /// The profile as indented JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Plain structs with text keys always serialize.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_network_is_well_formed() {
        let profile = NetworkProfile::session();
        assert!(profile.seeds.iter().all(|seed| matches!(seed.spki_pin(), Some(Some(_)))));
        assert!(profile.seeds.iter().all(|seed| matches!(seed.cert_pin(), Some(Some(_)))));
        assert_eq!(tacit_crypto::ed25519_to_x25519(&FILE_SERVER_ED25519), Ok(FILE_SERVER_X25519));
        assert_eq!(NetworkProfile::parse(profile.to_json().as_bytes()), Ok(profile));
    }

    #[test]
    fn a_profile_of_another_version_is_read_as_far_as_known() {
        let text = r#"{"name": "local", "seeds": [{"url": "https://127.0.0.1:1"}], "min_common": 5,
            "distinct_subnets": false, "file_server": null, "push_server": null, "novelty": [1]}"#;
        let profile = NetworkProfile::parse(text.as_bytes()).unwrap();
        assert_eq!((profile.min_pool, profile.min_common, profile.path_length), (8, 5, 3));
        assert_eq!(profile.seeds[0].spki_pin(), None);
    }

    #[test]
    fn a_pin_that_cannot_be_read_fits_nothing() {
        let seed = Seed { url: String::new(), pin_spki_sha256: Some("?".into()), pin_cert_sha256: None };
        assert_eq!(seed.spki_pin(), Some(None));
    }

    #[test]
    fn paths_without_hops_are_refused() {
        let text = br#"{"name": "x", "seeds": [], "path_length": 0}"#;
        assert_eq!(NetworkProfile::parse(text), Err(Error::malformed("path_length")));
    }
}

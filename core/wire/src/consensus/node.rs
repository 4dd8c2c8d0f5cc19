//! A node as a document lists it.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::announcement::{Relay, version_numbers};
use super::fields::{Fields, insert, integer, owned};
use crate::bencode::Value;
use crate::{Error, NodeId, ServiceNode, SwarmId, TimestampMs};

/// What is said of a node, each by a majority of those who list it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum Flag {
    /// It answers.
    Running = 1,
    /// It has the data of its swarm.
    Synced = 2,
    /// It relays calls.
    Relay = 4,
    /// It reaches servers outside.
    Exit = 8,
    /// Clients may choose it as a guard.
    Guard = 16,
    /// Its disk is nearly full.
    Full = 32,
    /// In votes only: it is admitted.
    Valid = 64,
    /// In votes only: it is about to leave for good.
    Leaving = 128,
}

/// A set of [`Flag`]s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flags(pub u16);

impl Flags {
    /// Those that a document carries.
    pub const OF_DOCUMENTS: u16 = 63;

    /// Whether it is set.
    #[must_use]
    pub fn has(self, flag: Flag) -> bool {
        self.0 & flag as u16 != 0
    }

    /// With this one as given.
    #[must_use]
    pub fn with(self, flag: Flag, set: bool) -> Self {
        if set { Self(self.0 | flag as u16) } else { Self(self.0 & !(flag as u16)) }
    }
}

/// One node of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeRecord {
    /// Its key.
    pub node: NodeId,
    /// Public address.
    pub ip: Ipv4Addr,
    /// Second public address.
    pub ipv6: Option<Ipv6Addr>,
    /// Port of the HTTPS listener.
    pub https_port: u16,
    /// Port of the transport between nodes.
    pub peer_port: u16,
    /// Where it relays calls, if it does.
    pub relay: Option<Relay>,
    /// Software version, at most 32 bytes.
    pub version: String,
    /// What is said of it.
    pub flags: Flags,
    /// Share of the time that it answered, of 1,000.
    pub uptime: u16,
    /// Number of the first document that could name it.
    pub since: u64,
    /// Since when it does not answer, if it does not.
    pub absent_since: Option<TimestampMs>,
}

impl NodeRecord {
    /// The node as clients and other nodes know it; `None` for a key that has no X25519 form.
    #[must_use]
    pub fn to_service_node(&self, swarm: Option<SwarmId>) -> Option<ServiceNode> {
        Some(ServiceNode {
            ip: self.ip,
            https_port: self.https_port,
            peer_port: self.peer_port,
            ed25519: self.node,
            x25519: tacit_crypto::ed25519_to_x25519(&self.node.0).ok()?,
            swarm,
            version: Some(version_numbers(&self.version)),
        })
    }

    pub(super) fn write(&self) -> Value<'_> {
        let mut value = Value::from([
            ("a", owned(&self.ip.octets())),
            ("e", Value::bytes(&self.node.0)),
            ("f", Value::Integer(self.flags.0.into())),
            ("g", integer(self.since)),
            ("p", Value::Integer(self.https_port.into())),
            ("q", Value::Integer(self.peer_port.into())),
            ("s", Value::bytes(self.version.as_bytes())),
            ("u", Value::Integer(self.uptime.into())),
        ]);
        if let Some(ipv6) = self.ipv6 {
            insert(&mut value, "A", owned(&ipv6.octets()));
        }
        if let Some(since) = self.absent_since {
            insert(&mut value, "d", integer(since.0));
        }
        if let Some(relay) = self.relay {
            insert(&mut value, "r", relay.write());
        }
        value
    }

    pub(super) fn read(value: &Value<'_>) -> Result<Self, Error> {
        let fields = Fields::of(value, "node record")?;
        let uptime = fields.number("u")?;
        if uptime > 1000 {
            return Err(fields.wrong());
        }
        Ok(Self {
            node: fields.node("e")?,
            ip: fields.array::<4>("a")?.into(),
            ipv6: if fields.has("A") { Some(fields.array::<16>("A")?.into()) } else { None },
            https_port: fields.port("p")?,
            peer_port: fields.port("q")?,
            relay: if fields.has("r") { Some(Relay::read(fields.get("r")?)?) } else { None },
            version: fields.text("s", 32)?,
            flags: Flags(fields.number("f")?),
            uptime,
            since: fields.number("g")?,
            absent_since: if fields.has("d") { Some(fields.time("d")?) } else { None },
        })
    }
}

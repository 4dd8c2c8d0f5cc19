//! What a node says of itself to the registrars (protocol: servers 6.2).

use std::net::{Ipv4Addr, Ipv6Addr};

use tacit_crypto::NodeKeys;

use super::fields::{Fields, array, insert, integer, number, owned, sign, verify};
use super::{Bytes32, MAX_ANNOUNCEMENT};
use crate::bencode::Value;
use crate::{Error, NodeId, SwarmId, TimestampMs};

const WHAT: &str = "announcement";
const DOMAIN: &[u8] = b"tacit-announce-1";
/// Fellow members that one announcement may report.
const MAX_OBSERVATIONS: usize = 10;
const MAX_VERSION: usize = 32;

/// What a node asks to be listed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wish {
    /// Last hop to servers outside.
    Exit,
    /// Its disk is nearly full: the swarm needs another member.
    Full,
    /// It is about to leave for good.
    Leaving,
    /// Relay for calls.
    Relay,
}

impl Wish {
    const ALL: [Self; 4] = [Self::Exit, Self::Full, Self::Leaving, Self::Relay];

    fn name(self) -> &'static [u8] {
        match self {
            Self::Exit => b"exit",
            Self::Full => b"full",
            Self::Leaving => b"leaving",
            Self::Relay => b"relay",
        }
    }
}

/// Some wishes, ascending.
pub type Wishes = Vec<Wish>;

/// What a node saw of a fellow member of its swarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observation {
    /// The fellow.
    pub node: NodeId,
    /// Of 1,000 messages that it should have, so many it does not.
    pub missing: u16,
}

/// Where a node relays calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Relay {
    /// UDP port.
    pub udp: u16,
    /// TCP port, if any.
    pub tcp: Option<u16>,
    /// Port for TLS, if any.
    pub tls: Option<u16>,
    /// It takes no more calls for now.
    pub full: bool,
}

impl Relay {
    pub(super) fn write(self) -> Value<'static> {
        let mut value = Value::from([("u", Value::Integer(self.udp.into())), ("v", Value::Integer(1))]);
        if let Some(tcp) = self.tcp {
            insert(&mut value, "t", Value::Integer(tcp.into()));
        }
        if let Some(tls) = self.tls {
            insert(&mut value, "s", Value::Integer(tls.into()));
        }
        if self.full {
            insert(&mut value, "f", Value::Integer(1));
        }
        value
    }

    pub(super) fn read(value: &Value<'_>) -> Result<Self, Error> {
        let fields = Fields::of(value, "relay record")?;
        let optional = |key| if fields.has(key) { fields.port(key).map(Some) } else { Ok(None) };
        Ok(Self {
            udp: fields.port("u")?,
            tcp: optional("t")?,
            tls: optional("s")?,
            full: fields.has("f") && fields.number::<i64>("f")? != 0,
        })
    }
}

/// One node's word about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// The node.
    pub node: NodeId,
    /// Of which network ([`super::RegistrarSet::digest`] of its first set).
    pub network: Bytes32,
    /// Public address.
    pub ip: Ipv4Addr,
    /// Second public address.
    pub ipv6: Option<Ipv6Addr>,
    /// Port of the HTTPS listener.
    pub https_port: u16,
    /// Port of the transport between nodes.
    pub peer_port: u16,
    /// What it asks to be listed as.
    pub wishes: Wishes,
    /// Where it relays calls, if it does.
    pub relay: Option<Relay>,
    /// Software version, `major.minor.patch`, at most 32 bytes.
    pub version: String,
    /// When it was made; the newest counts.
    pub time: TimestampMs,
    /// A swarm, and the number of the consensus for which the node has all of its data.
    pub complete: Option<(SwarmId, u64)>,
    /// What it saw of its fellow members, at most 10.
    pub observations: Vec<Observation>,
}

impl Announcement {
    /// The signed form; `keys` are those of `node`.
    #[must_use]
    pub fn sign(&self, keys: &NodeKeys) -> Vec<u8> {
        let observed = self
            .observations
            .iter()
            .map(|seen| Value::List(vec![owned(&seen.node.0), Value::Integer(seen.missing.into())]));
        let mut value = Value::from([
            ("a", owned(&self.ip.octets())),
            ("b", Value::List(observed.collect())),
            ("e", owned(&self.node.0)),
            ("f", Value::List(self.wishes.iter().map(|wish| owned(wish.name())).collect())),
            ("n", owned(&self.network)),
            ("p", Value::Integer(self.https_port.into())),
            ("q", Value::Integer(self.peer_port.into())),
            ("s", owned(self.version.as_bytes())),
            ("t", integer(self.time.0)),
        ]);
        if let Some(ipv6) = self.ipv6 {
            insert(&mut value, "A", owned(&ipv6.octets()));
        }
        if let Some(relay) = self.relay {
            insert(&mut value, "r", relay.write());
        }
        if let Some((swarm, number)) = self.complete {
            insert(&mut value, "y", Value::List(vec![owned(&swarm.0.to_be_bytes()), integer(number)]));
        }
        sign(value, DOMAIN, keys)
    }

    /// Reads the signed form and checks the signature.
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::Malformed`], or [`Error::Crypto`] when the node named in it
    /// did not sign it.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > MAX_ANNOUNCEMENT {
            return Err(Error::too_long(WHAT, MAX_ANNOUNCEMENT));
        }
        let value = Value::parse_up_to(bytes, 256)?;
        let announcement = Self::read(&Fields::of(&value, WHAT)?)?;
        verify(&value, DOMAIN, &announcement.node.0)?;
        Ok(announcement)
    }

    fn read(fields: &Fields<'_, '_>) -> Result<Self, Error> {
        let node = fields.node("e")?;
        // A key without an X25519 form could never be a hop.
        tacit_crypto::ed25519_to_x25519(&node.0).map_err(|_| fields.wrong())?;
        let optional = |key: &str| fields.has(key);
        Ok(Self {
            node,
            network: fields.array("n")?,
            ip: fields.array::<4>("a")?.into(),
            ipv6: if optional("A") { Some(fields.array::<16>("A")?.into()) } else { None },
            https_port: fields.port("p")?,
            peer_port: fields.port("q")?,
            wishes: read_wishes(fields)?,
            relay: if optional("r") { Some(Relay::read(fields.get("r")?)?) } else { None },
            version: fields.text("s", MAX_VERSION)?,
            time: fields.time("t")?,
            complete: if optional("y") { Some(read_complete(fields)?) } else { None },
            observations: read_observations(fields)?,
        })
    }

    /// The three numbers that the version begins with.
    #[must_use]
    pub fn version_numbers(&self) -> [u16; 3] {
        version_numbers(&self.version)
    }
}

pub(super) fn version_numbers(version: &str) -> [u16; 3] {
    let mut numbers = version.split('.').map(|part| part.parse().unwrap_or(0));
    std::array::from_fn(|_| numbers.next().unwrap_or(0))
}

/// Wishes that this version does not know are passed over.
fn read_wishes(fields: &Fields<'_, '_>) -> Result<Wishes, Error> {
    let names = fields.list("f", 16)?;
    if names.iter().any(|name| name.as_bytes().is_none_or(|name| name.len() > 16)) {
        return Err(fields.wrong());
    }
    let given = |wish: &Wish| names.iter().any(|name| name.as_bytes() == Some(wish.name()));
    Ok(Wish::ALL.into_iter().filter(given).collect())
}

fn read_complete(fields: &Fields<'_, '_>) -> Result<(SwarmId, u64), Error> {
    match fields.list("y", 2)? {
        [swarm, number_] => {
            let swarm = array(swarm).map(|id| SwarmId(u64::from_be_bytes(id)));
            swarm.zip(number(number_)).ok_or_else(|| fields.wrong())
        }
        _ => Err(fields.wrong()),
    }
}

fn read_observations(fields: &Fields<'_, '_>) -> Result<Vec<Observation>, Error> {
    let read = |value: &Value<'_>| match value.as_list()? {
        [node, missing] => {
            let missing = number::<u16>(missing).filter(|missing| *missing <= 1000)?;
            Some(Observation { node: NodeId(array(node)?), missing })
        }
        _ => None,
    };
    let list = fields.list("b", MAX_OBSERVATIONS)?;
    list.iter().map(|value| read(value).ok_or_else(|| fields.wrong())).collect()
}

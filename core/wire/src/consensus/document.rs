//! The document that registrars sign: who is in the network and who keeps what (protocol: servers
//! 6.4).

use std::collections::BTreeMap;

use super::certificate::MAX_CERTIFICATE;
use super::fields::{Fields, array, integer, owned};
use super::{
    Bytes32, Certificate, Flag, MAX_CONSENSUS, MAX_NODES, MAX_REGISTRARS, NodeRecord, Params, Swarms, rotation,
};
use crate::bencode::Value;
use crate::{Error, NodeId, ServiceNode, SwarmId, TimestampMs};

const WHAT: &str = "consensus";
const VERSION: i64 = 1;
/// Values in one body: a node has up to 16, and a place in two lists.
const MAX_VALUES: usize = 20 * MAX_NODES + 10_000;
pub(super) const MAX_URL: usize = 256;

/// A registrar as the document names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrarEntry {
    /// Its identity and signing keys.
    pub certificate: Certificate,
    /// Where it answers.
    pub url: String,
}

/// One state of the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consensus {
    /// Digest of the network's first set of registrars.
    pub network: Bytes32,
    /// Its number: `valid_after` in whole seconds since 1970. So a number that was missed never
    /// comes again with other content.
    pub number: u64,
    /// From when on it counts.
    pub valid_after: TimestampMs,
    /// A newer one should be there then.
    pub fresh_until: TimestampMs,
    /// It counts no more then.
    pub valid_until: TimestampMs,
    /// Digest of the one before; zeros for the first.
    pub previous: Bytes32,
    /// Random value that nobody could choose.
    pub random: Bytes32,
    /// What each registrar will reveal next time, as a digest.
    pub commits: BTreeMap<NodeId, Bytes32>,
    /// Figures of the network.
    pub params: Params,
    /// All nodes, by key.
    pub nodes: Vec<NodeRecord>,
    /// Who keeps what.
    pub swarms: Swarms,
    /// What changes in `swarms` with the next document.
    pub next_swarms: Swarms,
    /// The registrars.
    pub registrars: Vec<RegistrarEntry>,
    /// How many of them must agree.
    pub threshold: usize,
    /// All changes of the set of registrars so far, in order ([`super::Rotation`]).
    pub rotations: Vec<Vec<u8>>,
}

impl Consensus {
    /// The body, as it is signed.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let commits = self.commits.iter().map(|(who, commit)| Value::List(vec![owned(&who.0), owned(commit)]));
        let registrars = self
            .registrars
            .iter()
            .map(|entry| Value::List(vec![Value::bytes(&entry.certificate.bytes), Value::bytes(entry.url.as_bytes())]));
        Value::from([
            ("cm", Value::List(commits.collect())),
            ("fu", integer(self.fresh_until.0)),
            ("k", integer(self.threshold as u64)),
            ("n", Value::bytes(&self.network)),
            ("next_swarms", self.next_swarms.write(&self.nodes)),
            ("no", integer(self.number)),
            ("nodes", Value::List(self.nodes.iter().map(NodeRecord::write).collect())),
            ("params", self.params.write()),
            ("prev", Value::bytes(&self.previous)),
            ("registrars", Value::List(registrars.collect())),
            ("rnd", Value::bytes(&self.random)),
            ("rot", Value::List(self.rotations.iter().map(|rotation| Value::bytes(rotation)).collect())),
            ("swarms", self.swarms.write(&self.nodes)),
            ("v", Value::Integer(VERSION)),
            ("va", integer(self.valid_after.0)),
            ("vu", integer(self.valid_until.0)),
        ])
        .to_bytes()
    }

    /// Reads a body. Whether it is to be believed is for [`super::Trust`] to say.
    ///
    /// # Errors
    /// [`Error::TooLong`] or [`Error::Malformed`].
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        if body.len() > MAX_CONSENSUS {
            return Err(Error::too_long(WHAT, MAX_CONSENSUS));
        }
        let value = Value::parse_up_to(body, MAX_VALUES)?;
        let fields = Fields::of(&value, WHAT)?;
        if fields.number::<i64>("v")? != VERSION {
            return Err(fields.wrong());
        }
        let nodes = read_nodes(&fields)?;
        let consensus = Self {
            network: fields.array("n")?,
            number: fields.number("no")?,
            valid_after: fields.time("va")?,
            fresh_until: fields.time("fu")?,
            valid_until: fields.time("vu")?,
            previous: fields.array("prev")?,
            random: fields.array("rnd")?,
            commits: read_commits(&fields)?,
            params: Params::read(fields.get("params")?)?,
            swarms: Swarms::read(fields.list("swarms", MAX_NODES)?, &nodes)?,
            next_swarms: Swarms::read(fields.list("next_swarms", MAX_NODES)?, &nodes)?,
            nodes,
            registrars: read_registrars(&fields)?,
            threshold: fields.number("k")?,
            rotations: rotation::read_all(&fields, "rot")?,
        };
        let in_order = consensus.valid_after < consensus.fresh_until && consensus.fresh_until <= consensus.valid_until;
        if !in_order || consensus.valid_after.0 != consensus.number.saturating_mul(1000) {
            return Err(fields.wrong());
        }
        Ok(consensus)
    }

    /// A node of it.
    #[must_use]
    pub fn node(&self, node: &NodeId) -> Option<&NodeRecord> {
        let place = self.nodes.binary_search_by(|record| record.node.cmp(node)).ok()?;
        self.nodes.get(place)
    }

    /// All nodes, or those that run, as clients know them.
    #[must_use]
    pub fn service_nodes(&self, only_running: bool) -> Vec<ServiceNode> {
        let swarms: BTreeMap<NodeId, SwarmId> = self.swarms.by_node();
        let listed = self.nodes.iter().filter(|record| !only_running || record.flags.has(Flag::Running));
        listed.filter_map(|record| record.to_service_node(swarms.get(&record.node).copied())).collect()
    }
}

fn read_nodes(fields: &Fields<'_, '_>) -> Result<Vec<NodeRecord>, Error> {
    let list = fields.list("nodes", MAX_NODES)?;
    let nodes = list.iter().map(NodeRecord::read).collect::<Result<Vec<_>, _>>()?;
    let ascending = nodes.windows(2).all(|pair| pair[0].node < pair[1].node);
    if ascending { Ok(nodes) } else { Err(fields.wrong()) }
}

fn read_commits(fields: &Fields<'_, '_>) -> Result<BTreeMap<NodeId, Bytes32>, Error> {
    let read = |value: &Value<'_>| match value.as_list()? {
        [who, commit] => Some((NodeId(array(who)?), array(commit)?)),
        _ => None,
    };
    let list = fields.list("cm", MAX_REGISTRARS)?;
    list.iter().map(|value| read(value).ok_or_else(|| fields.wrong())).collect()
}

fn read_registrars(fields: &Fields<'_, '_>) -> Result<Vec<RegistrarEntry>, Error> {
    let read = |value: &Value<'_>| {
        let [certificate, url] = value.as_list()? else { return None };
        let certificate = certificate.as_bytes().filter(|bytes| bytes.len() <= MAX_CERTIFICATE)?;
        let url = url.as_bytes().filter(|url| url.len() <= MAX_URL)?;
        let url = std::str::from_utf8(url).ok()?.to_owned();
        Some(Certificate::parse(certificate).map(|certificate| RegistrarEntry { certificate, url }))
    };
    let list = fields.list("registrars", MAX_REGISTRARS)?;
    list.iter().map(|value| read(value).unwrap_or_else(|| Err(fields.wrong()))).collect()
}

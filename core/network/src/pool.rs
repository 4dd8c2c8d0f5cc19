//! The nodes this client knows, and when it must ask for a newer list
//! (protocol: network 2 and 3).
//!
//! Pure: time comes in with each call. A node that failed three times in a row leaves; when a
//! later list names it again it comes back on probation, one failure away from leaving again, so
//! that a dead node which lists still carry costs one failure and not three.

use std::collections::{BTreeMap, HashMap};
use std::net::Ipv4Addr;

use tacit_wire::{NodeId, ServiceNode, TimestampMs};

/// Failures in a row after which a node leaves pool, paths and swarm cache.
pub(crate) const MAX_STRIKES: u8 = 3;
/// Age of a list, in milliseconds, from which it is refreshed: 2 hours.
const MAX_AGE_MS: u64 = 2 * 60 * 60 * 1000;
/// Shortest time in milliseconds between two refreshes of a pool that still holds enough nodes.
const MIN_INTERVAL_MS: u64 = 60 * 1000;
/// More nodes than this are never held: ten times the deployed network.
pub(crate) const MAX_NODES: usize = 20_000;
/// Strikes remembered of nodes outside the pool (members of swarms that only an answer named).
const MAX_STRIKES_HELD: usize = 2 * MAX_NODES;

/// What the network profile says about lists of nodes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PoolRules {
    /// Below this many nodes the pool counts as empty and seeds are asked.
    pub min_pool: usize,
    /// A refresh from nodes must agree on at least this many.
    pub min_common: usize,
    /// Refuse loopback, private and link-local addresses: everywhere but on development networks.
    pub public_addresses: bool,
}

/// What the pool needs next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// Nothing now.
    Nothing,
    /// A newer list, from three nodes over onion requests.
    Refresh,
    /// The pool counts as empty: a list from the seeds.
    Seeds,
}

/// The known nodes and their failures.
pub(crate) struct Pool {
    rules: PoolRules,
    nodes: BTreeMap<NodeId, ServiceNode>,
    strikes: HashMap<NodeId, u8>,
    last_full: usize,
    fetched_at: Option<TimestampMs>,
    tried_at: Option<TimestampMs>,
}

impl Pool {
    pub fn new(rules: PoolRules) -> Self {
        Self { rules, nodes: BTreeMap::new(), strikes: HashMap::new(), last_full: 0, fetched_at: None, tried_at: None }
    }

    /// Takes a pool kept on disk: it counts as fetched when it was, and as full as it was then.
    pub fn restore(&mut self, nodes: Vec<ServiceNode>, fetched_at: TimestampMs, last_full: usize) {
        self.set_nodes(nodes);
        self.fetched_at = Some(fetched_at);
        self.last_full = last_full.min(MAX_NODES);
    }

    /// Takes a full list, from seeds or from a refresh.
    pub fn replace(&mut self, nodes: Vec<ServiceNode>, now: TimestampMs) {
        self.set_nodes(nodes);
        self.last_full = self.nodes.len();
        self.fetched_at = Some(now);
        self.tried_at = Some(now);
    }

    fn set_nodes(&mut self, nodes: Vec<ServiceNode>) {
        let public = self.rules.public_addresses;
        self.nodes = nodes
            .into_iter()
            .filter(|n| usable_address(n.ip, n.https_port, public))
            .take(MAX_NODES)
            .map(|n| (n.ed25519, n))
            .collect();
        self.strikes.retain(|id, strikes| {
            *strikes = (*strikes).min(MAX_STRIKES - 1);
            self.nodes.contains_key(id)
        });
    }

    /// Notes that a list was asked for, whether or not it comes.
    pub fn tried(&mut self, now: TimestampMs) {
        self.tried_at = Some(now);
    }

    /// Which list is due at `now`, by the rules of network 2.
    pub fn due(&self, now: TimestampMs) -> Due {
        if self.nodes.len() < self.rules.min_pool {
            return Due::Seeds;
        }
        // A time ahead of ours means that the clock was set back: it must not silence refreshes.
        let age = |at: Option<TimestampMs>| at.and_then(|at| now.0.checked_sub(at.0));
        if age(self.tried_at).is_some_and(|age| age < MIN_INTERVAL_MS) {
            return Due::Nothing;
        }
        let few = (2 * self.rules.min_pool).min(self.last_full);
        let old = age(self.fetched_at).is_none_or(|age| age >= MAX_AGE_MS);
        if old || self.nodes.len() < few { Due::Refresh } else { Due::Nothing }
    }

    pub fn get(&self, id: &NodeId) -> Option<&ServiceNode> {
        self.nodes.get(id)
    }

    pub fn contains(&self, id: &NodeId) -> bool {
        self.nodes.contains_key(id)
    }

    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = &ServiceNode> {
        self.nodes.values()
    }

    pub fn fetched_at(&self) -> Option<TimestampMs> {
        self.fetched_at
    }

    pub fn last_full(&self) -> usize {
        self.last_full
    }

    /// Failures of a node since it last answered.
    pub fn strikes(&self, id: &NodeId) -> u8 {
        self.strikes.get(id).copied().unwrap_or(0)
    }

    /// Counts a failure. True when the node has now failed three times and left the pool: paths
    /// and swarm cache must forget it too.
    pub fn strike(&mut self, id: &NodeId) -> bool {
        if self.strikes.len() >= MAX_STRIKES_HELD && !self.strikes.contains_key(id) {
            self.strikes.clear();
        }
        let strikes = self.strikes.entry(*id).or_insert(0);
        *strikes = strikes.saturating_add(1).min(MAX_STRIKES);
        let out = *strikes >= MAX_STRIKES;
        if out {
            self.nodes.remove(id);
        }
        out
    }

    /// A node answered: its failures are forgiven.
    pub fn answered(&mut self, id: &NodeId) {
        self.strikes.remove(id);
    }

    /// What all lists agree on: entries with equal address, port and keys. `None` when fewer than
    /// `min_common` are common, and the answers are to be thrown away.
    pub fn common(&self, lists: &[Vec<ServiceNode>]) -> Option<Vec<ServiceNode>> {
        let (first, others) = lists.split_first()?;
        let key = |n: &ServiceNode| (n.ip, n.https_port, n.ed25519, n.x25519);
        let sets: Vec<std::collections::HashSet<_>> =
            others.iter().map(|list| list.iter().map(key).collect()).collect();
        let common: BTreeMap<NodeId, ServiceNode> = first
            .iter()
            .filter(|n| sets.iter().all(|set| set.contains(&key(n))))
            .filter(|n| usable_address(n.ip, n.https_port, self.rules.public_addresses))
            .map(|n| (n.ed25519, n.clone()))
            .collect();
        (common.len() >= self.rules.min_common.max(1)).then(|| common.into_values().collect())
    }
}

/// Whether a node may have this address: a list must not turn the client, or a node that forwards
/// for it, against machines in somebody's own network.
pub(crate) fn usable_address(ip: Ipv4Addr, port: u16, public_only: bool) -> bool {
    let never = ip.is_unspecified() || ip.is_multicast() || ip.is_broadcast();
    let local = ip.is_loopback() || ip.is_private() || ip.is_link_local();
    port != 0 && !never && !(public_only && local)
}

#[cfg(test)]
mod tests;

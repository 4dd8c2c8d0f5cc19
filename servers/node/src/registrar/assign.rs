//! Which node serves which swarm: a pure function of what all registrars agree on (protocol:
//! servers 6.4, network 6).
//!
//! Data moves with nodes, so as little as possible changes: nodes stay where they are unless a
//! swarm has too few. Where several would do, lots drawn from the shared random value decide, so
//! that no node can choose its swarm.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, Ipv6Addr};

use tacit_crypto::blake2b::hash256;
use tacit_wire::consensus::{Bytes32, Params, Swarms};
use tacit_wire::{NodeId, SwarmId};

/// A node that may be in a swarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) ip: Ipv4Addr,
    pub(crate) ipv6: Option<Ipv6Addr>,
    /// Who runs it, if that is known.
    pub(crate) operator: Option<u64>,
    /// Its disk is nearly full.
    pub(crate) full: bool,
    /// It may get a swarm now; else it only keeps the one that it has.
    pub(crate) can_start: bool,
}

impl Place {
    /// Whether one cause may take both away: one network, or one operator.
    fn is_near(&self, other: &Self) -> bool {
        let (a, b) = (self.ip.octets(), other.ip.octets());
        let prefix = |ip: Option<Ipv6Addr>| ip.map(|ip| ip.segments()).map(|s| [s[0], s[1], s[2]]);
        a[..3] == b[..3]
            || (self.ipv6.is_some() && prefix(self.ipv6) == prefix(other.ipv6))
            || (self.operator.is_some() && self.operator == other.operator)
    }
}

/// Everything that the swarms follow from.
pub(crate) struct Situation<'a> {
    /// Swarms as they are.
    pub(crate) swarms: &'a Swarms,
    /// Swarms that had too few members one document ago.
    pub(crate) were_weak: &'a BTreeSet<SwarmId>,
    /// All nodes that may be in a swarm; others leave theirs.
    pub(crate) nodes: &'a BTreeMap<NodeId, Place>,
    pub(crate) random: &'a Bytes32,
    pub(crate) params: &'a Params,
}

/// Nodes that may change from one swarm to another at once: 5 %, but one in any network.
pub(crate) fn most_moves(nodes: usize) -> usize {
    (nodes / 20).max(1)
}

/// The swarms that follow.
pub(crate) fn assign(situation: &Situation<'_>) -> Swarms {
    let mut work = Work::new(situation);
    work.grow();
    work.fill();
    work.dissolve();
    work.spread();
    work.swarms
}

struct Work<'a> {
    nodes: &'a BTreeMap<NodeId, Place>,
    were_weak: &'a BTreeSet<SwarmId>,
    random: &'a Bytes32,
    swarms: Swarms,
    /// Nodes without a swarm, in the order of their lots.
    spare: Vec<NodeId>,
    /// Where everybody was: those may move only while moves are left.
    before: BTreeMap<NodeId, SwarmId>,
    moves: usize,
    least: usize,
    ideal: usize,
    most: usize,
    spare_nodes: usize,
    first_nodes: usize,
}

impl<'a> Work<'a> {
    fn new(of: &Situation<'a>) -> Self {
        let figure = |figure: u64| usize::try_from(figure).unwrap_or(usize::MAX).max(1);
        let least = figure(of.params.min_swarm());
        let ideal = figure(of.params.ideal_swarm()).max(least);
        let mut swarms = of.swarms.clone();
        swarms.retain(|node| of.nodes.contains_key(node));
        let before = swarms.by_node();
        let can_start = of.nodes.iter().filter(|(node, place)| place.can_start && !before.contains_key(*node));
        let mut spare: Vec<NodeId> = can_start.map(|(node, _)| *node).collect();
        spare.sort_unstable_by_key(|node| lot(of.random, &node.0));
        Self {
            nodes: of.nodes,
            were_weak: of.were_weak,
            random: of.random,
            swarms,
            spare,
            before,
            moves: most_moves(of.nodes.len()),
            least,
            ideal,
            most: figure(of.params.max_swarm()).max(ideal),
            spare_nodes: figure(of.params.spare_nodes()),
            first_nodes: figure(of.params.first_nodes()),
        }
    }

    /// Makes swarms while there are nodes for them.
    fn grow(&mut self) {
        if self.swarms.is_empty() && self.spare.len() >= self.first_nodes {
            self.make_swarm();
        }
        while !self.swarms.is_empty() {
            let excess: usize = self.swarms.iter().map(|(_, m)| m.len().saturating_sub(self.ideal)).sum();
            let at_hand = self.spare.len() + excess.min(self.moves);
            if self.spare.len() + excess < self.spare_nodes || at_hand < self.ideal {
                return;
            }
            self.make_swarm();
        }
    }

    fn make_swarm(&mut self) {
        let id = middle_of_largest_gap(&self.swarms.ids());
        self.swarms.add_swarm(id);
        while self.size(id) < self.ideal && (self.take_spare(id) || self.take_from_largest(id, self.ideal)) {}
    }

    /// Gives swarms that have too few the nodes that others can spare.
    fn fill(&mut self) {
        for id in self.by_size() {
            while self.size(id) < self.least && (self.take_spare(id) || self.take_from_largest(id, self.least)) {}
        }
    }

    /// Gives up swarms that had too few for two documents.
    fn dissolve(&mut self) {
        for id in self.by_size() {
            if self.swarms.len() > 1 && self.size(id) < self.least && self.were_weak.contains(&id) {
                let members = self.swarms.members(id).cloned().unwrap_or_default();
                self.swarms.remove_swarm(id);
                self.spare.extend(members);
            }
        }
        self.spare.sort_unstable_by_key(|node| lot(self.random, &node.0));
    }

    /// Puts those that are left into the smallest swarms, as long as there is room.
    fn spread(&mut self) {
        for node in std::mem::take(&mut self.spare) {
            let moved = self.before.contains_key(&node);
            if moved && self.moves == 0 {
                continue;
            }
            let room = self.swarms.iter().filter(|(_, members)| members.len() < self.most);
            let best = room.map(|(id, members)| {
                // A full member is as good as none.
                let full = members.iter().any(|node| self.nodes.get(node).is_some_and(|place| place.full));
                let size = members.len().saturating_sub(usize::from(full));
                (self.has_near(id, &node), size, lot(self.random, &id.0.to_be_bytes()), id)
            });
            if let Some((.., id)) = best.min() {
                self.swarms.place(node, id);
                self.moves -= usize::from(moved);
            }
        }
    }

    fn size(&self, swarm: SwarmId) -> usize {
        self.swarms.members(swarm).map_or(0, BTreeSet::len)
    }

    /// Smallest first.
    fn by_size(&self) -> Vec<SwarmId> {
        let mut ids = self.swarms.ids();
        ids.sort_by_key(|id| (self.size(*id), lot(self.random, &id.0.to_be_bytes())));
        ids
    }

    fn has_near(&self, swarm: SwarmId, node: &NodeId) -> bool {
        let near = |other: &NodeId| match (self.nodes.get(node), self.nodes.get(other)) {
            (Some(a), Some(b)) => a.is_near(b),
            _ => false,
        };
        self.swarms.members(swarm).is_some_and(|members| members.iter().any(near))
    }

    /// The first spare node by lot, before that the first that is near to no member.
    fn take_spare(&mut self, swarm: SwarmId) -> bool {
        let apart = self.spare.iter().position(|node| !self.has_near(swarm, node));
        let Some(at) = apart.or((!self.spare.is_empty()).then_some(0)) else { return false };
        let node = self.spare.remove(at);
        self.swarms.place(node, swarm);
        true
    }

    /// Moves a member of the largest swarm, if that keeps more than `keep` and moves are left.
    fn take_from_largest(&mut self, swarm: SwarmId, keep: usize) -> bool {
        let largest = self.by_size().into_iter().rfind(|id| *id != swarm);
        let Some(from) = largest.filter(|id| self.moves > 0 && self.size(*id) > keep) else { return false };
        let members = self.swarms.members(from).cloned().unwrap_or_default();
        let drawn = members.into_iter().map(|node| (self.has_near(swarm, &node), lot(self.random, &node.0), node));
        let Some((.., node)) = drawn.min() else { return false };
        self.swarms.place(node, swarm);
        self.moves -= 1;
        true
    }
}

/// What decides among equals.
fn lot(random: &Bytes32, name: &[u8]) -> Bytes32 {
    hash256(&[random, name])
}

/// Between the two neighbours that are farthest apart, so that the new swarm takes from where most
/// accounts are.
fn middle_of_largest_gap(ids: &[SwarmId]) -> SwarmId {
    let (Some(first), Some(last)) = (ids.first(), ids.last()) else { return SwarmId(1 << 62) };
    if first == last {
        return usable(first.0.wrapping_add(1 << 63));
    }
    let around = (last.0, first.0.wrapping_sub(last.0));
    let gaps = ids.windows(2).map(|pair| (pair[0].0, pair[1].0 - pair[0].0)).chain([around]);
    let (start, gap) = gaps.max_by_key(|(start, gap)| (*gap, std::cmp::Reverse(*start))).unwrap_or_default();
    usable(start.wrapping_add(gap / 2))
}

/// The last number stands for "none".
fn usable(id: u64) -> SwarmId {
    SwarmId(if id == u64::MAX { id - 1 } else { id })
}

#[cfg(test)]
mod tests;

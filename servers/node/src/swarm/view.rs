//! One state of the network, as far as storage is concerned.

use std::collections::BTreeMap;

use tacit_wire::{NodeId, SwarmId, swarm};

use super::ownership::{Interval, Intervals};

/// Which swarms there are, and who belongs to them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Number of the consensus.
    pub no: u64,
    /// Members by swarm.
    pub swarms: BTreeMap<SwarmId, Vec<NodeId>>,
    /// Nodes that belong to no swarm: they may still have what they are to hand over.
    pub spare: Vec<NodeId>,
}

impl View {
    fn ids(&self) -> Vec<SwarmId> {
        self.swarms.keys().copied().collect()
    }

    /// The swarm of a node.
    #[must_use]
    pub fn swarm_of(&self, node: &NodeId) -> Option<SwarmId> {
        self.swarms.iter().find(|(_, members)| members.contains(node)).map(|(swarm, _)| *swarm)
    }

    /// Whether the node belongs to the network.
    #[must_use]
    pub fn knows(&self, node: &NodeId) -> bool {
        self.spare.contains(node) || self.swarm_of(node).is_some()
    }

    /// All members of a node's swarm.
    #[must_use]
    pub fn members_with(&self, node: &NodeId) -> &[NodeId] {
        self.swarm_of(node).and_then(|swarm| self.swarms.get(&swarm)).map_or(&[], Vec::as_slice)
    }

    /// What a node owns.
    #[must_use]
    pub fn owned_by(&self, node: &NodeId) -> Intervals {
        self.swarm_of(node).map(|swarm| Intervals::owned(swarm, &self.ids())).unwrap_or_default()
    }

    /// Who owns a place on the ring.
    #[must_use]
    pub fn owners_of(&self, space: u64) -> &[NodeId] {
        swarm::nearest(space, &self.ids()).and_then(|swarm| self.swarms.get(&swarm)).map_or(&[], Vec::as_slice)
    }

    /// The same places, cut where another swarm begins.
    #[must_use]
    pub fn cut(&self, places: &Intervals) -> Vec<Interval> {
        let ids = self.ids();
        if ids.is_empty() {
            return places.as_slice().to_vec();
        }
        let each = ids.iter().flat_map(|swarm| Intervals::owned(*swarm, &ids).common(places).as_slice().to_vec());
        each.collect()
    }
}

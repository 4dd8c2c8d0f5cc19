//! Who belongs to the network, and which swarm keeps which account.
//!
//! A network with a fixed list of nodes never changes while a node runs; the view stands behind a
//! lock so that a list that does change can take its place.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use tacit_wire::{AccountId, NodeId, ServiceNode, SwarmId, swarm};

/// One state of the network.
#[derive(Debug)]
pub struct View {
    nodes: BTreeMap<NodeId, ServiceNode>,
    /// Ascending.
    swarms: Vec<SwarmId>,
    own: NodeId,
    own_swarm: Option<SwarmId>,
}

impl View {
    fn new(nodes: Vec<ServiceNode>, own: NodeId) -> Self {
        let nodes: BTreeMap<_, _> = nodes.into_iter().map(|node| (node.ed25519, node)).collect();
        let mut swarms: Vec<_> = nodes.values().filter_map(|node| node.swarm).collect();
        swarms.sort_unstable();
        swarms.dedup();
        swarms.retain(|swarm| *swarm != SwarmId::NONE);
        let own_swarm = nodes.get(&own).and_then(|node| node.swarm);
        Self { nodes, swarms, own, own_swarm }
    }

    /// A node of the network.
    #[must_use]
    pub fn node(&self, id: &NodeId) -> Option<&ServiceNode> {
        self.nodes.get(id)
    }

    /// All nodes, by key.
    pub fn nodes(&self) -> impl Iterator<Item = &ServiceNode> {
        self.nodes.values()
    }

    /// How many nodes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The swarm that keeps an account.
    #[must_use]
    pub fn swarm_of(&self, account: &AccountId) -> Option<SwarmId> {
        swarm::swarm_of(account, &self.swarms)
    }

    /// The members of a swarm, by key.
    pub fn members(&self, swarm: Option<SwarmId>) -> impl Iterator<Item = &ServiceNode> {
        self.nodes.values().filter(move |node| swarm.is_some() && node.swarm == swarm)
    }

    /// Whether this node keeps the account.
    #[must_use]
    pub fn is_ours(&self, account: &AccountId) -> bool {
        self.own_swarm.is_some() && self.swarm_of(account) == self.own_swarm
    }

    /// This node's swarm.
    #[must_use]
    pub fn own_swarm(&self) -> Option<SwarmId> {
        self.own_swarm
    }

    /// The other members of this node's swarm.
    pub fn fellows(&self) -> impl Iterator<Item = &ServiceNode> {
        self.members(self.own_swarm).filter(|node| node.ed25519 != self.own)
    }
}

/// The present state of the network.
#[derive(Clone)]
pub struct Membership {
    view: Arc<RwLock<Arc<View>>>,
}

impl Membership {
    /// A network that consists of these nodes for ever.
    #[must_use]
    pub fn fixed(nodes: Vec<ServiceNode>, own: NodeId) -> Self {
        Self { view: Arc::new(RwLock::new(Arc::new(View::new(nodes, own)))) }
    }

    /// The state now.
    #[must_use]
    pub fn view(&self) -> Arc<View> {
        Arc::clone(&self.view.read().unwrap_or_else(PoisonError::into_inner))
    }
}

//! One state of the network.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use tacit_wire::consensus::{Consensus, Flag, SignedConsensus};
use tacit_wire::node_list::{self, ListRequest};
use tacit_wire::{AccountId, NodeId, ServiceNode, SwarmId, swarm};

/// A document that was believed.
#[derive(Debug)]
pub struct Document {
    pub(crate) consensus: Consensus,
    pub(crate) signed: SignedConsensus,
    /// [`SignedConsensus::to_bytes`].
    pub(crate) bytes: Vec<u8>,
}

impl Document {
    pub(crate) fn new(consensus: Consensus, signed: SignedConsensus) -> Arc<Self> {
        Arc::new(Self { consensus, bytes: signed.to_bytes(), signed })
    }
}

/// Who belongs to the network, and which swarm keeps what.
#[derive(Debug)]
pub struct View {
    number: u64,
    nodes: BTreeMap<NodeId, ServiceNode>,
    /// Those that do not run at present.
    silent: BTreeSet<NodeId>,
    /// Ascending.
    swarms: Vec<SwarmId>,
    own: NodeId,
    own_swarm: Option<SwarmId>,
    document: Option<Arc<Document>>,
}

impl View {
    /// Of a fixed list.
    pub(crate) fn new(nodes: Vec<ServiceNode>, own: NodeId) -> Self {
        let nodes: BTreeMap<_, _> = nodes.into_iter().map(|node| (node.ed25519, node)).collect();
        let mut swarms: Vec<_> = nodes.values().filter_map(|node| node.swarm).collect();
        swarms.sort_unstable();
        swarms.dedup();
        swarms.retain(|swarm| *swarm != SwarmId::NONE);
        let own_swarm = nodes.get(&own).and_then(|node| node.swarm);
        Self { number: 1, nodes, silent: BTreeSet::new(), swarms, own, own_swarm, document: None }
    }

    /// Of what registrars signed.
    pub(crate) fn of_document(document: &Arc<Document>, own: NodeId) -> Self {
        let consensus = &document.consensus;
        let silent = consensus.nodes.iter().filter(|node| !node.flags.has(Flag::Running)).map(|node| node.node);
        Self {
            number: consensus.number,
            silent: silent.collect(),
            document: Some(Arc::clone(document)),
            ..Self::new(consensus.service_nodes(false), own)
        }
    }

    /// Number of the consensus; 1 for a fixed list.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// What registrars signed, if they did.
    #[must_use]
    pub fn document(&self) -> Option<&Arc<Document>> {
        self.document.as_ref()
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

    /// Those of them that run, as clients are told.
    pub fn running_members(&self, swarm: Option<SwarmId>) -> impl Iterator<Item = &ServiceNode> {
        self.members(swarm).filter(|node| !self.silent.contains(&node.ed25519))
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

    /// The registrars do not reach this node: it keeps its data and serves nothing.
    #[must_use]
    pub fn is_decommissioned(&self) -> bool {
        self.silent.contains(&self.own)
    }

    /// The other members of this node's swarm.
    pub fn fellows(&self) -> impl Iterator<Item = &ServiceNode> {
        self.members(self.own_swarm).filter(|node| node.ed25519 != self.own)
    }

    /// The `result` of a question for the list (protocol: network 2); with a limit, so many nodes
    /// by chance. The whole list carries what registrars signed, for clients that can check it.
    pub(crate) fn list(&self, request: &ListRequest) -> Value {
        use rand::seq::IteratorRandom as _;
        let nodes = self.nodes().filter(|node| !request.active_only || !self.silent.contains(&node.ed25519));
        match request.limit {
            Some(limit) => node_list::result(nodes.sample(&mut rand::rng(), limit), self.number, None, request),
            None => {
                let consensus = self.document.as_ref().map(|document| document.bytes.as_slice());
                node_list::result(nodes, self.number, consensus, request)
            }
        }
    }
}

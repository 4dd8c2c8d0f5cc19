//! Which nodes make which swarm.

use std::collections::{BTreeMap, BTreeSet};

use super::fields::{array, integer, number, owned};
use super::{MAX_NODES, NodeRecord};
use crate::bencode::Value;
use crate::{Error, NodeId, SwarmId};

/// Swarms and their members. No node is in two of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Swarms(BTreeMap<SwarmId, BTreeSet<NodeId>>);

impl Swarms {
    /// All swarms, by number.
    pub fn iter(&self) -> impl Iterator<Item = (SwarmId, &BTreeSet<NodeId>)> {
        self.0.iter().map(|(id, members)| (*id, members))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The numbers, ascending.
    #[must_use]
    pub fn ids(&self) -> Vec<SwarmId> {
        self.0.keys().copied().collect()
    }

    /// Members of a swarm; `None` if there is no such swarm.
    #[must_use]
    pub fn members(&self, swarm: SwarmId) -> Option<&BTreeSet<NodeId>> {
        self.0.get(&swarm)
    }

    /// The swarm of each node that has one.
    #[must_use]
    pub fn by_node(&self) -> BTreeMap<NodeId, SwarmId> {
        self.iter().flat_map(|(id, members)| members.iter().map(move |node| (*node, id))).collect()
    }

    /// Makes an empty swarm, if there is none of that number.
    pub fn add_swarm(&mut self, swarm: SwarmId) {
        self.0.entry(swarm).or_default();
    }

    /// Removes a swarm; its members have none then.
    pub fn remove_swarm(&mut self, swarm: SwarmId) {
        self.0.remove(&swarm);
    }

    /// Puts a node into a swarm, and out of the one that it was in.
    pub fn place(&mut self, node: NodeId, swarm: SwarmId) {
        self.0.values_mut().for_each(|members| {
            members.remove(&node);
        });
        self.0.entry(swarm).or_default().insert(node);
    }

    /// Keeps only these nodes; swarms that are empty then are gone.
    pub fn retain(&mut self, keep: impl Fn(&NodeId) -> bool) {
        self.0.values_mut().for_each(|members| members.retain(&keep));
        self.0.retain(|_, members| !members.is_empty());
    }

    /// What must change to make `later` out of this: swarms with other members as they are then,
    /// swarms that are gone as empty ones.
    #[must_use]
    pub fn changes_to(&self, later: &Self) -> Self {
        let changed = later.0.iter().filter(|(id, members)| self.0.get(id) != Some(members));
        let mut changes: BTreeMap<_, _> = changed.map(|(id, members)| (*id, members.clone())).collect();
        changes.extend(self.0.keys().filter(|id| !later.0.contains_key(id)).map(|id| (*id, BTreeSet::new())));
        Self(changes)
    }

    /// This with `changes` made.
    #[must_use]
    pub fn changed_by(&self, changes: &Self) -> Self {
        let mut later = self.clone();
        for (id, members) in &changes.0 {
            later.0.insert(*id, BTreeSet::new());
            members.iter().for_each(|node| later.place(*node, *id));
        }
        later.0.retain(|_, members| !members.is_empty());
        later
    }

    /// Members as their places in `nodes`.
    pub(super) fn write(&self, nodes: &[NodeRecord]) -> Value<'static> {
        let place = |node: &NodeId| nodes.binary_search_by(|record| record.node.cmp(node)).ok();
        let one = |(id, members): (&SwarmId, &BTreeSet<NodeId>)| {
            let places = members.iter().filter_map(place).map(|place| integer(place as u64)).collect();
            Value::List(vec![owned(&id.0.to_be_bytes()), Value::List(places)])
        };
        Value::List(self.0.iter().map(one).collect())
    }

    /// Ascending numbers, ascending places, no node twice.
    pub(super) fn read(list: &[Value<'_>], nodes: &[NodeRecord]) -> Result<Self, Error> {
        let wrong = || Error::malformed("swarms");
        let (mut swarms, mut placed) = (BTreeMap::new(), BTreeSet::new());
        for entry in list {
            let Some([id, members]) = entry.as_list() else { return Err(wrong()) };
            let id = array(id).map(|id| SwarmId(u64::from_be_bytes(id))).ok_or_else(wrong)?;
            let last = swarms.last_key_value().map(|(last, _)| *last);
            if id == SwarmId::NONE || last.is_some_and(|last| last >= id) {
                return Err(wrong());
            }
            let mut of_swarm = BTreeSet::new();
            for place in members.as_list().filter(|list| list.len() <= MAX_NODES).ok_or_else(wrong)? {
                let node = number::<usize>(place).and_then(|place| nodes.get(place)).ok_or_else(wrong)?.node;
                if of_swarm.last().is_some_and(|last| *last >= node) || !placed.insert(node) {
                    return Err(wrong());
                }
                of_swarm.insert(node);
            }
            swarms.insert(id, of_swarm);
        }
        Ok(Self(swarms))
    }
}

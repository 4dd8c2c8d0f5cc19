//! Swarms that change while clients use them.

use rand::RngExt as _;
use rand::seq::IndexedRandom as _;
use tacit_node::swarm::{Event, View};
use tacit_wire::{NodeId, SwarmId};

use crate::plan::{MINUTE, SECOND};
use crate::world::{Happening, Rng, World, trace};

impl World {
    pub(crate) fn change_membership(&mut self) {
        let mut view = self.view().clone();
        view.no += 1;
        match self.rng.random_range(0..6) {
            0 | 1 => join(&mut view, &mut self.rng),
            2 => leave(&mut view, &mut self.rng),
            3 => split(&mut view, &mut self.rng),
            4 => dissolve(&mut view, &mut self.rng),
            _ => self.vanish(&mut view),
        }
        if view.swarms == self.view().swarms {
            return;
        }
        trace!(self, "network: {view:?}");
        self.views.push(view);
        for node in 0..self.nodes.len() {
            let most = if self.rng.random_bool(0.9) { 10 * SECOND } else { 10 * MINUTE };
            let wait = self.rng.random_range(0..most);
            self.after(wait, Happening::ViewArrives { node });
        }
    }

    /// A node hears of the network as it is now.
    pub(crate) fn view_arrives(&mut self, node: usize) {
        let view = self.view().clone();
        let n = &mut self.nodes[node];
        if n.life.is_none() || n.views.0 == view {
            return;
        }
        let before = std::mem::replace(&mut n.views.0, view.clone());
        n.views.1 = before;
        trace!(self, "{node} hears of network {}", view.no);
        self.tell(node, Event::View(view));
    }

    /// A member is gone for good, and nobody can ask it for anything.
    fn vanish(&mut self, view: &mut View) {
        let Some(member) = take_member(view, &mut self.rng) else { return };
        view.spare.retain(|node| *node != member);
        if let Some(node) = self.index(&member) {
            let wall = self.nodes[node].wall(self.now);
            self.nodes[node].vanished = true;
            self.nodes[node].life = None;
            self.nodes[node].disk.crash(wall, false);
        }
    }
}

fn join(view: &mut View, rng: &mut Rng) {
    let Some(node) = view.spare.choose(rng).copied() else { return };
    view.spare.retain(|spare| *spare != node);
    if let Some(members) = some_swarm(view, rng).and_then(|swarm| view.swarms.get_mut(&swarm)) {
        members.push(node);
    }
}

fn leave(view: &mut View, rng: &mut Rng) {
    if let Some(member) = take_member(view, rng) {
        view.spare.push(member);
    }
}

fn some_swarm(view: &View, rng: &mut Rng) -> Option<SwarmId> {
    view.swarms.keys().copied().collect::<Vec<_>>().choose(rng).copied()
}

/// Takes somebody out of a swarm that can do without.
fn take_member(view: &mut View, rng: &mut Rng) -> Option<NodeId> {
    let swarm = some_swarm(view, rng)?;
    let members = view.swarms.get_mut(&swarm)?;
    (members.len() > 3).then(|| members.swap_remove(rng.random_range(0..members.len())))
}

/// A new swarm from spare nodes and members of the largest one.
fn split(view: &mut View, rng: &mut Rng) {
    let Some(largest) = view.swarms.iter().max_by_key(|(_, members)| members.len()).map(|(id, _)| *id) else { return };
    let mut members = std::mem::take(&mut view.spare);
    while members.len() < 3
        && let Some(from) = view.swarms.get_mut(&largest).filter(|from| from.len() > 3)
    {
        members.push(from.swap_remove(rng.random_range(0..from.len())));
    }
    if members.len() >= 3 {
        view.swarms.insert(SwarmId(rng.random_range(0..u64::MAX)), members);
    } else {
        view.spare = members;
    }
}

/// A swarm ends; its members go to the others.
fn dissolve(view: &mut View, rng: &mut Rng) {
    if view.swarms.len() < 2 {
        return;
    }
    let members = some_swarm(view, rng).and_then(|swarm| view.swarms.remove(&swarm)).unwrap_or_default();
    for member in members {
        if let Some(others) = some_swarm(view, rng).and_then(|swarm| view.swarms.get_mut(&swarm)) {
            others.push(member);
        }
    }
}

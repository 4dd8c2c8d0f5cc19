//! All that is known about the network, and what each event changes in it. Pure: events go in
//! with time and chance, the shell reads what to do next.

use rand_core::CryptoRng;
use tacit_wire::{AccountId, NodeId, ServiceNode, TimestampMs};

use crate::clock::Clock;
use crate::membership::Membership;
use crate::path::{PathId, PathRules, Paths, Route};
use crate::pool::{Pool, PoolRules};
use crate::snapshot::Snapshot;
use crate::swarm::Swarms;

/// Pool, paths, swarms and clock, kept consistent with one another.
pub(crate) struct State {
    pub pool: Pool,
    pub paths: Paths,
    pub swarms: Swarms,
    pub clock: Clock,
    pub membership: Membership,
    public_addresses: bool,
    /// Something that belongs on disk has changed since the last snapshot.
    dirty: bool,
}

impl State {
    pub fn new(pool: PoolRules, paths: PathRules, membership: Membership, kept: Option<Snapshot>) -> Self {
        let public_addresses = pool.public_addresses;
        let mut pool = Pool::new(pool);
        let mut guards = Vec::new();
        if let Some(kept) = kept {
            pool.restore(kept.nodes, kept.fetched_at, kept.last_full);
            guards = kept.guards;
            guards.retain(|g| pool.contains(g));
        }
        Self {
            pool,
            paths: Paths::new(paths, guards),
            swarms: Swarms::default(),
            clock: Clock::default(),
            membership,
            public_addresses,
            dirty: false,
        }
    }

    /// What belongs on disk, if it changed since the last call.
    pub fn take_snapshot(&mut self) -> Option<Snapshot> {
        if !std::mem::take(&mut self.dirty) {
            return None;
        }
        Some(Snapshot {
            nodes: self.pool.iter().cloned().collect(),
            guards: self.paths.guards().to_vec(),
            fetched_at: self.pool.fetched_at()?,
            last_full: self.pool.last_full(),
            consensus: self.membership.mark(),
        })
    }

    /// A guard is about to be tested: it is kept from now on. False when it was kept before.
    pub fn keep_guard(&mut self, guard: NodeId) -> bool {
        let new = self.paths.keep_guard(guard);
        self.dirty |= new;
        new
    }

    /// A guard that was kept for its test did not pass it, though the network is up.
    pub fn drop_guard(&mut self, guard: &NodeId) {
        self.paths.refuse_guard(guard);
        self.dirty = true;
    }

    /// A full list arrived.
    pub fn new_list(&mut self, nodes: Vec<ServiceNode>, now: TimestampMs, rng: &mut impl CryptoRng) {
        self.pool.replace(nodes, now);
        self.paths.reconcile(&self.pool, rng);
        self.dirty = true;
    }

    /// A guard passed its test.
    pub fn open_path(&mut self, guard: NodeId, rng: &mut impl CryptoRng) -> Result<PathId, crate::path::TooFew> {
        self.pool.answered(&guard);
        self.dirty = true;
        self.paths.open(guard, &self.pool, rng)
    }

    /// The destination's answer arrived over this route: all its nodes work.
    pub fn answered(&mut self, route: &Route, rng: &mut impl CryptoRng) {
        for hop in &route.hops {
            self.pool.answered(&hop.ed25519);
        }
        let blamed = self.paths.answered(route.path);
        self.strike_all(&blamed, rng);
    }

    /// Something else than a path answered.
    pub fn network_is_up(&mut self, rng: &mut impl CryptoRng) {
        let blamed = self.paths.network_is_up();
        self.strike_all(&blamed, rng);
    }

    /// The path failed and nobody said where. Its nodes but the guard and the destination are
    /// all under suspicion.
    pub fn path_failed(&mut self, route: &Route, destination: &NodeId, rng: &mut impl CryptoRng) {
        if !self.paths.is_news(route) {
            return;
        }
        let mut blamed = self.paths.failed(route.path);
        // A detour has nodes that are not the path's own.
        for hop in route.hops.iter().skip(1) {
            if !blamed.contains(&hop.ed25519) {
                blamed.push(hop.ed25519);
            }
        }
        blamed.push(*destination);
        self.strike_all(&blamed, rng);
    }

    /// A hop of the route, or its destination, is unknown to the node before it, or not ready.
    /// Any other node named there is none of this route's: then the path failed.
    pub fn node_refused(
        &mut self,
        route: &Route,
        destination: &NodeId,
        account: Option<&AccountId>,
        refused: &NodeId,
        rng: &mut impl CryptoRng,
    ) {
        if refused == destination {
            if let Some(account) = account {
                self.swarms.forget(account);
            }
            self.strike(refused, rng);
            return;
        }
        let Some(at) = route.hops.iter().position(|hop| hop.ed25519 == *refused).filter(|at| *at > 0) else {
            self.path_failed(route, destination, rng);
            return;
        };
        // Several requests under way meet the same missing hop: only the first replaces it.
        if self.paths.replace_hop(route.path, refused, &self.pool, rng) {
            self.strike(refused, rng);
            // Or does the node before it not tell the truth? The guard answers with its path.
            if at > 1 {
                self.strike(&route.hops[at - 1].ed25519, rng);
            }
        }
    }

    /// The guard did not answer at all.
    pub fn unreachable(&mut self, route: &Route) {
        if self.paths.is_news(route) {
            self.paths.unreachable(route.path);
        }
    }

    /// The swarm of an account, as a node told it.
    pub fn set_swarm(&mut self, account: &AccountId, members: Vec<ServiceNode>, now: TimestampMs) -> bool {
        self.swarms.set(*account, members, &self.pool, self.public_addresses, now)
    }

    /// Counts a failure of one node; after the third it is gone everywhere.
    pub fn strike(&mut self, node: &NodeId, rng: &mut impl CryptoRng) {
        if self.pool.strike(node) {
            self.paths.remove_node(node, &self.pool, rng);
            self.swarms.remove_node(node);
        }
        self.dirty = true;
    }

    fn strike_all(&mut self, nodes: &[NodeId], rng: &mut impl CryptoRng) {
        for node in nodes {
            self.strike(node, rng);
        }
    }
}

#[cfg(test)]
mod tests;

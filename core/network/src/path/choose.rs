//! Choosing nodes: guards, further hops, and the route of one request (protocol: network 3).

use std::collections::HashSet;
use std::net::Ipv4Addr;

use rand::seq::{IndexedRandom, IteratorRandom};
use rand_core::CryptoRng;
use tacit_wire::{NodeId, ServiceNode};

use super::{PATHS, PathId, Paths, Route, TooFew};
use crate::pool::Pool;

impl Paths {
    /// Whether the pool is large enough for a path and a destination at all.
    pub fn enough(&self, pool: &Pool) -> Result<(), TooFew> {
        let error = self.too_few(pool);
        if error.known < error.needed { Err(error) } else { Ok(()) }
    }

    pub(super) fn too_few(&self, pool: &Pool) -> TooFew {
        TooFew { known: self.usable(pool), needed: self.rules.length + 1 }
    }

    /// Nodes that can stand on one path: with the subnet rule, one per /24.
    fn usable(&self, pool: &Pool) -> usize {
        if self.rules.distinct_subnets {
            pool.iter().map(|n| subnet(n.ip)).collect::<HashSet<_>>().len()
        } else {
            pool.len()
        }
    }

    /// Too small for two paths without a common node and a destination.
    fn small(&self, pool: &Pool) -> bool {
        self.usable(pool) < PATHS * self.rules.length + 1
    }

    /// The next guard to test: kept ones first, then by chance among nodes that stand on no path,
    /// outside the /24 of other guards, not given up lately, with the fewest failures. `busy`
    /// are under test already.
    pub fn candidate_guard(&self, pool: &Pool, busy: &[NodeId], rng: &mut impl CryptoRng) -> Option<NodeId> {
        let open = |id: &NodeId| self.paths.iter().any(|p| p.guard() == Some(id));
        let free = |id: &NodeId| pool.contains(id) && !open(id) && !busy.contains(id);
        if let Some(kept) = self.guards.iter().find(|g| free(g)) {
            return Some(*kept);
        }
        let other_subnets: HashSet<_> = self
            .paths
            .iter()
            .filter_map(|p| p.guard())
            .chain(busy)
            .filter_map(|id| pool.get(id))
            .map(|n| subnet(n.ip))
            .collect();
        let rank = |id: &NodeId, ip: Ipv4Addr| {
            let crowded = self.rules.distinct_subnets && other_subnets.contains(&subnet(ip));
            let used = self.paths.iter().any(|p| p.hops.contains(id));
            (used, crowded, self.retired.contains(id), pool.strikes(id))
        };
        let candidates: Vec<_> =
            pool.iter().filter(|n| free(&n.ed25519)).map(|n| (rank(&n.ed25519, n.ip), n.ed25519)).collect();
        let best = candidates.iter().map(|(rank, _)| *rank).min()?;
        candidates.iter().filter(|(rank, _)| *rank == best).map(|(_, id)| *id).choose(rng)
    }

    /// Appends nodes until the path has its length. `without` must not be among them; `this` is
    /// the path that is being changed, whose own nodes do not count as used elsewhere.
    ///
    /// A node is drawn evenly from all that fit, which weighs each /24 by its nodes. Nodes with
    /// failures only stand in when no others are left; nodes of another path only in a network
    /// that is too small for two separate ones.
    pub(super) fn fill(
        &self,
        mut hops: Vec<NodeId>,
        without: Option<NodeId>,
        this: Option<PathId>,
        pool: &Pool,
        rng: &mut impl CryptoRng,
    ) -> Option<Vec<NodeId>> {
        let small = self.small(pool);
        let others = || self.paths.iter().filter(|p| Some(p.id) != this);
        let used: HashSet<NodeId> = others().flat_map(|p| p.hops.iter().copied()).collect();
        let guards: HashSet<NodeId> = self
            .guards
            .iter()
            .chain(&self.reserved)
            .chain(self.paths.iter().filter_map(|p| p.guard()))
            .copied()
            .collect();
        while hops.len() < self.rules.length {
            let subnets: HashSet<_> = hops.iter().filter_map(|h| pool.get(h)).map(|n| subnet(n.ip)).collect();
            let fits = pool.iter().filter(|n| {
                let crowded = self.rules.distinct_subnets && subnets.contains(&subnet(n.ip));
                !crowded && !hops.contains(&n.ed25519) && without != Some(n.ed25519)
            });
            // Guards of other paths are the last resort: they see the client's address.
            let ranked: Vec<_> = fits
                .map(|n| {
                    let id = n.ed25519;
                    ((guards.contains(&id), used.contains(&id), pool.strikes(&id)), id)
                })
                .filter(|((guard, used, _), _)| small || !(*guard || *used))
                .collect();
            let (guard, used, strikes) = ranked.iter().map(|(rank, _)| *rank).min()?;
            let best: Vec<NodeId> =
                ranked.iter().filter(|(rank, _)| *rank == (guard, used, strikes)).map(|(_, id)| *id).collect();
            hops.push(*best.choose(rng)?);
        }
        Some(hops)
    }

    /// The route for a request to `destination`: over a proven path without it, another one than
    /// `avoid` if possible, the least troubled first. When the destination stands on every path,
    /// its place is taken by another node for this one request. `None` when no path is open.
    pub fn route(
        &self,
        destination: &NodeId,
        avoid: Option<PathId>,
        pool: &Pool,
        rng: &mut impl CryptoRng,
    ) -> Option<Route> {
        let usable: Vec<_> = self
            .paths
            .iter()
            .filter(|p| p.proven && p.guard() != Some(destination))
            .map(|p| {
                let detour = p.hops.contains(destination);
                ((avoid == Some(p.id), p.suspicions > 0, detour, p.trouble()), p)
            })
            .collect();
        let best = usable.iter().map(|(rank, _)| *rank).min()?;
        let path = usable.iter().filter(|(rank, _)| *rank == best).map(|(_, p)| *p).choose(rng)?;
        self.route_over(path.id, destination, pool, rng)
    }

    /// Whether a proven path can carry requests to this node.
    pub fn reaches(&self, destination: &NodeId) -> bool {
        self.paths.iter().any(|p| p.proven && p.guard() != Some(destination))
    }

    /// A node to try a path out with: by chance among those that stand on no path, or else not
    /// on this one; without failures if there are such.
    pub fn destination_for(&self, path: PathId, pool: &Pool, rng: &mut impl CryptoRng) -> Option<ServiceNode> {
        let path = self.get(path)?;
        let rank = |id: &NodeId| (self.paths.iter().any(|p| p.hops.contains(id)), pool.strikes(id));
        let others: Vec<_> =
            pool.iter().filter(|n| !path.hops.contains(&n.ed25519)).map(|n| (rank(&n.ed25519), n)).collect();
        let best = others.iter().map(|(rank, _)| *rank).min()?;
        others.iter().filter(|(rank, _)| *rank == best).map(|(_, n)| (*n).clone()).choose(rng)
    }

    /// The route over one given path, proven or not.
    pub fn route_over(
        &self,
        path: PathId,
        destination: &NodeId,
        pool: &Pool,
        rng: &mut impl CryptoRng,
    ) -> Option<Route> {
        let path = self.get(path)?;
        let hops = if path.hops.contains(destination) {
            let rest: Vec<NodeId> = path.hops.iter().filter(|h| *h != destination).copied().collect();
            if path.guard() == Some(destination) {
                return None;
            }
            let filled = self.fill(rest.clone(), Some(*destination), Some(path.id), pool, rng);
            filled.or_else(|| self.fill_from_any(rest, destination, pool, rng))?
        } else {
            path.hops.clone()
        };
        let nodes: Vec<_> = hops.iter().filter_map(|id| pool.get(id)).cloned().collect();
        (nodes.len() == self.rules.length).then_some(Route { path: path.id, hops: nodes, setbacks: path.setbacks })
    }

    /// The detour of one request may borrow a node from another path when all are taken.
    fn fill_from_any(
        &self,
        mut hops: Vec<NodeId>,
        destination: &NodeId,
        pool: &Pool,
        rng: &mut impl CryptoRng,
    ) -> Option<Vec<NodeId>> {
        while hops.len() < self.rules.length {
            let subnets: HashSet<_> = hops.iter().filter_map(|h| pool.get(h)).map(|n| subnet(n.ip)).collect();
            let next = pool
                .iter()
                .filter(|n| {
                    let crowded = self.rules.distinct_subnets && subnets.contains(&subnet(n.ip));
                    !crowded && !hops.contains(&n.ed25519) && n.ed25519 != *destination
                })
                .map(|n| n.ed25519)
                .choose(rng)?;
            hops.push(next);
        }
        Some(hops)
    }
}

/// The /24 an address lies in.
fn subnet(ip: Ipv4Addr) -> [u8; 3] {
    let [a, b, c, _] = ip.octets();
    [a, b, c]
}

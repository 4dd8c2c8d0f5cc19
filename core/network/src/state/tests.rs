//! Whole networks in virtual time: nodes die, and requests must go through again soon.

use super::*;
use crate::path::PATHS;
use crate::test_nodes::{node, nodes};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::IteratorRandom;
use std::collections::HashSet;

const NOW: TimestampMs = TimestampMs(1_790_000_000_000);
const POOL: PoolRules = PoolRules { min_pool: 8, min_common: 5, public_addresses: false };
const PATH: PathRules = PathRules { length: 3, distinct_subnets: false };

/// A network whose nodes are up or dead, and a client's state.
struct World {
    state: State,
    dead: HashSet<NodeId>,
    rng: StdRng,
}

impl World {
    fn new(count: u8, seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut state = State::new(POOL, PATH, crate::test_nodes::unsigned(), None);
        state.new_list(nodes(count), NOW, &mut rng);
        Self { state, dead: HashSet::new(), rng }
    }

    /// What the upkeep does in one round.
    fn upkeep(&mut self) {
        let mut busy = Vec::new();
        for _ in 0..self.state.paths.missing() {
            let candidate = self.state.paths.candidate_guard(&self.state.pool, &busy, &mut self.rng);
            let Some(guard) = candidate else { break };
            busy.push(guard);
            if self.dead.contains(&guard) {
                if self.state.paths.connected() {
                    self.state.strike(&guard, &mut self.rng);
                }
            } else {
                let _ = self.state.open_path(guard, &mut self.rng);
            }
        }
        let doubtful: Vec<PathId> =
            self.state.paths.iter().filter(|p| !p.proven || p.trouble() > 0).map(|p| p.id).collect();
        for path in doubtful {
            let to = self.state.paths.destination_for(path, &self.state.pool, &mut self.rng);
            let Some(to) = to.map(|n| n.ed25519) else { continue };
            let route = self.state.paths.route_over(path, &to, &self.state.pool, &mut self.rng);
            if let Some(route) = route {
                self.carry(&route, &to);
            }
        }
        if self.state.pool.due(NOW) == crate::pool::Due::Seeds {
            self.state.new_list(nodes(12), NOW, &mut self.rng);
        }
    }

    /// One request over a route; true when it came back.
    fn carry(&mut self, route: &Route, destination: &NodeId) -> bool {
        let first_dead = route.hops.iter().position(|hop| self.dead.contains(&hop.ed25519));
        match first_dead {
            Some(0) => self.state.unreachable(route),
            Some(_) => self.state.path_failed(route, destination, &mut self.rng),
            None if self.dead.contains(destination) => {
                self.state.path_failed(route, destination, &mut self.rng);
            }
            None => {
                self.state.answered(route, &mut self.rng);
                self.state.pool.answered(destination);
                return true;
            }
        }
        false
    }

    fn request(&mut self) -> bool {
        let strikes = |id: &NodeId| self.state.pool.strikes(id);
        let least = self.state.pool.iter().map(|n| strikes(&n.ed25519)).min();
        let Some(to) = self
            .state
            .pool
            .iter()
            .filter(|n| Some(strikes(&n.ed25519)) == least)
            .choose(&mut self.rng)
            .map(|n| n.ed25519)
        else {
            return false;
        };
        match self.state.paths.route(&to, None, &self.state.pool, &mut self.rng) {
            Some(route) => self.carry(&route, &to),
            None => false,
        }
    }
}

#[test]
fn a_network_of_twelve_with_three_dead_heals() {
    for seed in 0..200 {
        let mut world = World::new(12, seed);
        for _ in 0..3 {
            world.upkeep();
        }
        assert_eq!(world.state.paths.iter().count(), PATHS);
        let mut rng = StdRng::seed_from_u64(seed ^ 0xdead);
        world.dead = nodes(12).iter().map(|n| n.ed25519).sample(&mut rng, 3).into_iter().collect();
        let mut in_a_row = 0;
        let mut spent = 0;
        while in_a_row < 20 {
            spent += 1;
            assert!(spent < 120, "seed {seed}: still failing after {spent} requests");
            if world.request() {
                in_a_row += 1;
            } else {
                in_a_row = 0;
                world.upkeep();
            }
        }
    }
}

#[test]
fn a_network_that_goes_away_and_comes_back_finds_its_guards_again() {
    let mut world = World::new(12, 5);
    for _ in 0..3 {
        world.upkeep();
    }
    let guards: HashSet<NodeId> = world.state.paths.guards().iter().copied().collect();
    world.dead = nodes(12).iter().map(|n| n.ed25519).collect();
    for _ in 0..50 {
        world.request();
        // Nothing answers, neither guards nor seeds.
        let paths: Vec<PathId> = world.state.paths.iter().map(|p| p.id).collect();
        for path in paths {
            world.state.paths.unreachable(path);
        }
    }
    assert_eq!(world.state.pool.len(), 12, "no node is blamed for our own network");
    world.dead.clear();
    for _ in 0..3 {
        world.upkeep();
    }
    assert!(world.state.paths.connected());
    let after: HashSet<NodeId> = world.state.paths.guards().iter().copied().collect();
    assert!(!guards.is_disjoint(&after));
}

#[test]
fn a_snapshot_brings_pool_and_guards_back() {
    let mut world = World::new(12, 6);
    for _ in 0..3 {
        world.upkeep();
    }
    let snapshot = world.state.take_snapshot().unwrap();
    assert!(world.state.take_snapshot().is_none(), "nothing changed since");
    let kept = Snapshot::from_bytes(&snapshot.to_bytes());
    let state = State::new(POOL, PATH, crate::test_nodes::unsigned(), kept);
    assert_eq!(state.pool.len(), 12);
    assert_eq!(state.paths.guards(), world.state.paths.guards());
    assert_eq!(state.pool.due(NOW), crate::pool::Due::Nothing);
}

#[test]
fn a_refused_destination_costs_its_account_the_swarm_and_not_the_path() {
    let mut world = World::new(12, 7);
    for _ in 0..3 {
        world.upkeep();
    }
    let account = AccountId::from_x25519(&[1; 32]);
    world.state.set_swarm(&account, vec![node(1), node(2)], NOW);
    let to = node(1).ed25519;
    let route = world.state.paths.route(&to, None, &world.state.pool, &mut world.rng).unwrap();
    world.state.node_refused(&route, &to, Some(&account), &to, &mut world.rng);
    assert!(world.state.swarms.get(&account, NOW).is_none());
    assert_eq!(world.state.paths.get(route.path).unwrap().failures, 0);
}

#[test]
fn requests_that_fail_together_count_once() {
    let mut world = World::new(12, 9);
    for _ in 0..3 {
        world.upkeep();
    }
    let id = world.state.paths.iter().next().unwrap().id;
    let to = world.state.paths.destination_for(id, &world.state.pool, &mut world.rng).unwrap().ed25519;
    let routes: Vec<Route> =
        (0..5).map(|_| world.state.paths.route_over(id, &to, &world.state.pool, &mut world.rng).unwrap()).collect();
    for route in &routes {
        world.state.path_failed(route, &to, &mut world.rng);
    }
    assert_eq!(world.state.paths.get(id).unwrap().failures, 1);
    assert_eq!(world.state.pool.strikes(&to), 1);
}

#[test]
fn a_node_that_left_is_gone_everywhere() {
    let mut world = World::new(12, 8);
    for _ in 0..3 {
        world.upkeep();
    }
    let account = AccountId::from_x25519(&[1; 32]);
    let gone = world.state.paths.iter().next().unwrap().hops[1];
    let members = vec![world.state.pool.get(&gone).unwrap().clone(), node(12), node(11)];
    world.state.set_swarm(&account, members, NOW);
    for _ in 0..3 {
        world.state.strike(&gone, &mut world.rng);
    }
    assert!(!world.state.pool.contains(&gone));
    assert!(world.state.paths.iter().all(|p| !p.hops.contains(&gone) && p.hops.len() == 3));
    let swarm = world.state.swarms.get(&account, NOW).unwrap();
    assert!(swarm.iter().all(|n| n.ed25519 != gone));
}

use super::*;
use crate::pool::PoolRules;
use crate::test_nodes::{node, node_at, nodes};
use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;
use std::collections::HashSet;
use std::net::Ipv4Addr;
use tacit_wire::TimestampMs;

const RULES: PathRules = PathRules { length: 3, distinct_subnets: true };

fn pool_of(nodes: Vec<ServiceNode>) -> Pool {
    let mut pool = Pool::new(PoolRules { min_pool: 1, min_common: 1, public_addresses: false });
    pool.replace(nodes, TimestampMs(1_790_000_000_000));
    pool
}

/// Opens as many paths as wanted, as if every guard passed its test.
fn open_all(paths: &mut Paths, pool: &Pool, rng: &mut StdRng) {
    while paths.missing() > 0 {
        let guard = paths.candidate_guard(pool, &[], rng).unwrap();
        let id = paths.open(guard, pool, rng).unwrap();
        paths.answered(id);
    }
}

fn opened(pool: &Pool, rng: &mut StdRng) -> Paths {
    let mut paths = Paths::new(RULES, vec![]);
    open_all(&mut paths, pool, rng);
    paths
}

fn hops(paths: &Paths) -> Vec<Vec<NodeId>> {
    paths.iter().map(|p| p.hops.clone()).collect()
}

#[test]
fn two_paths_of_three_different_nodes_are_opened() {
    for seed in 0..50 {
        let mut rng = StdRng::seed_from_u64(seed);
        let paths = opened(&pool_of(nodes(12)), &mut rng);
        let all: Vec<NodeId> = hops(&paths).concat();
        assert_eq!(all.len(), 6);
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), 6, "a node stands on both paths");
    }
}

#[test]
fn guards_stay_after_a_restart_and_the_hops_behind_them_change() {
    let mut rng = StdRng::seed_from_u64(3);
    let pool = pool_of(nodes(30));
    let before = opened(&pool, &mut rng);
    let guards = before.guards().to_vec();
    let mut after = Paths::new(RULES, guards.clone());
    open_all(&mut after, &pool, &mut rng);
    assert_eq!(after.guards(), guards);
    let first: Vec<NodeId> = after.iter().filter_map(|p| p.guard().copied()).collect();
    assert_eq!(first, guards);
    assert_ne!(hops(&before), hops(&after));
}

#[test]
fn a_kept_guard_is_never_used_as_a_middle_node() {
    let pool = pool_of(nodes(30));
    for seed in 0..50 {
        let mut rng = StdRng::seed_from_u64(seed);
        let kept = vec![node(1).ed25519, node(2).ed25519];
        let mut paths = Paths::new(RULES, kept.clone());
        let id = paths.open(kept[0], &pool, &mut rng).unwrap();
        assert!(!paths.get(id).unwrap().hops.contains(&kept[1]));
    }
}

#[test]
fn no_two_hops_of_a_path_share_a_subnet() {
    // Forty nodes in five subnets.
    let list = (1..=40).map(|n| node_at(n, Ipv4Addr::new(10, 2, n % 5, n))).collect();
    let pool = pool_of(list);
    for seed in 0..50 {
        let mut rng = StdRng::seed_from_u64(seed);
        for path in hops(&opened(&pool, &mut rng)) {
            let subnets: HashSet<u8> = path.iter().map(|id| pool.get(id).unwrap().ip.octets()[2]).collect();
            assert_eq!(subnets.len(), 3);
        }
    }
}

#[test]
fn one_subnet_is_enough_where_the_profile_says_so() {
    let pool = pool_of((1..=12).map(|n| node_at(n, Ipv4Addr::LOCALHOST)).collect());
    let mut rng = StdRng::seed_from_u64(1);
    let rules = PathRules { distinct_subnets: false, ..RULES };
    let mut paths = Paths::new(rules, vec![]);
    open_all(&mut paths, &pool, &mut rng);
    assert_eq!(paths.iter().count(), 2);
    let strict = Paths::new(RULES, vec![]);
    assert_eq!(strict.enough(&pool), Err(TooFew { known: 1, needed: 4 }));
}

#[test]
fn a_small_network_shares_nodes_between_paths_but_never_shortens_them() {
    for count in 4..7 {
        let pool = pool_of(nodes(count));
        for seed in 0..30 {
            let mut rng = StdRng::seed_from_u64(seed);
            let paths = opened(&pool, &mut rng);
            for path in hops(&paths) {
                assert_eq!(path.iter().collect::<HashSet<_>>().len(), 3);
            }
            // Every node can be a destination all the same.
            for destination in pool.iter() {
                let route = paths.route(&destination.ed25519, None, &pool, &mut rng).unwrap();
                assert_eq!(route.hops.len(), 3);
                assert!(route.hops.iter().all(|hop| hop.ed25519 != destination.ed25519));
            }
        }
    }
}

#[test]
fn three_nodes_are_too_few_and_that_is_said() {
    let pool = pool_of(nodes(3));
    let mut rng = StdRng::seed_from_u64(1);
    let mut paths = Paths::new(RULES, vec![]);
    let few = TooFew { known: 3, needed: 4 };
    assert_eq!(paths.open(node(1).ed25519, &pool, &mut rng), Err(few));
}

#[test]
fn a_missing_hop_is_replaced_at_the_end() {
    let mut rng = StdRng::seed_from_u64(7);
    let pool = pool_of(nodes(12));
    let mut paths = opened(&pool, &mut rng);
    let path = paths.iter().next().unwrap().clone();
    assert!(paths.replace_hop(path.id, &path.hops[1], &pool, &mut rng));
    let now = paths.get(path.id).unwrap();
    assert_eq!(now.hops[..2], [path.hops[0], path.hops[2]]);
    assert!(!path.hops.contains(&now.hops[2]));
}

#[test]
fn a_guard_cannot_name_itself_or_strangers_as_missing() {
    let mut rng = StdRng::seed_from_u64(8);
    let pool = pool_of(nodes(12));
    let mut paths = opened(&pool, &mut rng);
    let path = paths.iter().next().unwrap().clone();
    assert!(!paths.replace_hop(path.id, &path.hops[0], &pool, &mut rng));
    assert!(!paths.replace_hop(path.id, &node(99).ed25519, &pool, &mut rng));
    assert_eq!(paths.get(path.id).unwrap().hops, path.hops);
}

#[test]
fn a_guard_that_refuses_hop_after_hop_is_dropped() {
    let mut rng = StdRng::seed_from_u64(9);
    let pool = pool_of(nodes(30));
    let mut paths = opened(&pool, &mut rng);
    let first = paths.iter().next().unwrap().clone();
    let guard = *first.guard().unwrap();
    for _ in 0..3 {
        let middle = paths.get(first.id).unwrap().hops[1];
        paths.replace_hop(first.id, &middle, &pool, &mut rng);
    }
    assert!(paths.get(first.id).is_none());
    assert!(!paths.guards().contains(&guard));
    assert_ne!(paths.candidate_guard(&pool, &[], &mut rng), Some(guard));
}

#[test]
fn the_third_failure_drops_the_path_and_its_guard_and_an_answer_forgives() {
    let mut rng = StdRng::seed_from_u64(10);
    let pool = pool_of(nodes(12));
    let mut paths = opened(&pool, &mut rng);
    let path = paths.iter().next().unwrap().clone();
    let guard = *path.guard().unwrap();
    assert_eq!(paths.failed(path.id), path.hops[1..], "the guard is not to blame yet");
    paths.failed(path.id);
    paths.answered(path.id);
    paths.failed(path.id);
    paths.failed(path.id);
    assert!(paths.get(path.id).is_some());
    assert!(paths.failed(path.id).contains(&guard));
    assert!(paths.get(path.id).is_none());
    assert!(!paths.guards().contains(&guard));
    assert_eq!(paths.missing(), 1);
}

#[test]
fn an_hour_without_network_costs_no_guard() {
    let mut rng = StdRng::seed_from_u64(11);
    let pool = pool_of(nodes(12));
    let mut paths = opened(&pool, &mut rng);
    let (guards, before) = (paths.guards().to_vec(), hops(&paths));
    let ids: Vec<PathId> = paths.iter().map(|p| p.id).collect();
    for _ in 0..100 {
        for id in &ids {
            paths.unreachable(*id);
        }
    }
    assert!(!paths.connected());
    assert_eq!(paths.missing(), 1, "a third guard tells dead guards from a dead network");
    // The network is back: each path's first answer clears it, in whatever order they come.
    paths.answered(ids[1]);
    paths.answered(ids[0]);
    assert_eq!(hops(&paths), before);
    assert_eq!(paths.guards(), guards);
    assert!(paths.iter().all(|p| p.trouble() == 0));
}

#[test]
fn guards_that_stay_silent_after_the_network_is_back_are_dropped() {
    let mut rng = StdRng::seed_from_u64(16);
    let pool = pool_of(nodes(12));
    let mut paths = opened(&pool, &mut rng);
    let ids: Vec<PathId> = paths.iter().map(|p| p.id).collect();
    let mut rounds = 0;
    while paths.get(ids[0]).is_some() || paths.get(ids[1]).is_some() {
        rounds += 1;
        assert!(rounds < 10);
        for id in &ids {
            paths.unreachable(*id);
        }
        // Only a seed answers.
        paths.network_is_up();
    }
}

#[test]
fn a_dead_guard_is_dropped_once_another_path_answers() {
    let mut rng = StdRng::seed_from_u64(12);
    let pool = pool_of(nodes(12));
    let mut paths = opened(&pool, &mut rng);
    let ids: Vec<PathId> = paths.iter().map(|p| p.id).collect();
    for _ in 0..3 {
        paths.unreachable(ids[0]);
    }
    assert!(paths.get(ids[0]).is_some());
    paths.answered(ids[1]);
    assert!(paths.get(ids[0]).is_none());
}

#[test]
fn a_destination_is_reached_without_being_on_the_route() {
    let mut rng = StdRng::seed_from_u64(13);
    let pool = pool_of(nodes(12));
    let paths = opened(&pool, &mut rng);
    let [first, second] = [&hops(&paths)[0], &hops(&paths)[1]];
    for on_first in first {
        let route = paths.route(on_first, None, &pool, &mut rng).unwrap();
        assert_eq!(route.hops.iter().map(|n| n.ed25519).collect::<Vec<_>>(), *second);
    }
}

#[test]
fn a_retry_takes_the_other_path() {
    let mut rng = StdRng::seed_from_u64(14);
    let pool = pool_of(nodes(12));
    let paths = opened(&pool, &mut rng);
    let outside = pool.iter().find(|n| !hops(&paths).concat().contains(&n.ed25519)).unwrap();
    for path in paths.iter() {
        for _ in 0..10 {
            let route = paths.route(&outside.ed25519, Some(path.id), &pool, &mut rng).unwrap();
            assert_ne!(route.path, path.id);
        }
    }
}

#[test]
fn a_path_that_never_answered_carries_no_requests() {
    let mut rng = StdRng::seed_from_u64(15);
    let pool = pool_of(nodes(12));
    let mut paths = Paths::new(RULES, vec![]);
    let id = paths.open(node(1).ed25519, &pool, &mut rng).unwrap();
    let to = paths.destination_for(id, &pool, &mut rng).unwrap().ed25519;
    assert!(paths.route(&to, None, &pool, &mut rng).is_none());
    assert!(paths.route_over(id, &to, &pool, &mut rng).is_some());
    paths.answered(id);
    assert!(paths.route(&to, None, &pool, &mut rng).is_some());
}

/// What may happen to paths.
#[derive(Clone, Debug)]
enum Event {
    Open,
    Answered(usize),
    Failed(usize),
    Unreachable(usize),
    HopMissing(usize, usize),
    NodeLeft(usize),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        3 => Just(Event::Open),
        3 => (0usize..4).prop_map(Event::Answered),
        2 => (0usize..4).prop_map(Event::Failed),
        2 => (0usize..4).prop_map(Event::Unreachable),
        1 => (0usize..4, 0usize..4).prop_map(|(p, h)| Event::HopMissing(p, h)),
        1 => (0usize..30).prop_map(Event::NodeLeft),
    ];
    prop::collection::vec(event, 0..80)
}

proptest! {
    #[test]
    fn whatever_happens_paths_stay_whole(count in 4u8..25, seed: u64, events in events()) {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut pool = pool_of(nodes(count));
        let mut paths = Paths::new(RULES, vec![]);
        for event in events {
            let id = |n: usize| paths.iter().nth(n).map(|p| p.id);
            match event {
                Event::Open if paths.missing() > 0 => {
                    if let Some(guard) = paths.candidate_guard(&pool, &[], &mut rng) {
                        let _ = paths.open(guard, &pool, &mut rng);
                    }
                }
                Event::Open => {}
                Event::Answered(n) => { if let Some(id) = id(n) { paths.answered(id); } }
                Event::Failed(n) => { if let Some(id) = id(n) { paths.failed(id); } }
                Event::Unreachable(n) => { if let Some(id) = id(n) { paths.unreachable(id); } }
                Event::HopMissing(n, hop) => {
                    let found = paths.iter().nth(n).map(|p| (p.id, p.hops[hop % p.hops.len()]));
                    if let Some((id, hop)) = found {
                        paths.replace_hop(id, &hop, &pool, &mut rng);
                    }
                }
                Event::NodeLeft(n) => {
                    let gone = pool.iter().nth(n).map(|node| node.ed25519);
                    if let Some(gone) = gone {
                        while !pool.strike(&gone) {}
                        paths.remove_node(&gone, &pool, &mut rng);
                    }
                }
            }
            prop_assert!(paths.iter().count() <= PATHS + 1);
            if pool.len() >= 15 {
                let all: Vec<NodeId> = paths.iter().flat_map(|p| p.hops.clone()).collect();
                let different: HashSet<_> = all.iter().collect();
                prop_assert_eq!(different.len(), all.len(), "a node stands on two paths");
            }
            let mut guards = HashSet::new();
            for path in paths.iter() {
                prop_assert_eq!(path.hops.len(), 3);
                prop_assert_eq!(path.hops.iter().collect::<HashSet<_>>().len(), 3);
                prop_assert!(path.hops.iter().all(|hop| pool.contains(hop)));
                prop_assert!(path.failures < MAX_FAILURES);
                prop_assert!(guards.insert(path.hops[0]), "two paths share a guard");
            }
            for destination in pool.iter() {
                if let Some(route) = paths.route(&destination.ed25519, None, &pool, &mut rng) {
                    prop_assert!(route.hops.iter().all(|n| n.ed25519 != destination.ed25519));
                    prop_assert_eq!(route.hops.len(), 3);
                }
            }
        }
    }
}

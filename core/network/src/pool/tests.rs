use super::*;
use crate::test_nodes::{node, node_at, nodes};
use proptest::prelude::*;

const NOW: TimestampMs = TimestampMs(1_790_000_000_000);
const MINUTE: u64 = 60_000;

fn rules() -> PoolRules {
    PoolRules { min_pool: 8, min_common: 5, public_addresses: false }
}

fn full(count: u8) -> Pool {
    let mut pool = Pool::new(rules());
    pool.replace(nodes(count), NOW);
    pool
}

fn later(minutes: u64) -> TimestampMs {
    NOW.plus_ms(minutes * MINUTE)
}

#[test]
fn an_empty_or_small_pool_asks_the_seeds_at_any_time() {
    assert_eq!(Pool::new(rules()).due(NOW), Due::Seeds);
    assert_eq!(full(7).due(NOW), Due::Seeds);
}

#[test]
fn a_fresh_full_pool_needs_nothing_until_it_is_two_hours_old() {
    let pool = full(30);
    assert_eq!(pool.due(later(119)), Due::Nothing);
    assert_eq!(pool.due(later(120)), Due::Refresh);
}

#[test]
fn a_pool_that_lost_nodes_is_refreshed_but_not_twice_a_minute() {
    let mut pool = full(16);
    assert_eq!(pool.due(later(2)), Due::Nothing);
    for _ in 0..3 {
        pool.strike(&node(1).ed25519);
    }
    assert_eq!(pool.due(NOW.plus_ms(59_999)), Due::Nothing);
    assert_eq!(pool.due(later(1)), Due::Refresh);
    pool.tried(later(1));
    assert_eq!(pool.due(NOW.plus_ms(2 * MINUTE - 1)), Due::Nothing);
    assert_eq!(pool.due(later(2)), Due::Refresh);
}

#[test]
fn a_small_network_is_not_refreshed_for_being_small() {
    // Twelve nodes are fewer than 2 x min_pool, but all there are.
    assert_eq!(full(12).due(later(5)), Due::Nothing);
}

#[test]
fn a_clock_set_back_does_not_silence_refreshes() {
    assert_eq!(full(30).due(NOW.minus_ms(86_400_000)), Due::Refresh);
}

#[test]
fn three_failures_in_a_row_are_needed_to_leave() {
    let mut pool = full(10);
    let id = node(3).ed25519;
    assert!(!pool.strike(&id));
    assert!(!pool.strike(&id));
    pool.answered(&id);
    assert!(!pool.strike(&id));
    assert!(!pool.strike(&id));
    assert!(pool.strike(&id));
    assert!(!pool.contains(&id));
}

#[test]
fn a_node_that_left_comes_back_on_probation() {
    let mut pool = full(10);
    let id = node(3).ed25519;
    while !pool.strike(&id) {}
    pool.replace(nodes(10), NOW);
    assert!(pool.contains(&id));
    assert!(pool.strike(&id), "one more failure is enough");
}

#[test]
fn what_three_lists_agree_on_is_kept() {
    let pool = full(10);
    let (one, mut two, mut three) = (nodes(8), nodes(8), nodes(9));
    two.remove(0);
    three[3].https_port += 1;
    let common = pool.common(&[one, two, three]).unwrap();
    let ids: Vec<u8> = common.iter().map(|n| n.ed25519.0[0]).collect();
    assert_eq!(ids, [2, 3, 5, 6, 7, 8]);
}

#[test]
fn a_list_with_other_keys_at_known_addresses_agrees_on_nothing() {
    let pool = full(10);
    let mut forged = nodes(10);
    for node in &mut forged {
        node.x25519 = [9; 32];
    }
    assert_eq!(pool.common(&[nodes(10), nodes(10), forged]), None);
}

#[test]
fn too_little_agreement_is_thrown_away() {
    assert_eq!(full(10).common(&[nodes(4), nodes(10), nodes(10)]), None);
    assert_eq!(full(10).common(&[]), None);
}

#[test]
fn lists_cannot_point_into_somebodys_own_network() {
    let ip = |text: &str| text.parse::<Ipv4Addr>().unwrap();
    let mut pool = Pool::new(PoolRules { public_addresses: true, ..rules() });
    let bad = ["127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.1.1", "0.0.0.0", "224.0.0.1"];
    let mut list: Vec<ServiceNode> = bad.iter().zip(1u8..).map(|(text, n)| node_at(n, ip(text))).collect();
    list.push(node_at(50, ip("93.184.216.34")));
    list.push(ServiceNode { https_port: 0, ..node_at(51, ip("93.184.216.35")) });
    pool.replace(list, NOW);
    assert_eq!(pool.iter().map(|n| n.ed25519.0[0]).collect::<Vec<_>>(), [50]);
}

proptest! {
    #[test]
    fn the_common_part_is_in_every_list(
        lists in prop::collection::vec(prop::collection::vec(1u8..30, 0..30), 1..4),
    ) {
        let lists: Vec<Vec<ServiceNode>> =
            lists.into_iter().map(|ids| ids.into_iter().map(node).collect()).collect();
        if let Some(common) = full(10).common(&lists) {
            prop_assert!(common.len() >= 5);
            for node in common {
                prop_assert!(lists.iter().all(|list| list.contains(&node)));
            }
        }
    }
}

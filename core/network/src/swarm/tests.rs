use super::*;
use crate::pool::PoolRules;
use crate::test_nodes::{node, nodes};
use rand::SeedableRng;
use rand::rngs::StdRng;

const NOW: TimestampMs = TimestampMs(1_790_000_000_000);

fn account(n: u8) -> AccountId {
    AccountId::from_x25519(&[n; 32])
}

fn pool() -> Pool {
    let mut pool = Pool::new(PoolRules { min_pool: 1, min_common: 1, public_addresses: false });
    pool.replace(nodes(12), NOW);
    pool
}

#[test]
fn a_swarm_is_remembered_for_an_hour() {
    let mut swarms = Swarms::default();
    assert!(swarms.set(account(1), nodes(5), &pool(), false, NOW));
    assert_eq!(swarms.get(&account(1), NOW.plus_ms(MAX_AGE_MS - 1)).unwrap().len(), 5);
    assert!(swarms.get(&account(1), NOW.plus_ms(MAX_AGE_MS)).is_none());
    assert!(swarms.get(&account(2), NOW).is_none());
}

#[test]
fn members_that_nobody_knows_are_left_out_while_others_are_known() {
    let mut swarms = Swarms::default();
    swarms.set(account(1), vec![node(3), node(200)], &pool(), false, NOW);
    assert_eq!(swarms.get(&account(1), NOW).unwrap(), [node(3)]);
    // A pool that is quite out of date must not stand in the way.
    swarms.set(account(1), vec![node(201), node(200)], &pool(), false, NOW);
    assert_eq!(swarms.get(&account(1), NOW).unwrap().len(), 2);
}

#[test]
fn an_answer_of_a_million_members_or_none_is_survived() {
    let mut swarms = Swarms::default();
    assert!(!swarms.set(account(1), vec![], &pool(), false, NOW));
    let many: Vec<ServiceNode> = std::iter::repeat_n(node(200), 100_000).collect();
    swarms.set(account(1), many, &pool(), false, NOW);
    assert_eq!(swarms.get(&account(1), NOW).unwrap().len(), 1);
}

#[test]
fn accounts_beyond_the_limit_push_out_the_oldest() {
    let mut swarms = Swarms::default();
    for n in 0..=MAX_ACCOUNTS as u64 {
        let mut key = [7; 32];
        key[..8].copy_from_slice(&n.to_le_bytes());
        swarms.set(AccountId::from_x25519(&key), nodes(3), &pool(), false, NOW.plus_ms(n));
    }
    assert_eq!(swarms.entries.len(), MAX_ACCOUNTS);
}

#[test]
fn the_sticky_member_is_kept_until_it_fails() {
    let mut rng = StdRng::seed_from_u64(1);
    let members = nodes(5);
    let own = node(4).ed25519;
    for _ in 0..20 {
        let picked = pick(&members, Member::Sticky(own), &[], |_| 0, &mut rng).unwrap();
        assert_eq!(picked.ed25519, own);
        let other = pick(&members, Member::Sticky(own), &[own], |_| 0, &mut rng).unwrap();
        assert_ne!(other.ed25519, own);
        let second = pick(&members, Member::Except(own), &[], |_| 0, &mut rng).unwrap();
        assert_ne!(second.ed25519, own);
    }
    let alone = vec![node(4)];
    assert!(pick(&alone, Member::Except(own), &[], |_| 0, &mut rng).is_some());
}

#[test]
fn members_with_failures_and_those_tried_come_last() {
    let mut rng = StdRng::seed_from_u64(2);
    let members = nodes(3);
    let strikes = |id: &NodeId| u8::from(*id == node(1).ed25519);
    for _ in 0..20 {
        let tried = [node(2).ed25519];
        let picked = pick(&members, Member::Any, &tried, strikes, &mut rng).unwrap();
        assert_eq!(picked.ed25519, node(3).ed25519);
    }
}

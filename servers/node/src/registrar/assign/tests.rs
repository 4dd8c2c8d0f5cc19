//! The swarms of whole networks, as they grow and shrink.

use proptest::prelude::*;

use super::*;

/// A node in a /24 network of its own.
fn place(number: u16) -> Place {
    let [high, low] = number.to_be_bytes();
    Place { ip: Ipv4Addr::new(9, high, low, 1), ipv6: None, operator: None, full: false, can_start: true }
}

fn node(number: u16) -> NodeId {
    NodeId(hash256(&[&number.to_be_bytes()]))
}

fn nodes(numbers: impl IntoIterator<Item = u16>) -> BTreeMap<NodeId, Place> {
    numbers.into_iter().map(|number| (node(number), place(number))).collect()
}

/// A network over several documents.
struct Network {
    swarms: Swarms,
    nodes: BTreeMap<NodeId, Place>,
    params: Params,
    weak: BTreeSet<SwarmId>,
    document: u8,
}

impl Network {
    fn new(nodes: BTreeMap<NodeId, Place>) -> Self {
        let mut params = Params::default();
        params.set("first_nodes", 1);
        Self { swarms: Swarms::default(), nodes, params, weak: BTreeSet::new(), document: 0 }
    }

    /// The next document; gives how many nodes went from one swarm to another.
    fn step(&mut self) -> usize {
        self.document = self.document.wrapping_add(1);
        let random = [self.document; 32];
        let (swarms, were_weak) = (&self.swarms, &self.weak);
        let next = assign(&Situation { swarms, were_weak, nodes: &self.nodes, random: &random, params: &self.params });
        let (before, after) = (self.swarms.by_node(), next.by_node());
        let moved = before.iter().filter(|(node, swarm)| after.get(*node).is_some_and(|now| now != *swarm));
        let moved = moved.count();
        self.weak = self.swarms.iter().filter(|(_, members)| members.len() < 5).map(|(id, _)| id).collect();
        self.swarms = next;
        moved
    }

    fn sizes(&self) -> Vec<usize> {
        self.swarms.iter().map(|(_, members)| members.len()).collect()
    }
}

#[test]
fn a_hundred_nodes_make_swarms_of_the_ideal_size_at_once() {
    let mut network = Network::new(nodes(0..100));
    network.step();
    assert_eq!(network.swarms.len(), 13);
    assert!(network.sizes().iter().all(|size| (7..=8).contains(size)), "{:?}", network.sizes());
    assert_eq!(network.step(), 0, "nothing changes while nothing happens");
}

#[test]
fn the_first_swarm_waits_until_enough_nodes_run() {
    let mut network = Network::new(nodes(0..4));
    network.params = Params::default();
    network.step();
    assert!(network.swarms.is_empty());
    network.nodes = nodes(0..5);
    network.step();
    assert_eq!(network.sizes(), [5]);
}

#[test]
fn a_newcomer_joins_the_smallest_swarm_and_nobody_moves() {
    let mut network = Network::new(nodes(0..24));
    network.step();
    let before = network.swarms.by_node();
    network.nodes.extend(nodes([900]));
    assert_eq!(network.step(), 0);
    let after = network.swarms.by_node();
    assert!(after.contains_key(&node(900)));
    assert!(before.iter().all(|(node, swarm)| after.get(node) == Some(swarm)));
}

#[test]
fn spare_nodes_make_another_swarm_in_the_largest_gap() {
    let mut network = Network::new(nodes(0..7));
    network.step();
    assert_eq!(network.swarms.len(), 1);
    network.nodes = nodes(0..17);
    network.step();
    assert_eq!(network.swarms.len(), 2);
    let ids = network.swarms.ids();
    assert_eq!(ids[1].0.wrapping_sub(ids[0].0), 1 << 63, "opposite each other");
}

#[test]
fn a_swarm_that_lost_members_is_filled_from_the_others() {
    let mut network = Network::new(nodes(0..100));
    network.step();
    let swarm = network.swarms.ids()[0];
    let lost: Vec<_> = network.swarms.members(swarm).unwrap().iter().copied().take(4).collect();
    network.nodes.retain(|node, _| !lost.contains(node));
    assert!(network.step() <= most_moves(96));
    assert_eq!(network.swarms.members(swarm).unwrap().len(), 5);
}

#[test]
fn a_swarm_that_stays_too_small_dissolves_after_two_documents() {
    let mut network = Network::new(nodes(0..20));
    network.step();
    assert_eq!(network.swarms.len(), 2);
    let swarm = network.swarms.ids()[0];
    let members: Vec<_> = network.swarms.members(swarm).unwrap().iter().copied().collect();
    // All but two are gone, and nobody can be spared elsewhere: one move a document.
    let others: Vec<_> = network.swarms.by_node().into_iter().filter(|(_, id)| *id != swarm).collect();
    let left: BTreeSet<_> =
        members.iter().take(2).chain(others.iter().take(5).map(|(node, _)| node)).copied().collect();
    network.nodes.retain(|node, _| left.contains(node));
    network.step();
    assert_eq!(network.swarms.len(), 2, "it may recover");
    network.weak = BTreeSet::from([swarm]);
    network.step();
    assert_eq!(network.swarms.len(), 1);
    for _ in 0..4 {
        assert!(network.step() <= 1);
    }
    assert_eq!(network.sizes(), [7], "its members serve again");
}

#[test]
fn members_come_from_different_networks_while_there_is_a_choice() {
    // Three nodes in each /24, and three operators with three nodes each.
    let mut all = nodes(0..42);
    for (number, place) in all.values_mut().enumerate() {
        let number = u8::try_from(number).unwrap();
        place.ip = Ipv4Addr::new(9, 9, number / 3, number);
        place.operator = (number < 9).then_some(u64::from(number % 3));
    }
    let mut network = Network::new(all);
    network.step();
    for (_, members) in network.swarms.iter() {
        let places: Vec<_> = members.iter().map(|node| &network.nodes[node]).collect();
        for (at, place) in places.iter().enumerate() {
            assert!(!places[..at].iter().any(|other| other.is_near(place)), "{places:?}");
        }
    }
}

#[test]
fn without_a_choice_near_ones_serve_together() {
    let mut all = nodes(0..12);
    all.values_mut().for_each(|place| place.ip = Ipv4Addr::LOCALHOST);
    let mut network = Network::new(all);
    network.params.set("ideal_swarm", 6);
    network.params.set("spare_nodes", 6);
    network.step();
    assert_eq!(network.sizes(), [6, 6]);
}

#[test]
fn a_swarm_with_a_full_member_gets_the_next_node() {
    let mut network = Network::new(nodes(0..24));
    network.step();
    let (full, before) = network.swarms.iter().map(|(id, members)| (id, members.clone())).next().unwrap();
    network.nodes.get_mut(before.first().unwrap()).unwrap().full = true;
    network.nodes.extend(nodes([900]));
    network.step();
    assert_eq!(network.swarms.by_node()[&node(900)], full);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Nodes come and go for twenty documents.
    #[test]
    fn sizes_and_moves_stay_in_bounds(
        first in 1_u16..150,
        events in proptest::collection::vec((any::<bool>(), 1_u16..12), 20),
    ) {
        let mut network = Network::new(nodes(0..first));
        let mut next = first;
        network.step();
        for (join, count) in events {
            if join {
                network.nodes.extend(nodes(next..next + count));
                next += count;
            } else {
                let gone: Vec<_> = network.nodes.keys().copied().take(count.into()).collect();
                network.nodes.retain(|node, _| !gone.contains(node));
            }
            let all = network.nodes.len();
            let moved = network.step();
            prop_assert!(moved <= most_moves(all), "{moved} of {all}");
            prop_assert!(network.sizes().iter().all(|size| (1..=10).contains(size)));
            let placed = network.swarms.by_node();
            prop_assert!(placed.keys().all(|node| network.nodes.contains_key(node)));
            prop_assert_eq!(placed.len(), network.sizes().iter().sum::<usize>());
        }
        // Left in peace, every swarm has enough members.
        for _ in 0..60 {
            network.step();
        }
        let enough = network.sizes().iter().all(|size| *size >= 5) || network.swarms.len() <= 1;
        prop_assert!(enough, "{:?}", network.sizes());
    }

    #[test]
    fn the_numbers_of_swarms_never_mean_none(ids in proptest::collection::btree_set(0..u64::MAX, 0..20)) {
        let ids: Vec<_> = ids.into_iter().map(SwarmId).collect();
        let middle = middle_of_largest_gap(&ids);
        prop_assert!(middle != SwarmId::NONE && !ids.contains(&middle));
    }
}

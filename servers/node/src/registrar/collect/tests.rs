//! What a registrar takes from nodes, and what it says of them.

use std::net::Ipv4Addr;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tacit_wire::SwarmId;

use super::super::testing::{SCHEDULE, START, announcement, id, keys};
use super::*;

const NETWORK: Bytes32 = [7; 32];

fn collector(testnet: bool) -> Collector {
    let listed = (1..=9).map(|number| (id(number), None)).collect();
    Collector::new(NETWORK, testnet, Admission::Listed(listed), SCHEDULE)
}

fn said(number: u8, time: TimestampMs) -> Announcement {
    announcement(number, NETWORK, time)
}

/// Status and text; and nothing has changed.
fn refused(nodes: &mut Collector, bytes: &[u8], now: TimestampMs) -> (u16, String) {
    let before = nodes.ballots(None, now);
    let rejection = nodes.announce(bytes, 1, now).unwrap_err();
    assert_eq!(nodes.ballots(None, now), before);
    (rejection.status, rejection.text)
}

#[test]
fn an_admitted_node_is_listed() {
    let mut nodes = collector(false);
    nodes.announce(&said(1, START).sign(&keys(1)), 5, START).unwrap();
    let ballots = nodes.ballots(None, START);
    assert_eq!((ballots.len(), ballots[0].since), (1, 5));
    assert!(ballots[0].flags.has(Flag::Valid) && !ballots[0].flags.has(Flag::Running));
}

#[test]
fn each_bad_announcement_gets_its_status_and_text() {
    let mut nodes = collector(false);
    nodes.announce(&said(1, START).sign(&keys(1)), 1, START).unwrap();
    let later = START.plus_ms(1);
    let mut of =
        |announcement: &Announcement, signer: u8| refused(&mut nodes, &announcement.sign(&keys(signer)), START);

    assert_eq!(of(&said(1, later), 2), (401, "announcement signature verification failed".to_owned()));
    let private = Announcement { ip: "192.168.1.7".parse().unwrap(), ..said(2, START) };
    assert_eq!(of(&private, 2), (400, "invalid announcement: the address is not a public one".to_owned()));
    let private = Announcement { ipv6: Some("fd00::1".parse().unwrap()), ..said(2, START) };
    assert_eq!(of(&private, 2).0, 400);
    let (status, text) = of(&said(77, START), 77);
    assert_eq!((status, text.contains("registrar admit")), (403, true), "{text}");
    assert_eq!(of(&said(1, START), 1), (409, "announcement time is not newer than the last".to_owned()));
    assert_eq!(of(&said(1, START.minus_ms(1)), 1).0, 409, "an old one played back");
    let epoch = said(2, START.minus_ms(301_000));
    assert_eq!(of(&epoch, 2), (409, "announcement time is too far from current time".to_owned()));
    assert_eq!(of(&said(2, START.plus_ms(301_000)), 2).0, 409);
    let stranger = Announcement { network: [8; 32], ..said(2, START) };
    assert_eq!(of(&stranger, 2), (400, "invalid announcement: it is for another network".to_owned()));

    assert_eq!(refused(&mut nodes, b"de", START).0, 400);
    assert_eq!(refused(&mut nodes, &[b'1'; 3000], START).0, 400);
}

#[test]
fn in_networks_for_tests_any_address_will_do() {
    let mut nodes = collector(true);
    let private = Announcement { ip: Ipv4Addr::LOCALHOST, ..said(2, START) };
    nodes.announce(&private.sign(&keys(2)), 1, START).unwrap();
}

#[test]
fn a_node_that_speaks_too_often_is_told_to_wait() {
    let mut nodes = collector(false);
    for step in 0..4 {
        nodes.announce(&said(1, START.plus_ms(step)).sign(&keys(1)), 1, START).unwrap();
    }
    let fifth = said(1, START.plus_ms(4)).sign(&keys(1));
    assert_eq!(refused(&mut nodes, &fifth, START).0, 429);
    nodes.announce(&fifth, 1, START.plus_ms(60_000)).unwrap();
}

#[test]
fn who_answers_probes_runs_and_who_falls_silent_does_not() {
    let mut nodes = collector(false);
    let mut rng = StdRng::seed_from_u64(1);
    nodes.announce(&said(1, START).sign(&keys(1)), 1, START).unwrap();
    let running = |nodes: &mut Collector, now| nodes.ballots(None, now)[0].flags.has(Flag::Running);
    assert_eq!(nodes.due_probes(START, &mut rng).len(), 1);
    assert!(nodes.due_probes(START, &mut rng).is_empty());
    nodes.probed(&id(1), true, START);
    assert!(!running(&mut nodes, START), "one answer is not enough");
    nodes.probed(&id(1), true, START);
    assert!(running(&mut nodes, START));
    nodes.probed(&id(1), false, START);
    assert!(running(&mut nodes, START), "two of three");
    nodes.probed(&id(1), false, START);
    assert!(!running(&mut nodes, START));
    nodes.probed(&id(1), true, START);
    nodes.probed(&id(1), true, START);
    assert!(!running(&mut nodes, START.plus_ms(SCHEDULE.fresh_for())), "its word is too old");
    assert!(nodes.ballots(None, START.plus_ms(SCHEDULE.forget_after())).is_empty());
}

#[test]
fn nodes_are_known_again_after_a_restart() {
    let mut nodes = collector(false);
    nodes.announce(&said(1, START).sign(&keys(1)), 5, START).unwrap();
    nodes.probed(&id(1), true, START);
    nodes.probed(&id(1), true, START);
    let before = nodes.ballots(None, START);
    let mut again = collector(false);
    again.resume(&before, START);
    assert_eq!(again.ballots(None, START), before);
    assert_eq!(refused(&mut again, &said(1, START).sign(&keys(1)), START).0, 409, "nor is an old word new");
}

#[test]
fn a_member_is_synced_unless_its_fellows_miss_much() {
    let mut machine = super::super::testing::machine(0, 1);
    let mut nodes = collector(false);
    let swarm = SwarmId(1 << 62);
    for number in 1..=5 {
        let mut word = said(number, START);
        word.complete = Some((swarm, 1));
        nodes.announce(&word.sign(&keys(number)), 1, START).unwrap();
        nodes.probed(&id(number), true, START);
        nodes.probed(&id(number), true, START);
    }
    // A document with these five in one swarm.
    let network = super::super::testing::registrars(1).digest();
    let mut listed = Collector::new(network, false, Admission::Open, SCHEDULE);
    for number in 1..=5 {
        listed.announce(&announcement(number, network, START).sign(&keys(number)), 1, START).unwrap();
        listed.probed(&id(number), true, START);
        listed.probed(&id(number), true, START);
    }
    for step in 0..=100 {
        machine.tick(START.plus_ms(step * 100), &mut listed);
    }
    let last = machine.consensus().unwrap();
    assert_eq!(last.swarms.members(swarm).map(std::collections::BTreeSet::len), Some(5));

    let synced = |nodes: &mut Collector, number| {
        let ballots = nodes.ballots(Some(last), START);
        ballots.iter().find(|ballot| ballot.announcement.node == id(number)).unwrap().flags.has(Flag::Synced)
    };
    assert!(synced(&mut nodes, 1));
    for number in 2..=4 {
        assert!(synced(&mut nodes, 1), "not by {number} alone");
        let mut word = said(number, START.plus_ms(1));
        word.observations = vec![tacit_wire::consensus::Observation { node: id(1), missing: 51 }];
        nodes.announce(&word.sign(&keys(number)), 1, START).unwrap();
    }
    assert!(!synced(&mut nodes, 1), "three of its four fellows miss much");
}

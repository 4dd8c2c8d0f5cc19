//! What seeds and nodes say, and what registrars signed.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use tacit_crypto::NodeKeys;
use tacit_wire::NodeId;
use tacit_wire::consensus::{
    Certificate, Flag, Flags, NodeRecord, Params, RegistrarEntry, Swarms, digest, sign_digest,
};
use tacit_wire::profile::Registrar;

use super::*;
use crate::test_nodes::nodes;

const NOW: TimestampMs = TimestampMs(1_790_000_000_000);

fn keys(number: u8) -> NodeKeys {
    NodeKeys::from_seed(&[number; 32])
}

fn id(number: u8) -> NodeId {
    NodeId(keys(number).ed25519_public())
}

/// Registrars 50 to 52, of whom two must agree.
fn profile() -> NetworkProfile {
    let registrars = (50..53).map(|number| Registrar { ed25519: id(number), url: String::new() }).collect();
    NetworkProfile { registrars, registrar_threshold: 2, ..NetworkProfile::session() }
}

/// A list of one signed node, beside others that nobody signed.
fn list(seconds: u64, signers: &[u8], uptime: u16) -> NodeList {
    let record = NodeRecord {
        node: id(1),
        ip: Ipv4Addr::new(9, 9, 9, 9),
        ipv6: None,
        https_port: 1,
        peer_port: 2,
        relay: None,
        version: String::new(),
        flags: Flags::default().with(Flag::Running, true),
        uptime,
        since: 0,
        absent_since: None,
    };
    let at = NOW.plus_ms(seconds * 1000);
    let entry = |number: u8| {
        let until = NOW.plus_ms(86_400_000);
        let certificate = Certificate::issue(&keys(number), id(number + 100), TimestampMs(0), until);
        RegistrarEntry { certificate, url: String::new() }
    };
    let consensus = Consensus {
        network: RegistrarSet::of_profile(&profile()).unwrap().unwrap().digest(),
        number: at.0 / 1000,
        valid_after: at,
        fresh_until: at.plus_ms(3_600_000),
        valid_until: at.plus_ms(86_400_000),
        previous: [0; 32],
        random: [0; 32],
        commits: BTreeMap::new(),
        params: Params::default(),
        nodes: vec![record],
        swarms: Swarms::default(),
        next_swarms: Swarms::default(),
        registrars: (50..53).map(entry).collect(),
        threshold: 2,
        rotations: Vec::new(),
    };
    let body = consensus.to_bytes();
    let digest = digest(&body);
    let signature = |number: &u8| (id(number + 100), sign_digest(&digest, &keys(number + 100)));
    let signed = SignedConsensus { signatures: signers.iter().map(signature).collect(), body };
    NodeList { nodes: nodes(9), height: 1, consensus: Some(signed.to_bytes()) }
}

fn names(believed: Result<Vec<ServiceNode>, &'static str>) -> Result<Vec<NodeId>, &'static str> {
    believed.map(|nodes| nodes.iter().map(|node| node.ed25519).collect())
}

#[test]
fn without_registrars_lists_count_as_they_come() {
    let mut membership = crate::test_nodes::unsigned();
    let forged = list(0, &[], 0);
    assert_eq!(membership.believe(forged, NOW).map(|nodes| nodes.len()), Ok(9));
    let empty = NodeList { nodes: Vec::new(), height: 1, consensus: None };
    assert_eq!(membership.believe(empty, NOW), Err("a list was empty"));
}

#[test]
fn with_registrars_only_what_enough_of_them_signed_counts() {
    let mut membership = Membership::new(&profile(), None).unwrap();
    let unsigned = NodeList { consensus: None, ..list(0, &[], 0) };
    assert!(membership.believe(unsigned, NOW).is_err());
    for signers in [[].as_slice(), &[50], &[50, 50], &[50, 60]] {
        let refused = membership.believe(list(0, signers, 0), NOW);
        assert_eq!(refused, Err("too few registrars signed a list"), "{signers:?}");
    }
    let broken = NodeList { consensus: Some(b"nonsense".to_vec()), ..list(0, &[], 0) };
    assert!(membership.believe(broken, NOW).is_err());
    let good = || list(0, &[50, 52], 0);
    assert_eq!(names(membership.believe(good(), NOW)), Ok(vec![id(1)]), "not those that stand beside it");
    assert_eq!(names(membership.believe(good(), NOW)), Ok(vec![id(1)]), "and once more");
}

#[test]
fn an_older_list_is_refused_even_after_a_restart() {
    let mut membership = Membership::new(&profile(), None).unwrap();
    membership.believe(list(60, &[50, 51], 0), NOW).unwrap();
    let mut again = Membership::new(&profile(), membership.mark().as_ref()).unwrap();
    for membership in [&mut membership, &mut again] {
        let older = membership.believe(list(0, &[50, 51], 0), NOW);
        assert_eq!(older, Err("a signed list was older than the last"));
    }
}

#[test]
fn two_truths_raise_an_alarm_that_stays() {
    let mut membership = Membership::new(&profile(), None).unwrap();
    membership.believe(list(0, &[50, 51], 0), NOW).unwrap();
    assert_eq!(membership.alarm(), None);
    assert!(membership.believe(list(0, &[51, 52], 1), NOW).is_err());
    assert_eq!(names(membership.believe(list(0, &[50, 51], 0), NOW)), Ok(vec![id(1)]), "the first still counts");
    assert!(membership.alarm().unwrap().contains("taken over"));
}

#[test]
fn a_profile_whose_registrars_could_sign_two_truths_is_unusable() {
    let weak = NetworkProfile { registrar_threshold: 1, ..profile() };
    assert!(matches!(Membership::new(&weak, None), Err(Error::Profile(_))));
}

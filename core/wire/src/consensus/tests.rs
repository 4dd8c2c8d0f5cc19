//! Signed things come back as they were, others are refused, and nothing panics.

mod trust;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use proptest::prelude::*;
use tacit_crypto::NodeKeys;

use super::*;
use crate::bencode::Value;
use crate::{Error, NodeId, SwarmId, TimestampMs};

const T: u64 = 1_790_000_000;

fn keys(number: u8) -> NodeKeys {
    NodeKeys::from_seed(&[number; 32])
}

fn id(number: u8) -> NodeId {
    NodeId(keys(number).ed25519_public())
}

/// Of registrar `number`, whose signing key is `number` + 100.
fn certificate(number: u8) -> Certificate {
    Certificate::issue(&keys(number), id(number + 100), TimestampMs(0), TimestampMs(2 * T * 1000))
}

fn set(numbers: &[u8], threshold: usize) -> RegistrarSet {
    RegistrarSet::new(numbers.iter().map(|number| id(*number)).collect(), threshold).unwrap()
}

fn announcement() -> Announcement {
    Announcement {
        node: id(1),
        network: [7; 32],
        ip: Ipv4Addr::new(9, 9, 9, 9),
        ipv6: Some("2620:fe::9".parse().unwrap()),
        https_port: 22021,
        peer_port: 22020,
        wishes: vec![Wish::Exit, Wish::Full],
        relay: Some(Relay { udp: 3478, tcp: Some(3479), tls: None, full: true }),
        version: "0.1.0".to_owned(),
        time: TimestampMs(T * 1000),
        complete: Some((SwarmId(u64::MAX / 2), T)),
        observations: vec![Observation { node: id(2), missing: 1000 }],
    }
}

fn record(number: u8) -> NodeRecord {
    NodeRecord {
        node: id(number),
        ip: Ipv4Addr::new(9, 9, number, 9),
        ipv6: number.is_multiple_of(2).then(|| "2620:fe::9".parse().unwrap()),
        https_port: 22021,
        peer_port: 22020,
        relay: number.is_multiple_of(3).then_some(Relay { udp: 1, tcp: None, tls: Some(2), full: false }),
        version: "0.1.0".to_owned(),
        flags: Flags::default().with(Flag::Running, !number.is_multiple_of(4)),
        uptime: 990,
        since: T - 3600,
        absent_since: number.is_multiple_of(4).then_some(TimestampMs(T * 1000)),
    }
}

fn consensus(registrars: &[u8], threshold: usize) -> Consensus {
    let mut nodes: Vec<_> = (1..=12).map(record).collect();
    nodes.sort_by_key(|record| record.node);
    let (mut swarms, mut next) = (Swarms::default(), Swarms::default());
    for (place, record) in nodes.iter().enumerate() {
        swarms.place(record.node, SwarmId(1 << 62 << (place % 2)));
        if place % 4 == 0 {
            next.place(record.node, SwarmId(1 << 62));
        }
    }
    let mut params = Params::default();
    params.set("min_swarm", 5);
    Consensus {
        network: set(registrars, threshold).digest(),
        number: T,
        valid_after: TimestampMs(T * 1000),
        fresh_until: TimestampMs((T + 3600) * 1000),
        valid_until: TimestampMs((T + 86_400) * 1000),
        previous: [0; 32],
        random: [9; 32],
        commits: registrars.iter().map(|number| (id(*number), [*number; 32])).collect(),
        params,
        nodes,
        swarms,
        next_swarms: next,
        registrars: registrars
            .iter()
            .map(|number| RegistrarEntry {
                certificate: certificate(*number),
                url: format!("https://r{number}.example"),
            })
            .collect(),
        threshold,
        rotations: Vec::new(),
    }
}

fn vote() -> Vote {
    let said = announcement();
    let ballot = Ballot {
        bytes: said.sign(&keys(1)),
        announcement: said,
        flags: Flags(65),
        uptime: 1000,
        since: T,
        operator: Some(77),
    };
    Vote {
        network: [7; 32],
        number: T,
        previous: [1; 32],
        certificate: certificate(3),
        url: "https://r3.example".to_owned(),
        ballots: vec![ballot],
        params: Params::default(),
        commit: [2; 32],
        reveal: Some([3; 32]),
        rotations: Vec::new(),
    }
}

/// With another value under `key`, signed again by nobody.
fn altered(bytes: &[u8], key: &'static str, field: &Value<'_>) -> Vec<u8> {
    let field = field.to_bytes();
    let mut value = Value::parse(bytes).unwrap();
    fields::insert(&mut value, key, Value::parse(&field).unwrap());
    value.to_bytes()
}

#[test]
fn an_announcement_comes_back_as_it_was_signed() {
    let said = announcement();
    let bytes = said.sign(&keys(1));
    assert!(bytes.len() <= MAX_ANNOUNCEMENT);
    assert_eq!(Announcement::parse(&bytes), Ok(said.clone()));
    assert_eq!(said.version_numbers(), [0, 1, 0]);
    let plain =
        Announcement { ipv6: None, relay: None, complete: None, wishes: Vec::new(), observations: Vec::new(), ..said };
    assert_eq!(Announcement::parse(&plain.sign(&keys(1))), Ok(plain));
}

#[test]
fn nobody_speaks_for_another_node() {
    let forged = announcement().sign(&keys(2));
    assert_eq!(Announcement::parse(&forged), Err(Error::Crypto(tacit_crypto::Error::Signature)));
    let moved = altered(&announcement().sign(&keys(1)), "p", &Value::Integer(443));
    assert_eq!(Announcement::parse(&moved), Err(Error::Crypto(tacit_crypto::Error::Signature)));
    let unknown = altered(&announcement().sign(&keys(1)), "x", &Value::Integer(1));
    assert!(Announcement::parse(&unknown).is_err(), "what is unknown is signed too");
}

#[test]
fn figures_that_no_node_can_have_are_malformed() {
    let bytes = announcement().sign(&keys(1));
    let wrong: [(&'static str, Value<'_>); 10] = [
        ("a", Value::bytes(b"123")),
        ("A", Value::bytes(b"1234")),
        ("e", Value::bytes(&[2; 32])),
        ("p", Value::Integer(0)),
        ("p", Value::Integer(65_536)),
        ("s", Value::bytes(&[b'x'; 33])),
        ("t", Value::Integer(-1)),
        ("y", Value::List(vec![Value::bytes(&[0; 8])])),
        ("b", Value::List(vec![Value::Integer(1); 11])),
        ("r", Value::from([("u", Value::Integer(0))])),
    ];
    for (key, value) in wrong {
        let altered = altered(&bytes, key, &value);
        assert!(matches!(Announcement::parse(&altered), Err(Error::Malformed { .. })), "{key}");
    }
    assert_eq!(Announcement::parse(&[b'd'; 2049]), Err(Error::too_long("announcement", 2048)));
}

#[test]
fn a_vote_comes_back_and_another_key_or_time_is_refused() {
    let cast = vote();
    assert_eq!(Vote::parse(&cast.sign(&keys(103))), Ok(cast.clone()));
    assert!(matches!(Vote::parse(&cast.sign(&keys(104))), Err(Error::Crypto(_))));
    let late = Vote { number: 3 * T, ..cast.clone() };
    assert!(matches!(Vote::parse(&late.sign(&keys(103))), Err(Error::Malformed { .. })), "after the certificate");
    let mut forged = cast.clone();
    forged.ballots[0].bytes = announcement().sign(&keys(9));
    assert!(matches!(Vote::parse(&forged.sign(&keys(103))), Err(Error::Crypto(_))), "puts words into its mouth");
    let mut twice = cast;
    twice.ballots.push(twice.ballots[0].clone());
    assert!(Vote::parse(&twice.sign(&keys(103))).is_err());
}

#[test]
fn a_document_comes_back_as_it_was_written() {
    let document = consensus(&[20, 21, 22], 2);
    let body = document.to_bytes();
    assert_eq!(Consensus::parse(&body), Ok(document.clone()));
    let running = document.service_nodes(true);
    assert_eq!((running.len(), document.service_nodes(false).len()), (9, 12));
    assert!(running.iter().all(|node| node.swarm.is_some()));
    assert_eq!(document.node(&id(5)).map(|record| record.ip), Some(Ipv4Addr::new(9, 9, 5, 9)));
}

#[test]
fn a_document_that_contradicts_itself_is_malformed() {
    let document = consensus(&[20], 1);
    let wrong = |change: fn(&mut Consensus)| {
        let mut document = document.clone();
        change(&mut document);
        Consensus::parse(&document.to_bytes()).is_err()
    };
    assert!(wrong(|d| d.nodes.reverse()), "nodes out of order");
    assert!(wrong(|d| d.nodes[1] = d.nodes[0].clone()), "a node twice");
    assert!(wrong(|d| d.number += 1), "a number that is not its time");
    assert!(wrong(|d| d.valid_until = d.valid_after), "no time in which it counts");
    assert!(wrong(|d| d.swarms.place(d.nodes[0].node, SwarmId::NONE)), "a swarm that means none");
    assert!(wrong(|d| d.nodes[0].uptime = 1001));
    let body = document.to_bytes();
    let outside = Value::List(vec![Value::List(vec![Value::bytes(&[1; 8]), Value::List(vec![Value::Integer(12)])])]);
    assert!(Consensus::parse(&altered(&body, "swarms", &outside)).is_err(), "a place that is none");
    assert!(Consensus::parse(&altered(&body, "v", &Value::Integer(2))).is_err());
}

#[test]
fn a_signed_document_travels_whole_or_as_what_changed() {
    let mut document = consensus(&[20], 1);
    let old = document.to_bytes();
    document.number += 3600;
    document.nodes[3].uptime = 17;
    let signed = SignedConsensus { body: document.to_bytes(), signatures: vec![(id(120), [5; 64])] };
    assert_eq!(SignedConsensus::parse(&signed.to_bytes()), Ok(signed.clone()));
    let whole = signed.compress();
    assert_eq!(SignedConsensus::decompress(&whole), Ok(signed.clone()));
    let changes = signed.compress_from(&old);
    assert_eq!(SignedConsensus::decompress_from(&changes, &old), Ok(signed));
    assert!(changes.len() * 4 < whole.len(), "{} of {}", changes.len(), whole.len());
    let bomb = zstd::bulk::compress(&vec![0; 50_000_000], 1).unwrap();
    assert!(SignedConsensus::decompress(&bomb).is_err());
}

#[test]
fn a_network_of_two_thousand_nodes_fits_into_a_small_document() {
    let mut document = consensus(&[20, 21, 22, 23, 24], 3);
    document.swarms = Swarms::default();
    document.next_swarms = Swarms::default();
    let name = |number: u16| NodeId(digest(&number.to_be_bytes()));
    document.nodes = (0..2000).map(|number| NodeRecord { node: name(number), ..record(1) }).collect();
    document.nodes.sort_by_key(|record| record.node);
    (0..2000).for_each(|number| document.swarms.place(name(number), SwarmId(u64::from(number % 285) << 48)));
    let old = document.to_bytes();
    document.number += 3600;
    document.random = [1; 32];
    document.nodes.iter_mut().step_by(100).for_each(|record| record.uptime -= 1);
    let signed = SignedConsensus { body: document.to_bytes(), signatures: Vec::new() };
    let (plain, whole, changes) = (signed.body.len(), signed.compress().len(), signed.compress_from(&old).len());
    assert!(plain < 260_000 && whole < 100_000 && changes < 5_000, "{plain}, {whole}, {changes} bytes");
}

#[test]
fn medians_are_low_and_of_a_majority() {
    let with = |entries: &[(&str, u64)]| {
        let mut params = Params::default();
        entries.iter().for_each(|(name, figure)| params.set(name, *figure));
        params
    };
    let votes = [with(&[("min_swarm", 3), ("x", 1)]), with(&[("min_swarm", 9)]), with(&[])];
    let agreed = Params::median(&votes);
    assert_eq!(agreed.min_swarm(), 3);
    assert_eq!(agreed, with(&[("min_swarm", 3)]), "one of three does not make a figure");
}

#[test]
fn changes_of_swarms_lead_from_one_table_to_the_next() {
    let table = |entries: &[(u64, &[u8])]| {
        let mut swarms = Swarms::default();
        for (swarm, members) in entries {
            members.iter().for_each(|number| swarms.place(id(*number), SwarmId(*swarm)));
        }
        swarms
    };
    let now = table(&[(1, &[1, 2, 3]), (2, &[4, 5]), (3, &[6])]);
    let later = table(&[(1, &[1, 2]), (2, &[4, 5]), (4, &[3, 6])]);
    let changes = now.changes_to(&later);
    assert_eq!(changes.len(), 3, "swarm 2 is as it was");
    assert_eq!(now.changed_by(&changes), later);
    assert_eq!(now.changed_by(&Swarms::default()), now);
}

proptest! {
    #[test]
    fn parsers_never_panic(bytes: Vec<u8>) {
        let _ = Announcement::parse(&bytes);
        let _ = Vote::parse(&bytes);
        let _ = Consensus::parse(&bytes);
        let _ = SignedConsensus::parse(&bytes);
        let _ = SignedConsensus::decompress(&bytes);
        let _ = Certificate::parse(&bytes);
        let _ = Endorsement::parse(&bytes);
        let _ = Rotation::parse(&bytes);
    }

    /// One byte is another.
    #[test]
    fn a_flipped_byte_is_never_taken_for_the_original(at in 0_usize..4000, bits in 1_u8..=255) {
        let flip = |bytes: &[u8]| {
            let mut bytes = bytes.to_vec();
            let at = at % bytes.len();
            bytes[at] ^= bits;
            bytes
        };
        prop_assert!(Announcement::parse(&flip(&announcement().sign(&keys(1)))).is_err());
        prop_assert!(Vote::parse(&flip(&vote().sign(&keys(103)))).is_err());
        prop_assert!(Certificate::parse(&flip(&certificate(3).bytes)).is_err());
        let endorsed = Endorsement::new(T, [4; 32], certificate(3), &keys(103)).to_bytes();
        if let Ok(read) = Endorsement::parse(&flip(&endorsed)) {
            prop_assert!(read.number != T, "the number alone is not signed");
        }
        // A document's signatures are over its digest.
        let _ = Consensus::parse(&flip(&consensus(&[20, 21, 22], 2).to_bytes()));
    }

    #[test]
    fn announcements_of_any_figures_come_back(
        ip: [u8; 4], ports in (1_u16.., 1_u16..), version in "[0-9.a-z]{0,32}", time in 0_u64..1 << 50,
        complete: Option<(u64, u32)>, missing in proptest::collection::vec(0_u16..=1000, 0..10),
    ) {
        let said = Announcement {
            ip: ip.into(),
            https_port: ports.0,
            peer_port: ports.1,
            version,
            time: TimestampMs(time),
            complete: complete.map(|(swarm, number)| (SwarmId(swarm), number.into())),
            observations: missing.into_iter().map(|missing| Observation { node: id(4), missing }).collect(),
            ..announcement()
        };
        prop_assert_eq!(Announcement::parse(&said.sign(&keys(1))), Ok(said));
    }
}

#[test]
fn by_node_and_members_agree() {
    let document = consensus(&[20], 1);
    let by_node: BTreeMap<_, _> = document.swarms.by_node();
    for (node, swarm) in &by_node {
        assert!(document.swarms.members(*swarm).unwrap().contains(node));
    }
    assert_eq!(by_node.len(), 12);
}

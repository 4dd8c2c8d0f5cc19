//! What a node takes for the network, and what it gives on.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use hyper::header::{HeaderMap, HeaderValue, IF_NONE_MATCH};
use tacit_crypto::NodeKeys;
use tacit_edge::Answer;
use tacit_wire::consensus::{
    Certificate, Consensus, Flag, Flags, NodeRecord, Params, RegistrarEntry, RegistrarSet, Swarms, digest, sign_digest,
};

use super::*;

const NOW: TimestampMs = TimestampMs(1_790_000_000_000);

fn keys(number: u8) -> NodeKeys {
    NodeKeys::from_seed(&[number; 32])
}

fn id(number: u8) -> NodeId {
    NodeId(keys(number).ed25519_public())
}

/// Registrars 50 to 52, of whom two must agree.
fn set() -> RegistrarSet {
    RegistrarSet::new((50..53).map(id).collect(), 2).unwrap()
}

/// Nodes 1 and on, the odd ones in one swarm and the even ones in another; the last does not run.
fn document(seconds: u64, nodes: u8, signers: &[u8]) -> SignedConsensus {
    let at = NOW.plus_ms(seconds * 1000);
    let mut swarms = Swarms::default();
    let mut records: Vec<_> = (1..=nodes).map(|number| record(number, number < nodes)).collect();
    records.sort_by_key(|record| record.node);
    (1..=nodes).for_each(|number| swarms.place(id(number), SwarmId(1 << 62 << (number % 2))));
    let entry = |number: u8| {
        let certificate = Certificate::issue(&keys(number), id(number + 100), NOW, NOW.plus_ms(86_400_000));
        RegistrarEntry { certificate, url: format!("https://r{number}.example") }
    };
    let body = Consensus {
        network: set().digest(),
        number: at.0 / 1000,
        valid_after: at,
        fresh_until: at.plus_ms(60_000),
        valid_until: at.plus_ms(10_800_000),
        previous: [0; 32],
        random: [0; 32],
        commits: BTreeMap::new(),
        params: Params::default(),
        nodes: records,
        swarms,
        next_swarms: Swarms::default(),
        registrars: (50..53).map(entry).collect(),
        threshold: 2,
        rotations: Vec::new(),
    }
    .to_bytes();
    let digest = digest(&body);
    let signature = |number: &u8| (id(number + 100), sign_digest(&digest, &keys(number + 100)));
    SignedConsensus { signatures: signers.iter().map(signature).collect(), body }
}

fn record(number: u8, running: bool) -> NodeRecord {
    NodeRecord {
        node: id(number),
        ip: Ipv4Addr::new(9, 9, number, 9),
        ipv6: None,
        https_port: 22021,
        peer_port: 22020,
        relay: None,
        version: "0.1.0".to_owned(),
        flags: Flags::default().with(Flag::Running, running),
        uptime: 990,
        since: 0,
        absent_since: None,
    }
}

fn membership(dir: &tempfile::TempDir) -> Membership {
    let urls = vec!["https://r50.example".to_owned()];
    Membership::following(Trust::new(set()), urls, dir.path().join("consensus"), id(1)).unwrap()
}

#[test]
fn a_document_makes_the_view_and_outlasts_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let node = membership(&dir);
    assert_eq!((node.view().len(), node.view().own_swarm()), (0, None));
    let changes = node.changes();
    assert_eq!(node.accept(document(0, 8, &[50, 52]), NOW), Ok(true));
    assert!(changes.has_changed().unwrap());
    assert_eq!(node.accept(document(0, 8, &[50, 52]), NOW), Ok(false), "no news");

    let far = NOW.plus_ms(86_400_000_000);
    for node in [node, membership(&dir)] {
        let view = node.view();
        assert_eq!((view.number(), view.len()), (NOW.0 / 1000, 8));
        assert_eq!(view.fellows().count(), 3);
        let other = Some(SwarmId(1 << 62));
        assert_eq!((view.members(other).count(), view.running_members(other).count()), (4, 3));
        // The last one counts until there is a newer one, but none that has ended is taken.
        assert_eq!(node.accept(document(1, 8, &[50, 52]), far), Err(Refused::Expired));
    }
}

#[test]
fn a_node_learns_that_it_is_not_reached() {
    let dir = tempfile::tempdir().unwrap();
    let node = Membership::following(Trust::new(set()), Vec::new(), dir.path().join("consensus"), id(8)).unwrap();
    node.accept(document(0, 8, &[50, 52]), NOW).unwrap();
    assert!(node.view().is_decommissioned() && node.view().own_swarm().is_some());
    node.accept(document(60, 9, &[50, 52]), NOW.plus_ms(60_000)).unwrap();
    assert!(!node.view().is_decommissioned());
}

#[test]
fn what_is_not_to_be_believed_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let node = membership(&dir);
    node.accept(document(60, 8, &[50, 51]), NOW.plus_ms(60_000)).unwrap();
    let (before, kept) = (node.view(), std::fs::read(dir.path().join("consensus")).unwrap());
    let too_few = Refused::TooFewSignatures { valid: 1, needed: 2 };
    let cases = [
        (document(120, 9, &[50]), too_few.clone()),
        (document(120, 9, &[50, 50]), too_few.clone()),
        (document(120, 9, &[50, 77]), too_few),
        (document(0, 9, &[50, 51]), Refused::Older),
        (document(60, 9, &[50, 51]), Refused::Forked(NOW.0 / 1000 + 60)),
        (document(3600, 9, &[50, 51]), Refused::NotYet),
    ];
    for (document, refused) in cases {
        assert_eq!(node.accept(document, NOW.plus_ms(120_000)), Err(refused));
        assert!(Arc::ptr_eq(&node.view(), &before));
        assert_eq!(std::fs::read(dir.path().join("consensus")).unwrap(), kept);
    }
}

#[test]
fn a_damaged_file_is_as_if_it_were_not_there() {
    let dir = tempfile::tempdir().unwrap();
    membership(&dir).accept(document(0, 8, &[50, 52]), NOW).unwrap();
    let file = dir.path().join("consensus");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[500] ^= 1;
    write_private(&file, &bytes).unwrap();
    assert_eq!(membership(&dir).view().len(), 0);
}

#[test]
fn who_left_with_the_last_document_is_still_known_for_one() {
    let dir = tempfile::tempdir().unwrap();
    let node = membership(&dir);
    node.accept(document(0, 8, &[50, 52]), NOW).unwrap();
    node.accept(document(60, 7, &[50, 52]), NOW.plus_ms(60_000)).unwrap();
    assert!(node.view().node(&id(8)).is_none());
    assert!(node.node(&id(8)).is_some());
    node.accept(document(120, 7, &[50, 52]), NOW.plus_ms(120_000)).unwrap();
    assert!(node.node(&id(8)).is_none());
}

async fn body(answer: Answer) -> Vec<u8> {
    use http_body_util::BodyExt as _;
    answer.into_body().collect().await.unwrap().to_bytes().to_vec()
}

#[tokio::test]
async fn others_fetch_the_whole_or_what_changed_or_learn_that_nothing_did() {
    let dir = tempfile::tempdir().unwrap();
    let node = membership(&dir);
    let none = HeaderMap::new();
    assert_eq!(node.published().answer(None, &none).status(), 503);
    let (first, second) = (document(0, 40, &[50, 52]), document(60, 40, &[50, 52]));
    node.accept(first.clone(), NOW).unwrap();
    node.accept(second.clone(), NOW.plus_ms(60_000)).unwrap();

    let whole = body(node.published().answer(None, &none)).await;
    assert_eq!(SignedConsensus::decompress(&whole), Ok(second.clone()));
    let query = format!("from={}", hex::encode(first.digest()));
    let answer = node.published().answer(Some(&query), &none);
    assert_eq!(answer.headers()[FROM], hex::encode(first.digest()));
    let changes = body(answer).await;
    assert_eq!(SignedConsensus::decompress_from(&changes, &first.body), Ok(second.clone()));
    assert!(changes.len() * 3 < whole.len(), "{} of {}", changes.len(), whole.len());
    let unknown = node.published().answer(Some("from=00"), &none);
    assert!(unknown.headers().get(FROM).is_none());

    let tag = HeaderValue::from_str(&format!("\"{}\"", hex::encode(second.digest()))).unwrap();
    let known = HeaderMap::from_iter([(IF_NONE_MATCH, tag)]);
    let same = node.published().answer(None, &known);
    assert_eq!(same.status(), 304);
    assert!(body(same).await.is_empty());
}

#[test]
fn the_list_for_ordinary_clients_names_who_runs_if_only_those_are_wanted() {
    use tacit_wire::node_list::{ListRequest, parse_result};
    let dir = tempfile::tempdir().unwrap();
    let node = membership(&dir);
    node.accept(document(0, 8, &[50, 52]), NOW).unwrap();
    let ask = |params: serde_json::Value| node.view().list(&ListRequest::from_params(&params));
    let running = ask(serde_json::json!({ "active_only": true }));
    let list = parse_result(&running).unwrap();
    assert_eq!((list.nodes.len(), list.height), (7, NOW.0 / 1000));
    assert_eq!((&running["hardfork"], &running["snode_revision"]), (&19.into(), &4.into()));
    assert_eq!(SignedConsensus::parse(&list.consensus.unwrap()), Ok(document(0, 8, &[50, 52])));
    assert_eq!(parse_result(&ask(serde_json::json!({}))).unwrap().nodes.len(), 8);
    let some = parse_result(&ask(serde_json::json!({ "limit": 3 }))).unwrap();
    assert_eq!((some.nodes.len(), some.consensus), (3, None));
}

//! Nodes that answer what no node should: at the destination, and on the way.

use std::time::{Duration, Instant};

use tacit_network::{Error, Member};
use tacit_wire::NodeId;

use crate::fake::{FakeNetwork, Manner};
use crate::{Disk, alice, connected, id, message, retrieve, start, until};

const AT_DESTINATION: [Manner; 8] = [
    Manner::NotJson,
    Manner::UnknownStatus,
    Manner::Failing,
    Manner::Limiting,
    Manner::WrongSwarm,
    Manner::WrongClock,
    Manner::ForgedReceipt,
    Manner::Garbage,
];

const ON_THE_WAY: [Manner; 8] = [
    Manner::Garbage,
    Manner::Endless,
    Manner::Huge,
    Manner::Stalled,
    Manner::OddStatus,
    Manner::Redirect,
    Manner::Silent,
    Manner::NotFound,
];

#[tokio::test]
async fn another_member_is_asked_when_one_answers_nonsense() {
    for manner in AT_DESTINATION {
        let fake = FakeNetwork::start(12).await;
        let network = start(&fake.profile, &Disk::default());
        connected(&network).await;
        let keys = alice();
        let bad = fake.members(&id(&keys))[0];
        fake.set(&bad, manner);
        for number in 0..4 {
            let answer = network.store(&id(&keys), message(id(&keys), number)).await;
            let receipts = answer.unwrap_or_else(|e| panic!("{manner:?}: {e}"));
            assert!(receipts.receipts().count() >= 5, "{manner:?}");
        }
        // Also when the client insists on that member.
        let fetched = network.rpc(&id(&keys), Member::Sticky(bad), |now, _| retrieve(&keys, now)).await;
        let (_, body) = fetched.unwrap_or_else(|e| panic!("{manner:?}: {e}"));
        assert_eq!(body["messages"].as_array().unwrap().len(), 4, "{manner:?}");
    }
}

#[tokio::test]
async fn another_path_is_tried_when_one_fails_in_any_way() {
    for manner in ON_THE_WAY {
        for place in [0, 2] {
            let fake = FakeNetwork::start(12).await;
            let network = start(&fake.profile, &Disk::default());
            let status = connected(&network).await;
            let bad = status.paths[0].hops[place].ed25519;
            fake.set(&bad, manner);
            let keys = alice();
            for number in 0..3 {
                let answer = network.store(&id(&keys), message(id(&keys), number)).await;
                assert!(answer.is_ok(), "{manner:?} at {place}: {:?}", answer.err());
            }
        }
    }
}

#[tokio::test]
async fn a_bad_guard_is_replaced() {
    let fake = FakeNetwork::start(12).await;
    let network = start(&fake.profile, &Disk::default());
    let status = connected(&network).await;
    let bad = status.paths[0].hops[0].ed25519;
    fake.set(&bad, Manner::Garbage);
    let keys = alice();
    let on_path = |s: &tacit_network::Status| s.paths.iter().any(|p| p.hops.iter().any(|n| n.ed25519 == bad));
    for number in 0..50 {
        network.store(&id(&keys), message(id(&keys), number)).await.unwrap();
        if !on_path(&network.status().borrow()) {
            break;
        }
    }
    until(&network, |s| !on_path(s) && s.paths.len() == 2).await;
}

#[tokio::test]
async fn when_everybody_misbehaves_requests_end_with_an_error() {
    for manner in [Manner::NotJson, Manner::Failing, Manner::WrongSwarm, Manner::WrongClock] {
        let fake = FakeNetwork::start(12).await;
        let network = start(&fake.profile, &Disk::default());
        connected(&network).await;
        let keys = alice();
        network.swarm(&id(&keys)).await.unwrap();
        fake.set_all(manner);
        let begun = Instant::now();
        let error = network.store(&id(&keys), message(id(&keys), 1)).await.unwrap_err();
        assert!(begun.elapsed() < Duration::from_secs(20), "{manner:?}");
        match (manner, error) {
            (Manner::Failing, Error::Status { status: 500, text }) => {
                assert_eq!(text, "request failed");
            }
            (Manner::WrongClock, Error::Status { status: 406, .. })
            | (Manner::NotJson | Manner::WrongSwarm, Error::NoAnswer { .. }) => {}
            (manner, error) => panic!("{manner:?}: {error:?}"),
        }
    }
}

#[tokio::test]
async fn a_final_refusal_comes_back_with_its_text_and_without_another_try() {
    let fake = FakeNetwork::start(12).await;
    let network = start(&fake.profile, &Disk::default());
    let keys = alice();
    let tries = std::sync::atomic::AtomicUsize::new(0);
    let build = |_, _: &NodeId| {
        tries.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        tacit_wire::rpc::Request::Delete(tacit_wire::rpc::Delete::signed(&keys, vec![], false))
    };
    let error = network.rpc(&id(&keys), Member::Any, build).await.unwrap_err();
    assert!(matches!(error, Error::Status { status: 400, .. }));
    assert_eq!(tries.load(std::sync::atomic::Ordering::SeqCst), 1);
}

//! A fellow member's word is checked as a user's is.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tacit_crypto::{AccountKeys, Seed};
use tacit_wire::rpc::{Delete, DeleteAll, Request, Signer as _, Store};
use tacit_wire::{AccountId, MessageHash, Namespace, Namespaces, ServiceNode, TimestampMs};

use super::{PeerError, Peers};
use crate::localnet::Plan;
use crate::{Config, Node, keys};

/// Node 0 runs; the test speaks with the key of another.
struct Talk {
    node: Node,
    to: ServiceNode,
    peers: Peers,
    now: TimestampMs,
    _dir: tempfile::TempDir,
}

impl Talk {
    /// Of two swarms with two nodes each: 0 and 2, 1 and 3.
    async fn with_key_of(speaker: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let plan = Plan::open(dir.path(), 4, 2, None).unwrap();
        let file = plan.nodes()[0].config();
        let node = Node::start(Config::load(Some(&file), Vec::new(), Vec::new()).unwrap()).await.unwrap();
        let keys = keys::load_or_make(&plan.nodes()[speaker].dir).unwrap();
        let now = node.app.now();
        let to = plan.nodes()[0].local(0).to_node();
        Self { node, to, peers: Peers::new(&keys).unwrap(), now, _dir: dir }
    }

    async fn send(&self, operation: &str, request: &Request, at: TimestampMs) -> (u16, String) {
        let mut body = request.to_json();
        body["at"] = at.0.into();
        self.post(operation, &body).await.unwrap()
    }

    async fn post(&self, operation: &str, body: &Value) -> Result<(u16, String), PeerError> {
        let body = Bytes::from(body.to_string());
        let (status, body) = self.peers.call(&self.to, operation, body, Duration::from_secs(5)).await?;
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    }

    /// Somebody whose mailbox node 0 keeps, or does not.
    fn person(&self, ours: bool) -> AccountKeys {
        (0..=255)
            .map(|n| AccountKeys::from_seed(&Seed::from_bytes([n; 16])))
            .find(|keys| self.node.app.membership.view().is_ours(&keys.account()) == ours)
            .unwrap()
    }

    fn message(&self, to: AccountId) -> Store {
        Store::public(to, Namespace::MESSAGES, self.now, 60_000, b"text".to_vec())
    }
}

#[tokio::test]
async fn a_members_requests_are_checked_again() {
    let talk = Talk::with_key_of(2).await;
    let (bob, now) = (talk.person(true), talk.now);
    let store = Request::Store(talk.message(bob.account()));
    let (status, receipt) = talk.send("put", &store, now).await;
    assert_eq!(status, 200);
    assert!(receipt.contains("\"signature\""), "{receipt}");

    for off in [now.plus_ms(75_000), now.minus_ms(75_000)] {
        assert_eq!(talk.send("put", &store, off).await.0, 406, "whose clock is this?");
    }
    let stranger = Request::Store(talk.message(talk.person(false).account()));
    assert_eq!(talk.send("put", &stranger, now).await.0, 421);
    let unsigned = Store { namespace: Namespace::PROFILE, ..talk.message(bob.account()) };
    assert_eq!(talk.send("put", &Request::Store(unsigned), now).await.0, 401);

    let eve = AccountKeys::from_seed(&Seed::from_bytes([77; 16]));
    let mut forged = DeleteAll::signed(&eve, Namespaces::All, now);
    forged.account = bob.account();
    assert_eq!(talk.send("del", &Request::DeleteAll(forged), now).await.0, 401);
    let mut forged = Delete::signed(&eve, vec![MessageHash::from_bytes(&[1; 32])], false);
    forged.account = bob.account();
    assert_eq!(talk.send("del", &Request::Delete(forged), now).await.0, 401);

    // Signed 65 s ago: too old for a client, not yet for a member that passes it on.
    let older = DeleteAll::signed(&bob, Namespaces::All, now.minus_ms(65_000));
    assert_eq!(talk.send("del", &Request::DeleteAll(older), now).await.0, 200);
    let too_old = DeleteAll::signed(&bob, Namespaces::All, now.minus_ms(75_000));
    assert_eq!(talk.send("del", &Request::DeleteAll(too_old), now).await.0, 406);

    // An operation says which requests it is for.
    assert_eq!(talk.send("del", &store, now).await.0, 400);
    assert_eq!(talk.post("put", &json!({})).await.unwrap().0, 400);
    assert_eq!(talk.post("dance", &json!({})).await.unwrap().0, 404);
    talk.peers.close().await;
    talk.node.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_node_of_another_swarm_may_ping_and_pass_on_but_not_store() {
    let talk = Talk::with_key_of(1).await;
    let bob = talk.person(true);
    assert_eq!(talk.post("ping", &json!({})).await.unwrap().0, 200);
    assert_eq!(talk.post("onion", &json!({})).await.unwrap(), (400, "Invalid ciphertext".to_owned()));
    let store = Request::Store(talk.message(bob.account()));
    assert_eq!(talk.send("put", &store, talk.now).await.0, 403);
}

#[tokio::test]
async fn a_key_that_the_network_does_not_name_gets_no_answer() {
    let mut talk = Talk::with_key_of(2).await;
    talk.peers = Peers::new(&tacit_crypto::NodeKeys::from_seed(&[9; 32])).unwrap();
    assert_eq!(talk.post("ping", &json!({})).await, Err(PeerError::Broken));
    assert_eq!(talk.post("ping", &json!({})).await, Err(PeerError::Broken));
    assert_eq!(talk.post("ping", &json!({})).await, Err(PeerError::Broken));
    assert_eq!(talk.post("ping", &json!({})).await, Err(PeerError::Unreachable), "not again and again");
}

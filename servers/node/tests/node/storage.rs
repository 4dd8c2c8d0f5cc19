//! The storage methods over HTTPS, as a client sees them.

use serde_json::json;
use tacit_wire::rpc::{
    BatchAnswer, Delete, DeleteAll, DeleteAllAnswer, DeleteAnswer, Expire, ExpireAnswer, ExpiryChange, GetExpiries,
    GetExpiriesAnswer, Request, Retrieve, Selection, Store, StoreAnswer, SwarmAnswer,
};
use tacit_wire::{Namespace, Namespaces, base64, node_list, signing};

use crate::harness::{Net, Person, now, texts};

#[tokio::test]
async fn a_stored_message_comes_back_with_receipts_of_all_members() {
    let net = Net::start(3, 1).await;
    let bob = Person::new(1);
    let request = bob.message("hello");
    let (status, answer) = net.ask(0, &Request::Store(request.clone())).await;
    assert_eq!(status, 200);
    let answer: StoreAnswer = serde_json::from_value(answer).unwrap();
    assert_eq!(answer.hash, request.hash());
    assert_eq!(answer.hf, [19, 4]);
    assert!(answer.t.distance(now()) < 5_000);
    let receipts: Vec<_> = answer.receipts().collect();
    assert_eq!(receipts.len(), 3);
    for (node, receipt) in receipts {
        assert!(receipt.is_signed_by(node));
        assert_eq!(receipt.expiry, Some(request.expiry()));
        assert!(!receipt.already);
    }
    let (_, again) = net.ask(1, &Request::Store(request.clone())).await;
    let again: StoreAnswer = serde_json::from_value(again).unwrap();
    assert!(again.receipts().all(|(_, receipt)| receipt.already));

    let got = net.retrieve(2, &bob, None).await;
    assert_eq!(got.messages[0].hash, request.hash());
    assert_eq!(got.messages[0].timestamp, request.timestamp);
    assert_eq!(got.messages[0].expiration, request.expiry());
    assert!(!got.more);
    assert_eq!(texts(got), ["hello"]);
}

#[tokio::test]
async fn a_cursor_works_after_its_message_was_deleted() {
    let net = Net::start(2, 1).await;
    let bob = Person::new(1);
    net.store(0, &bob, "one").await;
    let second = net.store(0, &bob, "two").await;
    net.store(1, &bob, "three").await;

    let request = Delete::signed(&bob.keys, vec![second.clone()], true);
    let (status, answer) = net.ask(1, &Request::Delete(request.clone())).await;
    assert_eq!(status, 200);
    let answer: DeleteAnswer = serde_json::from_value(answer).unwrap();
    assert_eq!(answer.receipts().count(), 2);
    for (node, receipt) in answer.receipts() {
        assert!(receipt.is_signed_by(node, &request));
        assert_eq!(receipt.deleted, std::slice::from_ref(&second));
    }
    for node in [0, 1] {
        assert_eq!(net.texts(node, &bob).await, ["one", "three"]);
        assert_eq!(texts(net.retrieve(node, &bob, Some(&second)).await), ["three"]);
    }
    let (status, answer) = net.ask(1, &Request::Delete(request.clone())).await;
    assert_eq!(status, 404, "nothing was there any more");
    let answer: DeleteAnswer = serde_json::from_value(answer).unwrap();
    assert!(answer.receipts().all(|(node, receipt)| receipt.is_signed_by(node, &request)));
}

#[tokio::test]
async fn everything_can_be_deleted_by_box_or_at_once() {
    let net = Net::start(2, 1).await;
    let bob = Person::new(1);
    let hash = net.store(0, &bob, "one").await;
    let config = Store::signed(&bob.keys, Namespace::PROFILE, now(), 60_000, vec![7], now());
    assert_eq!(net.ask(0, &Request::Store(config.clone())).await.0, 200);

    let one = DeleteAll::signed(&bob.keys, Namespace::MESSAGES.into(), now());
    let (_, answer) = net.ask(0, &Request::DeleteAll(one.clone())).await;
    let answer: DeleteAllAnswer = serde_json::from_value(answer).unwrap();
    for (node, receipt) in answer.receipts() {
        assert!(receipt.is_signed_by(node, &one));
        assert_eq!(receipt.deleted.sorted(), [&hash]);
    }
    let all = DeleteAll::signed(&bob.keys, Namespaces::All, now());
    let (_, answer) = net.ask(1, &Request::DeleteAll(all.clone())).await;
    let text = signing::sweep_receipt(&bob.id(), all.timestamp, [&config.hash()]);
    for node in net.all() {
        let receipt = &answer["swarm"][node.ed25519.to_hex()];
        assert_eq!(receipt["deleted"], json!({ "2": [config.hash()] }), "{answer}");
        let signature = receipt["signature"].as_str().and_then(base64::decode_array).unwrap();
        tacit_crypto::verify(node.ed25519.as_bytes(), &text, &signature).unwrap();
    }
}

#[tokio::test]
async fn ends_can_be_moved_and_asked_for() {
    let net = Net::start(2, 1).await;
    let bob = Person::new(1);
    let hash = net.store(0, &bob, "one").await;
    let sooner = now().plus_ms(60_000);
    let expire = |expiry, change| Expire::signed(&bob.keys, vec![hash.clone()], vec![expiry], change);

    let extend = expire(sooner, ExpiryChange::Extend);
    let (_, answer) = net.ask(0, &Request::Expire(extend.clone())).await;
    let answer: ExpireAnswer = serde_json::from_value(answer).unwrap();
    for (node, receipt) in answer.receipts() {
        assert!(receipt.is_signed_by(node, &extend));
        assert!(receipt.updated.is_empty());
        assert_eq!(receipt.unchanged.as_ref().unwrap().len(), 1);
    }
    let shorten = expire(sooner, ExpiryChange::Shorten);
    let (_, answer) = net.ask(1, &Request::Expire(shorten.clone())).await;
    let answer: ExpireAnswer = serde_json::from_value(answer).unwrap();
    assert_eq!(answer.receipts().count(), 2);
    for (node, receipt) in answer.receipts() {
        assert!(receipt.is_signed_by(node, &shorten));
        assert_eq!(receipt.updated, std::slice::from_ref(&hash));
    }
    // Too late an end is cut to 30 days, the same at all members.
    let far = expire(now().plus_ms(90 * 86_400_000), ExpiryChange::Any);
    assert_eq!(net.ask(0, &Request::Expire(far)).await.0, 200);
    let mut ends = Vec::new();
    for node in [0, 1] {
        for which in [Selection::All, Selection::Messages(vec![hash.clone()])] {
            let request = GetExpiries::signed(&bob.keys, which, now());
            let (_, answer) = net.ask(node, &Request::GetExpiries(request)).await;
            let answer: GetExpiriesAnswer = serde_json::from_value(answer).unwrap();
            ends.push(answer.expiries[&hash]);
        }
    }
    assert!(ends.iter().all(|end| *end == ends[0]));
    assert!(ends[0].distance(now().plus_ms(30 * 86_400_000)) < 10_000);
}

#[tokio::test]
async fn a_batch_does_all_and_a_sequence_stops_at_the_first_failure() {
    let net = Net::start(1, 1).await;
    let bob = Person::new(1);
    let store = |text: &str| Request::Store(bob.message(text));
    let retrieve = || Request::Retrieve(Retrieve::signed(&bob.keys, Namespace::MESSAGES, None, None, now()));
    let unsigned = || Request::Store(Store { namespace: Namespace::PROFILE, ..bob.message("x") });

    let batch = Request::Batch(vec![store("one"), unsigned(), store("two")]);
    let (status, answer) = net.ask(0, &batch).await;
    let answer: BatchAnswer = serde_json::from_value(answer).unwrap();
    let codes: Vec<_> = answer.results.iter().map(|result| result.code).collect();
    assert_eq!((status, codes), (200, vec![200, 401, 200]));
    assert_eq!(answer.results[1].body, "store: signature required to store to namespace 2");

    let sequence = Request::Sequence(vec![store("three"), retrieve(), unsigned(), store("four")]);
    let (status, answer) = net.ask(0, &sequence).await;
    let answer: BatchAnswer = serde_json::from_value(answer).unwrap();
    let codes: Vec<_> = answer.results.iter().map(|result| result.code).collect();
    assert_eq!((status, codes), (200, vec![200, 200, 401]));
    assert_eq!(answer.results[1].body["messages"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn nodes_tell_their_version_their_swarms_and_the_list() {
    let net = Net::start(4, 2).await;
    let (status, info) = net.ask(0, &Request::Info).await;
    assert_eq!(status, 200);
    assert_eq!(info["version"], json!([0, 1, 0]));
    assert_eq!(info["hf"], json!([19, 4]));
    assert!(info["timestamp"].is_u64() && info["t"].is_u64());

    let bob = Person::new(1);
    for node in 0..4 {
        let (_, text) = net.call(node, "get_snodes_for_pubkey", json!({"pubKey": bob.id()})).await;
        let answer: SwarmAnswer = serde_json::from_str(&text).unwrap();
        let named: Vec<_> = answer.nodes().iter().map(|n| n.ed25519).collect();
        let mut expected: Vec<_> = net.members(&bob.id()).iter().map(|i| net.node(*i).ed25519).collect();
        expected.sort_unstable();
        assert_eq!(named, expected);
    }
    let params = json!({"endpoint": "get_service_nodes", "params": node_list::request_params()});
    let (_, text) = net.call(1, "oxend_request", params).await;
    let list = node_list::parse(text.as_bytes()).unwrap();
    let mut expected = net.all();
    expected.sort_by_key(|node| node.ed25519);
    let without_version = |mut node: tacit_wire::ServiceNode| {
        node.version = None;
        node
    };
    assert_eq!(list.nodes.into_iter().map(without_version).collect::<Vec<_>>(), expected);

    let url = format!("https://127.0.0.1:{}/json_rpc", net.node(2).https_port);
    let answer = net.http.post(url).body(node_list::request_body()).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/json");
    let list = node_list::parse(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(list.nodes.len(), 4);
}

#[tokio::test]
async fn the_wrong_swarm_names_the_right_one() {
    let net = Net::start(4, 2).await;
    let bob = Person::new(1);
    let members = net.members(&bob.id());
    let stranger = (0..4).find(|index| !members.contains(index)).unwrap();
    let requests = [
        Request::Store(bob.message("x")),
        Request::Retrieve(Retrieve::signed(&bob.keys, Namespace::MESSAGES, None, None, now())),
        Request::DeleteAll(DeleteAll::signed(&bob.keys, Namespaces::All, now())),
    ];
    for request in requests {
        let (status, answer) = net.ask(stranger, &request).await;
        assert_eq!(status, 421);
        let answer: SwarmAnswer = serde_json::from_value(answer).unwrap();
        assert_eq!(answer.snodes.len(), members.len());
        assert_eq!(Some(answer.swarm), net.node(members[0]).swarm);
    }
}

#[tokio::test]
async fn a_ping_names_the_node() {
    let net = Net::start(1, 1).await;
    let url = format!("https://127.0.0.1:{}/ping_test/v1", net.node(0).https_port);
    let answer = net.http.post(url).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["x-oxen-snode-pubkey"], net.node(0).ed25519.to_hex());
}

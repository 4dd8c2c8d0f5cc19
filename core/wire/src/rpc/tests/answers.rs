//! Answers as nodes write and clients read them.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use proptest::prelude::*;
use serde_json::{Value, json};
use tacit_crypto::NodeKeys;

use crate::rpc::*;
use crate::testing::account;
use crate::{MessageHash, Namespace, Namespaces, NodeId, ServiceNode, SwarmId, TimestampMs, signing};

const NOW: TimestampMs = TimestampMs(1_760_000_000_123);

fn hash(byte: u8) -> MessageHash {
    MessageHash::from_bytes(&[byte; 32])
}

fn node() -> (NodeKeys, NodeId) {
    let keys = NodeKeys::from_seed(&[4; 32]);
    let id = NodeId(keys.ed25519_public());
    (keys, id)
}

fn same<T: Answer + PartialEq + std::fmt::Debug>(answer: T) -> Value {
    let value = answer.to_value();
    assert_eq!(answer_from::<T>(value.clone()), Ok(answer));
    value
}

#[test]
fn a_store_is_known_by_the_receipts_of_the_members() {
    let (keys, id) = node();
    let receipt = StoreReceipt {
        hash: hash(1),
        signature: keys.sign(&signing::store_receipt(&hash(1))),
        expiry: Some(NOW),
        already: false,
    };
    assert!(receipt.is_signed_by(&id));
    assert!(!receipt.is_signed_by(&NodeId([4; 32])));
    assert!(!StoreReceipt { hash: hash(2), ..receipt.clone() }.is_signed_by(&id));
    let failure = MemberFailure { failed: true, timeout: true, ..Default::default() };
    let swarm = BTreeMap::from([(id, Member::Done(receipt)), (NodeId([9; 32]), Member::Failed(failure))]);
    let mut value = same(StoreAnswer { hash: hash(1), swarm, hf: [19, 1], t: NOW });
    assert_eq!(value["swarm"]["09".repeat(32)], json!({ "failed": true, "timeout": true }));
    assert_eq!(value["swarm"][id.to_hex()].get("already"), None);
    // Nodes that name the message in the receipts only.
    value.as_object_mut().unwrap().remove("hash");
    assert_eq!(answer_from::<StoreAnswer>(value).unwrap().hash, hash(1));
    assert!(answer_from::<StoreAnswer>(json!({ "swarm": {} })).is_err());
}

#[test]
fn a_members_nonsense_costs_only_its_own_receipt() {
    let (keys, id) = node();
    let good = json!({ "hash": hash(1), "signature": crate::base64::encode(keys.sign(hash(1).as_str().as_bytes())) });
    let value = json!({ "hash": hash(1), "swarm": {
        (id.to_hex()): good,
        "01".repeat(32): { "hash": 5 },
        "02".repeat(32): { "failed": true, "code": "503", "reason": ["odd"] },
        "03".repeat(32): { "failed": true, "code": 421, "reason": "wrong swarm" },
        "04".repeat(32): null,
    } });
    let answer: StoreAnswer = answer_from(value).unwrap();
    assert_eq!(answer.receipts().map(|(node, _)| *node).collect::<Vec<_>>(), [id]);
    let failure = |byte| match &answer.swarm[&NodeId([byte; 32])] {
        Member::Failed(failure) => failure.clone(),
        Member::Done(_) => panic!(),
    };
    assert!(failure(1).bad_peer_response && failure(4).bad_peer_response);
    assert_eq!((failure(3).code, failure(3).reason), (Some(421), Some("wrong swarm".to_owned())));
    assert_eq!((failure(2).code, failure(2).reason), (None, None));
}

#[test]
fn unreadable_messages_are_left_out_and_the_others_kept() {
    let message = StoredMessage { hash: hash(1), timestamp: NOW, expiration: NOW.plus_ms(5), data: b"hi".to_vec() };
    let mut value = same(RetrieveAnswer { messages: vec![message.clone()], more: true, hf: [19, 1], t: NOW });
    assert_eq!(value["messages"][0]["data"], "aGk=");
    value["messages"].as_array_mut().unwrap().extend([json!({ "hash": "x" }), json!(5)]);
    let answer: RetrieveAnswer = answer_from(value).unwrap();
    assert_eq!((answer.messages, answer.more), (vec![message], true));
    assert!(answer_from::<RetrieveAnswer>(json!({})).is_err());
}

#[test]
fn a_message_that_is_not_base64_keeps_its_name_so_that_it_can_be_passed_over() {
    for data in [json!("not base64!"), json!(7), json!(null)] {
        let messages = json!([{ "hash": hash(1), "timestamp": 1, "expiration": 2, "data": data }]);
        let answer: RetrieveAnswer = answer_from(json!({ "messages": messages })).unwrap();
        assert_eq!((&answer.messages[0].hash, answer.messages[0].data.len()), (&hash(1), 0));
    }
}

#[test]
fn deletions_are_signed_over_what_was_asked_and_what_was_there() {
    let (keys, id) = node();
    let request = Delete::signed(&account(1), vec![hash(2), hash(1)], false);
    let text = [request.account.to_hex(), hash(2).to_string(), hash(1).to_string(), hash(1).to_string()].concat();
    let receipt = DeleteReceipt { deleted: vec![hash(1)], signature: keys.sign(text.as_bytes()) };
    assert!(receipt.is_signed_by(&id, &request));
    let more = DeleteReceipt { deleted: vec![hash(1), hash(2)], ..receipt.clone() };
    assert!(!more.is_signed_by(&id, &request));
    same(DeleteAnswer { swarm: BTreeMap::from([(id, Member::Done(receipt))]), hf: [19, 1], t: NOW });
}

#[test]
fn a_sweep_of_all_namespaces_is_signed_in_one_order() {
    let (keys, id) = node();
    let request = DeleteAll::signed(&account(1), Namespaces::All, NOW);
    let deleted = Swept::All(BTreeMap::from([(Namespace(-11), vec![hash(3)]), (Namespace(0), vec![hash(1), hash(2)])]));
    let text = signing::sweep_receipt(&request.account, NOW, [&hash(1), &hash(2), &hash(3)]);
    let receipt = DeleteAllReceipt { deleted, signature: keys.sign(&text) };
    assert!(receipt.is_signed_by(&id, &request));
    let swarm = BTreeMap::from([(id, Member::Done(receipt))]);
    let value = same(DeleteAllAnswer { swarm, hf: [19, 1], t: NOW });
    assert_eq!(value["swarm"][id.to_hex()]["deleted"]["-11"], json!([hash(3)]));
    let one = DeleteAllReceipt { deleted: Swept::One(vec![]), signature: [0; 64] };
    assert_eq!(same(one)["deleted"], json!([]));
}

#[test]
fn expiries_are_told_for_changed_and_unchanged_messages() {
    let (keys, id) = node();
    let request = Expire::signed(&account(1), vec![hash(1), hash(2)], vec![NOW], ExpiryChange::Extend);
    let unchanged = BTreeMap::from([(hash(2), NOW.plus_ms(9))]);
    let text = [request.account.to_hex(), NOW.to_string(), hash(1).to_string(), hash(2).to_string()].concat()
        + &[hash(1).to_string(), hash(2).to_string(), NOW.plus_ms(9).to_string()].concat();
    let receipt = ExpireReceipt {
        updated: vec![hash(1)],
        unchanged: Some(unchanged),
        expiry: Expiries::One(NOW),
        signature: keys.sign(text.as_bytes()),
    };
    assert!(receipt.is_signed_by(&id, &request));
    assert_eq!(receipt.known(), BTreeMap::from([(hash(1), NOW), (hash(2), NOW.plus_ms(9))]));
    same(ExpireAnswer { swarm: BTreeMap::from([(id, Member::Done(receipt.clone()))]), hf: [19, 1], t: NOW });
    let each = ExpireReceipt { expiry: Expiries::Each(vec![NOW]), unchanged: None, ..receipt };
    assert_eq!(same(each.clone())["expiry"], json!([NOW]));
    assert_eq!(each.known(), BTreeMap::from([(hash(1), NOW)]));
}

#[test]
fn a_swarm_is_told_in_the_form_of_deployed_nodes() {
    let node = ServiceNode {
        ip: Ipv4Addr::new(192, 0, 2, 1),
        https_port: 22021,
        peer_port: 22020,
        ed25519: NodeId([1; 32]),
        x25519: [2; 32],
        swarm: Some(SwarmId(0xab)),
        version: None,
    };
    let answer = SwarmAnswer::new(node.swarm, [&node], [19, 4], NOW);
    assert_eq!(answer.nodes(), [node]);
    let mut value = same(answer);
    let member = &value["snodes"][0];
    assert_eq!(
        (&value["swarm"], &member["port"], &member["port_https"]),
        (&json!("ab"), &json!("22021"), &json!(22021))
    );
    assert_eq!(member["ip"], "192.0.2.1");
    value["snodes"].as_array_mut().unwrap().push(json!({ "ip": "::1" }));
    value["snodes"][0].as_object_mut().unwrap().remove("port_https");
    let read: SwarmAnswer = answer_from(value).unwrap();
    assert_eq!((read.nodes().len(), read.nodes()[0].https_port), (1, 22021), "the old port counts when it is alone");
    let none = SwarmAnswer::new(None, [], [19, 4], NOW);
    assert_eq!(none.to_value()["swarm"], "ffffffffffffffff");
}

#[test]
fn the_other_answers() {
    let info = InfoAnswer { version: [2, 8, 0], timestamp: NOW, hf: [19, 1], t: NOW };
    assert_eq!(same(info)["version"], json!([2, 8, 0]));
    let expiries = GetExpiriesAnswer { expiries: BTreeMap::from([(hash(1), NOW)]), hf: [19, 1], t: NOW };
    assert_eq!(same(expiries)["expiries"][hash(1).as_str()], json!(NOW));
    let refused = SubAnswer::from(Rejection::retrieve_needs_signature());
    let batch = BatchAnswer { results: vec![refused], hf: [19, 1], t: NOW };
    let value = same(batch);
    assert_eq!(value["results"][0], json!({ "code": 401, "body": "retrieve: request signature required" }));
    same(OxendAnswer { result: json!({ "height": 5 }), hf: [19, 1], t: NOW });
}

proptest! {
    #[test]
    fn reading_answers_never_panics(text in "[\\[\\]{}:,\"a-z0-9]{0,60}") {
        if let Ok(value) = serde_json::from_str::<Value>(&text) {
            let wrapped = json!({ "swarm": value, "messages": value, "snodes": value, "hash": value, "results": value });
            for body in [value, wrapped] {
                let _ = answer_from::<StoreAnswer>(body.clone());
                let _ = answer_from::<RetrieveAnswer>(body.clone());
                let _ = answer_from::<SwarmAnswer>(body.clone());
                let _ = answer_from::<BatchAnswer>(body.clone());
                let _ = answer_from::<ExpireAnswer>(body.clone());
                let _ = answer_from::<DeleteAllAnswer>(body);
            }
        }
    }
}

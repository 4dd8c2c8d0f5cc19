//! What nodes and clients read of each other.

use serde_json::json;
use tacit_crypto::NodeKeys;
use tacit_crypto::onion::{EncType, LayerReceiver, SharedKey, layer_seal};
use tacit_wire::json::{self as bounded, Limits};
use tacit_wire::node_list::{self as nodes, ListRequest};
use tacit_wire::onion::{self, Control, Outer, PathError, Peeled, combine};
use tacit_wire::rpc::{
    BatchAnswer, DeleteAllAnswer, DeleteAnswer, ExpireAnswer, GetExpiriesAnswer, InfoAnswer, OxendAnswer, Request,
    RetrieveAnswer, Selection, StoreAnswer, SwarmAnswer, answer_from,
};
use tacit_wire::{AccountId, MessageHash, Namespace, Namespaces, TimestampMs, rpc};

use super::messages::account;
use crate::sections::case::Scripted;

fn node() -> NodeKeys {
    NodeKeys::from_seed(&[3; 32])
}

/// The JSON that steers a layer.
pub fn control(data: &[u8]) {
    if let Ok(control) = Control::parse(data) {
        assert_eq!(Control::parse(&control.to_json()).as_ref(), Ok(&control));
    }
    if let Ok(outer) = Outer::parse(data) {
        assert_eq!(Outer::parse(&outer.to_json()).as_ref(), Ok(&outer));
    }
}

/// The body of an onion request, and the same as if its outermost layer were right.
pub fn onion_peel(data: &[u8]) {
    let receiver = LayerReceiver::from(&node());
    let _ = onion::peel_with(data, &receiver);
    let _ = onion::open_at_server(data, &receiver);
    for enc in [EncType::XChaCha20, EncType::AesGcm, EncType::AesCbc] {
        let Ok(layer) = layer_seal(enc, data, &node().x25519_public(), &mut Scripted::new(&[&[5; 32]])) else { return };
        let outer = Outer { ephemeral_key: layer.ephemeral_public, enc_type: enc };
        match onion::peel_with(&combine(&layer.ciphertext, &outer.to_json()), &receiver) {
            Ok(Peeled::Forward { body, .. }) => assert!(onion::split(&body).is_ok()),
            Ok(Peeled::Exit { host, port, target, body, .. }) => {
                assert!(!host.is_empty() && port > 0 && target.ends_with("/lsrpc"));
                assert_eq!(body, data);
            }
            Ok(Peeled::Destination { .. }) | Err(_) => {}
        }
    }
}

fn key() -> Option<SharedKey> {
    let layer = layer_seal(EncType::XChaCha20, b"", &node().x25519_public(), &mut Scripted::new(&[&[5; 32]]));
    layer.ok().map(|layer| layer.key)
}

/// An answer through the onion, in each of its forms, and errors of the path.
pub fn onion_reply(data: &[u8]) {
    let Some(key) = key() else { return };
    let _ = onion::open_reply(&key, data);
    let _ = onion::open_reply(&key, &key.seal(data, &mut Scripted::new(&[])));
    for (json, base64) in [(false, true), (true, true), (true, false)] {
        let options = onion::ReplyOptions { json, base64 };
        let sealed = onion::seal_reply(&key, options, 200, data, &mut Scripted::new(&[]));
        // JSON embedded as it is may nest deeper than a client reads.
        if !json {
            let opened = onion::open_reply(&key, &sealed);
            assert_eq!(opened, Ok((200, String::from_utf8_lossy(data).into_owned().into_bytes())));
        }
    }
    for status in [400, 500, 502, 503, 504] {
        let (status, text) = PathError::from_http(status, data).to_http();
        assert!((400..=504).contains(&status) && text.len() < 200);
    }
}

/// A request to a node.
pub fn rpc_request(data: &[u8]) {
    match Request::parse(data) {
        Ok(request) => {
            let _ = request.verify_auth();
            assert_eq!(Request::parse(&request.to_body()).as_ref(), Ok(&request));
        }
        Err(rejection) => assert!((400..=503).contains(&rejection.status) && rejection.text.len() < 1_000),
    }
}

/// An answer of a node.
pub fn rpc_answer(data: &[u8]) {
    let Ok(body) = bounded::parse(data, Limits::ANSWER) else { return };
    let _ = answer_from::<InfoAnswer>(body.clone());
    let _ = answer_from::<SwarmAnswer>(body.clone()).map(|answer| answer.nodes());
    let _ = answer_from::<StoreAnswer>(body.clone());
    let _ = answer_from::<RetrieveAnswer>(body.clone());
    let _ = answer_from::<DeleteAnswer>(body.clone());
    let _ = answer_from::<DeleteAllAnswer>(body.clone());
    let _ = answer_from::<ExpireAnswer>(body.clone());
    let _ = answer_from::<GetExpiriesAnswer>(body.clone());
    let _ = answer_from::<BatchAnswer>(body.clone());
    let _ = answer_from::<rpc::ExpireAllAnswer>(body.clone());
    let _ = answer_from::<rpc::RevocationAnswer>(body.clone());
    let _ = answer_from::<rpc::RevokedSubaccountsAnswer>(body.clone());
    let _ = answer_from::<rpc::IfElseAnswer>(body.clone());
    let _ = answer_from::<OxendAnswer>(body);
}

/// A list of nodes, and the question for one.
pub fn node_list(data: &[u8]) {
    let _ = ListRequest::parse_json_rpc(data);
    if let Ok(list) = nodes::parse(data) {
        let result = nodes::result(&list.nodes, list.height, list.consensus.as_deref(), &ListRequest::default());
        let again = nodes::parse_result(&result).map(|list| list.nodes.len());
        assert_eq!(again, Ok(list.nodes.len()));
    }
}

pub(super) fn controls() -> Vec<Vec<u8>> {
    let key = "ab".repeat(32);
    let texts = [
        format!(r#"{{"destination":"{key}","ephemeral_key":"{key}","enc_type":"xchacha20"}}"#),
        format!(
            r#"{{"host":"example.org","target":"/oxen/v4/lsrpc","method":"POST","protocol":"http","port":80,"ephemeral_key":"{key}"}}"#
        ),
        r#"{"headers":"","json":true,"base64":false}"#.to_owned(),
    ];
    texts.into_iter().map(String::into_bytes).collect()
}

pub(super) fn frames() -> Vec<Vec<u8>> {
    controls().iter().map(|control| combine(b"inner", control)).collect()
}

pub(super) fn bodies() -> Vec<Vec<u8>> {
    let (keys, now) = (account(1), TimestampMs(1_760_000_000_123));
    let somebody = AccountId::from_x25519(&[9; 32]);
    let hashes = || vec![MessageHash::from_bytes(&[5; 32])];
    let requests = vec![
        Request::Store(rpc::Store::public(somebody, Namespace::MESSAGES, now, 60_000, b"data".to_vec())),
        Request::Retrieve(rpc::Retrieve::signed(&keys, Namespace::PROFILE, hashes().pop(), Some(-2), now)),
        Request::Delete(rpc::Delete::signed(&keys, hashes(), true)),
        Request::DeleteAll(rpc::DeleteAll::signed(&keys, Namespaces::All, now)),
        Request::Expire(rpc::Expire::signed(&keys, hashes(), vec![now], rpc::ExpiryChange::Extend)),
        Request::GetExpiries(rpc::GetExpiries::signed(&keys, Selection::All, now)),
        Request::DeleteBefore(rpc::DeleteBefore::signed(&keys, Namespaces::All, now)),
        Request::ExpireAll(rpc::ExpireAll::signed(&keys, Namespace::PROFILE.into(), now)),
        Request::Revocation(rpc::Revocation::signed(&keys, true, vec![rpc::SubaccountToken([3; 36])], now)),
        Request::RevokedSubaccounts(rpc::RevokedSubaccounts::signed(&keys, now)),
    ];
    let batch = Request::Batch(requests.clone());
    let choice = Request::IfElse(Box::new(rpc::IfElse {
        condition: rpc::Condition { hf_at_least: Some([19, 0]), height_before: Some(9), ..Default::default() },
        then: Some(batch.clone()),
        otherwise: Some(Request::Info),
    }));
    requests.into_iter().chain([batch, choice]).map(|request| request.to_body()).collect()
}

pub(super) fn answers() -> Vec<Vec<u8>> {
    let hash = MessageHash::from_bytes(&[5; 32]);
    let key = "ab".repeat(32);
    let signature = tacit_wire::base64::encode([7; 64]);
    let answers = [
        json!({ "hash": hash, "swarm": { (key.clone()): { "hash": hash, "signature": signature } }, "hf": [19, 1], "t": 5 }),
        json!({ "messages": [{ "hash": hash, "timestamp": 5, "expiration": 6, "data": "aGk=" }], "more": false }),
        json!({ "swarm": { (key.clone()): { "deleted": { "-11": [hash] }, "signature": signature } } }),
        json!({ "swarm": { (key.clone()): { "updated": [hash], "expiry": 5, "signature": signature } } }),
        json!({ "swarm": "ab", "snodes": [{ "ip": "192.0.2.1", "port": "1", "pubkey_ed25519": key, "pubkey_x25519": key }] }),
        json!({ "results": [{ "code": 200, "body": {} }], "expiries": { (hash.to_string()): 5 }, "result": { "height": 5,
            "service_node_states": [{ "public_ip": "192.0.2.1", "storage_port": 1, "pubkey_ed25519": key, "pubkey_x25519": key }] } }),
    ];
    answers.iter().map(|answer| answer.to_string().into_bytes()).collect()
}

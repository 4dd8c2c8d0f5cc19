//! What clients write is what nodes read, and old spellings are understood.

use proptest::prelude::*;
use serde_json::json;

use crate::rpc::*;
use crate::testing::account;
use crate::{AccountId, MessageHash, Namespace, Namespaces, TimestampMs};

const NOW: TimestampMs = TimestampMs(1_760_000_000_123);

fn hash(byte: u8) -> MessageHash {
    MessageHash::from_bytes(&[byte; 32])
}

/// One signed request of each method.
fn requests() -> Vec<Request> {
    let keys = account(1);
    let somebody = AccountId::from_x25519(&[9; 32]);
    vec![
        Request::Info,
        Request::GetSwarm(GetSwarm { account: somebody }),
        Request::Store(Store::public(somebody, Namespace::MESSAGES, NOW, 1_209_600_000, b"data".to_vec())),
        Request::Store(Store::signed(&keys, Namespace::PROFILE, NOW, 60_000, b"data".to_vec(), NOW.plus_ms(5))),
        Request::Retrieve(Retrieve::signed(&keys, Namespace::MESSAGES, Some(hash(1)), Some(-2), NOW)),
        Request::Retrieve(Retrieve::signed(&keys, Namespace::CONTACTS, None, None, NOW)),
        Request::Delete(Delete::signed(&keys, vec![hash(1), hash(2)], true)),
        Request::DeleteAll(DeleteAll::signed(&keys, Namespaces::All, NOW)),
        Request::DeleteAll(DeleteAll::signed(&keys, Namespace::MESSAGES.into(), NOW)),
        Request::Expire(Expire::signed(&keys, vec![hash(1)], vec![NOW], ExpiryChange::Shorten)),
        Request::Expire(Expire::signed(&keys, vec![hash(1), hash(2)], vec![NOW, NOW.plus_ms(1)], ExpiryChange::Any)),
        Request::DeleteBefore(DeleteBefore::signed(&keys, Namespaces::All, NOW)),
        Request::DeleteBefore(DeleteBefore::signed(&keys, Namespace(-21).into(), NOW)),
        Request::ExpireAll(ExpireAll::signed(&keys, Namespaces::All, NOW)),
        Request::Revocation(Revocation::signed(&keys, true, vec![SubaccountToken([3; 36])], NOW)),
        Request::Revocation(Revocation::signed(&keys, false, vec![SubaccountToken([3; 36]); 2], NOW)),
        Request::RevokedSubaccounts(RevokedSubaccounts::signed(&keys, NOW)),
        Request::GetExpiries(GetExpiries::signed(&keys, Selection::All, NOW)),
        Request::GetExpiries(GetExpiries::signed(&keys, Selection::Messages(vec![hash(1)]), NOW)),
        Request::OxendRequest(OxendRequest {
            endpoint: OxendEndpoint::GetServiceNodes,
            params: crate::node_list::request_params(),
        }),
    ]
}

#[test]
fn nodes_read_what_clients_write() {
    for request in requests() {
        assert_eq!(Request::parse(&request.to_body()), Ok(request.clone()), "{}", request.method());
        assert_eq!(request.verify_auth(), Ok(()), "{}", request.method());
    }
    let all = Request::Batch(requests());
    assert_eq!(Request::parse(&all.to_body()), Ok(all.clone()));
    let Request::Batch(parts) = all else { unreachable!() };
    let sequence = Request::Sequence(parts);
    assert_eq!(Request::parse(&sequence.to_body()), Ok(sequence.clone()));
    let choice = |condition, then, otherwise| Request::IfElse(Box::new(IfElse { condition, then, otherwise }));
    let height = Condition { height_at_least: Some(1), height_before: Some(-5), ..Condition::default() };
    let versions = Condition {
        hf_at_least: Some([19, 0]),
        hf_before: Some([20, 1]),
        v_at_least: Some([2, 8, 0]),
        v_before: Some([3, 0, 0]),
        ..Condition::default()
    };
    for request in [
        choice(height, Some(sequence), None),
        choice(versions, Some(Request::Info), Some(choice(height, None, Some(Request::Info)))),
    ] {
        assert_eq!(Request::parse(&request.to_body()), Ok(request));
    }
}

#[test]
fn a_condition_holds_if_all_of_it_does() {
    let read = |condition: serde_json::Value| {
        let body = json!({ "method": "ifelse", "params": {
            "if": condition, "then": { "method": "info", "params": {} },
        } });
        let Ok(Request::IfElse(request)) = Request::parse(body.to_string().as_bytes()) else { panic!("{body}") };
        request.condition.holds(7, [19, 4], [2, 11, 3])
    };
    for (condition, holds) in [
        (json!({ "height_at_least": 7 }), true),
        (json!({ "height_at_least": 8 }), false),
        (json!({ "height_before": 8, "height_at_least": -1 }), true),
        (json!({ "height_before": 7 }), false),
        (json!({ "hf_at_least": 19 }), true),
        (json!({ "hf_at_least": [19, 4] }), true),
        (json!({ "hf_at_least": [19, 5] }), false),
        (json!({ "hf_before": [19, 5] }), true),
        (json!({ "hf_before": [19] }), false),
        (json!({ "v_at_least": [2, 11, 3, 9] }), true),
        (json!({ "v_at_least": [2, 12] }), false),
        (json!({ "v_before": [3] }), true),
        (json!({ "v_before": [2, 11, 3] }), false),
        (json!({ "hf_at_least": [19], "v_before": [1], "height_at_least": 1 }), false),
    ] {
        assert_eq!(read(condition.clone()), holds, "{condition}");
    }
}

#[test]
fn old_clients_write_numbers_as_text_and_pubkey_in_another_way() {
    let somebody = AccountId::from_x25519(&[9; 32]);
    let body = json!({ "method": "store", "params": {
        "pubKey": somebody, "timestamp": "1760000000123", "ttl": "60000", "data": "aGk",
    } });
    let Ok(Request::Store(store)) = Request::parse(body.to_string().as_bytes()) else { panic!() };
    assert_eq!(store, Store::public(somebody, Namespace::MESSAGES, NOW, 60_000, b"hi".to_vec()));
    assert_eq!(store.expiry(), NOW.plus_ms(60_000));
    let body = json!({ "method": "retrieve", "params": { "pubKey": somebody, "lastHash": "", "namespace": null } });
    let Ok(Request::Retrieve(retrieve)) = Request::parse(body.to_string().as_bytes()) else { panic!() };
    assert_eq!((retrieve.last_hash, retrieve.namespace, retrieve.auth), (None, Namespace::MESSAGES, None));
}

#[test]
fn one_hash_may_stand_without_a_list() {
    let keys = account(1);
    let mut body = Request::Delete(Delete::signed(&keys, vec![hash(1)], false)).to_json();
    body["params"]["messages"] = json!(hash(1));
    let Ok(Request::Delete(delete)) = Request::parse(body.to_string().as_bytes()) else { panic!() };
    assert_eq!(delete.messages, [hash(1)]);
}

#[test]
fn how_much_a_retrieve_may_bring() {
    let size = |max_size, max_count| {
        let request = Retrieve { max_count, ..Retrieve::signed(&account(1), Namespace::MESSAGES, None, max_size, NOW) };
        (request.size_limit(), request.count_limit())
    };
    assert_eq!(size(None, None), (MAX_RETRIEVE / 5, usize::MAX));
    assert_eq!(size(None, Some(3)), (MAX_RETRIEVE, 3));
    assert_eq!(size(Some(-1), None).0, MAX_RETRIEVE);
    assert_eq!(size(Some(-2), None).0, MAX_RETRIEVE / 2);
    assert_eq!(size(Some(i32::MIN), None).0, MAX_RETRIEVE / (1 << 31));
    assert_eq!(size(Some(1_000), None).0, 1_000);
    assert_eq!(size(Some(i32::MAX), None).0, MAX_RETRIEVE);
    assert_eq!(size(Some(0), Some(0)), (MAX_RETRIEVE, usize::MAX));
}

#[test]
fn each_message_has_its_expiry_or_all_have_one() {
    let keys = account(1);
    let expire = |expiry: Vec<_>| Expire::signed(&keys, vec![hash(1), hash(2)], expiry, ExpiryChange::Any);
    let one = expire(vec![NOW]);
    assert_eq!(one.pairs().collect::<Vec<_>>(), [(&hash(1), NOW), (&hash(2), NOW)]);
    let each = expire(vec![NOW, NOW.plus_ms(1)]);
    assert_eq!(each.pairs().collect::<Vec<_>>(), [(&hash(1), NOW), (&hash(2), NOW.plus_ms(1))]);
}

#[test]
fn a_log_shows_neither_mailbox_nor_message() {
    for request in requests() {
        let shown = format!("{request:?}");
        for secret in [account(1).account().to_hex(), AccountId::from_x25519(&[9; 32]).to_hex(), "data\"".to_owned()] {
            assert!(!shown.contains(&secret), "{shown}");
        }
        assert!(!shown.contains("100, 97, 116, 97"), "the bytes of the message: {shown}");
    }
}

proptest! {
    #[test]
    fn reading_requests_never_panics(body: Vec<u8>, method in "[a-z_]{0,12}", field in "[a-z_]{0,10}", value: String) {
        let _ = Request::parse(&body);
        for request in requests() {
            let mut json = request.to_json();
            json["params"][&field] = json!(value);
            let _ = Request::parse(json.to_string().as_bytes());
            let _ = Request::parse_method(&method, &json["params"]);
        }
    }

    #[test]
    fn requests_with_fields_of_any_type_never_panic(which in 0..14_usize, field in 0..9_usize, number: i64, float: f64) {
        let request = requests().swap_remove(which);
        for value in [json!(number), json!(float), json!([number]), json!({}), json!(true), json!(null)] {
            let mut json = request.to_json();
            let params = json["params"].as_object_mut().unwrap();
            if let Some(name) = params.keys().nth(field).cloned() {
                params.insert(name, value);
            }
            let _ = Request::parse(json.to_string().as_bytes());
        }
    }
}

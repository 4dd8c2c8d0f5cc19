//! Requests at and beyond every border, through real HTTPS: each gets the status and text of the
//! protocol, and none changes anything.

use serde_json::{Value, json};
use tacit_wire::rpc::{
    Delete, DeleteAll, DeleteBefore, Expire, ExpireAll, ExpiryChange, GetExpiries, Request, Retrieve, Revocation,
    RevokedSubaccounts, Selection, Store, SubaccountToken,
};
use tacit_wire::{MessageHash, Namespace, Namespaces, TimestampMs, base64};

use crate::harness::{Net, Person, now};

/// One signed request of each method that has a time in it, signed at `at`.
fn timed(bob: &Person, at: TimestampMs) -> Vec<Request> {
    let token = || vec![SubaccountToken([3; 36])];
    vec![
        Request::Store(Store::signed(&bob.keys, Namespace::PROFILE, now(), 60_000, vec![1], at)),
        Request::Retrieve(Retrieve::signed(&bob.keys, Namespace::MESSAGES, None, None, at)),
        Request::GetExpiries(GetExpiries::signed(&bob.keys, Selection::All, at)),
        Request::DeleteAll(DeleteAll::signed(&bob.keys, Namespace(70).into(), at)),
        Request::Revocation(Revocation::signed(&bob.keys, true, token(), at)),
        Request::Revocation(Revocation::signed(&bob.keys, false, token(), at)),
        Request::RevokedSubaccounts(RevokedSubaccounts::signed(&bob.keys, at)),
    ]
}

/// What the node keeps of Bob.
async fn kept(net: &Net, bob: &Person) -> (Vec<String>, Value, Value) {
    let (_, mut ends) = net.ask(0, &Request::GetExpiries(GetExpiries::signed(&bob.keys, Selection::All, now()))).await;
    let revoked = Request::RevokedSubaccounts(RevokedSubaccounts::signed(&bob.keys, now()));
    let (_, mut revoked) = net.ask(0, &revoked).await;
    (net.texts(0, bob).await, ends["expiries"].take(), revoked["revoked_subaccounts"].take())
}

#[tokio::test]
async fn signed_times_may_be_a_minute_off() {
    let net = Net::start(1, 1).await;
    let bob = Person::new(1);
    net.store(0, &bob, "kept").await;
    for off in [-61_000, 62_000, -86_400_000, 86_400_000] {
        let before = kept(&net, &bob).await;
        for request in timed(&bob, TimestampMs(now().0.saturating_add_signed(off))) {
            let (status, text) = net.ask(0, &request).await;
            let expected = tacit_wire::rpc::Rejection::timestamp_too_far(request.method());
            assert_eq!((status, text.as_str()), (406, Some(expected.text.as_str())), "{off}");
        }
        assert_eq!(kept(&net, &bob).await, before);
    }
    for at in [TimestampMs(0), TimestampMs(i64::MAX.cast_unsigned())] {
        for request in timed(&bob, at) {
            assert_eq!(net.ask(0, &request).await.0, 406, "{}", request.method());
        }
    }
    // Also what was answered before is refused once it is a minute old: a replay does nothing.
    for off in [-58_000, 58_000] {
        for request in timed(&bob, TimestampMs(now().0.saturating_add_signed(off))) {
            assert_eq!(net.ask(0, &request).await.0, 200, "{} {off}", request.method());
        }
    }
}

#[tokio::test]
async fn messages_have_times_within_the_borders() {
    const DAY: u64 = 86_400_000;
    let net = Net::start(1, 1).await;
    let bob = Person::new(1);
    let store = |ahead: i64, ttl: u64| {
        Store::public(
            bob.id(),
            Namespace::MESSAGES,
            TimestampMs(now().0.saturating_add_signed(ahead)),
            ttl,
            b"x".to_vec(),
        )
    };
    let clock = (406, "Timestamp error: check your clock");
    let life = (403, "Provided expiry/TTL is not valid.");
    for (ahead, ttl, (status, text)) in [
        (12_000, DAY, clock),
        (-40_000, 20_000, clock),
        (0, 9_999, life),
        (0, 0, life),
        (0, 14 * DAY + 1, life),
        (0, i64::MAX.cast_unsigned(), life),
    ] {
        let (got, answer) = net.ask(0, &Request::Store(store(ahead, ttl))).await;
        assert_eq!((got, answer.as_str()), (status, Some(text)), "{ahead} {ttl}");
    }
    let expiry = |expiry: u64| json!({ "pubkey": bob.id(), "timestamp": now(), "expiry": expiry, "data": "eA==" });
    for at in [0, 1, now().0 - 1, now().0 + 15 * DAY, i64::MAX.cast_unsigned()] {
        assert_eq!(net.call(0, "store", expiry(at)).await, (403, life.1.to_owned()), "{at}");
    }
    let signed = |ttl| Store::signed(&bob.keys, Namespace::PROFILE, now(), ttl, vec![1], now());
    let (status, _) = net.ask(0, &Request::Store(signed(30 * DAY + 1))).await;
    assert_eq!(status, 403);
    assert!(kept(&net, &bob).await.0.is_empty());
    assert_eq!(net.ask(0, &Request::Store(signed(30 * DAY))).await.0, 200);
    for (ahead, ttl) in [(8_000, DAY), (0, 10_000), (0, 14 * DAY), (-DAY.cast_signed(), DAY + 5_000)] {
        assert_eq!(net.ask(0, &Request::Store(store(ahead, ttl))).await.0, 200, "{ahead} {ttl}");
    }
}

#[tokio::test]
async fn sweeps_reach_only_so_far() {
    let net = Net::start(1, 1).await;
    let bob = Person::new(1);
    let hash = net.store(0, &bob, "kept").await;
    let before = kept(&net, &bob).await;
    let late = DeleteBefore::signed(&bob.keys, Namespaces::All, now().plus_ms(62_000));
    let early = ExpireAll::signed(&bob.keys, Namespaces::All, now().minus_ms(61_000));
    let expire = Expire::signed(&bob.keys, vec![hash.clone()], vec![now().minus_ms(61_000)], ExpiryChange::Any);
    for (request, status, text) in [
        (Request::DeleteBefore(late), 401, "delete_before timestamp too far in the future"),
        (Request::ExpireAll(early), 406, "expire_all timestamp should be >= current time"),
        (Request::Expire(expire), 401, "expire: timestamp should be >= current time"),
    ] {
        let (got, answer) = net.ask(0, &request).await;
        assert_eq!((got, answer.as_str()), (status, Some(text)));
    }
    let nothing = DeleteBefore::signed(&bob.keys, Namespaces::All, now().minus_ms(60_000));
    assert_eq!(net.ask(0, &Request::DeleteBefore(nothing)).await.0, 200);
    let later = ExpireAll::signed(&bob.keys, Namespaces::All, now().plus_ms(30 * 86_400_000));
    let (_, answer) = net.ask(0, &Request::ExpireAll(later)).await;
    assert_eq!(answer["swarm"][net.node(0).ed25519.to_hex()]["updated"], json!({}), "it only shortens");
    assert_eq!(kept(&net, &bob).await, before);

    let sooner = now().plus_ms(60_000);
    let request = ExpireAll::signed(&bob.keys, Namespace::MESSAGES.into(), sooner);
    let (_, answer) = net.ask(0, &Request::ExpireAll(request.clone())).await;
    let answer: tacit_wire::rpc::ExpireAllAnswer = serde_json::from_value(answer).unwrap();
    assert!(answer.receipts().all(|(node, receipt)| receipt.is_signed_by(node, &request)));
    assert_eq!(kept(&net, &bob).await.1, json!({ (hash.to_string()): sooner }));
    let request = DeleteBefore::signed(&bob.keys, Namespace::MESSAGES.into(), now());
    let (_, answer) = net.ask(0, &Request::DeleteBefore(request.clone())).await;
    let answer: tacit_wire::rpc::DeleteBeforeAnswer = serde_json::from_value(answer).unwrap();
    for (node, receipt) in answer.receipts() {
        assert!(receipt.is_signed_for_before(node, &request));
        assert_eq!(receipt.deleted.sorted(), [&hash]);
    }
    assert!(net.texts(0, &bob).await.is_empty());
}

/// A signature counts for one mailbox, one box of it, one method and one set of messages.
#[tokio::test]
async fn a_signature_counts_for_what_it_was_made_for() {
    let net = Net::start(1, 1).await;
    let (bob, eve) = (Person::new(1), Person::new(2));
    let hash = net.store(0, &bob, "kept").await;
    let before = kept(&net, &bob).await;
    let other = || vec![MessageHash::from_bytes(&[9; 32])];
    let elsewhere = |mut request: Request| {
        match &mut request {
            Request::Store(r) => r.namespace = Namespace::CONTACTS,
            Request::Retrieve(r) => r.namespace = Namespace::CONTACTS,
            Request::DeleteAll(r) => r.namespaces = Namespace::MESSAGES.into(),
            Request::DeleteBefore(r) => r.namespaces = Namespaces::All,
            Request::ExpireAll(r) => r.namespaces = Namespaces::All,
            Request::Delete(r) => r.messages = vec![hash.clone()],
            Request::Expire(r) => r.messages = vec![hash.clone()],
            Request::GetExpiries(r) => r.messages = Selection::Messages(vec![hash.clone()]),
            Request::Revocation(r) => r.revoke = !r.revoke,
            Request::RevokedSubaccounts(r) => r.timestamp = r.timestamp.plus_ms(1),
            _ => unreachable!(),
        }
        request
    };
    let sweeps = [
        Request::Delete(Delete::signed(&bob.keys, other(), false)),
        Request::Expire(Expire::signed(&bob.keys, other(), vec![now()], ExpiryChange::Any)),
        Request::DeleteBefore(DeleteBefore::signed(&bob.keys, Namespace(70).into(), now())),
        Request::ExpireAll(ExpireAll::signed(&bob.keys, Namespace(70).into(), now())),
    ];
    for request in timed(&bob, now()).into_iter().chain(sweeps) {
        let refusal = |request: &Request| tacit_wire::rpc::Rejection::signature(request.method()).text;
        let moved = elsewhere(request.clone());
        let (status, answer) = net.ask(0, &moved).await;
        assert_eq!((status, answer.as_str()), (401, Some(refusal(&moved).as_str())), "signed for something else");
        let text = refusal(&request);
        let mut json = request.to_json();
        json["params"]["pubkey_ed25519"] = hex::encode(eve.keys.ed25519_public()).into();
        assert_eq!(net.raw(0, &json.to_string()).await, (401, text.clone()), "with another's key");
        let mut json = request.to_json();
        json["params"].as_object_mut().unwrap().remove("pubkey_ed25519");
        assert_eq!(net.raw(0, &json.to_string()).await, (401, text.clone()), "without the key");
        let mut json = request.to_json();
        let mut signature = base64::decode(json["params"]["signature"].as_str().unwrap()).unwrap();
        signature[40] ^= 1;
        json["params"]["signature"] = base64::encode(signature).into();
        assert_eq!(net.raw(0, &json.to_string()).await, (401, text), "with one bit changed");
    }
    assert_eq!(kept(&net, &bob).await, before);
}

#[tokio::test]
async fn bodies_are_bounded_in_size_and_depth() {
    let net = Net::start(1, 1).await;
    let bob = Person::new(1);
    let padded = |bytes: usize| {
        let body = Request::Info.to_json().to_string();
        format!("{body}{}", " ".repeat(bytes - body.len()))
    };
    assert_eq!(net.raw(0, &padded(128 * 1024)).await.0, 200);
    assert_eq!(net.raw(0, &padded(128 * 1024 + 1)).await, (413, "Request body too large".to_owned()));
    let deep = |levels: usize| {
        format!(r#"{{"method": "info", "params": {{"x": {}{}}}}}"#, "[".repeat(levels), "]".repeat(levels))
    };
    assert_eq!(net.raw(0, &deep(14)).await.0, 200);
    assert_eq!(net.raw(0, &deep(15)).await, (400, "invalid json".to_owned()));
    assert_eq!(net.raw(0, &deep(50_000)).await, (400, "invalid json".to_owned()));
    let largest = |bytes: usize| Store { data: vec![7; bytes], ..bob.message("") };
    assert_eq!(net.ask(0, &Request::Store(largest(76_800))).await.0, 200);
    let (status, text) = net.ask(0, &Request::Store(largest(76_801))).await;
    let expected = "invalid request: Message body exceeds maximum allowed length of 76800 bytes";
    assert_eq!((status, text.as_str()), (400, Some(expected)));
    assert_eq!(net.retrieve(0, &bob, None).await.messages.len(), 1);
}

#[tokio::test]
async fn of_duplicate_keys_the_last_counts_and_unknown_ones_do_not() {
    let net = Net::start(1, 1).await;
    let (bob, eve) = (Person::new(1), Person::new(2));
    let twice = format!(
        r#"{{"method": "info", "method": "store", "more": [1], "params": {{"pubkey": "{}", "pubkey": "{}",
            "timestamp": {}, "ttl": 60000, "data": "eA==", "unknown": {{}}}}}}"#,
        eve.id(),
        bob.id(),
        now()
    );
    assert_eq!(net.raw(0, &twice).await.0, 200);
    assert_eq!(net.texts(0, &bob).await, ["x"]);
    assert!(net.texts(0, &eve).await.is_empty());
}

#[tokio::test]
async fn conditions_choose_one_of_two_requests() {
    let net = Net::start(1, 1).await;
    let bob = Person::new(1);
    let ask = |condition: Value| {
        let batch = Request::Batch(vec![Request::Store(bob.message("then")), Request::Info]);
        json!({ "if": condition, "then": batch.to_json(), "else": { "method": "info", "params": {} } })
    };
    let (status, answer) = net.call(0, "ifelse", ask(json!({ "hf_at_least": [99] }))).await;
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!((status, &answer["condition"], &answer["result"]["code"]), (200, &json!(false), &json!(200)));
    assert!(answer["result"]["body"]["version"].is_array());
    assert!(net.texts(0, &bob).await.is_empty(), "only one of the two is done");
    let (_, answer) = net.call(0, "ifelse", ask(json!({ "hf_at_least": 19, "v_before": [9] }))).await;
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["result"]["body"]["results"][0]["code"], 200);
    assert_eq!((&answer["hf"], &answer["v"]), (&json!([19, 4]), &json!([0, 1, 0])));
    assert!(answer["height"].is_u64() && answer["t"].is_u64());
    assert_eq!(net.texts(0, &bob).await, ["then"]);
    let refused = json!({ "if": { "height_before": 0 }, "then": { "method": "info", "params": {} } });
    let (status, answer) = net.call(0, "ifelse", refused).await;
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!((status, answer.get("result")), (200, None), "nothing was asked for that case");
}

#[tokio::test]
async fn one_malformed_part_and_nothing_of_the_batch_is_done() {
    let net = Net::start(1, 1).await;
    let bob = Person::new(1);
    for method in ["batch", "sequence"] {
        let broken = json!({ "method": "store", "params": { "pubkey": bob.id() } });
        let parts = json!({ "requests": [Request::Store(bob.message("whole")).to_json(), broken] });
        let expected = (400, "invalid request: Required field 'timestamp' missing".to_owned());
        assert_eq!(net.call(0, method, parts).await, expected);
    }
    assert!(net.texts(0, &bob).await.is_empty());
}

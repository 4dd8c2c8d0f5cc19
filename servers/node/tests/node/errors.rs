//! Statuses and texts of refusals (protocol: network 5, "Texts of errors").

use serde_json::{Value, json};
use tacit_wire::rpc::{
    Delete, DeleteAll, DeleteBefore, Expire, ExpireAll, ExpiryChange, GetExpiries, Request, Retrieve, Revocation,
    RevokedSubaccounts, Selection, Store, SubaccountToken,
};
use tacit_wire::{MessageHash, Namespace, Namespaces};

use crate::harness::{Net, Person, now};

/// The request with one parameter changed (null: left out).
fn with(request: &Request, field: &str, value: Value) -> String {
    let mut json = request.to_json();
    let params = json["params"].as_object_mut().unwrap();
    if value.is_null() {
        params.remove(field);
    } else {
        params.insert(field.to_owned(), value);
    }
    json.to_string()
}

#[tokio::test]
async fn malformed_bodies() {
    let net = Net::start(1, 1).await;
    let bob = Person::new(1);
    for (body, status, text) in [
        ("nonsense", 400, "invalid json"),
        ("[]", 400, "invalid json"),
        ("{}", 400, "invalid json: no `method` field"),
        (r#"{"method": "info"}"#, 400, "invalid json: no `params` field"),
        (r#"{"method": "dance", "params": {}}"#, 400, "no method dance"),
        (
            r#"{"method": "batch", "params": {}}"#,
            400,
            "invalid request: Invalid batch request: no valid \"requests\" field",
        ),
        (
            r#"{"method": "batch", "params": {"requests": []}}"#,
            400,
            "invalid request: Invalid batch request: empty \"requests\" list",
        ),
        (
            r#"{"method": "sequence", "params": {"requests": [1]}}"#,
            400,
            "invalid request: Invalid batch request: requests must be objects",
        ),
        (
            r#"{"method": "batch", "params": {"requests": [{}]}}"#,
            400,
            "invalid request: Invalid batch request: subrequests must have method/params keys",
        ),
        (
            r#"{"method": "oxend_request", "params": {"endpoint": "x"}}"#,
            400,
            "invalid request: Invalid oxend endpoint 'x'",
        ),
    ] {
        assert_eq!(net.raw(0, body).await, (status, text.to_owned()), "{body}");
    }
    let many = json!({"requests": vec![json!({"method": "info", "params": {}}); 21]});
    let (status, text) = net.call(0, "batch", many).await;
    assert_eq!((status, text.as_str()), (400, "invalid request: Invalid batch request: subrequest limit exceeded"));

    let store = Request::Store(bob.message("x"));
    for (field, value, text) in [
        ("pubkey", Value::Null, "Required field 'pubkey' missing"),
        ("data", Value::Null, "Required field 'data' missing"),
        ("timestamp", Value::Null, "Required field 'timestamp' missing"),
        ("pubKey", json!(bob.id()), "Cannot specify both 'pubkey' and 'pubKey'"),
        ("data", json!("%%%"), "Invalid 'data' value: not base64 encoded"),
    ] {
        let expected = (400, format!("invalid request: {text}"));
        assert_eq!(net.raw(0, &with(&store, field, value)).await, expected);
    }
    let both = with(&store, "expiry", json!(now()));
    let text = "invalid request: Cannot specify both 'expiry' and 'ttl'";
    assert_eq!(net.raw(0, &both).await, (400, text.to_owned()));
    let large = with(&store, "data", json!("A".repeat(102_404)));
    assert_eq!(net.raw(0, &large).await.0, 400);
    let hash = MessageHash::from_bytes(&[1; 32]);
    let delete = Request::Delete(Delete::signed(&bob.keys, vec![hash.clone()], false));
    for (field, value, text) in [
        ("messages", json!([]), "messages does not contain any message hashes"),
        ("messages", json!(["abc"]), "invalid message hash: abc"),
        ("messages", json!(vec![hash.to_string(); 1001]), "'messages' has more than 1000 elements"),
        ("signature", Value::Null, "Required field 'signature' missing"),
        ("pubkey_ed25519", json!("x".repeat(64)), "invalid pubkey_ed25519: value is not hex"),
        ("pubkey", json!(format!("03{}", "1".repeat(64))), "pubkey_ed25519 is only permitted for 05[...] pubkeys"),
        ("signature", json!("!"), "invalid signature: expected base64 encoded Ed25519 signature"),
    ] {
        let expected = (400, format!("invalid request: {text}"));
        assert_eq!(net.raw(0, &with(&delete, field, value)).await, expected);
    }
    let retrieve = Request::Retrieve(Retrieve::signed(&bob.keys, Namespace::MESSAGES, None, None, now()));
    let expected = "invalid request: Invalid last_hash: expected base64 (43 chars)";
    assert_eq!(net.raw(0, &with(&retrieve, "last_hash", json!("abc"))).await, (400, expected.to_owned()));
    let expected = "invalid request: Invalid last_hash: not base64";
    let last_hash = json!("%".repeat(43));
    assert_eq!(net.raw(0, &with(&retrieve, "last_hash", last_hash)).await, (400, expected.to_owned()));
    let expire = Request::Expire(Expire::signed(&bob.keys, vec![hash], vec![now()], ExpiryChange::Extend));
    for (field, value, text) in [
        ("expiry", json!([]), "'expiry' does not contain any expiration timestamps"),
        ("shorten", json!(true), "cannot specify both 'shorten' and 'extend'"),
        ("expiry", json!([1, 2]), "'expiry' must be a single expiry, or the same length as 'messages'"),
    ] {
        let expected = (400, format!("invalid request: {text}"));
        assert_eq!(net.raw(0, &with(&expire, field, value)).await, expected);
    }
}

#[tokio::test]
async fn wrong_signatures_and_clocks() {
    let net = Net::start(1, 1).await;
    let (bob, eve) = (Person::new(1), Person::new(2));
    let hashes = || vec![MessageHash::from_bytes(&[1; 32])];
    let old = now().minus_ms(61_000);

    // Eve signs for Bob's mailbox.
    let forged = |mut request: Request| {
        match &mut request {
            Request::Store(r) => r.account = bob.id(),
            Request::Retrieve(r) => r.account = bob.id(),
            Request::Delete(r) => r.account = bob.id(),
            Request::DeleteAll(r) => r.account = bob.id(),
            Request::Expire(r) => r.account = bob.id(),
            Request::GetExpiries(r) => r.account = bob.id(),
            _ => unreachable!(),
        }
        request
    };
    let config = |keys, at| Store::signed(keys, Namespace::PROFILE, now(), 60_000, vec![1], at);
    let retrieve = |keys, at| Retrieve::signed(keys, Namespace::MESSAGES, None, None, at);
    let forgeries = [
        (Request::Store(config(&eve.keys, now())), "store signature verification failed"),
        (Request::Retrieve(retrieve(&eve.keys, now())), "retrieve signature verification failed"),
        (Request::Delete(Delete::signed(&eve.keys, hashes(), false)), "delete_msgs signature verification failed"),
        (
            Request::DeleteAll(DeleteAll::signed(&eve.keys, Namespaces::All, now())),
            "delete_all signature verification failed",
        ),
        (
            Request::Expire(Expire::signed(&eve.keys, hashes(), vec![now()], ExpiryChange::Any)),
            "expire: signature verification failed",
        ),
        (
            Request::GetExpiries(GetExpiries::signed(&eve.keys, Selection::All, now())),
            "get_expiries signature verification failed",
        ),
    ];
    for (request, text) in forgeries {
        let (status, answer) = net.ask(0, &forged(request)).await;
        assert_eq!((status, answer.as_str()), (401, Some(text)));
    }
    let stale = [
        (Request::Store(config(&bob.keys, old)), 406, "store signature timestamp too far from current time"),
        (Request::Retrieve(retrieve(&bob.keys, old)), 406, "retrieve timestamp too far from current time"),
        (
            Request::DeleteAll(DeleteAll::signed(&bob.keys, Namespaces::All, old)),
            406,
            "delete_all timestamp too far from current time",
        ),
        (
            Request::GetExpiries(GetExpiries::signed(&bob.keys, Selection::All, old)),
            406,
            "get_expiries timestamp too far from current time",
        ),
        (
            Request::Expire(Expire::signed(&bob.keys, hashes(), vec![old], ExpiryChange::Any)),
            401,
            "expire: timestamp should be >= current time",
        ),
        (
            Request::Store(Store { timestamp: now().plus_ms(60_000), ..bob.message("x") }),
            406,
            "Timestamp error: check your clock",
        ),
        (
            Request::Store(Store { lifetime: tacit_wire::rpc::Lifetime::Ttl(15 * 86_400_000), ..bob.message("x") }),
            403,
            "Provided expiry/TTL is not valid.",
        ),
        (
            Request::Retrieve(Retrieve { auth: None, timestamp: None, ..retrieve(&bob.keys, old) }),
            401,
            "retrieve: request signature required",
        ),
        (
            Request::Store(Store { namespace: Namespace(5), ..bob.message("x") }),
            401,
            "store: signature required to store to namespace 5",
        ),
    ];
    for (request, status, text) in stale {
        let (got, answer) = net.ask(0, &request).await;
        assert_eq!((got, answer.as_str()), (status, Some(text)));
    }
    assert!(net.texts(0, &bob).await.is_empty(), "nothing of all that changed anything");
}

#[tokio::test]
async fn unknown_paths_and_methods() {
    let net = Net::start(1, 1).await;
    assert_eq!(net.post(0, "/", "").await.0, 404);
    assert_eq!(net.post(0, "/onion_req/v3", "").await.0, 404);
    assert_eq!(net.post(0, "/peer/1/ping", "").await.0, 404, "not for clients");
    let url = format!("https://127.0.0.1:{}/storage_rpc/v1", net.node(0).https_port);
    assert_eq!(net.http.get(&url).send().await.unwrap().status(), 404);
    let old_client = net.http.post(&url).header("X-Loki-Long-Poll", "1").body("{}");
    assert_eq!(old_client.send().await.unwrap().status(), 410);
    assert_eq!(net.post(0, "/json_rpc", "{}").await, (400, b"invalid json".to_vec()));
}

#[tokio::test]
async fn rates_are_kept_per_address_and_mailbox() {
    let tight = |config: &mut tacit_node::Config| {
        config.limits.mailbox_store_burst = 3;
        config.limits.mailbox_store_rate = 0.001;
        config.limits.mailbox_retrieve_burst = 2;
        config.limits.mailbox_retrieve_rate = 0.001;
        config.limits.address_burst = 12;
        config.limits.address_rate = 0.001;
    };
    let net = Net::with(1, 1, tight).await;
    let (bob, eve) = (Person::new(1), Person::new(2));
    let text = "Too many requests, try again later";
    for _ in 0..3 {
        net.store(0, &bob, "flood").await;
    }
    let (status, answer) = net.ask(0, &Request::Store(bob.message("flood"))).await;
    assert_eq!((status, answer.as_str()), (429, Some(text)));
    net.store(0, &eve, "others go on").await;
    net.retrieve(0, &bob, None).await;
    net.retrieve(0, &bob, None).await;
    let request = Retrieve::signed(&bob.keys, Namespace::MESSAGES, None, None, now());
    assert_eq!(net.ask(0, &Request::Retrieve(request)).await.0, 429);
    for _ in 0..4 {
        assert_eq!(net.ask(0, &Request::Info).await.0, 200);
    }
    let (status, answer) = net.ask(0, &Request::Info).await;
    assert_eq!((status, answer.as_str()), (429, Some(text)));
}

#[tokio::test]
async fn a_node_whose_disk_is_full_says_so_and_still_reads() {
    let net = Net::with(1, 1, |config| config.max_bytes = 1).await;
    let bob = Person::new(1);
    let (status, answer) = net.ask(0, &Request::Store(bob.message("x"))).await;
    assert_eq!(status, 500);
    let member = &answer["swarm"][net.node(0).ed25519.to_hex()];
    assert_eq!((&member["failed"], &member["query_failure"]), (&json!(true), &json!(true)));
    assert!(net.texts(0, &bob).await.is_empty());
}

/// Bodies like those of clients, with something wrong somewhere: always an answer below 500.
#[tokio::test]
async fn no_damage_to_a_request_makes_a_node_fail() {
    let net = Net::start(1, 1).await;
    let bob = Person::new(1);
    let hashes = vec![MessageHash::from_bytes(&[1; 32])];
    let requests = [
        Request::Store(bob.message("x")),
        Request::Retrieve(Retrieve::signed(&bob.keys, Namespace::MESSAGES, None, None, now())),
        Request::Delete(Delete::signed(&bob.keys, hashes.clone(), false)),
        Request::DeleteAll(DeleteAll::signed(&bob.keys, Namespaces::All, now())),
        Request::Expire(Expire::signed(&bob.keys, hashes.clone(), vec![now()], ExpiryChange::Any)),
        Request::GetExpiries(GetExpiries::signed(&bob.keys, Selection::Messages(hashes), now())),
        Request::DeleteBefore(DeleteBefore::signed(&bob.keys, Namespaces::All, now())),
        Request::ExpireAll(ExpireAll::signed(&bob.keys, Namespaces::All, now())),
        Request::Revocation(Revocation::signed(&bob.keys, true, vec![SubaccountToken([1; 36])], now())),
        Request::Revocation(Revocation::signed(&bob.keys, false, vec![SubaccountToken([1; 36])], now())),
        Request::RevokedSubaccounts(RevokedSubaccounts::signed(&bob.keys, now())),
    ];
    let wrong = [
        Value::Null,
        json!(true),
        json!(-1),
        json!(1.5),
        json!(u64::MAX),
        json!(1e300),
        json!(""),
        json!("\u{0}\u{fffd}"),
        json!("all"),
        json!([]),
        json!([[]]),
        json!({}),
        json!("9".repeat(40)),
    ];
    for request in &requests {
        let fields: Vec<String> = request.to_json()["params"].as_object().unwrap().keys().cloned().collect();
        for field in fields {
            for value in &wrong {
                let body = with(request, &field, value.clone());
                let (status, text) = net.raw(0, &body).await;
                assert!((200..500).contains(&status), "{field} = {value}: {status} {text}");
                let batch = format!(r#"{{"method": "batch", "params": {{"requests": [{body}]}}}}"#);
                let (in_batch, text) = net.raw(0, &batch).await;
                assert!(matches!(in_batch, 200 | 400), "{field} = {value}: {in_batch} {text}");
            }
        }
        let body = request.to_body();
        for cut in (0..body.len()).step_by(7) {
            assert_eq!(net.post(0, "/storage_rpc/v1", body[..cut].to_vec()).await.0, 400);
        }
    }
}

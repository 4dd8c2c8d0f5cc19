//! Onion requests through real nodes.

use serde_json::Value;
use tacit_crypto::onion::layer_seal;
use tacit_wire::NodeId;
use tacit_wire::onion::{
    EncType, LayerReceiver, Outer, Packet, PathError, ServerTarget, build_to_node, build_to_server, combine,
    open_reply, open_server_reply,
};
use tacit_wire::rpc::{Request, Retrieve};
use tacit_wire::{Namespace, ServiceNode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::harness::{Net, Person, now};

fn packet(enc: EncType, path: &[&ServiceNode], destination: &ServiceNode, request: &Request) -> Packet {
    let hops: Vec<_> = path.iter().map(|node| node.hop()).collect();
    build_to_node(enc, &hops, &destination.hop(), &request.to_body(), &mut rand::rng()).unwrap()
}

#[tokio::test]
async fn a_message_is_stored_and_fetched_over_three_hops_with_every_cipher() {
    let net = Net::start(5, 1).await;
    let nodes = net.all();
    let bob = Person::new(1);
    for enc in [EncType::XChaCha20, EncType::AesGcm, EncType::AesCbc] {
        let text = format!("over {}", enc.name());
        let requests = [
            Request::Store(bob.message(&text)),
            Request::Retrieve(Retrieve::signed(&bob.keys, Namespace::MESSAGES, None, None, now())),
        ];
        for request in requests {
            let packet = packet(enc, &[&nodes[0], &nodes[1], &nodes[2]], &nodes[3], &request);
            let (status, answer) = net.post(0, "/onion_req/v2", packet.body).await;
            assert_eq!(status, 200);
            let (status, body) = open_reply(&packet.reply_key, &answer).unwrap();
            assert_eq!(status, 200);
            if let Request::Retrieve(_) = request {
                let body: Value = serde_json::from_slice(&body).unwrap();
                let last = body["messages"].as_array().unwrap().last().unwrap();
                assert_eq!(last["data"], tacit_wire::base64::encode(&text));
            }
        }
    }
}

#[tokio::test]
async fn a_refusal_travels_inside_of_the_answer() {
    let net = Net::start(4, 2).await;
    let nodes = net.all();
    let bob = Person::new(1);
    let members = net.members(&bob.id());
    let stranger = (0..4).find(|index| !members.contains(index)).unwrap();
    let store = Request::Store(bob.message("x"));
    let packet = packet(EncType::XChaCha20, &[&nodes[members[0]]], &nodes[stranger], &store);
    let (status, answer) = net.post(members[0], "/onion_req/v2", packet.body).await;
    assert_eq!(status, 200, "the path worked");
    let (status, body) = open_reply(&packet.reply_key, &answer).unwrap();
    assert_eq!(status, 421);
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["snodes"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_broken_path_says_where() {
    let mut net = Net::start(4, 1).await;
    let nodes = net.all();
    let unknown = ServiceNode { ed25519: NodeId([9; 32]), ..nodes[3].clone() };
    let expect = |status: u16, body: Vec<u8>| PathError::from_http(status, &body);

    let sent = packet(EncType::XChaCha20, &[&nodes[0], &unknown], &nodes[2], &Request::Info);
    let (status, body) = net.post(0, "/onion_req/v2", sent.body).await;
    assert_eq!((status, expect(status, body)), (502, PathError::NextNodeNotFound(unknown.ed25519)));

    let sent = packet(EncType::XChaCha20, &[&nodes[0], &nodes[1]], &unknown, &Request::Info);
    let (status, body) = net.post(0, "/onion_req/v2", sent.body).await;
    assert_eq!(expect(status, body), PathError::NextNodeNotFound(unknown.ed25519));

    let sent = packet(EncType::XChaCha20, &[&nodes[0]], &nodes[0], &Request::Info);
    let (status, body) = net.post(0, "/onion_req/v2", sent.body).await;
    assert_eq!(expect(status, body), PathError::NextNodeNotFound(nodes[0].ed25519), "no loops");

    let mut sent = packet(EncType::XChaCha20, &[&nodes[0]], &nodes[1], &Request::Info);
    sent.body[40] ^= 1;
    let (status, body) = net.post(0, "/onion_req/v2", sent.body).await;
    assert_eq!((status, expect(status, body)), (400, PathError::InvalidCiphertext));

    let (status, _) = net.post(0, "/onion_req/v2", "garbage").await;
    assert_eq!(status, 400);

    net.stop_node(2).await;
    let sent = packet(EncType::XChaCha20, &[&nodes[0], &nodes[1]], &nodes[2], &Request::Info);
    let (status, body) = net.post(0, "/onion_req/v2", sent.body).await;
    assert_eq!((status, expect(status, body)), (504, PathError::Timeout));
}

/// A layer that opens but holds something unfit is answered under its key.
#[tokio::test]
async fn what_a_layer_may_not_hold_is_refused_inside_of_the_answer() {
    let net = Net::start(1, 1).await;
    let key = "ab".repeat(32);
    let server = |change: &str| {
        let fields = [
            ("host", r#""example.org""#),
            ("target", r#""/oxen/v4/lsrpc""#),
            ("ephemeral_key", &format!("{key:?}")),
            ("protocol", r#""https""#),
            ("port", "443"),
        ];
        let changed = |name| change.starts_with(&format!("{name}:"));
        let value = change.split_once(':').map_or("", |(_, value)| value);
        let fields = fields.map(|(name, usual)| format!("{name:?}:{}", if changed(name) { value } else { usual }));
        format!("{{{}}}", fields.join(","))
    };
    let (json, url) = ("Invalid json", "Invalid url");
    for (control, text) in [
        ("nonsense".to_owned(), json),
        ("{}".to_owned(), json),
        (format!(r#"{{"destination":"{key}"}}"#), json),
        (format!(r#"{{"destination":"{key}","ephemeral_key":"{key}","enc_type":"rot13"}}"#), json),
        (format!("{}{}", "[".repeat(50), "]".repeat(50)), json),
        (server(r#"port:70000"#), json),
        (server(r#"host:5"#), json),
        (server(r#"host:"""#), url),
        (server(r#"host:"a@b""#), url),
        (server(r#"host:"a/b""#), url),
        (server(r#"port:0"#), url),
        (server(r#"protocol:"ftp""#), url),
        (server(r#"target:"/other/lsrpc""#), url),
        (server(r#"target:"/oxen/v4/lsrpc/more""#), url),
        (server(r#"target:"/oxen/v4?x=/lsrpc""#), url),
        (server(r#"target:"/oxen/ /lsrpc""#), url),
    ] {
        let plain = combine(b"inner", control.as_bytes());
        let layer = layer_seal(EncType::AesGcm, &plain, &net.node(0).x25519, &mut rand::rng()).unwrap();
        // Without a type it is this one.
        let outer = format!(r#"{{"ephemeral_key":"{}"}}"#, hex::encode(layer.ephemeral_public));
        let (status, answer) = net.post(0, "/onion_req/v2", combine(&layer.ciphertext, outer.as_bytes())).await;
        assert_eq!(status, 200, "{control}");
        let (status, answer) = open_reply(&layer.key, &answer).unwrap();
        assert_eq!((status, String::from_utf8(answer).unwrap().as_str()), (400, text), "{control}");
    }
}

#[tokio::test]
async fn a_destination_answers_in_the_form_that_was_asked_for() {
    let net = Net::start(1, 1).await;
    let body = Request::Info.to_body();
    for (control, raw, embedded) in [
        (r#"{"headers":""}"#, false, false),
        (r#"{"headers":{},"json":true}"#, false, true),
        (r#"{"headers":"","json":true,"base64":false}"#, true, true),
    ] {
        let plain = combine(&body, control.as_bytes());
        let layer = layer_seal(EncType::XChaCha20, &plain, &net.node(0).x25519, &mut rand::rng()).unwrap();
        let outer = Outer { ephemeral_key: layer.ephemeral_public, enc_type: EncType::XChaCha20 };
        let (_, answer) = net.post(0, "/onion_req/v2", combine(&layer.ciphertext, &outer.to_json())).await;
        let sealed = if raw { answer } else { tacit_wire::base64::decode(answer).unwrap() };
        let plain: Value = serde_json::from_slice(&layer.key.open(&sealed).unwrap()).unwrap();
        assert_eq!((&plain["status"], plain["body"].is_object()), (&Value::from(200), embedded));
    }
}

#[tokio::test]
async fn answers_count_as_bytes_in_flight_too() {
    let net = Net::with(2, 1, |config| config.limits.onion_bytes = 20_000).await;
    let bob = Person::new(1);
    let nodes = net.all();
    let large = tacit_wire::rpc::Store { data: vec![7; 30_000], ..bob.message("") };
    assert_eq!(net.ask(0, &Request::Store(large)).await.0, 200);
    let retrieve = Request::Retrieve(Retrieve::signed(&bob.keys, Namespace::MESSAGES, None, None, now()));
    let sent = packet(EncType::XChaCha20, &[&nodes[0]], &nodes[1], &retrieve);
    let (status, body) = net.post(0, "/onion_req/v2", sent.body).await;
    assert_eq!(PathError::from_http(status, &body), PathError::NotReady(Some(nodes[1].ed25519)));
    let sent = packet(EncType::XChaCha20, &[&nodes[0]], &nodes[1], &Request::Info);
    assert_eq!(net.post(0, "/onion_req/v2", sent.body).await.0, 200, "what was held is free again");
}

#[tokio::test]
async fn one_node_sends_only_so_many_onion_requests() {
    let net = Net::with(2, 1, |config| {
        config.limits.peer_burst = 3;
        config.limits.peer_rate = 0.001;
    })
    .await;
    let nodes = net.all();
    let sent = || packet(EncType::XChaCha20, &[&nodes[0]], &nodes[1], &Request::Info).body;
    for _ in 0..3 {
        assert_eq!(net.post(0, "/onion_req/v2", sent()).await.0, 200);
    }
    let (status, body) = net.post(0, "/onion_req/v2", sent()).await;
    assert_eq!(PathError::from_http(status, &body), PathError::NotReady(Some(nodes[1].ed25519)));
    let other = packet(EncType::XChaCha20, &[&nodes[1]], &nodes[0], &Request::Info).body;
    assert_eq!(net.post(1, "/onion_req/v2", other).await.0, 200, "others go on");
}

#[tokio::test]
async fn bytes_in_flight_are_bounded() {
    let net = Net::with(2, 1, |config| config.limits.onion_bytes = 1000).await;
    let (status, body) = net.post(0, "/onion_req/v2", vec![0; 2000]).await;
    let error = PathError::from_http(status, &body);
    assert_eq!(error, PathError::NotReady(Some(net.node(0).ed25519)));
    let nodes = net.all();
    let sent = packet(EncType::XChaCha20, &[&nodes[0]], &nodes[1], &Request::Info);
    assert_eq!(net.post(0, "/onion_req/v2", sent.body).await.0, 200, "what was held is free again");
}

/// A server that answers one request with the bytes it got, reversed, under the request's key.
async fn server(keys: tacit_crypto::NodeKeys) -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut read = Vec::new();
        let (head, length) = loop {
            let mut buffer = [0; 4096];
            let count = stream.read(&mut buffer).await.unwrap();
            read.extend_from_slice(&buffer[..count]);
            let text = String::from_utf8_lossy(&read).into_owned();
            if let Some((head, _)) = text.split_once("\r\n\r\n") {
                let length = head.lines().find_map(|l| l.strip_prefix("content-length: ")).unwrap();
                break (head.to_owned(), length.parse::<usize>().unwrap());
            }
        };
        assert!(head.starts_with("POST /oxen/v4/lsrpc HTTP/1.1"));
        let mut body = read.split_off(head.len() + 4);
        while body.len() < length {
            let mut buffer = [0; 4096];
            let count = stream.read(&mut buffer).await.unwrap();
            body.extend_from_slice(&buffer[..count]);
        }
        let (mut payload, key) = tacit_wire::onion::open_at_server(&body, &LayerReceiver::from(&keys)).unwrap();
        payload.reverse();
        let answer = tacit_wire::onion::seal_server_reply(&key, &payload, &mut rand::rng());
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", answer.len());
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&answer).await.unwrap();
    });
    port
}

#[tokio::test]
async fn the_last_hop_posts_to_a_server_outside() {
    let net = Net::start(3, 1).await;
    let nodes = net.all();
    let keys = tacit_crypto::NodeKeys::from_seed(&[5; 32]);
    let hops: Vec<_> = nodes.iter().map(ServiceNode::hop).collect();
    let port = server(keys.clone()).await;
    let x25519 = keys.x25519_public();
    let target = |port| ServerTarget {
        host: "127.0.0.1",
        target: "/oxen/v4/lsrpc",
        protocol: Some("http"),
        port: Some(port),
        x25519: &x25519,
    };
    let build = |target: &ServerTarget<'_>| {
        build_to_server(EncType::XChaCha20, &hops, target, b"payload", &mut rand::rng()).unwrap()
    };
    let packet = build(&target(port));
    let (status, answer) = net.post(0, "/onion_req/v2", packet.body).await;
    assert_eq!(status, 200);
    assert_eq!(open_server_reply(&packet.reply_key, &answer).unwrap(), b"daolyap");

    // Not to the operator's own network, even in a network for tests.
    let inside = ServerTarget { host: "192.168.0.1", ..target(port) };
    assert_eq!(net.post(0, "/onion_req/v2", build(&inside).body).await.0, 502);
    // Nobody listens any more.
    let (status, _) = net.post(0, "/onion_req/v2", build(&target(port)).body).await;
    assert_eq!(status, 500);
}

use proptest::prelude::*;
use tacit_crypto::NodeKeys;

use super::*;
use crate::testing::Numbers;
use crate::{Error, NodeId};

const TYPES: [EncType; 3] = [EncType::XChaCha20, EncType::AesGcm, EncType::AesCbc];

struct Node {
    id: NodeId,
    x25519: [u8; 32],
    keys: NodeKeys,
}

fn node(number: u8) -> Node {
    let keys = NodeKeys::from_seed(&[number; 32]);
    Node { id: NodeId(keys.ed25519_public()), x25519: keys.x25519_public(), keys }
}

impl Node {
    fn hop(&self) -> Hop<'_> {
        Hop { ed25519: &self.id, x25519: &self.x25519 }
    }

    fn peel(&self, body: &[u8]) -> Result<Peeled, PeelError> {
        peel(body, self.keys.x25519_secret())
    }
}

/// Takes a packet along the path to its destination.
fn travel(path: &[Node], mut body: Vec<u8>) -> Vec<u8> {
    for (index, node) in path.iter().enumerate() {
        let Ok(Peeled::Forward { to, body: next }) = node.peel(&body) else { panic!("hop {index}") };
        if let Some(next) = path.get(index + 1) {
            assert_eq!(to, next.id);
        }
        body = next;
    }
    body
}

#[test]
fn a_request_reaches_a_node_and_its_answer_comes_back() {
    let path = [node(1), node(2), node(3)];
    let hops: Vec<_> = path.iter().map(Node::hop).collect();
    let destination = node(9);
    let mut rng = Numbers::new(1);
    for enc in TYPES {
        let packet = build_to_node(enc, &hops, &destination.hop(), b"{}", &mut rng).unwrap();
        let arrived = travel(&path, packet.body);
        let Ok(Peeled::Destination { body, options, key }) = destination.peel(&arrived) else { panic!() };
        assert_eq!((body.as_slice(), options), (b"{}".as_slice(), ReplyOptions::default()));
        let reply = seal_reply(&key, options, 421, br#"{"snodes":[]}"#, &mut rng);
        assert_eq!(open_reply(&packet.reply_key, &reply), Ok((421, br#"{"snodes":[]}"#.to_vec())));
    }
}

#[test]
fn answers_are_read_in_every_form_they_come_in() {
    let node = node(1);
    let mut rng = Numbers::new(1);
    let key = tacit_crypto::layer_seal(EncType::XChaCha20, b"", &node.x25519, &mut rng).unwrap().key;
    for json in [false, true] {
        for base64 in [false, true] {
            let reply = seal_reply(&key, ReplyOptions { json, base64 }, 200, br#"{"b":1,"a":[2]}"#, &mut rng);
            let (status, body) = open_reply(&key, &reply).unwrap();
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!((status, body), (200, serde_json::json!({"a": [2], "b": 1})));
        }
    }
    // Text that is no JSON stays text even when JSON was asked for.
    let options = ReplyOptions { json: true, base64: true };
    let reply = seal_reply(&key, options, 503, b"Server busy", &mut rng);
    assert_eq!(open_reply(&key, &reply), Ok((503, b"Server busy".to_vec())));
    // Old paths wrap the base64; some add a line end.
    let text = String::from_utf8(reply).unwrap();
    let wrapped = format!("{{\"result\": \"{text}\"}}\n");
    assert_eq!(open_reply(&key, wrapped.as_bytes()), Ok((503, b"Server busy".to_vec())));
    assert_eq!(open_reply(&key, format!("{text}\r\n").as_bytes()), Ok((503, b"Server busy".to_vec())));
    for wrong in [b"".as_slice(), b"{}", b"AAAA", b"not for us"] {
        assert!(open_reply(&key, wrong).is_err());
    }
}

#[test]
fn a_path_without_hops_or_a_body_above_the_limit_is_refused() {
    let destination = node(9);
    let mut rng = Numbers::new(1);
    assert!(build_to_node(EncType::XChaCha20, &[], &destination.hop(), b"", &mut rng).is_err());
    let large = vec![0; MAX_BODY];
    let error = build_to_node(EncType::XChaCha20, &[node(1).hop()], &destination.hop(), &large, &mut rng).err();
    assert_eq!(error, Some(Error::too_long("onion body", MAX_BODY)));
}

/// A packet for `node` whose layer holds `inner` and the JSON `control`.
fn layer(node: &Node, inner: &[u8], control: &str) -> Vec<u8> {
    let plain = combine(inner, control.as_bytes());
    let sealed = tacit_crypto::layer_seal(EncType::XChaCha20, &plain, &node.x25519, &mut Numbers::new(1)).unwrap();
    let outer = Outer { ephemeral_key: sealed.ephemeral_public, enc_type: EncType::XChaCha20 };
    combine(&sealed.ciphertext, &outer.to_json())
}

#[test]
fn only_servers_entries_may_be_posted_to() {
    let node = node(1);
    let key = "11".repeat(32);
    let control = |host: &str, target: &str, rest: &str| {
        format!(r#"{{"host":"{host}","target":"{target}","method":"POST","ephemeral_key":"{key}"{rest}}}"#)
    };
    let good = layer(&node, b"inner", &control("example.org", "/oxen/v4/lsrpc", ""));
    let Ok(Peeled::Exit { protocol, host, port, target, body }) = node.peel(&good) else { panic!() };
    assert_eq!((protocol, host.as_str(), port, target.as_str()), ("https", "example.org", 443, "/oxen/v4/lsrpc"));
    assert_eq!(split(&body).unwrap().0, b"inner");
    let wrong = [
        control("example.org", "/oxen/v4/lsrpc?x=1", ""),
        control("example.org", "/oxen/v4/lsrpc#", ""),
        control("example.org", "/admin", ""),
        control("example.org", "/admin/lsrpc", ""),
        control("example.org", "/oxen/v4", ""),
        control("example.org/x", "/oxen/v4/lsrpc", ""),
        control("u@example.org", "/oxen/v4/lsrpc", ""),
        control("example.org:1", "/oxen/v4/lsrpc", ""),
        control("", "/oxen/v4/lsrpc", ""),
        control("example.org", "/oxen/v4/lsrpc", r#","protocol":"file""#),
        control("example.org", "/oxen/v4/lsrpc", r#","port":0"#),
    ];
    for control in wrong {
        let Err(PeelError::Unfit { text, key, options }) = node.peel(&layer(&node, b"", &control)) else {
            panic!("{control}")
        };
        assert_eq!(text, "Invalid url");
        // The client learns it under its layer's key.
        assert!(!seal_reply(&key, options, 400, text.as_bytes(), &mut Numbers::new(1)).is_empty());
    }
}

#[test]
fn layers_without_sense_are_answered_as_such() {
    let node = node(1);
    for control in ["", "{", "[]", "{}", r#"{"destination":"00"}"#, r#"{"headers""#] {
        let unfit = node.peel(&layer(&node, b"", control));
        assert!(matches!(unfit, Err(PeelError::Unfit { text: "Invalid json", .. })), "{control}");
    }
    for body in [b"".as_slice(), b"\xff\xff\xff\xff", b"\0\0\0\0", b"\0\0\0\0{}"] {
        assert!(matches!(node.peel(body), Err(PeelError::Malformed)));
    }
    let other = layer(&self::node(2), b"", r#"{"headers":""}"#);
    let error = node.peel(&other).err().unwrap();
    assert_eq!(error.to_path_error(), Some(PathError::InvalidCiphertext));
}

#[test]
fn a_layer_without_a_type_is_aes_gcm() {
    let outer = Outer::parse(format!(r#"{{"ephemeral_key":"{}"}}"#, "22".repeat(32)).as_bytes()).unwrap();
    assert_eq!(outer.enc_type, EncType::AesGcm);
    assert!(Outer::parse(format!(r#"{{"ephemeral_key":"{}","enc_type":"x"}}"#, "22".repeat(32)).as_bytes()).is_err());
}

#[test]
fn options_of_the_destination_are_written_only_when_they_differ() {
    let written = |json, base64| {
        let control = Control::Destination(ReplyOptions { json, base64 });
        let text = control.to_json();
        assert_eq!(Control::parse(&text), Ok(control));
        String::from_utf8(text).unwrap()
    };
    assert_eq!(written(false, true), r#"{"headers":""}"#);
    assert_eq!(written(true, false), r#"{"headers":"","json":true,"base64":false}"#);
}

#[test]
fn failures_of_a_path_are_understood_as_they_are_said() {
    let id = NodeId([0xab; 32]);
    let errors = [
        PathError::NextNodeNotFound(id),
        PathError::Timeout,
        PathError::NotReady(Some(id)),
        PathError::NotReady(None),
        PathError::InvalidCiphertext,
        PathError::InvalidResponse,
        PathError::Other { status: 418 },
    ];
    for error in errors {
        let (status, body) = error.to_http();
        assert_eq!(PathError::from_http(status, body.as_bytes()), error);
    }
    assert_eq!(PathError::NextNodeNotFound(id).to_http(), (502, format!("Next node not found: {id}")));
    assert_eq!(PathError::Timeout.to_http(), (504, "Request time out".to_owned()));
    assert_eq!(PathError::from_http(502, b"Bad gateway"), PathError::Other { status: 502 });
    assert_eq!(PathError::from_http(503, b"Service node is not ready: syncing"), PathError::NotReady(None));
    assert_eq!(PathError::from_http(400, &[0xff; 9000]), PathError::Other { status: 400 });
}

proptest! {
    #[test]
    fn peeling_never_panics(body: Vec<u8>, control: String) {
        let node = node(1);
        let _ = node.peel(&body);
        let _ = node.peel(&layer(&node, &body, &control));
        let _ = Control::parse(&body);
        let _ = Outer::parse(&body);
        let _ = PathError::from_http(502, &body);
        let _ = split(&body);
    }

    #[test]
    fn frames_come_apart_as_they_were_joined(ciphertext: Vec<u8>, json: Vec<u8>) {
        let combined = combine(&ciphertext, &json);
        prop_assert_eq!(split(&combined), Ok((ciphertext.as_slice(), json.as_slice())));
    }

    #[test]
    fn reading_answers_never_panics(answer: Vec<u8>, text: String) {
        let mut rng = Numbers::new(1);
        let key = tacit_crypto::layer_seal(EncType::XChaCha20, b"", &node(1).x25519, &mut rng).unwrap().key;
        let _ = open_reply(&key, &answer);
        let _ = open_reply(&key, text.as_bytes());
        let _ = open_reply(&key, &key.seal(&answer, &mut rng));
        let _ = open_server_reply(&key, &answer);
    }
}

//! Formats without keys.

use tacit_wire::bencode::Value;
use tacit_wire::file_url::FileUrl;
use tacit_wire::json::{self as bounded, Limits};
use tacit_wire::profile::NetworkProfile;
use tacit_wire::{AccountId, MessageHash, NodeId, SwarmId, mention, name, v4 as payload};

/// Bencoding has one form: what parses is written the same.
pub fn bencode(data: &[u8]) {
    if let Ok(value) = Value::parse(data) {
        assert_eq!(value.to_bytes(), data);
    }
}

/// Addresses of files.
pub fn file_url(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(url) = FileUrl::parse(&text) {
        assert_eq!(FileUrl::parse(&url.to_string()).as_ref(), Ok(&url));
    }
}

/// Identifiers as people and protocols write them.
pub fn identifiers(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(id) = AccountId::parse(&text) {
        assert_eq!(id.to_string().parse(), Ok(id));
    }
    let _ = text.parse::<NodeId>();
    let _ = text.parse::<SwarmId>();
    if let Ok(hash) = text.parse::<MessageHash>() {
        assert_eq!(hash.as_str(), text);
    }
}

/// JSON within its limits.
pub fn json(data: &[u8]) {
    for limits in [Limits::REQUEST, Limits::ANSWER, Limits::CONTROL] {
        let _ = bounded::parse(data, limits);
    }
}

/// Mentions in text, and names.
pub fn mentions(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for found in mention::find(&text) {
        assert!(text.get(found.range).is_some_and(|part| part.eq_ignore_ascii_case(&mention::text(&found.id))));
    }
    assert!(name::cut(&text).len() <= name::MAX_NAME && text.starts_with(name::cut(&text)));
}

/// Network profiles.
pub fn profile(data: &[u8]) {
    if let Ok(profile) = NetworkProfile::parse(data) {
        assert_eq!(NetworkProfile::parse(profile.to_json().as_bytes()).as_ref(), Ok(&profile));
    }
}

/// Payloads of servers.
pub fn v4(data: &[u8]) {
    if let Ok(request) = payload::Request::parse(data) {
        assert_eq!(payload::Request::parse(&request.to_bytes()).as_ref(), Ok(&request));
    }
    if let Ok(response) = payload::Response::parse(data) {
        assert_eq!(payload::Response::parse(&response.to_bytes()).as_ref(), Ok(&response));
    }
}

pub(super) fn bencoded() -> Vec<Vec<u8>> {
    let head = br#"{"code":200,"headers":{"content-type":"application/json"}}"#;
    let request = br#"{"method":"POST","endpoint":"/file","headers":{}}"#;
    let id = format!("05{}", "ab".repeat(32));
    let metadata = format!(r##"{{"@":"{id}","#":"aGFzaA","n":0,"t":5,"z":6,"l":4}}"##);
    let dictionary =
        Value::from([("#", Value::bytes(b"aGFzaA")), ("@", Value::bytes(id.as_bytes())), ("l", Value::Integer(4))]);
    let list = |parts: Vec<Value<'_>>| Value::List(parts).to_bytes();
    vec![
        list(vec![Value::bytes(head), Value::bytes(b"body")]),
        list(vec![Value::bytes(request)]),
        list(vec![Value::bytes(metadata.as_bytes()), Value::bytes(b"data")]),
        list(vec![dictionary]),
    ]
}

pub(super) fn texts() -> Vec<Vec<u8>> {
    let id = format!("05{}", "ab".repeat(32));
    let texts = [
        format!("http://filev2.getsession.org/file/12345#d&p={}", "cd".repeat(32)),
        format!("session://{id}"),
        format!("hi @{id}, é@15{}!", "ab".repeat(32)),
        "Some-Name_1".to_owned(),
        "MYOr5ray2pk3l80cp+kd3odwGZhgar5oQSiAZkrn1Uo".to_owned(),
    ];
    texts.into_iter().map(String::into_bytes).collect()
}

pub(super) fn profiles() -> Vec<Vec<u8>> {
    vec![NetworkProfile::session().to_json().into_bytes()]
}

//! Every malformed request gets the status and text that clients know (protocol: network 5).

#![allow(clippy::needless_pass_by_value)] // JSON is made on the spot

use serde_json::{Value, json};

use crate::base64;
use crate::rpc::{MAX_DATA, MAX_HASHES, Request};

const HASH: &str = "4oooU4cHMOfue3R3KhwNfxdeLQY/R2BGwgpBdTVttT4";

fn account() -> String {
    format!("05{}", "ab".repeat(32))
}

fn refusal(body: &str) -> (u16, String) {
    let rejection = Request::parse(body.as_bytes()).expect_err(body);
    (rejection.status, rejection.text)
}

/// The refusal of `method` with `base` in which `changes` replace or, when null, remove fields.
fn changed(method: &str, mut base: Value, changes: Value) -> String {
    let params = base.as_object_mut().unwrap();
    for (key, value) in changes.as_object().unwrap() {
        if value.is_null() {
            params.remove(key)
        } else {
            params.insert(key.clone(), value.clone())
        };
    }
    let (status, text) = refusal(&json!({ "method": method, "params": base }).to_string());
    assert_eq!(status, 400, "{text}");
    text
}

fn check(method: &str, base: &Value, cases: &[(Value, &str)]) {
    let body = json!({ "method": method, "params": base }).to_string();
    assert_eq!(Request::parse(body.as_bytes()).err(), None, "the request that is changed below is fine");
    for (changes, reason) in cases {
        assert_eq!(changed(method, base.clone(), changes.clone()), format!("invalid request: {reason}"));
    }
}

fn signed() -> Value {
    json!({
        "pubkey": account(), "pubkey_ed25519": "cd".repeat(32), "timestamp": 1_760_000_000_000_u64,
        "signature": base64::encode([7; 64]),
    })
}

fn with(mut base: Value, more: Value) -> Value {
    base.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    base
}

#[test]
fn bodies_that_are_no_request() {
    for body in ["", "x", "[]", "5", "{\"method\":", "\"info\""] {
        assert_eq!(refusal(body), (400, "invalid json".into()), "{body}");
    }
    let deep = format!(r#"{{"method":"info","params":{}{}}}"#, "[".repeat(40), "]".repeat(40));
    assert_eq!(refusal(&deep), (400, "invalid json".into()));
    assert_eq!(refusal(r#"{"params":{}}"#), (400, "invalid json: no `method` field".into()));
    assert_eq!(refusal(r#"{"method":5,"params":{}}"#), (400, "invalid json: no `method` field".into()));
    assert_eq!(refusal(r#"{"method":"info"}"#), (400, "invalid json: no `params` field".into()));
    assert_eq!(refusal(r#"{"method":"info","params":[]}"#), (400, "invalid json: no `params` field".into()));
    assert_eq!(refusal(r#"{"method":"steal","params":{}}"#), (400, "no method steal".into()));
    assert_eq!(refusal(&" ".repeat(3_000_000)), (413, "Request body too large".into()));
}

#[test]
fn a_callers_own_text_is_not_echoed_at_length() {
    let (_, text) = refusal(&json!({ "method": "é".repeat(90_000), "params": {} }).to_string());
    assert!(text.len() < 300);
    let messages = json!({ "messages": ["x".repeat(90_000)] });
    assert!(changed("delete", with(signed(), json!({})), messages).len() < 300);
}

#[test]
fn mailboxes() {
    let cases = [
        (json!({ "pubkey": null }), "Required field 'pubkey' missing"),
        (json!({ "pubKey": account() }), "Cannot specify both 'pubkey' and 'pubKey'"),
        (json!({ "pubkey": "05ab" }), "Pubkey must be 66 hex digits (33 bytes) long"),
        (json!({ "pubkey": "x".repeat(66) }), "Pubkey must be 66 hex digits (33 bytes) long"),
        (json!({ "pubkey": format!("15{}", "ab".repeat(32)) }), "Pubkey must be 66 hex digits (33 bytes) long"),
        (json!({ "pubkey": 5 }), "Invalid value given for 'pubkey': expected string"),
    ];
    check("get_swarm", &json!({ "pubkey": account() }), &cases);
    check("get_snodes_for_pubkey", &json!({ "pubkey": account() }), &cases);
}

#[test]
fn stores() {
    let base = json!({
        "pubkey": account(), "namespace": 0, "timestamp": 1_760_000_000_000_u64, "ttl": 86_400_000, "data": "aGk=",
    });
    let too_large = "Message body exceeds maximum allowed length of 76800 bytes";
    check(
        "store",
        &base,
        &[
            (json!({ "timestamp": null }), "Required field 'timestamp' missing"),
            (json!({ "timestamp": -1 }), "Invalid value given for 'timestamp': expected positive integer"),
            (json!({ "timestamp": 1.5 }), "Invalid value given for 'timestamp': expected positive integer"),
            (json!({ "timestamp": u64::MAX }), "Invalid value given for 'timestamp': value out of range"),
            (json!({ "timestamp": "soon" }), "Invalid value given for 'timestamp': \"soon\""),
            (json!({ "timestamp": "+5" }), "Invalid value given for 'timestamp': \"+5\""),
            (json!({ "ttl": null }), "Required field 'expiry' or 'ttl' missing"),
            (json!({ "expiry": 1_760_000_000_001_u64 }), "Cannot specify both 'expiry' and 'ttl'"),
            (
                json!({ "ttl": null, "expiry": "5" }),
                "Invalid value given for 'expiry': expected integer timestamp (in milliseconds)",
            ),
            (json!({ "namespace": 32768 }), "Invalid value given for 'namespace': value out of range"),
            (json!({ "namespace": -32769 }), "Invalid value given for 'namespace': value out of range"),
            (json!({ "namespace": u64::MAX }), "Invalid value given for 'namespace': value out of range"),
            (json!({ "namespace": "all" }), "Invalid value given for 'namespace': expected 16-bit integer"),
            (json!({ "data": null }), "Required field 'data' missing"),
            (json!({ "data": "?" }), "Invalid 'data' value: not base64 encoded"),
            (json!({ "data": "A".repeat(MAX_DATA / 3 * 4 + 1) }), too_large),
            (json!({ "signature": "AAAA" }), "invalid signature: expected base64 encoded Ed25519 signature"),
        ],
    );
    let largest = with(base, json!({ "data": base64::encode(vec![0; MAX_DATA]) }));
    check("store", &largest, &[(json!({ "data": base64::encode(vec![0; MAX_DATA + 1]) }), too_large)]);
}

#[test]
fn signatures_and_subaccounts() {
    let base = with(signed(), json!({ "messages": [HASH] }));
    let subaccount = |token: String, signature: Value| json!({ "subaccount": token, "subaccount_sig": signature });
    let bad_signature = "invalid signature: expected base64 encoded Ed25519 signature";
    check(
        "delete",
        &base,
        &[
            (json!({ "signature": null }), "Required field 'signature' missing"),
            (json!({ "signature": "?".repeat(88) }), bad_signature),
            (json!({ "signature": base64::encode([0; 63]) }), bad_signature),
            (json!({ "signature": base64::encode([0; 65]) }), bad_signature),
            (
                json!({ "pubkey": format!("03{}", "ab".repeat(32)) }),
                "pubkey_ed25519 is only permitted for 05[...] pubkeys",
            ),
            (json!({ "pubkey_ed25519": "x".repeat(64) }), "invalid pubkey_ed25519: value is not hex"),
            (json!({ "pubkey_ed25519": "cd" }), "Invalid pubkey_ed25519: expected 64 hex char or 32 byte pubkey"),
            (
                subaccount("00".repeat(36), Value::Null),
                "invalid subaccount: subaccount_sig is required when using subaccount",
            ),
            (
                subaccount("00".repeat(35), base64::encode([0; 64]).into()),
                "invalid subaccount: expected base64 or hex-encoded subaccount token",
            ),
            (
                subaccount("00".repeat(36), "AAAA".into()),
                "invalid subaccount signature: expected base64 encoded Ed25519 signature",
            ),
        ],
    );
    let without_padding = base64::encode_unpadded([0; 64]);
    assert_eq!(without_padding.len(), 86);
    check("delete", &with(base, json!({ "signature": without_padding, "subaccount": "" })), &[]);
}

#[test]
fn retrieves() {
    let base = with(signed(), json!({ "namespace": 0, "last_hash": HASH, "max_size": -5, "max_count": 10 }));
    check(
        "retrieve",
        &base,
        &[
            (json!({ "signature": null }), "Required field 'signature' missing"),
            (json!({ "timestamp": null }), "Required field 'timestamp' missing"),
            (json!({ "last_hash": "abc" }), "Invalid last_hash: expected base64 (43 chars)"),
            (json!({ "last_hash": "?".repeat(43) }), "Invalid last_hash: not base64"),
            (json!({ "lastHash": HASH }), "Cannot specify both 'last_hash' and 'lastHash'"),
            (json!({ "max_size": "5" }), "Invalid value given for 'max_size': expected integer"),
            (json!({ "max_count": 1_i64 << 40 }), "Invalid value given for 'max_count': value out of range"),
        ],
    );
}

#[test]
fn deletes_and_expiries() {
    let base = with(signed(), json!({ "messages": [HASH] }));
    let none = "messages does not contain any message hashes";
    let messages = [
        (json!({ "messages": null }), "Required field 'messages' missing"),
        (json!({ "messages": [] }), none),
        (json!({ "messages": 5 }), "Invalid value given for 'messages': expected string array"),
        (json!({ "messages": [5] }), "Invalid value given for 'messages': expected string array"),
        (json!({ "messages": ["abc"] }), "invalid message hash: abc"),
        (json!({ "messages": vec![HASH; MAX_HASHES + 1] }), "'messages' has more than 1000 elements"),
    ];
    check("delete", &base, &messages);
    check("get_expiries", &base, &messages);
    check("get_expiries", &base, &[(json!({ "timestamp": null }), "Required field 'timestamp' missing")]);
    check("delete", &base, &[(json!({ "required": 1 }), "Invalid value given for 'required': expected boolean")]);
    check("delete", &with(base.clone(), json!({ "messages": vec![HASH; MAX_HASHES] })), &[]);
    let expire = with(base, json!({ "expiry": 1_760_000_000_000_u64 }));
    check("expire", &expire, &messages);
    check(
        "expire",
        &expire,
        &[
            (json!({ "expiry": null }), "Required field 'expiry' missing"),
            (json!({ "expiry": [] }), "'expiry' does not contain any expiration timestamps"),
            (json!({ "expiry": [1, 2] }), "'expiry' must be a single expiry, or the same length as 'messages'"),
            (json!({ "shorten": true, "extend": true }), "cannot specify both 'shorten' and 'extend'"),
        ],
    );
    check("expire", &with(expire, json!({ "messages": [HASH, HASH], "expiry": [1, 2] })), &[]);
    let all = with(signed(), json!({ "namespace": "all" }));
    check(
        "delete_all",
        &all,
        &[
            (json!({ "namespace": "some" }), "Invalid value given for 'namespace': expected integer or \"all\""),
            (json!({ "timestamp": null }), "Required field 'timestamp' missing"),
        ],
    );
}

#[test]
fn directories() {
    let base = json!({ "endpoint": "ons_resolve", "params": { "type": 0 } });
    let cases = [
        (json!({ "endpoint": null }), "Required field 'endpoint' missing"),
        (json!({ "endpoint": "stop" }), "Invalid oxend endpoint 'stop'"),
    ];
    check("oxend_request", &base, &cases);
}

#[test]
fn batches() {
    let info = json!({ "method": "info", "params": {} });
    for method in ["batch", "sequence"] {
        check(
            method,
            &json!({ "requests": vec![info.clone(); 20] }),
            &[
                (json!({ "requests": null }), "Invalid batch request: no valid \"requests\" field"),
                (json!({ "requests": {} }), "Invalid batch request: no valid \"requests\" field"),
                (json!({ "requests": [] }), "Invalid batch request: empty \"requests\" list"),
                (json!({ "requests": vec![info.clone(); 21] }), "Invalid batch request: subrequest limit exceeded"),
                (json!({ "requests": [5] }), "Invalid batch request: requests must be objects"),
                (
                    json!({ "requests": [{ "method": "info" }] }),
                    "Invalid batch request: subrequests must have method/params keys",
                ),
            ],
        );
    }
}

#[test]
fn revocations() {
    let tag = "00".repeat(36);
    for (method, field) in [("revoke_subaccount", "revoke"), ("unrevoke_subaccount", "unrevoke")] {
        let base = with(signed(), json!({ field: tag }));
        let missing = format!("Required field '{field}' missing");
        let wrong = format!("invalid {field}: expected base64 or hex-encoded subaccount tag");
        let many = format!("invalid {field}: cannot {field} more than 50 subaccounts at once");
        let kind = format!("Invalid value given for '{field}': expected string array");
        check(
            method,
            &base,
            &[
                (json!({ "signature": null }), "Required field 'signature' missing"),
                (json!({ "timestamp": null }), "Required field 'timestamp' missing"),
                (json!({ field: null }), &missing),
                (json!({ field: "00".repeat(35) }), &wrong),
                (json!({ field: [tag, "x".repeat(48 + 1)] }), &wrong),
                (json!({ field: vec![tag.clone(); 51] }), &many),
                (json!({ field: [5] }), &kind),
                (json!({ field: {} }), &kind),
            ],
        );
        check(method, &with(signed(), json!({ field: vec![base64::encode([7; 36]); 50] })), &[]);
    }
    check("revoked_subaccounts", &signed(), &[(json!({ "timestamp": null }), "Required field 'timestamp' missing")]);
}

#[test]
fn sweeps_with_a_time() {
    let all = with(signed(), json!({ "namespace": "all", "before": 5, "expiry": 5 }));
    let time = "expected integer timestamp (in milliseconds)";
    for (method, field) in [("delete_before", "before"), ("expire_all", "expiry")] {
        let (missing, kind) =
            (format!("Required field '{field}' missing"), format!("Invalid value given for '{field}': {time}"));
        check(
            method,
            &all,
            &[
                (json!({ field: null }), &missing),
                (json!({ field: "5" }), &kind),
                (json!({ field: -5 }), &kind),
                (json!({ field: [5] }), &kind),
                (json!({ "namespace": "some" }), "Invalid value given for 'namespace': expected integer or \"all\""),
                (json!({ "namespace": 40000 }), "Invalid value given for 'namespace': value out of range"),
            ],
        );
    }
}

#[test]
fn conditions() {
    let info = json!({ "method": "info", "params": {} });
    let invalid = |reason: &str| format!("Invalid ifelse request: {reason}");
    let none = invalid("must specify at least one \"if\" condition");
    let (object, keys) = (invalid("then must be an object"), invalid("then must have method/params keys"));
    let (field, branch) = (invalid("no valid \"if\" field"), invalid("at least one of \"then\"/\"else\" required"));
    check(
        "ifelse",
        &json!({ "if": { "hf_at_least": [19] }, "then": info }),
        &[
            (json!({ "if": null }), &field),
            (json!({ "if": [] }), &field),
            (json!({ "if": {} }), &none),
            (json!({ "if": { "hf_before": [], "v_before": null } }), &none),
            (json!({ "if": { "hf_before": "x" } }), "Invalid value given for 'hf_before': expected integer array"),
            (json!({ "if": { "v_before": [1, 1.5] } }), "Invalid value given for 'v_before': expected integer array"),
            (json!({ "if": { "v_before": [1_u64 << 40] } }), "Invalid value given for 'v_before': value out of range"),
            (json!({ "if": { "height_before": [1] } }), "Invalid value given for 'height_before': expected integer"),
            (json!({ "then": null }), &branch),
            (json!({ "then": 5 }), &object),
            (json!({ "then": { "method": "info" } }), &keys),
            (json!({ "then": { "method": "steal", "params": {} } }), "Invalid ifelse request method \"then\""),
            (json!({ "then": { "method": "get_swarm", "params": {} } }), "Required field 'pubkey' missing"),
        ],
    );
    let deep = (0..8)
        .fold(info, |inner, _| json!({ "method": "ifelse", "params": { "if": { "hf_at_least": 1 }, "else": inner } }));
    assert_eq!(refusal(&deep.to_string()), (400, "invalid json".into()));
}

#[test]
fn a_malformed_part_spoils_the_batch() {
    let info = json!({ "method": "info", "params": {} });
    for (part, reason) in [
        (json!({ "method": "get_swarm", "params": {} }), "Required field 'pubkey' missing"),
        (
            json!({ "method": "batch", "params": { "requests": [info] } }),
            "Invalid batch subrequest: subrequests may not contain meta-requests",
        ),
        (
            json!({ "method": "ifelse", "params": {} }),
            "Invalid batch subrequest: subrequests may not contain meta-requests",
        ),
        (json!({ "method": "steal", "params": {} }), "Invalid batch subrequest: invalid method \"steal\""),
    ] {
        for method in ["batch", "sequence"] {
            let body = json!({ "method": method, "params": { "requests": [info, part] } }).to_string();
            assert_eq!(refusal(&body), (400, format!("invalid request: {reason}")));
        }
    }
}

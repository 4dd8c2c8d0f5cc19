use super::*;
use proptest::prelude::*;
use tacit_crypto::{EncType, layer_seal};
use tacit_wire::onion::{ReplyOptions, seal_reply};

fn key() -> SharedKey {
    let node = tacit_crypto::NodeKeys::from_seed(&[1; 32]);
    layer_seal(EncType::XChaCha20, b"", &node.x25519_public(), &mut rand::rng()).unwrap().key
}

fn http(status: u16, body: impl Into<Vec<u8>>) -> Result<Answer, HttpError> {
    Ok(Answer { status, content_type: None, body: body.into() })
}

#[test]
fn an_answer_under_the_right_key_is_opened() {
    let key = key();
    let sealed = seal_reply(&key, ReplyOptions::default(), 401, b"no", &mut rand::rng());
    let expected = Carried::Answer { status: 401, body: b"no".to_vec() };
    assert_eq!(carried(http(200, sealed), &key), expected);
}

#[test]
fn garbage_and_strange_statuses_are_failures_of_the_path() {
    let key = key();
    for answer in [
        http(200, "garbage"),
        http(200, ""),
        http(200, seal_reply(&self::key(), ReplyOptions::default(), 200, b"{}", &mut rand::rng())),
        http(204, ""),
        http(302, "elsewhere"),
        http(400, "Invalid ciphertext"),
        http(404, "what"),
        http(500, "Invalid response from snode"),
        http(504, "Request time out"),
        http(503, "Snode not ready"),
        http(502, "Next node not found: nonsense"),
        http(999, ""),
        Err(HttpError::TooLarge),
        Err(HttpError::Unfinished),
    ] {
        assert!(matches!(carried(answer, &key), Carried::PathFailed(_)));
    }
    for error in [HttpError::Unreachable, HttpError::Silent] {
        assert!(matches!(carried(Err(error), &key), Carried::Unreachable(_)));
    }
}

#[test]
fn a_named_node_is_told_from_a_failed_path() {
    let node = NodeId([7; 32]);
    let found = carried(http(502, format!("Next node not found: {node}")), &key());
    assert_eq!(found, Carried::NodeRefused(node));
    let ready = carried(http(503, format!("Snode not ready: {node}")), &key());
    assert_eq!(ready, Carried::NodeRefused(node));
}

#[test]
fn the_destinations_statuses_are_sorted() {
    assert!(matches!(said(200, b"{}", false), Said::Done(_)));
    assert!(matches!(said(200, b"<html>", false), Said::Nonsense(_)));
    assert!(matches!(said(200, b"[1]", false), Said::Nonsense(_)));
    assert!(matches!(said(200, b"{}", true), Said::Nonsense(_)));
    assert!(matches!(said(421, b"{}", false), Said::WrongSwarm(nodes) if nodes.is_empty()));
    assert!(matches!(said(406, b"clock", false), Said::WrongClock { .. }));
    assert!(matches!(said(425, b"clock", false), Said::WrongClock { .. }));
    assert!(matches!(said(429, b"slow", false), Said::Busy { .. }));
    assert!(matches!(said(503, b"later", false), Said::Busy { .. }));
    assert!(matches!(said(777, b"?", false), Said::Nonsense(_)));
    assert!(matches!(said(0, b"?", false), Said::Nonsense(_)));
    let refused = Said::Refused { status: 401, text: "bad signature".to_owned() };
    assert_eq!(said(401, b"bad\nsignature", false), refused);
}

#[test]
fn json_that_nests_too_deep_or_holds_too_much_is_nonsense() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(matches!(said(200, deep.as_bytes(), false), Said::Nonsense(_)));
    let wide = format!("{{\"a\":[{}0]}}", "0,".repeat(2_000_000));
    assert!(matches!(said(200, wide.as_bytes(), false), Said::Nonsense(_)));
}

#[test]
fn a_part_of_a_batch_can_call_for_another_try() {
    let parts = |code: u16| format!(r#"{{"results":[{{"code":200,"body":{{}}}},{{"code":{code},"body":"x"}}]}}"#);
    assert!(matches!(said(200, parts(421).as_bytes(), true), Said::WrongSwarm(_)));
    assert!(matches!(said(200, parts(406).as_bytes(), true), Said::WrongClock { .. }));
    assert!(matches!(said(200, parts(401).as_bytes(), true), Said::Done(_)));
}

#[test]
fn the_time_of_a_batch_is_that_of_its_parts() {
    let time = |text: &str| network_time(&serde_json::from_str(text).unwrap());
    assert_eq!(time(r#"{"t":5}"#), Some(TimestampMs(5)));
    assert_eq!(time(r#"{"timestamp":6,"t":0}"#), Some(TimestampMs(6)));
    let batch = r#"{"results":[{"code":400,"body":"no"},{"code":200,"body":{"t":7}}]}"#;
    assert_eq!(time(batch), Some(TimestampMs(7)));
    assert_eq!(time(r#"{"t":-1,"results":{"t":3}}"#), None);
}

#[test]
fn texts_of_errors_are_short_and_on_one_line() {
    let long = "e\r\n\u{7}".repeat(100_000);
    let Said::Refused { text, .. } = said(400, long.as_bytes(), false) else { panic!() };
    assert!(text.chars().count() <= MAX_TEXT && !text.contains(['\r', '\n', '\u{7}']));
}

proptest! {
    #[test]
    fn no_answer_makes_us_panic(status: u16, body: Vec<u8>, parts: bool) {
        let _ = said(status, &body, parts);
        let _ = carried(http(status, body.clone()), &key());
        let _ = members(&body);
    }

    #[test]
    fn no_json_makes_us_panic(text in r#"\{"(results|snodes|t|swarm)":(\[\{"code":[0-9]{1,6},"body":.{0,9}\}\]|.{0,9})\}"#) {
        for parts in [false, true] {
            let _ = said(200, text.as_bytes(), parts);
            let _ = said(421, text.as_bytes(), parts);
        }
    }
}

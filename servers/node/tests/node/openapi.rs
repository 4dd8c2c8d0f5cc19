//! Requests made at random from `docs/openapi.json`, whole and damaged: every answer is one that
//! the file names, and none says that the node failed.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

use crate::harness::Net;

const DOCUMENT: &str = include_str!("../../../../docs/openapi.json");

fn document() -> Value {
    serde_json::from_str(DOCUMENT).unwrap()
}

/// Values of a schema, now and then of another shape.
fn values(document: &Value, schema: &Value) -> BoxedStrategy<Value> {
    let right = right(document, schema);
    prop_oneof![30 => right, 1 => anything()].boxed()
}

fn anything() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        select(vec![0, -1, 1, i64::MIN, i64::MAX, 32_768, -32_769]).prop_map(Value::from),
        select(vec![json!(u64::MAX), json!(1.5), json!(1e300), json!(-0.0)]),
        ".{0,20}".prop_map(Value::from),
        select(vec!["", "all", "\0", "05", "===="]).prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,6}", inner, 0..4)
                .prop_map(|map| Value::from(map.into_iter().collect::<Map<_, _>>())),
        ]
    })
    .boxed()
}

fn right(document: &Value, schema: &Value) -> BoxedStrategy<Value> {
    if let Some(name) = schema["$ref"].as_str() {
        return right(document, document.pointer(name.trim_start_matches('#')).unwrap());
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let choices: Vec<_> = choices.iter().map(|choice| right(document, choice)).collect();
        return proptest::strategy::Union::new(choices).boxed();
    }
    if let Some(choices) = schema["enum"].as_array() {
        return select(choices.clone()).boxed();
    }
    match schema["type"].as_str().unwrap() {
        "object" => object(document, schema),
        "array" => {
            let most = schema["maxItems"].as_u64().map_or(4, |most| most.min(4));
            let least = usize::try_from(schema["minItems"].as_u64().unwrap_or(0)).unwrap();
            let items = values(document, &schema["items"]);
            prop::collection::vec(items, least..=usize::try_from(most).unwrap()).prop_map(Value::from).boxed()
        }
        "boolean" => any::<bool>().prop_map(Value::from).boxed(),
        "integer" => {
            let of = |field: &str, other| schema[field].as_i64().unwrap_or(other);
            let (least, most) = (of("minimum", i32::MIN.into()), of("maximum", 1 << 42));
            let near = crate::harness::now().0.cast_signed();
            let mut borders = vec![least, most, 0.clamp(least, most)];
            borders.extend((least..=most).contains(&near).then_some(near));
            prop_oneof![2 => select(borders), 1 => least..=most].prop_map(Value::from).boxed()
        }
        "string" => match schema["pattern"].as_str() {
            Some(pattern) => {
                let pattern = pattern.trim_start_matches('^').trim_end_matches('$');
                proptest::string::string_regex(pattern).unwrap().prop_map(Value::from).boxed()
            }
            None => ".{0,30}".prop_map(Value::from).boxed(),
        },
        other => panic!("a type that the generator does not know: {other}"),
    }
}

/// Required fields mostly, others half of the time, unknown ones now and then.
fn object(document: &Value, schema: &Value) -> BoxedStrategy<Value> {
    let none = Map::new();
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let fields = schema["properties"].as_object().unwrap_or(&none);
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, field)| {
            let often = if required.contains(&json!(name)) { 0.97 } else { 0.5 };
            let value = prop::option::weighted(often, values(document, field));
            (Just(name.clone()), value)
        })
        .collect();
    (fields, prop::option::weighted(0.05, anything()))
        .prop_map(|(fields, unknown)| {
            let mut object: Map<_, _> = fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
            object.extend(unknown.map(|value| ("unknown".to_owned(), value)));
            Value::from(object)
        })
        .boxed()
}

fn cases() -> usize {
    std::env::var("TACIT_OPENAPI_CASES").map_or(400, |cases| cases.parse().unwrap())
}

#[tokio::test]
async fn no_request_of_any_shape_makes_a_node_fail() {
    let document = document();
    let net = Net::start(2, 1).await;
    let mut runner = TestRunner::deterministic();
    let mut seen = std::collections::BTreeMap::new();
    for (path, content) in [("/storage_rpc/v1", "application/json"), ("/json_rpc", "application/json")] {
        let operation = &document["paths"][path]["post"];
        let strategy = values(&document, &operation["requestBody"]["content"][content]["schema"]);
        for _ in 0..cases() {
            let body = strategy.new_tree(&mut runner).unwrap().current().to_string();
            let url = format!("https://127.0.0.1:{}{path}", net.node(0).https_port);
            let answer = net.http.post(url).body(body.clone()).send().await.unwrap();
            let status = answer.status().as_u16();
            *seen.entry((path, status)).or_insert(0) += 1;
            assert!(status < 500, "{status}: {body}");
            let named = &operation["responses"][status.to_string()];
            let kind = answer.headers()["content-type"].to_str().unwrap().split(';').next().unwrap().to_owned();
            assert!(named["content"][&kind].is_object(), "{status} {kind} is not in the document: {body}");
            let text = answer.text().await.unwrap();
            assert!(kind != "application/json" || serde_json::from_str::<Value>(&text).is_ok(), "{text}");
        }
    }
    for answered in [("/storage_rpc/v1", 200), ("/storage_rpc/v1", 400), ("/storage_rpc/v1", 401), ("/json_rpc", 200)] {
        assert!(seen.contains_key(&answered), "the generator never got as far as {answered:?}: {seen:?}");
    }
}

/// Frames of onion requests with anything inside.
#[tokio::test]
async fn no_onion_request_of_any_shape_makes_a_node_fail() {
    let net = Net::start(2, 1).await;
    let mut runner = TestRunner::deterministic();
    let control = prop_oneof![
        anything(),
        ("[0-9a-f]{64}", select(vec!["xchacha20", "aes-gcm", "aes-cbc", "gcm", "none"]))
            .prop_map(|(key, enc)| json!({ "ephemeral_key": key, "enc_type": enc })),
    ];
    let frame = (prop::collection::vec(any::<u8>(), 0..100), control, prop::option::weighted(0.2, any::<u32>()));
    for _ in 0..cases() {
        let (inner, control, length) = frame.new_tree(&mut runner).unwrap().current();
        let mut body = tacit_wire::onion::combine(&inner, control.to_string().as_bytes());
        if let Some(length) = length {
            body[..4].copy_from_slice(&length.to_le_bytes());
        }
        let (status, text) = net.post(0, "/onion_req/v2", body).await;
        assert_eq!((status, text.as_slice()), (400, &b"Invalid ciphertext"[..]), "{control}");
    }
}

#[test]
fn every_method_stands_in_the_document() {
    let document = document();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for (name, schema) in schemas.iter().filter(|(name, _)| name.starts_with("Request_")) {
        let method = schema["properties"]["method"]["enum"][0].as_str().unwrap();
        assert_eq!(name.trim_start_matches("Request_"), method);
        let refused = tacit_wire::rpc::Request::parse_method(method, &json!({})).err();
        assert!(refused.is_none_or(|refused| !refused.text.starts_with("no method")), "{method}");
    }
    assert_eq!(schemas.keys().filter(|name| name.starts_with("Request_")).count(), 18);
}

//! The project's copy of the protocol's test vectors passes, and vectors that are wrong fail.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;

use serde_json::{Value, json};
use tacit_conformance::files::{self, Kind};
use tacit_conformance::folder;
use tacit_conformance::report::Report;

fn vectors() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../vectors"))
}

fn load(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(vectors().join(name)).unwrap()).unwrap()
}

fn report(kind: Kind, file: &Value) -> Report {
    let mut report = Report::default();
    files::run(kind, file, &mut report);
    report
}

#[test]
fn every_vector_passes() {
    let only = ["network".to_owned(), "messages".to_owned()];
    for outcome in folder::run(vectors(), &only).unwrap() {
        assert_eq!(outcome.report.failures(), [], "{}", outcome.file);
        assert!(outcome.report.passed() > 100, "{}", outcome.file);
    }
}

#[test]
fn an_unknown_section_fails() {
    let report = report(Kind::Network, &json!({ "novelty": [] }));
    assert_eq!(report.failed(), 1);
}

#[test]
fn a_section_without_cases_fails() {
    for section in ["swarm_mapping", "message_hash", "signatures", "nodes", "onion_to_node", "onion_to_server"] {
        for empty in [json!([]), json!({}), json!(null)] {
            assert!(report(Kind::Network, &json!({ section: empty })).failed() > 0, "{section}");
        }
    }
    let messages = load("messages.json");
    for section in
        messages.as_object().unwrap().keys().filter(|key| messages[*key].is_array() || messages[*key].is_object())
    {
        for empty in [json!([]), json!({}), json!(null)] {
            assert!(report(Kind::Messages, &json!({ section: empty })).failed() > 0, "{section}");
        }
    }
}

/// Changes every kind of field in turn. Each change must be noticed, or no check reads it.
#[test]
fn every_field_is_checked() {
    for (name, kind) in [("network.json", Kind::Network), ("messages.json", Kind::Messages)] {
        let file = load(name);
        let unnoticed: Vec<_> = one_path_per_field(&file)
            .into_iter()
            .filter(|path| !may_make_no_difference(path))
            .filter(|path| report(kind, &changed(&file, path)).failed() == 0)
            .collect();
        assert_eq!(unnoticed, [""; 0], "{name}");
    }
}

/// Where a change leaves a case right: what is wrong already stays wrong for the same reason,
/// many sizes pad to one, and text without mentions stays so.
fn may_make_no_difference(path: &str) -> bool {
    const PLACES: [&str; 14] = [
        "/swarm_mapping/edge/5/pubkey",
        "/attachment_legacy/bad/",
        "/attachment_legacy/padded_sizes/",
        "/attachment_stream/bad/",
        "/attachment_stream/sizes/",
        "/conversions/invalid_ed25519/",
        "/file_urls/12/url",
        "/mentions/6/text",
        "/ons/invalid_names/",
        "/padding/pad/9/content",
        "/phrase_kinds/6/input",
        "/profile_picture_legacy/bad/",
        "/push/bad/",
        "/sealed_bad/",
    ];
    let result = ["/error", "/padded", "/encrypted_size"];
    PLACES.iter().any(|place| path.starts_with(place)) && !result.iter().any(|end| path.ends_with(end))
}

/// The section of `path` with the value there changed, and with few other cases.
fn changed(file: &Value, path: &str) -> Value {
    let mut file = file.clone();
    change(file.pointer_mut(path).unwrap());
    let parts: Vec<_> = path.split('/').skip(1).collect();
    let kept = |key: &str| key == parts[0] || matches!(key, "nodes" | "sealed");
    file.as_object_mut().unwrap().retain(|key, _| kept(key));
    // What stands beside the cases counts for all of them.
    let in_a_case = path
        .match_indices('/')
        .skip(1)
        .any(|(at, _)| file.pointer(&path[..at]).is_some_and(|list| list.get(0).is_some_and(Value::is_object)));
    if !in_a_case {
        return file;
    }
    for (key, value) in file.as_object_mut().unwrap() {
        prune(value, key, (*key == parts[0]).then_some(&parts[1..]));
    }
    file
}

/// Leaves one case in every list of cases: that on the path, or the first.
fn prune(value: &mut Value, key: &str, path: Option<&[&str]>) {
    let rest = |part: &str| path.filter(|path| path.first() == Some(&part)).map(|path| &path[1..]);
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                prune(value, key, rest(key));
            }
        }
        Value::Array(list) if list.first().is_some_and(Value::is_object) && !matches!(key, "layers" | "path") => {
            let index = path.and_then(|path| path.first()?.parse::<usize>().ok()).unwrap_or(0);
            list.swap(0, index);
            list.truncate(1);
            prune(&mut list[0], "", rest(&index.to_string()));
        }
        _ => {}
    }
}

/// The first and last occurrence of each field, by its name and place.
fn one_path_per_field(file: &Value) -> Vec<String> {
    let mut fields = std::collections::BTreeMap::new();
    walk(file, "", "", &mut fields);
    fields.into_values().flat_map(|(first, last)| if first == last { vec![first] } else { vec![first, last] }).collect()
}

fn walk(value: &Value, path: &str, field: &str, fields: &mut std::collections::BTreeMap<String, (String, String)>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let note = ["source", "label", "contents_note", "why", "made_from"];
                if !note.contains(&key.as_str()) {
                    walk(value, &format!("{path}/{key}"), &format!("{field}/{key}"), fields);
                }
            }
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                walk(value, &format!("{path}/{index}"), &format!("{field}/*"), fields);
            }
        }
        _ => {
            let entry = fields.entry(field.to_owned()).or_insert_with(|| (path.to_owned(), path.to_owned()));
            path.clone_into(&mut entry.1);
        }
    }
}

/// Another value of the same type. In texts the first letter or digit changes, in account IDs
/// the last: the prefix does not enter everything.
fn change(value: &mut Value) {
    *value = match &*value {
        Value::Number(number) => json!(number.as_i64().unwrap() + 1),
        Value::Bool(flag) => json!(!flag),
        Value::String(text) if text.is_empty() => json!("00"),
        Value::String(text) => {
            let first = text.find(|c: char| c.is_ascii_alphanumeric()).unwrap_or(0);
            let at = if text.len() == 66 && text.starts_with("05") { 65 } else { first };
            let with = if text[at..].starts_with('1') { "2" } else { "1" };
            let mut changed = text.clone();
            let width = text[at..].chars().next().unwrap().len_utf8();
            changed.replace_range(at..at + width, with);
            json!(changed)
        }
        other => other.clone(),
    };
}

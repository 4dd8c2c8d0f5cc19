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
    let only = ["network".to_owned(), "messages".to_owned(), "config".to_owned()];
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
    for (name, kind) in [("messages.json", Kind::Messages), ("config.json", Kind::Config)] {
        let file = load(name);
        let sections = file.as_object().unwrap().iter().filter(|(_, value)| value.is_array() || value.is_object());
        for (section, _) in sections {
            for empty in [json!([]), json!({}), json!(null)] {
                assert!(report(kind, &json!({ section: empty })).failed() > 0, "{section}");
            }
        }
    }
}

/// Changes every kind of field in turn. Each change must be noticed, or no check reads it.
#[test]
fn every_field_is_checked() {
    for (name, kind) in
        [("network.json", Kind::Network), ("messages.json", Kind::Messages), ("config.json", Kind::Config)]
    {
        let file = load(name);
        let unnoticed: Vec<_> = one_path_per_field(&file)
            .into_iter()
            .filter(|path| !may_make_no_difference(path))
            .filter(|path| kind != Kind::Config || !is_free(path))
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

/// The same in `config.json`, whose texts of errors and names of cases are for people too.
fn is_free(path: &str) -> bool {
    const PLACES: [&str; 37] = [
        "/community/22/in",
        "/crypto/decrypt/6/",
        "/crypto/encrypt/9/",
        "/crypto/padded_size/0/0",
        "/groups/65/compressed",
        "/groups/83/seed",
        "/groups/86/name",
        "/groups/99/bytes",
        "/groups/100/compress",
        "/groups/104/compress",
        "/merge_cases/0/lag",
        "/merge_cases/5/sign_seed",
        "/merge_refuse/cases/19/wire",
        "/multi_encrypt/0/deterministic",
        "/multi_encrypt/0/pad",
        "/multi_encrypt/12/bytes",
        "/multi_encrypt/7/",
        // What is in the large config is not told, only how large it is.
        "/multipart/big/",
        "/now_ms",
        "/records/13/args/",
        "/records/23/args/",
        "/records/29/args/",
        "/records/4/args/",
        "/records/5/args/",
        "/records/57/",
        "/records/19/record",
        "/records_new/12/args/created",
        "/records_new/16/now_s",
        "/records_new/7/args/",
        "/refuse/50/verify_pubkey",
        "/refuse/50/bt",
        "/scenarios/0/steps/0/",
        "/scenarios/10/steps/7/wire",
        "/scenarios/12/steps/",
        "/scenarios/12/ed25519_seed",
        "/scenarios/2/steps/14/seqno_arg",
        "/subaccounts/",
    ];
    const FIELDS: [&str; 5] = ["/case", "/change", "/error", "/opened", "/recipient_seed"];
    let result = ["/ok", "/accepted", "/bytes_blake2b_256", "/signature", "/token", "/part_wire_lens/0"];
    let is_name = path.starts_with("/scenarios/") && path.ends_with("/name");
    let is_known = PLACES.iter().any(|place| path.starts_with(place)) || FIELDS.iter().any(|end| path.ends_with(end));
    (is_known || is_name) && !result.iter().any(|end| path.ends_with(end))
}

/// The section of `path` with the value there changed, and with few other cases.
fn changed(file: &Value, path: &str) -> Value {
    let mut file = file.clone();
    change(file.pointer_mut(path).unwrap());
    let parts: Vec<_> = path.split('/').skip(1).collect();
    let kept = |key: &str| key == parts[0] || matches!(key, "nodes" | "sealed" | "now_ms");
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
        Value::Array(list) if list.first().is_some_and(Value::is_object) && !is_whole(key) => {
            let index = path.and_then(|path| path.first()?.parse::<usize>().ok()).unwrap_or(0);
            list.swap(0, index);
            list.truncate(1);
            prune(&mut list[0], "", rest(&index.to_string()));
        }
        _ => {}
    }
}

/// Lists of which each entry needs those before it, or all.
fn is_whole(key: &str) -> bool {
    matches!(key, "layers" | "path" | "steps" | "records" | "groups" | "multi_encrypt" | "recipients" | "keys")
        || key.contains("parts_of_")
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
                let note = ["source", "label", "contents_note", "why", "made_from", "note", "format", "made_with"];
                if !note.contains(&key.as_str()) {
                    // Keys within data are not fields of the file.
                    let is_data = ["/data", "/before", "/after"].iter().any(|end| field.ends_with(end));
                    let field = if is_data { field.to_owned() } else { format!("{field}/{key}") };
                    let escaped = key.replace('~', "~0").replace('/', "~1");
                    walk(value, &format!("{path}/{escaped}"), &field, fields);
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

//! The vector files and the functions for their sections.

use serde_json::Value;
use tacit_wire::TimestampMs;

use crate::report::Report;
use crate::sections::{
    attachments, config, contents, conversions, direct, file_urls, group, hashes, identities, onion, onion_server, ons,
    phrases, pictures, push, sealed, signatures, swarms, text,
};

/// A file whose sections are known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `network.json`.
    Network,
    /// `messages.json`.
    Messages,
    /// `config.json`.
    Config,
}

/// Keys that are notes for people.
const NOTES: [&str; 6] = ["source", "label", "contents_note", "format", "made_with", "now_ms"];
const NETWORK: [&str; 6] = ["swarm_mapping", "message_hash", "signatures", "nodes", "onion_to_node", "onion_to_server"];

impl Kind {
    /// Told by the name of the file, or by its sections when it has another name.
    #[must_use]
    pub fn of(name: &str, file: &Value) -> Option<Self> {
        let has = |section| file.get(section).is_some();
        match name {
            "network" => Some(Self::Network),
            "messages" => Some(Self::Messages),
            "config" => Some(Self::Config),
            _ if NETWORK.iter().any(|section| has(*section)) => Some(Self::Network),
            _ if has("merge_cases") || has("records") || has("bt") => Some(Self::Config),
            _ if has("identities") || has("direct_receive") => Some(Self::Messages),
            _ => None,
        }
    }
}

/// Runs every section of a file. A section that is not known fails.
pub fn run(kind: Kind, file: &Value, report: &mut Report) {
    let Some(sections) = file.as_object() else {
        report.fail("file", "is no JSON object");
        return;
    };
    for (name, section) in sections {
        if NOTES.contains(&name.as_str()) {
            continue;
        }
        let known = match kind {
            Kind::Network => network(name, section, file, report),
            Kind::Messages => messages(name, section, file, report),
            Kind::Config => synced(name, section, file, report),
        };
        if !known {
            report.fail(name, "unknown section");
        }
    }
}

fn network(name: &str, section: &Value, file: &Value, report: &mut Report) -> bool {
    let nodes = file.get("nodes").unwrap_or(&Value::Null);
    match name {
        "swarm_mapping" => swarms::swarm_mapping(section, report),
        "message_hash" => hashes::message_hash(section, report),
        "signatures" => signatures::signatures(section, report),
        "nodes" => onion::nodes(section, report),
        "onion_to_node" => onion::onion_to_node(section, nodes, report),
        "onion_to_server" => onion_server::onion_to_server(section, nodes, report),
        _ => return false,
    }
    true
}

fn synced(name: &str, section: &Value, file: &Value, report: &mut Report) -> bool {
    let now = TimestampMs(file.get("now_ms").and_then(Value::as_u64).unwrap_or_default());
    match name {
        "bt" => config::formats::bt(section, report),
        "crypto" => config::formats::crypto(section, report),
        "refuse" => config::formats::refuse(section, report),
        "merge_refuse" => config::formats::merge_refuse(section, report),
        "merge_cases" => config::merging::merge_cases(section, report),
        "scenarios" => config::scenarios::scenarios(section, now, report),
        "records" => config::records::records(section, now, report),
        "records_new" => config::records::records_new(section, report),
        "community" => config::formats::community(section, report),
        "groups" => config::groups::groups(section, report),
        "multi_encrypt" => config::subaccounts::multi_encrypt(section, report),
        "subaccounts" => config::subaccounts::subaccounts(section, report),
        "multipart" => config::parts::multipart(section, report),
        _ => return false,
    }
    true
}

fn messages(name: &str, section: &Value, file: &Value, report: &mut Report) -> bool {
    match name {
        "identities" => identities::identities(section, report),
        "phrases" => phrases::phrases(section, report),
        "phrase_kinds" => phrases::phrase_kinds(section, report),
        "conversions" => conversions::conversions(section, report),
        "padding" => direct::padding(section, report),
        "sealed" => sealed::sealed(section, report),
        "sealed_bad" => sealed::sealed_bad(section, report),
        "sealed_shortest" => {
            sealed::sealed_shortest(section, file.get("sealed").unwrap_or(&Value::Null), report);
        }
        "sealed_deterministic" => sealed::sealed_deterministic(section, report),
        "direct" => direct::direct(section, report),
        "direct_receive" => direct::direct_receive(section, report),
        "contents" => contents::contents(section, report),
        "group" => group::group(section, report),
        "attachment_legacy" => attachments::attachment_legacy(section, report),
        "attachment_stream" => attachments::attachment_stream(section, report),
        "profile_picture_legacy" => pictures::profile_picture_legacy(section, report),
        "file_urls" => file_urls::file_urls(section, report),
        "push" => push::push(section, report),
        "ons" => ons::ons(section, report),
        "mentions" => text::mentions(section, report),
        "names" => text::names(section, report),
        _ => return false,
    }
    true
}

//! One body for every parser that meets input from outside. A body takes any bytes, must not
//! panic, and checks what must hold for whatever parses: written again it reads the same.
//! `tests/fuzz_bodies.rs` feeds them on stable Rust, `tests/fuzz` with a coverage-guided fuzzer.

mod configs;
mod formats;
mod messages;
mod requests;
mod secrets;

pub use configs::{config_keys, config_message, config_stored, config_url};
pub use formats::{bencode, file_url, identifiers, json, mentions, profile, v4};
pub use messages::{content, direct, group_message, padding, push};
pub use requests::{control, node_list, onion_peel, onion_reply, rpc_answer, rpc_request};
pub use secrets::{attachment_legacy, attachment_stream, ons, phrase, sealed};

/// A body with its name and inputs from which to start.
pub struct Target {
    /// The name, also of its program in `tests/fuzz`.
    pub name: &'static str,
    /// What takes the input.
    pub body: fn(&[u8]),
    /// Inputs that parse, to be changed here and there.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All of them.
pub const TARGETS: [Target; 27] = [
    Target { name: "attachment_legacy", body: attachment_legacy, seeds: secrets::uploads },
    Target { name: "attachment_stream", body: attachment_stream, seeds: secrets::uploads },
    Target { name: "bencode", body: bencode, seeds: formats::bencoded },
    Target { name: "config_keys", body: config_keys, seeds: configs::keys_messages },
    Target { name: "config_message", body: config_message, seeds: configs::messages },
    Target { name: "config_stored", body: config_stored, seeds: configs::stored },
    Target { name: "config_url", body: config_url, seeds: configs::urls },
    Target { name: "content", body: content, seeds: messages::contents },
    Target { name: "control", body: control, seeds: requests::controls },
    Target { name: "direct", body: direct, seeds: messages::stored },
    Target { name: "file_url", body: file_url, seeds: formats::texts },
    Target { name: "group_message", body: group_message, seeds: messages::dictionaries },
    Target { name: "identifiers", body: identifiers, seeds: formats::texts },
    Target { name: "json", body: json, seeds: requests::bodies },
    Target { name: "mentions", body: mentions, seeds: formats::texts },
    Target { name: "node_list", body: node_list, seeds: requests::answers },
    Target { name: "onion_peel", body: onion_peel, seeds: requests::frames },
    Target { name: "onion_reply", body: onion_reply, seeds: requests::answers },
    Target { name: "ons", body: ons, seeds: formats::texts },
    Target { name: "padding", body: padding, seeds: messages::contents },
    Target { name: "phrase", body: phrase, seeds: secrets::phrases },
    Target { name: "profile", body: profile, seeds: formats::profiles },
    Target { name: "push", body: push, seeds: formats::bencoded },
    Target { name: "rpc_answer", body: rpc_answer, seeds: requests::answers },
    Target { name: "rpc_request", body: rpc_request, seeds: requests::bodies },
    Target { name: "sealed", body: sealed, seeds: messages::contents },
    Target { name: "v4", body: v4, seeds: formats::bencoded },
];

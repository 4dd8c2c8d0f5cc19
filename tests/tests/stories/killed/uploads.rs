//! A program that sends files.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;
use tacit_tests::harness::{LocalNetwork, Person, Stranger};
use tacit_wire::Namespace;

use super::{PATIENCE, Tally, any_moment, keys, kills, live, names, random};

const SIZE: usize = 1_500_000;
/// Lives after which what waits is let out, so that it does not keep what follows waiting.
const ROUND: usize = 10;

/// When it was killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    BeforeTheMessage,
    Uploading,
    Sealed,
    Stored,
    Finished,
}

fn phase(alice: &Person, bob: &Person, text: &str) -> Phase {
    let last = alice.ask(&["history", &bob.id, "--limit", "1"]).unwrap().pop();
    let Some(message) = last.filter(|message| message["text"] == text) else { return Phase::BeforeTheMessage };
    match (message["attachments"][0]["state"].as_str(), message["state"].as_str()) {
        (Some("moving"), Some("queued" | "sending")) => Phase::Uploading,
        (Some("done"), Some("queued" | "sending")) => Phase::Sealed,
        (Some("done"), Some("sent")) => Phase::Stored,
        other => panic!("{other:?}"),
    }
}

/// Saves the files of all messages; gives each with the text of its message.
fn save_all(person: &Person, with: &str, to: &std::path::Path) -> Vec<(String, PathBuf)> {
    let mut saved = Vec::new();
    for message in person.ask(&["history", with, "--limit", "1000"]).unwrap() {
        if message["attachments"].as_array().unwrap().is_empty() {
            continue;
        }
        let files = person.ask(&["save", message["id"].as_str().unwrap(), to.to_str().unwrap()]).unwrap();
        let text = message["text"].as_str().unwrap();
        saved.extend(files.iter().map(|file| (text.to_owned(), PathBuf::from(file["path"].as_str().unwrap()))));
    }
    saved
}

#[test]
fn killed_at_any_moment_of_sending_files_nothing_is_lost_and_nothing_doubled() {
    let network = LocalNetwork::start(12, 2);
    let alice = Person::join(network.profile(), "Alice");
    let bob = Person::join(network.profile(), "Bob");
    alice.send(&bob.id, "hi").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut sent = BTreeMap::new();
    let mut send = |text: &str, at_most: Duration| {
        let (path, bytes) = (folder.path().join(format!("{text}.bin")), random(SIZE));
        std::fs::write(&path, &bytes).unwrap();
        sent.insert(text.to_owned(), bytes);
        live(alice.command().args(["send", &bob.id, text, "--file"]).arg(&path), at_most)
    };
    let usual = send("first", PATIENCE).took;
    println!("a life takes {usual:.2?}");

    let (mut promised, mut tally) = (vec!["first".to_owned()], Tally::new());
    for number in 0..kills() {
        let text = number.to_string();
        let life = send(&text, any_moment(usual));
        let is_told = life.said.iter().any(|line| line.contains("\"hash\""));
        let phase = if life.finished { Phase::Finished } else { phase(&alice, &bob, &text) };
        tally.count(phase);
        assert!(!is_told || phase >= Phase::Stored, "told too early");
        promised.extend(is_told.then_some(text));
        if number % ROUND == ROUND - 1 {
            assert!(alice.ask(&["network", "flush", "--wait", "120"]).is_ok());
        }
    }
    assert!(alice.ask(&["network", "flush", "--wait", "120"]).is_ok());

    // What she kept is what he gets: each once, whole.
    let kept = alice.history(&bob.id);
    assert!(promised.iter().all(|text| kept.contains(text)), "{promised:?} of {kept:?}");
    bob.receive();
    assert_eq!(bob.history(&alice.id), kept);
    let saved = save_all(&bob, &alice.id, &folder.path().join("out"));
    assert_eq!(saved.len(), kept.len() - 1, "all but the first have a file");
    for (text, path) in &saved {
        assert!(std::fs::read(path).unwrap() == sent[text], "{text}");
    }
    for person in [&alice, &bob] {
        let files = names(&person.folder().join("files"));
        assert_eq!(files.len(), saved.len(), "a file for each row");
    }
    // Nor does a node have anything twice: of each message one, and one copy for her other devices.
    let stranger = Stranger::join(network.profile());
    for person in [&bob, &alice] {
        for stored in stranger.retrieve_everywhere(&keys(&person.phrase), Namespace::MESSAGES) {
            assert_eq!(stored.len(), kept.len());
        }
    }
    let waits = |message: &Value| message["state"] != "sent";
    assert!(!alice.ask(&["history", &bob.id, "--limit", "1000"]).unwrap().iter().any(waits));
}

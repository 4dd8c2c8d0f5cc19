//! Input that makes no sense gets a sentence, and nothing is lost.

use serde_json::Value;
use tacit_tests::harness::{LocalNetwork, Person, Refused};

fn refused(answer: Result<Vec<Value>, Refused>) -> Refused {
    answer.expect_err("refused")
}

#[test]
fn account_ids_and_texts_that_cannot_be_are_refused_with_a_sentence_each() {
    let network = LocalNetwork::start(12, 2);
    let alice = Person::join(network.profile(), "Alice");
    let bob = Person::join(network.profile(), "Bob");

    let too_short = &bob.id[..64];
    let wrong_prefix = format!("99{}", &bob.id[2..]);
    let letters = format!("{}zz", &bob.id[..64]);
    let mut sentences = Vec::new();
    for id in [too_short, wrong_prefix.as_str(), letters.as_str()] {
        let refused = refused(alice.ask(&["send", id, "hello"]));
        assert_eq!(refused.error, "account_id");
        sentences.push(refused.message);
    }
    sentences.sort();
    sentences.dedup();
    assert_eq!(sentences.len(), 3, "a sentence for each: {sentences:?}");

    assert_eq!(refused(alice.ask(&["send", &bob.id, "  "])).error, "text_empty");
    assert_eq!(refused(alice.ask(&["send", &bob.id, &"😀".repeat(10_000)])).error, "text_too_long");
    assert_eq!(refused(alice.ask(&["send", &bob.id, &"a".repeat(2_001)])).error, "text_too_long");

    let odd = ["\u{202e}gnirts\u{202c} bidi", "  spaces stay  ", "two\nlines", &"é".repeat(2_000)];
    for text in odd {
        alice.send(&bob.id, text).unwrap();
    }
    assert_eq!(bob.receive_texts(), odd);
}

#[test]
fn a_wrong_phrase_says_what_is_wrong_with_it() {
    let network = LocalNetwork::start(12, 2);
    let alice = Person::join(network.profile(), "Alice");
    let words: Vec<&str> = alice.phrase.split(' ').collect();
    let restore = |phrase: &str| {
        let folder = tempfile::tempdir().unwrap();
        let mut command = std::process::Command::new(tacit_tests::harness::program("tacit"));
        command.arg("--profile").arg(folder.path()).arg("--network").arg(network.profile());
        command.args(["--json", "account", "restore", "--phrase", phrase]);
        let output = command.output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        let refusal = errors.lines().rev().find_map(|l| serde_json::from_str::<Refused>(l).ok());
        if output.status.success() { Ok(()) } else { Err(refusal.expect("an error object")) }
    };

    assert_eq!(restore(&words[..12].join(" ")).unwrap_err().error, "too_few_words");
    assert_eq!(restore(&format!("{} {}", alice.phrase, words[0])).unwrap_err().error, "too_many_words");
    let unknown = restore(&alice.phrase.replacen(words[3], "qapy", 1)).unwrap_err();
    assert_eq!(unknown.error, "unknown_word");
    assert!(unknown.message.contains("qapy"), "it says which word: {}", unknown.message);
    // The last word repeats one of the twelve: which one is the checksum.
    let other = words[..12].iter().find(|word| **word != words[12]).unwrap();
    let wrong = [&words[..12], &[*other]].concat().join(" ");
    assert_eq!(restore(&wrong).unwrap_err().error, "checksum");
    restore(&format!("  {}\n", alice.phrase.to_uppercase().replace(' ', "   "))).unwrap();
}

#[test]
fn a_wrong_key_is_said_and_the_account_is_still_there() {
    let network = LocalNetwork::start(12, 2);
    let alice = Person::join(network.profile(), "Alice");
    let output = alice.command().env("TACIT_KEY", "ab".repeat(32)).args(["account", "show"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let error: Refused = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(error.error, "wrong_key");
    assert_eq!(alice.ask(&["account", "show"]).unwrap()[0]["account_id"], alice.id.as_str());
}

#[test]
fn usage_faults_end_with_status_two() {
    let tacit = || std::process::Command::new(tacit_tests::harness::program("tacit"));
    assert_eq!(tacit().arg("sned").output().unwrap().status.code(), Some(2));
    let output = tacit().args(["--json", "send"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let error: Refused = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(error.error, "usage");
}

#[test]
fn a_network_profile_that_is_none_is_refused_before_anything_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("network.json");
    for text in ["", "not json", "{}", "[]", "{\"name\": 3}"] {
        std::fs::write(&file, text).unwrap();
        let mut command = std::process::Command::new(tacit_tests::harness::program("tacit"));
        command.arg("--profile").arg(folder.path().join("account")).arg("--network").arg(&file);
        let output = command.args(["--json", "account", "create"]).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{text}");
        let error: Refused = serde_json::from_slice(&output.stderr).unwrap();
        assert_eq!(error.error, "network_profile", "{text}");
        assert!(!folder.path().join("account").exists(), "{text}");
    }
}

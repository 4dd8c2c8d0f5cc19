//! A program that fetches a file.

use std::path::Path;

use serde_json::Value;
use tacit_client::{ConversationId, MessageId, OldFiles};
use tacit_tests::harness::{Device, LocalNetwork, Person, eventually};
use tacit_wire::{AccountId, TimestampMs};

use super::{Life, PATIENCE, Tally, any_moment, kills, live, names, random};

const SIZE: usize = 6_000_000;

/// When it was killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    BeforeTheFirstByte,
    Fetching,
    Here,
    Finished,
}

fn phase(device: &Device, life: &Life) -> Phase {
    let is_fetched = |name: &String| !name.starts_with("fetched-");
    match names(&device.folder().join("files")) {
        _ if life.finished => Phase::Finished,
        files if fetched(device.folder()) > 0 && !files.iter().any(is_fetched) => Phase::Fetching,
        files if files.iter().any(is_fetched) => Phase::Here,
        _ => Phase::BeforeTheFirstByte,
    }
}

/// Bytes of what is being fetched.
fn fetched(folder: &Path) -> u64 {
    let names = names(&folder.join("files")).into_iter().filter(|name| name.starts_with("fetched-"));
    names.map(|name| std::fs::metadata(folder.join("files").join(name)).unwrap().len()).sum()
}

/// The conversation with somebody, and the last message there, once it came.
fn await_message(device: &Device, from: &AccountId) -> (ConversationId, MessageId) {
    let from = *from;
    eventually("the message", PATIENCE, || {
        device.run(|client| async move {
            let conversation = client.find_conversation(&from).await.unwrap()?;
            let messages = client.history(conversation, None, 1).await.unwrap();
            messages.first().map(|message| (conversation, message.id))
        })
    })
}

/// Takes the file off the device; it can be fetched again.
fn let_go(device: &mut Device, conversation: ConversationId) {
    device.on();
    let all = OldFiles { before: TimestampMs(i64::MAX as u64), conversation: Some(conversation) };
    device.run(|client| async move { client.free_up(all).await.unwrap() });
    device.off();
    assert_eq!(names(&device.folder().join("files")), Vec::<String>::new(), "nothing of it is left");
}

#[test]
fn killed_at_any_moment_of_fetching_a_file_it_comes_whole_and_once() {
    let network = LocalNetwork::start(12, 2);
    let alice = Person::join(network.profile(), "Alice");
    let mut bob = Device::create(network.profile(), "Bob");
    let folder = tempfile::tempdir().unwrap();
    let (file, bytes) = (folder.path().join("large.bin"), random(SIZE));
    std::fs::write(&file, &bytes).unwrap();
    let to = bob.client().account_id().to_string();
    alice.ask(&["send", &to, "large", "--file", file.to_str().unwrap()]).unwrap();
    let (conversation, message) = await_message(&bob, &AccountId::parse(&alice.id).unwrap());
    bob.off();

    let out = folder.path().join("out");
    let save = |bob: &Device, at_most| {
        let life = live(bob.command(network.profile()).args(["save", &message.to_string()]).arg(&out), at_most);
        // What has its name is whole.
        for name in names(&out).iter().filter(|name| !name.starts_with('.')) {
            assert!(std::fs::read(out.join(name)).unwrap() == bytes, "{name}");
        }
        life
    };
    let usual = save(&bob, PATIENCE).took;
    println!("a life takes {usual:.2?}");
    let_go(&mut bob, conversation);

    let (mut tally, mut resumed, mut saved) = (Tally::new(), 0, 1);
    for _ in 0..kills() {
        let before = fetched(bob.folder());
        let life = save(&bob, any_moment(usual));
        let (phase, after) = (phase(&bob, &life), fetched(bob.folder()));
        tally.count(phase);
        assert!(after >= before || phase >= Phase::Here, "what was fetched is kept: {after} of {before}");
        resumed += usize::from(before > 0 && (after > before || phase >= Phase::Here));
        if life.finished {
            let said: Vec<Value> = life.said.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
            assert!(said[0]["path"].as_str().is_some_and(|path| Path::new(path).is_file()));
            saved += 1;
            let_go(&mut bob, conversation);
        }
    }
    println!("{resumed} lives went on where an earlier one ended; it was saved {saved} times");
    assert!(save(&bob, PATIENCE).finished);
    assert_eq!(names(&bob.folder().join("files")).len(), 1, "no stray file is left");
    assert!(names(&out).iter().all(|name| !name.starts_with('.')), "nothing half is left");
}

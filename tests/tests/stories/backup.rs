//! What a person keeps apart from the network, and what they take out of it.

use tacit_tests::harness::{LocalNetwork, Person};

#[test]
fn phrase_and_backup_bring_the_history_back_and_the_network_the_rest() {
    let network = LocalNetwork::start(12, 2);
    let alice = Person::join(network.profile(), "Alice");
    let bob = Person::join(network.profile(), "Bob");
    for text in ["the sea at noon", "the sea at night"] {
        alice.send(&bob.id, text).unwrap();
    }
    bob.receive();
    bob.send(&alice.id, "what a sea").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bob.tacit");
    let file = file.to_str().unwrap();
    let written = bob.ask(&["backup", "write", file]).unwrap().remove(0);
    assert!(written["messages"].as_u64().unwrap() >= 3);
    alice.send(&bob.id, "newer than the backup").unwrap();

    let device = Person::nobody(network.profile());
    let refused = device.ask(&["backup", "read", file]).unwrap_err();
    assert_eq!(refused.error, "other_key");
    let refused = device.ask(&["backup", "read", file, "--phrase", &alice.phrase]).unwrap_err();
    assert_eq!(refused.error, "other_account");
    let read = device.ask(&["backup", "read", file, "--phrase", &bob.phrase_bip39]).unwrap().remove(0);
    assert_eq!(read["account_id"].as_str().unwrap(), bob.id);
    assert_eq!(device.history(&alice.id), ["the sea at noon", "the sea at night", "what a sea"]);
    assert_eq!(device.ask(&["search", "sea"]).unwrap().len(), 3);
    // What is old is not told as new; what the swarm has besides is.
    assert_eq!(device.receive_texts(), ["newer than the backup"]);
    assert_eq!(device.history(&alice.id).len(), 4);
    let again = device.ask(&["backup", "read", file]).unwrap().remove(0);
    assert_eq!(again["messages"], 0);
}

#[test]
fn what_is_erased_everywhere_does_not_come_back() {
    let network = LocalNetwork::start(12, 2);
    let alice = Person::join(network.profile(), "Alice");
    let bob = Person::join(network.profile(), "Bob");
    alice.send(&bob.id, "a secret").unwrap();
    bob.receive();
    let erased = bob.ask(&["account", "erase", "--everywhere"]).unwrap().remove(0);
    assert!(erased["of"].as_u64().unwrap() >= 5);
    assert_eq!(erased["confirmed"], erased["of"], "every member of the swarm signs that it did");
    assert_eq!(bob.ask(&["account", "show"]).unwrap_err().error, "no_account");
    let left: Vec<_> = std::fs::read_dir(bob.folder()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["lock"]);
    let restored = Person::restore(network.profile(), &bob.phrase);
    assert_eq!(restored.receive_texts(), Vec::<String>::new());
}

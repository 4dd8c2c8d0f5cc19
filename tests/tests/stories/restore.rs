//! An account comes back on another device from either phrase.

use tacit_tests::harness::{LocalNetwork, Person};

#[test]
fn both_phrases_give_the_same_account_and_what_the_swarm_still_has() {
    let network = LocalNetwork::start(12, 2);
    let alice = Person::join(network.profile(), "Alice");
    let bob = Person::join(network.profile(), "Bob");
    for text in ["one", "two", "three"] {
        alice.send(&bob.id, text).unwrap();
    }
    assert_eq!(bob.receive_texts(), ["one", "two", "three"]);

    assert_eq!(bob.phrase.split(' ').count(), 13);
    assert_eq!(bob.phrase_bip39.split(' ').count(), 12);
    for phrase in [&bob.phrase, &bob.phrase_bip39] {
        let restored = Person::restore(network.profile(), phrase);
        assert_eq!(restored.id, bob.id);
        assert_eq!((&restored.phrase, &restored.phrase_bip39), (&bob.phrase, &bob.phrase_bip39));
        assert_eq!(restored.receive_texts(), ["one", "two", "three"]);
    }
}

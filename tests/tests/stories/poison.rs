//! Mailboxes are open to everybody: what makes no sense is skipped once and stops nothing.

use tacit_crypto::{AccountKeys, Seed, seal};
use tacit_tests::harness::{LocalNetwork, Person, Stranger};
use tacit_wire::envelope::{direct_envelope, encode_direct, wrap};
use tacit_wire::proto::{Content, DataMessage};
use tacit_wire::{AccountId, TimestampMs};

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

#[test]
fn garbage_in_the_mailbox_is_counted_once_and_the_good_messages_arrive() {
    let network = LocalNetwork::start(12, 2);
    let alice = Person::join(network.profile(), "Alice");
    let bob = Person::join(network.profile(), "Bob");
    let stranger = Stranger::join(network.profile());
    let bob_id = AccountId::parse(&bob.id).unwrap();
    let mallory = AccountKeys::from_seed(&Seed::from_bytes([7; 16]));
    let somebody_else = AccountId::from_x25519(&AccountKeys::from_seed(&Seed::from_bytes([8; 16])).x25519_public());
    let text = |body: &str, at: u64| Content {
        data_message: Some(DataMessage { body: Some(body.to_owned()), ..DataMessage::default() }),
        sig_timestamp: Some(at),
        ..Content::default()
    };
    let now = stranger.now();

    alice.send(&bob.id, "before").unwrap();
    stranger.store(&bob.id, b"not protobuf at all");
    stranger.store(&bob.id, &[0; 76_800]);
    let for_another = encode_direct(&text("not for Bob", now), &mallory, &somebody_else, &mut rand::rng()).unwrap();
    stranger.store(&bob.id, &for_another);
    let sealed = seal(b"no content", &mallory, bob_id.key(), &mut rand::rng()).unwrap();
    stranger.store(&bob.id, &wrap(&direct_envelope(sealed, TimestampMs(now), &[1; 64])));
    let mut broken = encode_direct(&text("damaged", now + 1), &mallory, &bob_id, &mut rand::rng()).unwrap();
    let middle = broken.len() / 2;
    broken[middle] ^= 1;
    stranger.store(&bob.id, &broken);
    // The same message sealed twice: another hash, shown once.
    for _ in 0..2 {
        let twice = encode_direct(&text("said once", now + 2), &mallory, &bob_id, &mut rand::rng()).unwrap();
        stranger.store(&bob.id, &twice);
    }
    let future = text("from next week", now + 7 * DAY_MS);
    stranger.store(&bob.id, &encode_direct(&future, &mallory, &bob_id, &mut rand::rng()).unwrap());
    alice.send(&bob.id, "after").unwrap();

    let events = bob.receive();
    let mut texts: Vec<_> = events.iter().filter(|e| e.event == "message").map(|e| e.text.as_str()).collect();
    texts.sort_unstable();
    assert_eq!(texts, ["after", "before", "from next week", "said once"]);
    let skipped = skipped(&bob);
    assert_eq!(skipped, 5, "two of no form, one for another reader, one without content, one broken");
    assert!(bob.receive().is_empty(), "nothing is fetched again");
    assert_eq!(self::skipped(&bob), skipped, "each is counted once");
    alice.send(&bob.id, "still here").unwrap();
    assert_eq!(bob.receive_texts(), ["still here"]);
}

#[test]
fn a_signature_that_does_not_hold_is_counted_and_shows_nothing() {
    let vectors: serde_json::Value = serde_json::from_str(include_str!("../../vectors/messages.json")).unwrap();
    let cases: Vec<_> =
        vectors["sealed_bad"].as_array().unwrap().iter().filter(|c| c["error"] == "signature").collect();
    assert!(!cases.is_empty());
    let seed = hex::decode(cases[0]["recipient_seed16"].as_str().unwrap()).unwrap();
    let phrase = tacit_crypto::phrase::session13(&Seed::from_bytes(seed.try_into().unwrap()));

    let network = LocalNetwork::start(12, 2);
    let bob = Person::restore(network.profile(), &phrase);
    let stranger = Stranger::join(network.profile());
    let mut stored = 0;
    for case in cases.iter().filter(|case| case["recipient_seed16"] == cases[0]["recipient_seed16"]) {
        let sealed = hex::decode(case["ciphertext"].as_str().unwrap()).unwrap();
        stranger.store(&bob.id, &wrap(&direct_envelope(sealed, TimestampMs(stranger.now()), &[1; 64])));
        stored += 1;
    }
    assert!(bob.receive().iter().all(|e| e.event == "skipped"));
    let status = bob.ask(&["network", "status"]).unwrap().remove(0);
    assert_eq!(status["skipped"], serde_json::json!({ "signature": stored }));
    assert!(bob.ask(&["conversations"]).unwrap().is_empty());
}

fn skipped(person: &Person) -> u64 {
    let status = person.ask(&["network", "status"]).unwrap().remove(0);
    status["skipped"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum()
}

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
    // Signed for another reader: it opens, but the signature is over another key.
    let mut relabelled = text("forged", now);
    relabelled.sig_timestamp = Some(now + 1);
    let sealed = seal(b"no content", &mallory, bob_id.key(), &mut rand::rng()).unwrap();
    stranger.store(&bob.id, &wrap(&direct_envelope(sealed, TimestampMs(now), &[1; 64])));
    let mut broken = encode_direct(&relabelled, &mallory, &bob_id, &mut rand::rng()).unwrap();
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

fn skipped(person: &Person) -> u64 {
    let status = person.ask(&["network", "status"]).unwrap().remove(0);
    status["skipped"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum()
}

//! Messages arrive exactly once and in order, whatever dies on the way.

use std::collections::BTreeMap;

use tacit_tests::harness::{LocalNetwork, Person};

#[test]
fn two_hundred_messages_reach_somebody_offline_while_a_quarter_of_the_nodes_die() {
    let network = LocalNetwork::start(12, 2);
    let alice = Person::join(network.profile(), "Alice");
    let bob = Person::join(network.profile(), "Bob");

    let mut sending = alice.start_sending(&bob.id);
    let texts: Vec<String> = (0..200).map(|n| format!("message {n}")).collect();
    let mut told = Vec::new();
    for (n, text) in texts.iter().enumerate() {
        if n == 100 {
            [1, 5, 9].into_iter().for_each(|node| network.kill(node));
        }
        assert!(sending.say(text));
        told.push(sending.stored().expect("each message is stored, also while nodes die"));
    }
    sending.finish();
    assert!(told.iter().all(|sent| sent.stored_on >= 1 && sent.stored_on <= sent.swarm_size));
    assert!(told[..100].iter().all(|sent| sent.stored_on == 6 && sent.swarm_size == 6), "all members keep it at first");

    assert_eq!(bob.receive_texts(), texts);
    assert_eq!(bob.receive_texts(), [""; 0], "nothing comes twice");
    assert_eq!(bob.history(&alice.id), texts);
}

#[test]
fn what_was_said_to_be_stored_arrives_once_though_the_sender_is_killed_twenty_times() {
    let network = LocalNetwork::start(12, 2);
    let alice = Person::join(network.profile(), "Alice");
    let bob = Person::join(network.profile(), "Bob");
    let mut promised = Vec::new();
    let mut number = 0;

    for life in 0..20 {
        let mut sending = alice.start_sending(&bob.id);
        for _ in 0..5 {
            assert!(sending.say(&format!("message {number}")));
            number += 1;
        }
        // Each life ends at another moment: at once, after some answers, or in between.
        for _ in 0..life % 4 {
            promised.extend(sending.stored());
        }
        let moment = rand::random_range(0..200);
        println!("life {life} is killed {moment} ms later");
        std::thread::sleep(std::time::Duration::from_millis(moment));
        promised.extend(sending.kill());
    }
    // The last life sends one more and with it all that was left in the outbox.
    promised.push(alice.send(&bob.id, "the end").unwrap());
    assert!(alice.ask(&["network", "flush", "--wait", "60"]).is_ok());

    let mut arrived = BTreeMap::<String, u32>::new();
    for event in bob.receive().into_iter().filter(|e| e.event == "message") {
        *arrived.entry(event.hash).or_default() += 1;
    }
    let texts = bob.history(&alice.id);
    assert!(arrived.values().all(|times| *times == 1), "none twice: {arrived:?}");
    assert_eq!(texts.iter().collect::<std::collections::BTreeSet<_>>().len(), texts.len(), "none twice: {texts:?}");
    for sent in &promised {
        assert!(arrived.contains_key(&sent.hash), "{sent:?} was promised and did not arrive");
    }
    assert!(promised.len() > 20, "the lives were long enough to promise something");
}

#[test]
fn a_conversation_goes_both_ways_and_a_request_is_accepted_by_answering() {
    let network = LocalNetwork::start(12, 2);
    let alice = Person::join(network.profile(), "Alice");
    let bob = Person::join(network.profile(), "Bob");

    alice.send(&bob.id, "Hi Bob, it's Alice").unwrap();
    let first = bob.receive();
    assert_eq!(first.iter().map(|e| e.event.as_str()).collect::<Vec<_>>(), ["request", "message"]);
    assert_eq!(first[1].from, alice.id);
    bob.send(&alice.id, "Hello Alice").unwrap();
    assert_eq!(alice.receive_texts(), ["Hello Alice"]);

    let conversations = alice.ask(&["conversations"]).unwrap();
    assert_eq!(conversations.len(), 1);
    assert_eq!(conversations[0]["name"], "Bob");
    assert_eq!(conversations[0]["request"], false);
    assert_eq!(alice.history(&bob.id), ["Hi Bob, it's Alice", "Hello Alice"]);
}

#[test]
fn who_asks_for_one_message_at_a_time_gets_each_of_them() {
    let network = LocalNetwork::start(12, 2);
    let alice = Person::join(network.profile(), "Alice");
    let bob = Person::join(network.profile(), "Bob");
    for text in ["one", "two", "three"] {
        alice.send(&bob.id, text).unwrap();
    }
    let next = || {
        let events = bob.receive_waiting(1, 30);
        events.into_iter().filter(|e| e.event == "message").map(|e| e.text).collect::<Vec<_>>()
    };
    assert_eq!([next(), next(), next()].concat(), ["one", "two", "three"]);
    assert_eq!(bob.receive_texts(), [""; 0]);
}

#[test]
fn a_note_to_oneself_reaches_ones_other_device() {
    let network = LocalNetwork::start(12, 2);
    let phone = Person::join(network.profile(), "Mara");
    let laptop = Person::restore(network.profile(), &phone.phrase);
    let friend = Person::join(network.profile(), "Ines");

    phone.send(&phone.id, "milk, bread").unwrap();
    phone.send(&friend.id, "see you at six").unwrap();
    laptop.receive();
    assert_eq!(laptop.history(&laptop.id), ["milk, bread"]);
    assert_eq!(laptop.history(&friend.id), ["see you at six"]);
}

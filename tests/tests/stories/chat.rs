//! What people do in a chat, on several devices, over real nodes.

use serde_json::Value;
use tacit_tests::harness::{LocalNetwork, Person};

/// Alice, Bob, and Bob's second device; Alice and Bob have accepted each other.
fn friends(network: &LocalNetwork) -> (Person, Person, Person) {
    let alice = Person::join(network.profile(), "Alice");
    let bob = Person::join(network.profile(), "Bob");
    alice.send(&bob.id, "Hi Bob").unwrap();
    bob.receive();
    bob.send(&alice.id, "Hi Alice").unwrap();
    alice.receive();
    let tablet = Person::restore(network.profile(), &bob.phrase);
    tablet.receive();
    (alice, bob, tablet)
}

fn history(person: &Person, with: &str) -> Vec<Value> {
    person.ask(&["history", with, "--limit", "1000"]).unwrap()
}

/// The message with this text.
fn find(person: &Person, with: &str, text: &str) -> Value {
    let all = history(person, with);
    all.into_iter().find(|message| message["text"] == text).unwrap_or_else(|| panic!("no {text:?}"))
}

fn id(message: &Value) -> &str {
    message["id"].as_str().unwrap()
}

fn events(person: &Person, kind: &str) -> Vec<Value> {
    let lines = person.ask(&["receive"]).unwrap();
    lines.into_iter().filter(|line| line["event"] == kind).collect()
}

#[test]
fn reactions_answers_and_unsends_reach_all_devices() {
    let network = LocalNetwork::start(12, 2);
    let (alice, bob, tablet) = friends(&network);

    // Bob answers from his phone, and reacts.
    let question = find(&bob, &alice.id, "Hi Bob");
    bob.ask(&["send", &alice.id, "hi yourself", "--quote", id(&question)]).unwrap();
    bob.ask(&["react", id(&question), "😂"]).unwrap();
    let reactions = events(&alice, "reaction");
    assert_eq!(
        (reactions.len(), &reactions[0]["emoji"], &reactions[0]["from"]),
        (1, &"😂".into(), &bob.id.as_str().into())
    );
    tablet.receive();
    for (who, with) in [(&alice, &bob.id), (&bob, &alice.id), (&tablet, &alice.id)] {
        let answer = find(who, with, "hi yourself");
        assert_eq!(answer["quote"]["original"]["text"], "Hi Bob");
        let reacted = &find(who, with, "Hi Bob")["reactions"];
        assert_eq!(reacted[0]["emoji"], "😂");
        assert_eq!(reacted[0]["from"][0], bob.id.as_str());
    }
    assert_eq!(find(&alice, &bob.id, "hi yourself")["mention"], true, "it answers her");

    // The tablet takes the emoji off, and takes back what the phone wrote.
    tablet.ask(&["unreact", id(&find(&tablet, &alice.id, "Hi Bob")), "😂"]).unwrap();
    tablet.ask(&["unsend", id(&find(&tablet, &alice.id, "hi yourself"))]).unwrap();
    assert_eq!(events(&alice, "unsend").len(), 1);
    bob.receive();
    for (who, with) in [(&alice, &bob.id), (&bob, &alice.id), (&tablet, &alice.id)] {
        let all = history(who, with);
        assert!(all.iter().all(|message| message["reactions"].as_array().unwrap().is_empty()));
        let gone: Vec<_> = all.iter().filter(|message| message["deleted"] == true).collect();
        assert_eq!(gone.len(), 1);
        assert_eq!(gone[0]["text"], "");
    }
    // A third device of Bob's finds nothing of it in the swarm.
    let third = Person::restore(network.profile(), &bob.phrase);
    third.receive();
    assert!(!third.history(&alice.id).contains(&"hi yourself".to_owned()));
    // Nobody removes what others wrote for everyone.
    let hers = find(&bob, &alice.id, "Hi Bob");
    assert_eq!(bob.ask(&["unsend", id(&hers)]).unwrap_err().error, "not_yours");
    assert_eq!(bob.ask(&["react", id(&hers), "no emoji"]).unwrap_err().error, "reaction");
}

#[test]
fn receipts_and_typing_are_told_only_where_both_want_that() {
    let network = LocalNetwork::start(12, 2);
    let (alice, bob, _) = friends(&network);
    alice.send(&bob.id, "read this").unwrap();
    bob.receive();
    bob.ask(&["read", &alice.id]).unwrap();
    assert_eq!(bob.ask(&["typing", &alice.id]).unwrap()[0]["told"], false);
    assert!(alice.receive().is_empty(), "nobody chose to be told");

    for person in [&alice, &bob] {
        for key in ["read_receipts", "typing_indicators"] {
            person.ask(&["setting", key, "1"]).unwrap();
        }
    }
    alice.send(&bob.id, "and this").unwrap();
    bob.receive();
    bob.ask(&["read", &alice.id]).unwrap();
    assert_eq!(bob.ask(&["typing", &alice.id]).unwrap()[0]["told"], true);
    let told = alice.ask(&["receive"]).unwrap();
    assert!(told.iter().any(|event| event["event"] == "receipt"), "{told:?}");
    assert!(told.iter().any(|event| event["event"] == "typing" && event["typing"] == true), "{told:?}");
    assert!(find(&alice, &bob.id, "and this")["read_at"].is_u64());
    assert!(find(&alice, &bob.id, "read this")["read_at"].is_null());
}

#[test]
fn messages_disappear_in_step_on_all_devices() {
    let network = LocalNetwork::start(12, 2);
    let (alice, bob, tablet) = friends(&network);
    bob.ask(&["disappear", &alice.id, "read:3600"]).unwrap();
    let timers = events(&alice, "timer");
    assert_eq!((timers.len(), &timers[0]["expiry"]), (1, &"read:3600".into()));
    alice.ask(&["disappear", &bob.id, "read:600"]).unwrap();
    alice.send(&bob.id, "burn after reading").unwrap();
    assert!(find(&alice, &bob.id, "burn after reading")["expires_at"].is_u64(), "hers runs from when it was sent");

    bob.receive();
    assert!(find(&bob, &alice.id, "burn after reading")["expires_at"].is_null(), "not read yet");
    bob.ask(&["read", &alice.id]).unwrap();
    let read = find(&bob, &alice.id, "burn after reading")["expires_at"].as_u64().unwrap();
    // The tablet comes later: its swarm says until when the message is kept.
    tablet.receive();
    tablet.ask(&["read", &alice.id]).unwrap();
    let on_tablet = find(&tablet, &alice.id, "burn after reading")["expires_at"].as_u64().unwrap();
    assert_eq!(on_tablet, read);

    // After sending: gone everywhere in two seconds.
    alice.ask(&["disappear", &bob.id, "send:2"]).unwrap();
    alice.send(&bob.id, "two seconds").unwrap();
    tacit_tests::harness::eventually("the message to disappear", std::time::Duration::from_secs(20), || {
        alice.ask(&["receive"]).unwrap();
        history(&alice, &bob.id).iter().all(|message| message["text"] != "two seconds").then_some(())
    });
    bob.receive();
    assert!(!bob.history(&alice.id).contains(&"two seconds".to_owned()));
}

#[test]
fn each_member_says_whether_it_keeps_a_message() {
    let network = LocalNetwork::start(12, 2);
    let (alice, bob, _) = friends(&network);
    let sent = alice.send(&bob.id, "who keeps this?").unwrap();
    let receipts = alice.ask(&["receipts", &sent.message_id]).unwrap();
    assert_eq!(receipts.len() as u32, sent.swarm_size);
    assert_eq!(receipts.iter().filter(|receipt| receipt["kept"] == true).count() as u32, sent.stored_on);
}

//! Messages: each once, in order, by pages.

use proptest::prelude::*;

use super::*;
use crate::{Error, Inserted, Page};

fn texts(messages: &[crate::Message]) -> Vec<&str> {
    messages.iter().map(|message| message.text.as_str()).collect()
}

#[test]
fn a_message_is_kept_once() {
    let mut home = Home::new();
    let id = home.conversation(2);
    let mut insert = |message: &NewMessage<'_>| home.store.write(|tx| tx.insert_message(message, NOW)).unwrap();
    let message = incoming(id, person(2), after(1), "hello");
    let first = insert(&message);
    assert!(first.is_new());
    assert_eq!(insert(&NewMessage { text: "another text", ..message.clone() }), Inserted::Duplicate(first.id()));
    // Another author, T or kind is another message.
    assert!(insert(&NewMessage { author: person(3), ..message.clone() }).is_new());
    assert!(insert(&NewMessage { sent_at: after(2), ..message.clone() }).is_new());
    assert!(insert(&NewMessage { kind: MessageKind::RequestAccepted, ..message }).is_new());
    assert_eq!(home.store.message(first.id()).unwrap().text, "hello");
    assert_eq!(home.store.counts().unwrap().messages, 4);
}

#[test]
fn every_field_comes_back() {
    let mut home = Home::new();
    let (conversation, own) = (home.conversation(2), home.own());
    let text = "NUL \0, bidi \u{202e}, 🏳️‍🌈 and e\u{301}";
    let new = NewMessage {
        hash: Some(hash(3)),
        expiry: Expiry::AfterSend { seconds: 60 },
        expires_at: Some(after(60_000)),
        state: State::Sent { kept: 0, of: 0 },
        ..incoming(conversation, own, after(5), text)
    };
    let id = home.store.write(|tx| tx.insert_message(&new, after(9))).unwrap().id();
    home.store.write(|tx| tx.set_copy_hash(id, &hash(4))).unwrap();
    let message = home.reopened().store.message(id).unwrap();
    assert_eq!(message.text, text);
    assert_eq!((message.author, message.conversation, message.kind), (own, conversation, MessageKind::Text));
    assert_eq!((message.sent_at, message.sort_at, message.received_at), (after(5), after(5), after(9)));
    assert_eq!((message.hash, message.copy_hash), (Some(hash(3)), Some(hash(4))));
    assert_eq!((message.expiry, message.expires_at), (Expiry::AfterSend { seconds: 60 }, Some(after(60_000))));
    assert_eq!(message.state, State::Sent { kept: 0, of: 0 });
}

#[test]
fn states_are_set_and_a_missing_message_is_said() {
    let mut home = Home::new();
    let (conversation, own) = (home.conversation(2), home.own());
    let id = home.store.write(|tx| tx.insert_message(&outgoing(conversation, own, NOW, "hi"), NOW)).unwrap().id();
    let failed = State::Failed { reason: "refused".to_owned() };
    home.store.write(|tx| tx.set_state(id, &failed)).unwrap();
    assert_eq!(home.store.message(id).unwrap().state, failed);
    assert!(home.store.message(id).unwrap().outgoing());
    home.store.write(|tx| tx.set_hash(id, &hash(1))).unwrap();
    home.store.write(|tx| tx.set_expires_at(id, None)).unwrap();
    assert!(home.store.write(|tx| tx.delete_message(id)).unwrap());
    assert!(!home.store.write(|tx| tx.delete_message(id)).unwrap());
    assert!(matches!(home.store.message(id), Err(Error::Unknown { what: "message" })));
    assert!(home.store.write(|tx| tx.set_state(id, &failed)).is_err());
    // Nor can a message stand in a conversation that is not there.
    let nowhere = incoming(ConversationId(99), person(2), NOW, "hi");
    assert!(matches!(home.store.write(|tx| tx.insert_message(&nowhere, NOW)), Err(Error::Refused { .. })));
}

#[test]
fn pages_follow_one_another_in_both_directions() {
    let mut home = Home::new();
    let id = home.conversation(2);
    home.store
        .write(|tx| {
            // Two of each time, inserted out of order.
            for number in (0..10_u64).rev() {
                for author in [2, 3] {
                    let text = format!("{number}{}", if author == 2 { 'a' } else { 'b' });
                    tx.insert_message(&incoming(id, person(author), after(number), &text), after(100))?;
                }
            }
            Ok::<_, Error>(())
        })
        .unwrap();
    let newest = home.store.messages(id, Page::Newest, 3).unwrap();
    assert_eq!(texts(&newest), ["8b", "9a", "9b"]);
    let before = home.store.messages(id, Page::Before(newest[0].place()), 4).unwrap();
    assert_eq!(texts(&before), ["6b", "7a", "7b", "8a"]);
    let after_them = home.store.messages(id, Page::After(before[0].place()), 4).unwrap();
    assert_eq!(texts(&after_them), ["7a", "7b", "8a", "8b"]);
    let first = home.store.messages(id, Page::Before(newest[0].place()), 1000).unwrap();
    assert_eq!(first.len(), 17);
    assert!(home.store.messages(id, Page::Before(first[0].place()), 5).unwrap().is_empty());
    assert!(home.store.messages(id, Page::After(newest[2].place()), 5).unwrap().is_empty());
    assert!(home.store.messages(ConversationId(77), Page::Newest, 5).unwrap().is_empty());
}

#[test]
fn a_message_is_ordered_by_its_time_unless_that_lies_in_the_future() {
    let mut home = Home::new();
    let id = home.conversation(2);
    let minutes = 60_000;
    let insert = |home: &mut Home, sent_at, now, text: &str| {
        home.store.write(|tx| tx.insert_message(&incoming(id, person(2), sent_at, text), now)).unwrap();
    };
    insert(&mut home, after(0), after(0), "now");
    insert(&mut home, TimestampMs(0), after(1), "from 1970");
    insert(&mut home, after(5 * minutes + 2), after(2), "in 5 min");
    insert(&mut home, after(5 * minutes + 4), after(3), "in 5 min and 1 ms");
    insert(&mut home, TimestampMs(u64::MAX), after(4), "at the end of time");
    let messages = home.store.messages(id, Page::Newest, 10).unwrap();
    assert_eq!(texts(&messages), ["from 1970", "now", "in 5 min and 1 ms", "at the end of time", "in 5 min"]);
    assert_eq!(messages[3].sent_at, TimestampMs(u64::MAX), "T itself is never changed");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn pages_of_any_size_give_every_message_once(
        times in prop::collection::vec(0_u64..20, 1..40),
        size in 1_u32..9,
    ) {
        let mut home = Home::new();
        let id = home.conversation(2);
        home.store.write(|tx| {
            for (number, time) in (10_u8..).zip(&times) {
                tx.insert_message(&incoming(id, person(number), after(*time), "x"), after(100))?;
            }
            Ok::<_, Error>(())
        }).unwrap();
        let all = home.store.messages(id, Page::Newest, 1000).unwrap();
        prop_assert_eq!(all.len(), times.len());
        prop_assert!(all.windows(2).all(|pair| pair[0].place() < pair[1].place()));
        let mut backwards = home.store.messages(id, Page::Newest, size).unwrap();
        while let Ok(page) = home.store.messages(id, Page::Before(backwards[0].place()), size) {
            if page.is_empty() { break; }
            backwards.splice(0..0, page);
        }
        prop_assert_eq!(&backwards, &all);
        let mut forwards = vec![all[0].clone()];
        while let Ok(page) = home.store.messages(id, Page::After(forwards.last().unwrap().place()), size) {
            if page.is_empty() { break; }
            forwards.extend(page);
        }
        prop_assert_eq!(&forwards, &all);
    }
}

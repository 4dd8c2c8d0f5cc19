//! What a batch from the swarm does to the database.

mod kinds;

use tacit_store::{ConversationKind, Folder, Page, State};
use tacit_wire::Namespace;

use super::*;
use crate::inbox::kinds::{Profile, Visible};
use crate::testing::{Home, NOW, account, after, hash};

/// A message as it came.
fn arrived(number: u32, message: Result<Incoming, &'static str>) -> Opened {
    Opened { hash: hash(number), expires_at: after(14 * 86_400_000), message }
}

/// Something of somebody to us.
fn from(who: &AccountId, sent_at: TimestampMs, what: What) -> Result<Incoming, &'static str> {
    Ok(Incoming { from: *who, peer: *who, sent_at, expiry: Expiry::Off, profile: None, what })
}

/// Something that another device of ours sent to somebody.
fn ours(to: &AccountId, sent_at: TimestampMs, what: What) -> Result<Incoming, &'static str> {
    Ok(Incoming { peer: *to, ..from(&account(1).1, sent_at, what)? })
}

fn says(text: &str) -> What {
    What::Visible(Box::new(Visible { text: text.to_owned(), ..Visible::default() }))
}

fn text(who: &AccountId, sent_at: TimestampMs, text: &str) -> Result<Incoming, &'static str> {
    let profile = Some(Profile { name: "Bob".to_owned(), updated_s: 5, ..Profile::default() });
    Ok(Incoming { profile, ..from(who, sent_at, says(text))? })
}

fn copy(to: &AccountId, sent_at: TimestampMs, text: &str) -> Result<Incoming, &'static str> {
    ours(to, sent_at, says(text))
}

fn accepted(who: &AccountId, sent_at: TimestampMs) -> Result<Incoming, &'static str> {
    from(who, sent_at, What::Accepted)
}

fn node(number: u8) -> NodeId {
    NodeId([number; 32])
}

impl Home {
    fn mailbox(&self) -> Mailbox {
        Mailbox { account: self.me, namespace: Namespace::MESSAGES }
    }

    /// Takes in a batch without cursors.
    fn takes_in(&mut self, batch: Vec<Opened>) -> Vec<Event> {
        self.takes_in_up_to(batch, &[]).unwrap()
    }

    fn takes_in_up_to(&mut self, batch: Vec<Opened>, cursors: &[(NodeId, MessageHash)]) -> Result<Vec<Event>, Error> {
        let (me, mailbox) = (self.me, self.mailbox());
        apply(&mut self.store, &me, &mailbox, batch, cursors, NOW).map(|applied| applied.events)
    }

    fn skipped(&self) -> Vec<(String, u64)> {
        self.store.skipped().unwrap()
    }
}

fn received(events: &[Event]) -> Vec<&str> {
    let texts = events.iter().map(|event| match event {
        Event::Received(message) => Some(message.text.as_str()),
        _ => None,
    });
    texts.flatten().collect()
}

fn requests(events: &[Event]) -> usize {
    events.iter().filter(|event| matches!(event, Event::Request { .. })).count()
}

#[test]
fn a_stranger_becomes_a_request_and_a_conversation_once_we_answer() {
    let (mut home, (_, bob)) = (Home::new(), account(2));
    let events =
        home.takes_in(vec![arrived(1, text(&bob, after(1), "hi")), arrived(2, text(&bob, after(2), "it's me"))]);
    assert_eq!(requests(&events), 1, "the first message says so, not each");
    assert_eq!(received(&events), ["hi", "it's me"]);
    assert!(home.store.conversations(Folder::Inbox, 10).unwrap().is_empty());
    let row = home.store.conversations(Folder::Requests, 10).unwrap().remove(0);
    assert_eq!((row.name.as_str(), row.unread), ("Bob", 2));

    // We answer on another device: its copy comes along.
    let events = home.takes_in(vec![arrived(3, copy(&bob, after(3), "oh, hello"))]);
    assert_eq!(requests(&events), 0);
    assert!(home.store.conversations(Folder::Requests, 10).unwrap().is_empty());
    let row = home.store.conversations(Folder::Inbox, 10).unwrap().remove(0);
    assert!(row.approved && row.approved_me);
    assert_eq!(home.texts(row.conversation.id), ["hi", "it's me", "oh, hello"]);
    let events = home.takes_in(vec![arrived(4, text(&bob, after(4), "well"))]);
    assert_eq!(requests(&events), 0);
}

#[test]
fn who_writes_again_after_being_declined_is_a_request_again() {
    let (mut home, (_, bob)) = (Home::new(), account(2));
    home.takes_in(vec![arrived(1, text(&bob, after(1), "hi"))]);
    let declined = home.conversation(&bob);
    home.store.write(|tx| tx.delete_conversation(declined)).unwrap();
    let events = home.takes_in(vec![arrived(2, text(&bob, after(2), "please"))]);
    assert_eq!(requests(&events), 1);
    let row = home.store.conversations(Folder::Requests, 10).unwrap().remove(0);
    assert_ne!(row.conversation.id, declined);
    assert_eq!(home.texts(row.conversation.id), ["please"]);
}

#[test]
fn nothing_of_a_blocked_sender_is_kept() {
    let (mut home, (_, bob)) = (Home::new(), account(2));
    home.store.write(|tx| tx.set_blocked(&bob, true, NOW)).unwrap();
    let events = home.takes_in(vec![arrived(1, text(&bob, after(1), "hi")), arrived(2, accepted(&bob, after(2)))]);
    assert!(matches!(events[..], [Event::Skipped { count: 2 }]));
    assert_eq!(home.skipped(), [("blocked".to_owned(), 2)]);
    assert_eq!(home.store.counts().unwrap().conversations, 0);
    assert_eq!(home.store.contact(&bob).unwrap().unwrap().name, "", "not even the name");
    // The hash is remembered: unblocking does not bring it back.
    home.store.write(|tx| tx.set_blocked(&bob, false, NOW)).unwrap();
    assert!(home.takes_in(vec![arrived(1, text(&bob, after(1), "hi"))]).is_empty());
}

#[test]
fn a_message_that_comes_under_two_names_is_shown_once() {
    let (mut home, (_, bob)) = (Home::new(), account(2));
    let events = home.takes_in(vec![arrived(1, text(&bob, after(1), "hi")), arrived(2, text(&bob, after(1), "hi"))]);
    assert_eq!(received(&events), ["hi"]);
    assert!(received(&home.takes_in(vec![arrived(3, text(&bob, after(1), "hi"))])).is_empty());
    let conversation = home.conversation(&bob);
    assert_eq!(home.texts(conversation), ["hi"]);
    assert!((1..=3).all(|number| home.store.is_seen(&home.mailbox(), &hash(number)).unwrap()));
}

#[test]
fn our_other_devices_messages_are_ours_here_too() {
    let (mut home, (_, bob)) = (Home::new(), account(2));
    let me = home.me;
    let batch = vec![arrived(1, copy(&bob, after(1), "from my phone")), arrived(2, copy(&me, after(2), "milk"))];
    let events = home.takes_in(batch);
    let with_bob = home.conversation(&bob);
    let sent = home.store.messages(with_bob, Page::Newest, 9).unwrap().remove(0);
    assert!(sent.outgoing() && sent.author == me && sent.state == State::Sent { kept: 0, of: 0 });
    assert_eq!((sent.hash, sent.copy_hash), (None, Some(hash(1))), "what Bob's nodes call it is not known");
    let told = events.iter().find_map(|event| match event {
        Event::Received(message) => Some(&**message),
        _ => None,
    });
    assert_eq!(told, Some(&home.store.messages(with_bob, Page::Newest, 9).unwrap()[0]));
    assert!(home.store.contact(&bob).unwrap().unwrap().approved, "we wrote to them");

    let notes = home.conversation(&me);
    assert_eq!(home.store.conversation(notes).unwrap().peer.kind(), ConversationKind::NoteToSelf);
    let note = home.store.messages(notes, Page::Newest, 9).unwrap().remove(0);
    assert_eq!((note.text.as_str(), note.hash, note.copy_hash), ("milk", Some(hash(2)), None));
}

#[test]
fn a_response_counts_only_where_we_had_asked() {
    let (mut home, (_, bob), (_, carol)) = (Home::new(), account(2), account(3));
    home.store.write(|tx| tx.set_approved(&bob, true, NOW)).unwrap();
    home.takes_in(vec![arrived(1, accepted(&carol, after(1))), arrived(2, accepted(&bob, after(2)))]);
    assert_eq!(home.skipped(), [("unasked_response".to_owned(), 1)]);
    assert_eq!(home.store.contact(&carol).unwrap(), None);
    assert!(home.store.contact(&bob).unwrap().unwrap().approved_me);
    let with_bob = home.conversation(&bob);
    let notice = home.store.messages(with_bob, Page::Newest, 9).unwrap().remove(0);
    assert_eq!((notice.kind, notice.author), (MessageKind::RequestAccepted, bob));

    // Said again after we removed the conversation, it does not bring it back.
    home.store.write(|tx| tx.delete_conversation(with_bob)).unwrap();
    home.takes_in(vec![arrived(3, accepted(&bob, after(3)))]);
    assert_eq!(home.store.counts().unwrap().conversations, 0);
}

#[test]
fn a_message_that_cannot_be_used_does_not_stop_the_others() {
    let (mut home, (_, bob)) = (Home::new(), account(2));
    let batch = vec![
        arrived(1, Err("decrypt")),
        arrived(2, text(&bob, after(1), "one")),
        arrived(3, Err("decrypt")),
        arrived(4, text(&bob, TimestampMs(u64::MAX), "from the end of time")),
        arrived(5, text(&bob, after(2), "a \0 in it")),
        arrived(6, Err("too_long")),
    ];
    let events = home.takes_in(batch);
    assert_eq!(received(&events), ["one", "from the end of time", "a \0 in it"]);
    assert!(matches!(events.last(), Some(Event::Skipped { count: 3 })));
    assert_eq!(home.skipped(), [("decrypt".to_owned(), 2), ("too_long".to_owned(), 1)]);
    let again = home.takes_in(vec![arrived(1, Err("decrypt"))]);
    assert!(again.is_empty(), "counted once");
    assert_eq!(home.skipped()[0].1, 2);
}

#[test]
fn a_message_that_the_database_refuses_is_skipped_alone() {
    let (mut home, (_, bob)) = (Home::new(), account(2));
    home = home.failing_at("NEW.body = 'poison'", "ABORT");
    let batch = vec![
        arrived(1, text(&bob, after(1), "one")),
        arrived(2, text(&account(3).1, after(2), "poison")),
        arrived(3, text(&bob, after(3), "two")),
    ];
    let events = home.takes_in_up_to(batch, &[(node(1), hash(3))]).unwrap();
    assert_eq!(received(&events), ["one", "two"]);
    assert_eq!(home.skipped(), [("refused".to_owned(), 1)]);
    assert_eq!(home.store.contact(&account(3).1).unwrap(), None, "nothing of it is left");
    assert_eq!(home.store.last_hash(&node(1), &home.mailbox()).unwrap(), Some(hash(3)));
}

#[test]
fn a_batch_and_its_cursors_are_kept_together_or_not_at_all() {
    let (mut home, (_, bob)) = (Home::new(), account(2));
    home.takes_in_up_to(vec![arrived(1, text(&bob, after(1), "one"))], &[(node(1), hash(1))]).unwrap();
    home = home.failing_at("NEW.body = 'disaster'", "ROLLBACK");
    let batch = || {
        vec![
            arrived(2, text(&bob, after(2), "two")),
            arrived(3, text(&bob, after(3), "disaster")),
            arrived(4, Err("decrypt")),
        ]
    };
    let cursors = [(node(1), hash(4)), (node(2), hash(4))];
    assert!(home.takes_in_up_to(batch(), &cursors).is_err());
    let conversation = home.conversation(&bob);
    assert_eq!(home.texts(conversation), ["one"]);
    assert!(!home.store.is_seen(&home.mailbox(), &hash(2)).unwrap());
    assert!(home.skipped().is_empty());
    assert_eq!(home.store.last_hash(&node(1), &home.mailbox()).unwrap(), Some(hash(1)));

    home = home.failing_at("0", "ROLLBACK");
    home.takes_in_up_to(batch(), &cursors).unwrap();
    let home = home.reopened();
    assert_eq!(home.texts(conversation), ["one", "two", "disaster"]);
    for number in [1, 2] {
        assert_eq!(home.store.last_hash(&node(number), &home.mailbox()).unwrap(), Some(hash(4)));
    }
}

#[test]
fn a_thousand_messages_come_in_order_and_once() {
    let (mut home, (_, bob)) = (Home::new(), account(2));
    let spaced = |numbers: std::ops::Range<u32>| {
        numbers.map(|n| arrived(n, text(&bob, after(u64::from(n)), &n.to_string()))).collect::<Vec<_>>()
    };
    let events = home.takes_in(spaced(0..600));
    assert_eq!(received(&events).len(), 600);
    // The next page overlaps, as a second node's does.
    let events = home.takes_in(spaced(400..1_000));
    assert_eq!(received(&events).len(), 400);
    let conversation = home.conversation(&bob);
    assert_eq!(home.texts(conversation), (0..1_000).map(|n| n.to_string()).collect::<Vec<_>>());
    assert!(home.takes_in(spaced(0..1_000)).is_empty());
    let row = home.store.conversations(Folder::Requests, 1).unwrap().remove(0);
    assert_eq!(row.unread, 1_000);
}

#[test]
fn newer_names_are_taken_and_older_ones_are_not() {
    let (mut home, (_, bob)) = (Home::new(), account(2));
    let named = |number, name: &str, updated_s| {
        let profile = Some(Profile { name: name.to_owned(), updated_s, ..Profile::default() });
        let said = from(&bob, after(u64::from(number)), says("x")).unwrap();
        arrived(number, Ok(Incoming { profile, ..said }))
    };
    home.takes_in(vec![named(1, "Robert", 10), named(2, "Bob", 9), named(3, "", 11)]);
    let contact = home.store.contact(&bob).unwrap().unwrap();
    assert_eq!(contact.name, "Robert");
}

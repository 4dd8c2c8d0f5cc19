//! The list, requests, reading, and what is kept of people.

use super::*;
use crate::{ConversationKind, Error, Folder, Profile, UNREAD_MAX};

fn names(home: &Home, folder: Folder) -> Vec<String> {
    home.store.conversations(folder, 100).unwrap().into_iter().map(|row| row.name).collect()
}

fn befriend(home: &mut Home, number: u8, name: &str) -> ConversationId {
    home.store
        .write(|tx| {
            tx.update_profile(&person(number), &Profile { name, updated_s: 1, ..Profile::default() }, NOW)?;
            tx.set_approved(&person(number), true, NOW)?;
            tx.open_conversation(&Peer::person(&person(number)), NOW)
        })
        .unwrap()
}

fn receive(home: &mut Home, conversation: ConversationId, from: u8, at: u64, text: &str) {
    home.store
        .write(|tx| tx.insert_message(&incoming(conversation, person(from), after(at), text), after(at)))
        .unwrap();
}

#[test]
fn each_peer_has_one_conversation_whatever_its_kind() {
    let mut home = Home::new();
    let own = home.own();
    let group = AccountId::new(tacit_wire::Prefix::Group, &[9; 32]);
    let peers = [Peer::person(&person(2)), Peer::note_to_self(&own), Peer::group(&group), Peer::room([4; 33])];
    let open = |home: &mut Home| peers.map(|peer| home.store.write(|tx| tx.open_conversation(&peer, NOW)).unwrap());
    let first = open(&mut home);
    assert_eq!(first, open(&mut home));
    let kinds = first.map(|id| home.store.conversation(id).unwrap().peer.kind());
    use ConversationKind::{Group, NoteToSelf, Person, Room};
    assert_eq!(kinds, [Person, NoteToSelf, Group, Room]);
    assert_eq!(home.store.conversation(first[0]).unwrap().peer.account(), Some(person(2)));
    assert_eq!(home.store.conversation(first[3]).unwrap().peer.account(), None);
    assert_eq!(home.store.conversations(Folder::Inbox, 100).unwrap().len(), 4);
}

#[test]
fn the_list_shows_the_newest_first_with_its_last_message_and_what_is_unread() {
    let mut home = Home::new();
    let (ines, jonas) = (befriend(&mut home, 2, "Ines"), befriend(&mut home, 3, "Jonas"));
    let empty = befriend(&mut home, 4, "Kim");
    receive(&mut home, ines, 2, 1000, "first");
    receive(&mut home, ines, 2, 2000, "second");
    receive(&mut home, jonas, 3, 1500, &"long ".repeat(100));

    let list = home.store.conversations(Folder::Inbox, 100).unwrap();
    assert_eq!(list.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["Ines", "Jonas", "Kim"]);
    let last = list[0].last.clone().unwrap();
    assert_eq!((last.preview.as_str(), last.author, last.sent_at), ("second", person(2), after(2000)));
    assert_eq!((list[0].unread, list[1].unread, list[2].unread), (2, 1, 0));
    assert_eq!(list[1].last.as_ref().unwrap().preview.chars().count(), 200);
    assert_eq!((list[2].conversation.id, &list[2].last), (empty, &None));

    // Answering: the own message is the last one, unread are still those of the other side.
    let own = home.own();
    home.store
        .write(|tx| {
            let message = outgoing(jonas, own, after(3000), "answer");
            tx.send_message(&message, &[to(person(3), after(3000), b"sealed")], after(3000))
        })
        .unwrap();
    let list = home.store.conversations(Folder::Inbox, 100).unwrap();
    assert_eq!((list[0].name.as_str(), list[0].unread), ("Jonas", 1));
    assert_eq!(list[0].last.as_ref().unwrap().state, State::Queued);
    home.store.write(|tx| tx.claim_due(after(3000), 10)).unwrap();
    let list = home.store.conversations(Folder::Inbox, 100).unwrap();
    assert_eq!(list[0].last.as_ref().unwrap().state, State::Sending);
}

#[test]
fn pinned_ones_stand_above_archived_and_hidden_ones_apart() {
    let mut home = Home::new();
    let ids = [2, 3, 4, 5].map(|number| befriend(&mut home, number, &format!("P{number}")));
    for (number, id) in (2_u8..).zip(ids) {
        receive(&mut home, id, number, u64::from(number) * 100, "hi");
    }
    home.store
        .write(|tx| {
            tx.set_pinned(ids[0], 1)?;
            tx.set_archived(ids[1], true)?;
            tx.set_hidden(ids[2], true)
        })
        .unwrap();
    assert_eq!(names(&home, Folder::Inbox), ["P2", "P5"]);
    assert_eq!(names(&home, Folder::Archive), ["P3"]);
    assert_eq!(names(&home, Folder::Requests), Vec::<String>::new());
}

#[test]
fn what_is_kept_of_a_conversation_is_there_after_closing() {
    let mut home = Home::new();
    let id = befriend(&mut home, 2, "Ines");
    home.store
        .write(|tx| {
            tx.set_draft(id, "half a sen\0tence 🙂")?;
            tx.set_muted_until(id, Some(after(5)))?;
            tx.set_expiry(id, Expiry::AfterRead { seconds: 3600 })?;
            tx.set_marked_unread(id, true)?;
            tx.set_conversation_name(id, "x")
        })
        .unwrap();
    let conversation = home.reopened().store.conversation(id).unwrap();
    assert_eq!(conversation.draft, "half a sen\0tence 🙂");
    assert_eq!(conversation.muted_until, Some(after(5)));
    assert_eq!(conversation.expiry, Expiry::AfterRead { seconds: 3600 });
    assert!(conversation.marked_unread && !conversation.archived && !conversation.hidden);
}

#[test]
fn strangers_are_requests_until_accepted() {
    let mut home = Home::new();
    let id = home.conversation(6);
    home.store.write(|tx| tx.set_approved_me(&person(6), true, NOW)).unwrap();
    receive(&mut home, id, 6, 10, "do you remember me?");
    assert!(home.store.conversation(id).unwrap().request);
    assert_eq!(home.store.conversations(Folder::Requests, 10).unwrap().len(), 1);
    assert!(home.store.conversations(Folder::Inbox, 10).unwrap().is_empty());

    // The same when they are known as a stranger before the conversation is made.
    home.store.write(|tx| tx.set_approved_me(&person(7), true, NOW)).unwrap();
    let other = home.conversation(7);
    assert!(home.store.conversation(other).unwrap().request);

    home.store.write(|tx| tx.set_blocked(&person(7), true, NOW)).unwrap();
    assert_eq!(home.store.conversations(Folder::Requests, 10).unwrap().len(), 1, "blocked ones are not shown");

    home.store.write(|tx| tx.set_approved(&person(6), true, NOW)).unwrap();
    let list = home.store.conversations(Folder::Inbox, 10).unwrap();
    assert_eq!(list.len(), 1);
    assert!(list[0].approved && list[0].approved_me && !list[0].blocked);
    assert_eq!(home.store.counts().unwrap().requests, 1);
    let contacts = home.store.contacts().unwrap();
    assert_eq!(contacts.iter().map(|contact| contact.account).collect::<Vec<_>>(), [person(6)]);
}

#[test]
fn reading_never_goes_back() {
    let mut home = Home::new();
    let id = befriend(&mut home, 2, "Ines");
    for at in [100, 200, 300] {
        receive(&mut home, id, 2, at, "hi");
    }
    let unread = |home: &Home| home.store.conversations(Folder::Inbox, 1).unwrap()[0].unread;
    let read = |home: &mut Home, at| home.store.write(|tx| tx.mark_read(id, after(at))).unwrap();
    assert!(read(&mut home, 200));
    assert_eq!(unread(&home), 1);
    assert!(!read(&mut home, 100));
    assert_eq!(unread(&home), 1);
    home.store.write(|tx| tx.set_marked_unread(id, true)).unwrap();
    assert!(read(&mut home, 200), "the mark by hand goes");
    assert!(!home.store.conversation(id).unwrap().marked_unread);
    assert!(read(&mut home, 300));
    assert_eq!(unread(&home), 0);
}

#[test]
fn a_message_from_the_future_does_not_hide_later_ones() {
    let mut home = Home::new();
    let id = befriend(&mut home, 2, "Ines");
    let future = TimestampMs(u64::MAX - 1);
    home.store.write(|tx| tx.insert_message(&incoming(id, person(2), future, "3000 AD"), after(1))).unwrap();
    let last = home.store.conversations(Folder::Inbox, 1).unwrap()[0].last.clone().unwrap();
    assert_eq!((last.sent_at, last.sort_at), (future, after(1)));
    home.store.write(|tx| tx.mark_read(id, last.sort_at)).unwrap();
    receive(&mut home, id, 2, 500, "now");
    let list = home.store.conversations(Folder::Inbox, 1).unwrap();
    assert_eq!((list[0].unread, list[0].last.as_ref().unwrap().preview.as_str()), (1, "now"));
}

#[test]
fn unread_messages_are_counted_up_to_a_limit() {
    let mut home = Home::new();
    let id = befriend(&mut home, 2, "Ines");
    home.store
        .write(|tx| {
            for at in 0..u64::from(UNREAD_MAX) + 50 {
                tx.insert_message(&incoming(id, person(2), after(at), "hi"), after(at))?;
            }
            Ok::<_, Error>(())
        })
        .unwrap();
    assert_eq!(home.store.conversations(Folder::Inbox, 1).unwrap()[0].unread, UNREAD_MAX);
}

#[test]
fn a_profile_is_taken_only_when_it_is_newer() {
    let mut home = Home::new();
    let take = |home: &mut Home, name, updated_s| {
        let profile = Profile { name, updated_s, picture_url: "", picture_key: &[] };
        home.store.write(|tx| tx.update_profile(&person(2), &profile, NOW)).unwrap()
    };
    let name = |home: &Home| home.store.contact(&person(2)).unwrap().unwrap().name;
    assert!(take(&mut home, "no time", 0));
    assert!(take(&mut home, "no time again", 0));
    assert!(!take(&mut home, "no time again", 0), "nothing changed");
    assert!(take(&mut home, "at 50", 50));
    assert!(!take(&mut home, "at 50 too", 50));
    assert!(!take(&mut home, "older", 49));
    assert!(!take(&mut home, "without", 0));
    assert_eq!(name(&home), "at 50");
    assert!(take(&mut home, "", 60), "an empty name is no name: the time counts, the old one stays");
    assert_eq!(name(&home), "at 50");

    home.store.write(|tx| tx.set_nickname(&person(2), "Sis", NOW)).unwrap();
    assert_eq!(home.store.contact(&person(2)).unwrap().unwrap().shown_name(), "Sis");
    home.conversation(2);
    assert_eq!(names(&home, Folder::Inbox), ["Sis"]);
    assert_eq!(home.store.contact(&person(3)).unwrap(), None);
}

#[test]
fn a_deleted_conversation_takes_everything_with_it() {
    let mut home = Home::new();
    let (id, own) = (befriend(&mut home, 2, "Ines"), home.own());
    home.store.write(|tx| tx.send_message(&outgoing(id, own, NOW, "hi"), &[to(person(2), NOW, b"x")], NOW)).unwrap();
    home.store.write(|tx| tx.delete_conversation(id)).unwrap();
    let counts = home.store.counts().unwrap();
    assert_eq!((counts.conversations, counts.messages, counts.outbox_waiting), (0, 0, 0));
    assert!(matches!(home.store.conversation(id), Err(Error::Unknown { .. })));
    let gone = home.store.write(|tx| tx.set_draft(id, "x")).unwrap_err();
    assert!(matches!(gone, Error::Unknown { what: "conversation" }));
    assert!(home.store.write(|tx| tx.mark_read(id, NOW)).is_err());
    assert_ne!(home.conversation(2), id, "an ID is never given out again");
}

#[test]
fn times_of_what_is_sent_only_grow() {
    let mut home = Home::new();
    let next = |home: &mut Home, now| home.store.write(|tx| tx.next_sent_at(now)).unwrap();
    assert_eq!(next(&mut home, NOW), NOW);
    assert_eq!(next(&mut home, NOW), after(1));
    assert_eq!(next(&mut home, TimestampMs(5)), after(2), "a clock set back");
    let mut home = home.reopened();
    assert_eq!(next(&mut home, NOW), after(3), "after a restart");
    assert_eq!(next(&mut home, after(1000)), after(1000));
    // Each is given out once, even if the transaction that asked does more and fails.
    let failed = home.store.write(|tx| {
        tx.next_sent_at(after(1000))?;
        Err::<(), _>(Error::Unknown { what: "anything" })
    });
    assert!(failed.is_err());
    assert_eq!(next(&mut home, after(1000)), after(1001));
}

#[test]
fn settings_and_the_networks_snapshot_are_kept() {
    let mut home = Home::new();
    assert_eq!(home.store.setting("appearance").unwrap(), None);
    assert_eq!(home.store.node_cache().unwrap(), None);
    home.store
        .write(|tx| {
            tx.set_setting("appearance", "light")?;
            tx.set_setting("appearance", "dark")?;
            tx.set_setting("gone", "x")?;
            tx.clear_setting("gone")?;
            tx.set_node_cache(b"{}")?;
            tx.set_node_cache(&[9; 300_000])?;
            tx.set_display_name("Ada L.", 77)
        })
        .unwrap();
    let home = home.reopened();
    assert_eq!(home.store.setting("appearance").unwrap().as_deref(), Some("dark"));
    assert_eq!(home.store.setting("gone").unwrap(), None);
    assert_eq!(home.store.node_cache().unwrap().unwrap().len(), 300_000);
    let account = home.store.account().unwrap().unwrap();
    assert_eq!((account.display_name.as_str(), account.profile_updated_s), ("Ada L.", 77));
}

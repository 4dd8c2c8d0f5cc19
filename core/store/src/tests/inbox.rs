//! What was received: batches, cursors, and nothing twice.

use super::*;
use crate::{Error, Folder, Purged, Store};

const DAY: u64 = 24 * 3_600_000;

/// A batch as the client handles one: good items are kept, bad ones counted, and the cursor of
/// the node moves with them.
fn batch(store: &mut Store, mailbox: &Mailbox, conversation: ConversationId, hashes: &[u8], bad: &[u8]) -> usize {
    store
        .write(|tx| {
            let mut kept = 0;
            for number in hashes {
                if !tx.remember(mailbox, &hash(*number), after(14 * DAY), NOW)? {
                    continue;
                }
                if bad.contains(number) {
                    tx.skip("decrypt", NOW)?;
                    continue;
                }
                let message = incoming(conversation, person(2), after(u64::from(*number)), "hi");
                kept += usize::from(tx.insert_message(&message, NOW)?.is_new());
            }
            if let Some(last) = hashes.last() {
                tx.set_last_hash(&node(1), mailbox, &hash(*last))?;
            }
            Ok::<_, Error>(kept)
        })
        .unwrap()
}

#[test]
fn a_batch_is_kept_with_its_cursor_and_repeats_are_nothing_new() {
    let mut home = Home::new();
    let (mailbox, conversation) = (home.own_mailbox(), home.conversation(2));
    assert_eq!(home.store.last_hash(&node(1), &mailbox).unwrap(), None);
    assert_eq!(batch(&mut home.store, &mailbox, conversation, &[1, 2, 3], &[2]), 2);
    let mut home = home.reopened();
    assert_eq!(home.store.last_hash(&node(1), &mailbox).unwrap(), Some(hash(3)));
    // The node forgot the cursor, or another node answers from its start.
    assert_eq!(batch(&mut home.store, &mailbox, conversation, &[1, 2, 3, 4], &[2]), 1);
    assert!(home.store.is_seen(&mailbox, &hash(2)).unwrap());
    assert!(!home.store.is_seen(&mailbox, &hash(9)).unwrap());
    assert_eq!(home.store.skipped().unwrap(), [("decrypt".to_owned(), 1)], "counted once");
    let counts = home.store.counts().unwrap();
    assert_eq!((counts.messages, counts.seen_hashes, counts.cursors, counts.skipped), (3, 4, 1, 1));
    // Another box may hold the same bytes.
    let other = Mailbox { namespace: Namespace::CONTACTS, ..mailbox };
    assert!(!home.store.is_seen(&other, &hash(1)).unwrap());
}

#[test]
fn a_batch_that_fails_leaves_nothing_of_it() {
    let mut home = Home::new();
    let (mailbox, conversation) = (home.own_mailbox(), home.conversation(2));
    let failed = home.store.write(|tx| {
        tx.remember(&mailbox, &hash(1), NOW, NOW)?;
        tx.insert_message(&incoming(conversation, person(2), NOW, "hi"), NOW)?;
        tx.set_last_hash(&node(1), &mailbox, &hash(1))?;
        Err::<(), _>(Error::Unknown { what: "anything" })
    });
    assert!(failed.is_err());
    assert!(!home.store.is_seen(&mailbox, &hash(1)).unwrap());
    assert_eq!(home.store.last_hash(&node(1), &mailbox).unwrap(), None);
    assert_eq!(home.store.counts().unwrap().messages, 0);
}

#[test]
fn a_panic_within_a_batch_leaves_the_store_usable_and_unchanged() {
    let mut home = Home::new();
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        home.store.write(|tx| {
            tx.set_setting("half", "done")?;
            if tx.setting("half")?.is_some() {
                panic!("on purpose");
            }
            Ok::<_, Error>(())
        })
    }));
    assert!(caught.is_err());
    assert_eq!(home.store.setting("half").unwrap(), None);
    home.store.write(|tx| tx.set_setting("whole", "done")).unwrap();
}

#[test]
fn one_bad_item_does_not_stop_the_batch() {
    let mut home = Home::new();
    let conversation = home.conversation(2);
    home.store
        .write(|tx| {
            for number in 0..4 {
                let handled = tx.attempt(|tx| {
                    tx.insert_message(&incoming(conversation, person(2), after(number), "hi"), NOW)?;
                    if number == 2 { Err(Error::Unknown { what: "target" }) } else { Ok(()) }
                })?;
                assert_eq!(handled.is_err(), number == 2);
            }
            Ok::<_, Error>(())
        })
        .unwrap();
    assert_eq!(home.store.counts().unwrap().messages, 3);
}

#[test]
fn cursors_go_with_their_nodes_and_with_deleted_messages() {
    let mut home = Home::new();
    let mine = home.own_mailbox();
    let contacts = Mailbox { namespace: Namespace::CONTACTS, ..mine };
    let group = Mailbox { account: AccountId::new(tacit_wire::Prefix::Group, &[3; 32]), namespace: Namespace(11) };
    home.store
        .write(|tx| {
            for number in 1..4 {
                tx.set_last_hash(&node(number), &mine, &hash(number))?;
                tx.set_last_hash(&node(number), &contacts, &hash(10 + number))?;
            }
            tx.set_last_hash(&node(1), &group, &hash(1))
        })
        .unwrap();
    let forgotten = home.store.write(|tx| tx.keep_cursors_of(&mine.account, &[node(1), node(3), node(9)])).unwrap();
    assert_eq!(forgotten, 2);
    assert_eq!(home.store.last_hash(&node(2), &mine).unwrap(), None);
    assert_eq!(home.store.last_hash(&node(3), &contacts).unwrap(), Some(hash(13)));

    home.store.write(|tx| tx.drop_cursors_at(&mine, &hash(1))).unwrap();
    assert_eq!(home.store.last_hash(&node(1), &mine).unwrap(), None);
    assert_eq!(home.store.last_hash(&node(1), &group).unwrap(), Some(hash(1)), "another account's");
    home.store.write(|tx| tx.set_last_hash(&node(3), &mine, &hash(99))).unwrap();
    assert_eq!(home.store.last_hash(&node(3), &mine).unwrap(), Some(hash(99)));
}

#[test]
fn hashes_are_remembered_for_a_sensible_time_whatever_a_node_says() {
    let mut home = Home::new();
    let mailbox = home.own_mailbox();
    home.store
        .write(|tx| {
            tx.remember(&mailbox, &hash(1), TimestampMs(0), NOW)?;
            tx.remember(&mailbox, &hash(2), after(14 * DAY), NOW)?;
            tx.remember(&mailbox, &hash(3), TimestampMs(u64::MAX), NOW)
        })
        .unwrap();
    let mut seen_after = |days: u64| {
        home.store.write(|tx| tx.purge_expired(after(days * DAY + 1))).unwrap();
        [1, 2, 3].map(|number| home.store.is_seen(&mailbox, &hash(number)).unwrap())
    };
    assert_eq!(seen_after(0), [true, true, true], "not fetched again at the next poll");
    assert_eq!(seen_after(1), [false, true, true]);
    assert_eq!(seen_after(14), [false, false, true]);
    assert_eq!(seen_after(31), [false, false, false], "not kept for ever");
}

#[test]
fn expired_messages_go_and_are_named() {
    let mut home = Home::new();
    let conversation = home.conversation(2);
    let ids = home
        .store
        .write(|tx| {
            let mut ids = Vec::new();
            for number in 0..1200 {
                let expires_at = (number != 0).then(|| after(number));
                let message = NewMessage { expires_at, ..incoming(conversation, person(2), after(number), "hi") };
                ids.push(tx.insert_message(&message, NOW)?.id());
            }
            Ok::<_, Error>(ids)
        })
        .unwrap();
    let purge = |home: &mut Home, at| home.store.write(|tx| tx.purge_expired(after(at))).unwrap();
    assert_eq!(purge(&mut home, 0), Purged::default());
    let gone = purge(&mut home, 2);
    assert_eq!((gone.messages, gone.more), (vec![(conversation, ids[1]), (conversation, ids[2])], false));
    let mut rounds = 1;
    while purge(&mut home, 2000).more {
        rounds += 1;
    }
    assert_eq!(rounds, 3, "a bounded amount at a time");
    assert_eq!(home.store.counts().unwrap().messages, 1, "what does not expire stays");
    let list = home.store.conversations(Folder::Inbox, 1).unwrap();
    assert_eq!(list[0].last.as_ref().unwrap().id, ids[0]);
}

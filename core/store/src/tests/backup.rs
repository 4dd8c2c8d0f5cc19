//! Backups as rows: nothing of the account is forgotten, and whatever is there already stays.

use std::collections::BTreeSet;

use super::*;
use crate::{BackupTable, Error, Restore};

/// What stands in a database and deliberately not in a backup: `table` or `table.column`.
const LEFT_OUT: &[&str] = &[
    "outbox",    // sealed bytes of this device's; sent again they could be doubled
    "seen_hash", // of mailboxes, which are read again
    "last_hash",
    "mailbox_change",
    "skipped",
    "node_cache",
    "config_dirty",
    "unused_file",
    "message_text", // made from the messages
    "message_term",
    "gallery", // made from messages and attachments
    "account.id",
    "account.picture_pending", // without its file there is nothing to upload
    "contact.id",
    "conversation.id",
    "message.id",
    "message.conversation", // by kind and peer
    "message.author",       // by account
    "message.assembling",   // what was not sent is failed
    "message.parts",        // kept by triggers
    "account.picture_file", // files name who uses them
    "picture.file",
    "picture.attempts",
    "picture.next_try_ms",
    "picture.failure",
    "attachment.id",
    "attachment.message",
    "attachment.file",
    "attachment.thumbnail",
    "attachment.attempts",
    "attachment.next_try_ms",
    "file.id",
    "preview.message",
    "invitation.message",
    "reaction.id",
    "reaction.conversation",
    "reaction.message",
    "reaction.sender",
    "node_receipt.message",
    "config.extended_ms",
];

#[test]
fn every_column_is_saved_or_left_out_on_purpose() {
    let home = Home::new();
    let saved = [
        (BackupTable::Account, "account"),
        (BackupTable::Setting, "setting"),
        (BackupTable::Config, "config"),
        (BackupTable::Removed, "removed"),
        (BackupTable::Contact, "contact"),
        (BackupTable::Conversation, "conversation"),
        (BackupTable::EarlyUnsend, "early_unsend"),
        (BackupTable::Message, "message"),
        (BackupTable::Preview, "preview"),
        (BackupTable::Invitation, "invitation"),
        (BackupTable::Attachment, "attachment"),
        (BackupTable::Reaction, "reaction"),
        (BackupTable::Receipt, "node_receipt"),
        (BackupTable::Picture, "picture"),
        (BackupTable::File, "file"),
    ];
    let mut known: BTreeSet<String> = LEFT_OUT.iter().map(|name| (*name).to_owned()).collect();
    for (table, name) in saved {
        for column in home.store.backup_columns(table).unwrap() {
            let column = if column == "message_kind" { "kind" } else { &column };
            known.insert(format!("{name}.{column}"));
        }
    }
    let mut statement = home
        .store
        .connection
        .prepare(
            "SELECT t.name, c.name FROM pragma_table_list t JOIN pragma_table_info(t.name) c
             WHERE t.schema = 'main' AND t.name NOT LIKE 'sqlite_%' AND t.name NOT LIKE 'message_text_%'",
        )
        .unwrap();
    let columns = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let forgotten: Vec<String> = columns
        .map(|column| column.unwrap())
        .filter(|(table, _): &(String, String)| !known.contains(table))
        .map(|(table, column)| format!("{table}.{column}"))
        .filter(|column| !known.contains(column))
        .collect();
    assert!(forgotten.is_empty(), "neither saved nor left out: {forgotten:?}");
}

/// Copies everything from one database into another, `page` rows at a time.
fn copy(from: &Store, to: &mut Store, page: u32) {
    let size = from.backup_size().unwrap();
    let mut restore = to.write(|tx| Restore::begin(tx, "test", size.messages)).unwrap();
    for table in BackupTable::PAGED {
        restore.set_columns(table, from.backup_columns(table).unwrap());
        let mut after = None;
        loop {
            let found = from.backup_page(table, after, page, NOW).unwrap();
            to.write(|tx| restore.take(tx, &found.rows, NOW)).unwrap();
            after = found.next;
            if after.is_none() {
                break;
            }
        }
    }
    to.write(|tx| restore.finish(tx)).unwrap();
}

fn rows(store: &Store) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for table in BackupTable::PAGED {
        let page = store.backup_page(table, None, 100_000, NOW).unwrap();
        all.extend(page.rows.iter().map(|row| format!("{table:?} {:?}", row.values)));
    }
    all
}

fn lived_in() -> Home {
    let mut home = Home::new();
    let own = home.own();
    let conversation = home.conversation(2);
    home.store
        .write(|tx| {
            tx.set_blocked(&person(5), true, NOW)?;
            tx.set_pinned(conversation, 3)?;
            tx.set_removed(Some(&person(6)), after(1))?;
            tx.set_config(&Mailbox { account: own, namespace: Namespace::CONTACTS }, b"dump")?;
            for number in 0..20 {
                let id = tx.insert_message(&incoming(conversation, person(2), after(number), "hello"), NOW)?.id();
                tx.connection.execute("INSERT INTO preview(message, url, title) VALUES(?1, 'https://a.b', 'A')", [id])?;
                tx.connection.execute("INSERT INTO invitation(message, url, name) VALUES(?1, 'https://c.d', 'C')", [id])?;
                for node in 0..5 {
                    let receipt = "INSERT INTO node_receipt(message, node, at_ms) VALUES(?1, ?2, 7)";
                    tx.connection.execute(receipt, (id, [node; 32]))?;
                }
                tx.connection.execute(
                    "INSERT INTO reaction(conversation, target_author, target_sent_ms, message, sender, emoji, sent_ms, received_ms)
                     SELECT conversation, ?2, sent_ms, id, author, '👍', 9, 9 FROM message WHERE id = ?1",
                    (id, person(2).as_bytes()),
                )?;
            }
            tx.connection.execute("INSERT INTO early_unsend VALUES(?1, 5, 6)", [person(3).as_bytes()])?;
            tx.connection.execute("INSERT INTO picture(url, key, state) VALUES('https://e.f', x'01', 3)", [])?;
            Ok::<_, Error>(())
        })
        .unwrap();
    home
}

#[test]
fn everything_comes_over_whatever_the_pages() {
    let from = lived_in();
    let saved = rows(&from.store);
    assert_eq!(saved.len(), 1 + 1 + 1 + 1 + 3 + 1 + 20 + 20 + 20 + 20 + 100 + 1);
    for page in [7, 64, 10_000] {
        let mut to = Home::new();
        copy(&from.store, &mut to.store, page);
        assert_eq!(rows(&to.store), saved);
        copy(&from.store, &mut to.store, page);
        assert_eq!(rows(&to.store), saved, "once more changes nothing");
        assert!(!to.store.config_is_dirty().unwrap());
        assert_eq!(to.store.check().unwrap(), Vec::<String>::new());
    }
}

#[test]
fn what_was_taken_back_or_has_expired_stays_away() {
    let from = lived_in();
    let mut to = Home::new();
    to.store
        .write(|tx| {
            let unsent = "INSERT INTO early_unsend SELECT ?1, ?2, 0";
            tx.connection.execute(unsent, (person(2).as_bytes(), after(3).0.cast_signed()))?;
            Ok::<_, Error>(())
        })
        .unwrap();
    copy(&from.store, &mut to.store, 100);
    assert_eq!(to.store.counts().unwrap().messages, 19);

    let mut from = Home::new();
    let conversation = from.conversation(2);
    let vanishing = NewMessage { expires_at: Some(NOW), ..incoming(conversation, person(2), NOW, "gone by now") };
    from.store.write(|tx| tx.insert_message(&vanishing, NOW)).unwrap();
    let mut to = Home::new();
    copy(&from.store, &mut to.store, 100);
    assert_eq!((to.store.counts().unwrap().messages, to.store.counts().unwrap().conversations), (0, 1));
}

#[test]
fn what_is_newer_here_stays() {
    let from = lived_in();
    let mut to = Home::new();
    let conversation = to.conversation(2);
    let profile = crate::Profile { name: "Ines", updated_s: 9, ..crate::Profile::default() };
    to.store
        .write(|tx| {
            tx.update_profile(&person(2), &profile, NOW)?;
            tx.mark_read(conversation, after(50))?;
            tx.set_setting("read_receipts", "0")?;
            tx.set_config(&Mailbox { account: person(9), namespace: Namespace::CONTACTS }, b"newer")
        })
        .unwrap();
    to.store.write(|tx| Ok::<_, Error>(tx.take_dirty()?.len())).unwrap();
    to.store.write(|tx| tx.set_nickname(&person(2), "In", NOW)).unwrap();
    copy(&from.store, &mut to.store, 100);
    let contact = to.store.contact(&person(2)).unwrap().unwrap();
    assert_eq!((contact.name.as_str(), contact.nickname.as_str()), ("Ines", "In"));
    assert_eq!(to.store.conversation(conversation).unwrap().read_until, after(50));
    assert!(to.store.config_is_dirty().unwrap(), "what was changed here is still to be told");
}

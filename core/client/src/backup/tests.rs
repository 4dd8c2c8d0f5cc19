//! Backups: everything comes back, once, and what is wrong with a file is said.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use tacit_store::{BackupTable, NewMessage, Page, Store, Tx};
use tacit_wire::profile::NetworkProfile;
use zeroize::Zeroizing;

use super::*;
use crate::testing::{NOW, account, after};
use crate::{Folder, Peer, State};

const CHEAP: Cost = Cost { memory_kib: 64, passes: 1 };
const PEOPLE: u8 = 5;

/// A network whose only seed refuses connections.
fn nowhere() -> Options {
    let profile = br#"{"name":"nowhere","seeds":[{"url":"https://127.0.0.1:1"}]}"#;
    let limits = tacit_network::Config {
        connect_wait: Duration::from_millis(20),
        retries: 0,
        longest_delay: Duration::from_millis(50),
        ..tacit_network::Config::default()
    };
    Options { network: Some(NetworkProfile::parse(profile).unwrap()), polling: false, limits }
}

async fn seeded(dir: &tempfile::TempDir, number: u8) -> Client {
    let folder = ProfileFolder::open(&dir.path().join(format!("account{number}"))).unwrap();
    Client::restore_seed(folder, KeySource::File, Seed::from_bytes([number; 16]), nowhere()).await.unwrap()
}

async fn write_tx(client: &Client, work: impl FnOnce(&Tx<'_>) -> Result<(), tacit_store::Error> + Send + 'static) {
    client.inner.database.call(move |store| store.write(|tx| work(tx))).await.unwrap();
}

/// An account with a history: some people, who wrote and were answered, and a file.
async fn lived_in(dir: &tempfile::TempDir, messages: u64) -> Client {
    let client = seeded(dir, 1).await;
    let me = client.account_id();
    let file = "ab".repeat(16);
    fs::create_dir_all(client.folder().join(FILES)).unwrap();
    fs::write(client.folder().join(FILES).join(&file), vec![7; 200_000]).unwrap();
    write_tx(&client, move |tx| {
        tx.set_display_name("Ada", 5)?;
        tx.set_setting("read_receipts", "1")?;
        tx.insert_file(&file, &[9; 32], 190_000, NOW)?;
        for number in 2..2 + PEOPLE {
            let who = account(number).1;
            tx.set_approved(&who, true, NOW)?;
            tx.set_nickname(&who, &format!("Friend {number}"), NOW)?;
            let conversation = tx.open_conversation(&Peer::person(&who), NOW)?;
            tx.set_draft(conversation, "half a th")?;
            tx.set_archived(conversation, number == 3)?;
            for time in 0..messages / u64::from(PEOPLE) {
                let (author, state) = match time % 3 {
                    0 => (me, State::Sent { kept: 6, of: 7 }),
                    1 => (me, State::Queued),
                    _ => (who, State::Received),
                };
                let text = format!("message {time} to {number} 🎉");
                let message = NewMessage::text(conversation, author, state, after(time), &text);
                let id = tx.insert_message(&message, after(time))?.id();
                tx.index_text(id, &text)?;
            }
        }
        Ok(())
    })
    .await;
    client
}

/// Everything that a backup brings back, in an order of its own.
async fn contents(client: &Client) -> BTreeSet<String> {
    // Changes go into config objects a moment after they are made.
    while client.inner.database.call(|store| store.config_is_dirty()).await.unwrap() {
        tokio::task::yield_now().await;
    }
    client
        .inner
        .database
        .call(|store: &mut Store| {
            let mut all = BTreeSet::new();
            for table in BackupTable::PAGED {
                let mut after = None;
                loop {
                    let page = store.backup_page(table, after, 100, NOW)?;
                    // Times at which this device met them do not matter here.
                    all.extend(page.rows.iter().map(|row| format!("{:?} {:?}", row.table, row.values)));
                    after = page.next;
                    if after.is_none() {
                        break;
                    }
                }
            }
            Ok::<_, tacit_store::Error>(all)
        })
        .await
        .unwrap()
}

/// Equality that shows the difference alone.
fn assert_same(one: &BTreeSet<String>, other: &BTreeSet<String>) {
    let difference: Vec<_> = one.symmetric_difference(other).take(4).collect();
    assert!(difference.is_empty(), "{difference:#?}");
}

fn control() -> BackupControl {
    BackupControl::default()
}

fn passphrase() -> BackupKey {
    BackupKey::Passphrase(Zeroizing::new("correct horse".to_owned()))
}

/// Writes at a cost that tests can bear.
async fn write(client: &Client, path: &Path, key: BackupKey) -> Result<Written, Error> {
    let (inner, path, runtime) = (Arc::clone(&client.inner), path.to_owned(), Handle::current());
    let work = move || write::write(&inner, &runtime, &path, &key, CHEAP, &BackupControl::default());
    tokio::task::spawn_blocking(work).await.unwrap()
}

fn code<T>(result: Result<T, Error>) -> &'static str {
    result.err().unwrap().code()
}

fn backup_file(dir: &tempfile::TempDir) -> PathBuf {
    dir.path().join("history.tacit")
}

#[tokio::test]
async fn phrase_and_file_bring_everything_back() {
    let dir = tempfile::tempdir().unwrap();
    let client = lived_in(&dir, 1_500).await;
    let path = backup_file(&dir);
    let written = write(&client, &path, BackupKey::Account).await.unwrap();
    assert_eq!(written.messages, 1_500);
    assert_eq!(written.bytes, fs::metadata(&path).unwrap().len());
    assert!(!dir.path().join("history.tacit.part").exists());
    let (phrases, before) = (client.phrases().await.unwrap(), contents(&client).await);
    client.shutdown().await;

    let folder = ProfileFolder::open(&dir.path().join("new")).unwrap();
    let words = Some(phrases.bip39.as_str());
    let (restored, result) =
        Client::restore_backup(folder, KeySource::File, &path, BackupKey::Account, words, nowhere(), &control())
            .await
            .unwrap();
    assert_eq!(result.unwrap().messages, 1_500);
    assert_eq!(restored.display_name(), "Ada");
    assert!(restored.settings().borrow().read_receipts);
    let rows = restored.conversations(Folder::Inbox).await.unwrap();
    assert_eq!(rows.len(), usize::from(PEOPLE) - 1);
    assert!(rows.iter().all(|row| row.name.starts_with("Friend") && row.conversation.draft == "half a th"));
    // What waited then is failed now; everything else is as it was.
    let after = contents(&restored).await;
    let waiting = |rows: &BTreeSet<String>| rows.iter().filter(|row| row.contains("before the backup")).count();
    assert_eq!((before.len(), waiting(&before), waiting(&after)), (after.len(), 0, 500));
    assert_eq!(before.intersection(&after).count(), before.len() - 500);
    let search = crate::Search { text: "message 7".to_owned(), ..crate::Search::default() };
    assert_eq!(restored.search(search, None, 100).await.unwrap().hits.len(), usize::from(PEOPLE));
    let dirty = restored.inner.database.call(|store| store.config_is_dirty()).await.unwrap();
    assert!(!dirty, "an old backup does not change what other devices have");
    restored.shutdown().await;
}

#[tokio::test]
async fn reading_twice_or_beside_newer_messages_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let client = lived_in(&dir, 300).await;
    let path = backup_file(&dir);
    write(&client, &path, passphrase()).await.unwrap();
    let bob = account(2).1;
    let conversation = client.find_conversation(&bob).await.unwrap().unwrap();
    client.send_text(conversation, "newer than the backup").await.unwrap();
    client.set_nickname(&bob, "Bobby").await.unwrap();
    let before = contents(&client).await;
    for _ in 0..2 {
        assert_eq!(client.read_backup(&path, passphrase(), &control()).await.unwrap(), Restored::default());
        assert_same(&contents(&client).await, &before);
    }
    client.shutdown().await;
}

#[tokio::test]
async fn what_was_deleted_comes_back_below_what_is_newer() {
    let dir = tempfile::tempdir().unwrap();
    let client = lived_in(&dir, 50).await;
    let path = backup_file(&dir);
    write(&client, &path, passphrase()).await.unwrap();
    let conversation = client.find_conversation(&account(2).1).await.unwrap().unwrap();
    let newer = client.send_text(conversation, "newer").await.unwrap();
    let shown = client.history(conversation, None, 100).await.unwrap();
    for message in shown.iter().take(4) {
        client.delete_message(message.id).await.unwrap();
    }
    assert_eq!(client.read_backup(&path, passphrase(), &control()).await.unwrap().messages, 4);
    let again = client.history(conversation, None, 100).await.unwrap();
    let texts = |messages: &[crate::Message]| messages.iter().map(|message| message.text.clone()).collect::<Vec<_>>();
    assert_eq!(texts(&again), texts(&shown));
    assert!(again.iter().take(4).all(|message| message.id.0 < 0), "older than all that came in here");
    assert_eq!(again[0].id.to_string().parse::<crate::MessageId>().unwrap(), again[0].id);
    assert_eq!(again.last().unwrap().id, newer);
    client.shutdown().await;
}

#[tokio::test]
async fn files_come_back_with_their_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let client = lived_in(&dir, 10).await;
    let name = "cd".repeat(16);
    fs::write(client.folder().join(FILES).join(&name), vec![3; 150_000]).unwrap();
    let conversation = client.find_conversation(&account(2).1).await.unwrap().unwrap();
    let (who, stored) = (account(2).1, name.clone());
    write_tx(&client, move |tx| {
        let file = tx.insert_file(&stored, &[4; 32], 140_000, NOW)?;
        let message = NewMessage::text(conversation, who, State::Received, after(900), "look");
        let message = tx.insert_message(&message, after(900))?.id();
        let attachment = tacit_store::NewAttachment {
            role: crate::AttachmentRole::File,
            content_type: "image/jpeg".to_owned(),
            file_name: "sea.jpg".to_owned(),
            size: 140_000,
            width: 0,
            height: 0,
            duration_ms: 0,
            caption: String::new(),
            pointer: crate::Pointer::default(),
            state: crate::AttachmentState::Done,
            file: Some(file),
            thumbnail: Some(file),
            waveform: Vec::new(),
        };
        tx.insert_attachments(message, &[attachment]).map(drop)
    })
    .await;
    let path = backup_file(&dir);
    assert_eq!(write(&client, &path, passphrase()).await.unwrap().files, 1, "a file that nothing names is left out");
    client.shutdown().await;

    let folder = ProfileFolder::open(&dir.path().join("new")).unwrap();
    let (restored, result) =
        Client::restore_backup(folder, KeySource::File, &path, passphrase(), None, nowhere(), &control())
            .await
            .unwrap();
    assert_eq!(result.unwrap().files, 1);
    assert_eq!(fs::read(restored.folder().join(FILES).join(&name)).unwrap(), vec![3; 150_000]);
    let conversation = restored.find_conversation(&account(2).1).await.unwrap().unwrap();
    let message = restored.history(conversation, None, 1).await.unwrap().remove(0);
    let attachment =
        restored.inner.database.call(move |store| store.attachments_of(message.id)).await.unwrap().remove(0);
    assert_eq!(attachment.state, crate::AttachmentState::Done);
    let file = attachment.file.unwrap();
    assert_eq!(attachment.thumbnail, Some(file));
    let file = restored.inner.database.call(move |store| store.file(file)).await.unwrap();
    assert_eq!((file.name, *file.key, file.size), (name.clone(), [4; 32], 140_000));

    // Bytes that were lost come back too.
    fs::remove_file(restored.folder().join(FILES).join(&name)).unwrap();
    assert_eq!(restored.read_backup(&path, passphrase(), &control()).await.unwrap().files, 1);
    assert_eq!(fs::read(restored.folder().join(FILES).join(&name)).unwrap(), vec![3; 150_000]);
    restored.shutdown().await;
}

#[tokio::test]
async fn only_the_right_key_of_the_right_account_opens_it() {
    let dir = tempfile::tempdir().unwrap();
    let (ada, eve) = (lived_in(&dir, 10).await, seeded(&dir, 9).await);
    let path = backup_file(&dir);
    let (own, text) = BackupKey::generate().unwrap();
    assert_eq!((text.len(), text.split(' ').count()), (71, 8));
    let wrong = || BackupKey::Passphrase(Zeroizing::new("wrong horse".to_owned()));

    write(&ada, &path, BackupKey::Account).await.unwrap();
    assert_eq!(backup_kind(&path).unwrap(), KeyKind::Account);
    assert_eq!(code(eve.read_backup(&path, BackupKey::Account, &control()).await), "other_account");
    assert_eq!(code(ada.read_backup(&path, passphrase(), &control()).await), "other_key");

    write(&ada, &path, passphrase()).await.unwrap();
    assert_eq!(code(ada.read_backup(&path, wrong(), &control()).await), "wrong_passphrase");
    let before = contents(&eve).await;
    assert_eq!(code(eve.read_backup(&path, passphrase(), &control()).await), "other_account");
    assert_same(&contents(&eve).await, &before);

    write(&ada, &path, own).await.unwrap();
    ada.read_backup(&path, BackupKey::from_text(&text.to_uppercase()), &control()).await.unwrap();
    let short = BackupKey::Passphrase(Zeroizing::new("short".to_owned()));
    assert_eq!(code(write(&ada, &dir.path().join("other"), short).await), "passphrase_length");
    assert!(!dir.path().join("other").exists() && !dir.path().join("other.part").exists());
    ada.shutdown().await;
    eve.shutdown().await;
}

#[tokio::test]
async fn damage_is_said_with_its_place_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let client = lived_in(&dir, 1_000).await;
    let path = backup_file(&dir);
    write(&client, &path, passphrase()).await.unwrap();
    let (good, before) = (fs::read(&path).unwrap(), contents(&client).await);
    let bad = dir.path().join("bad");
    let read = async |bytes: &[u8]| {
        fs::write(&bad, bytes).unwrap();
        client.read_backup(&bad, passphrase(), &control()).await
    };
    for at in [82, 90, good.len() / 2, good.len() - 1] {
        let mut bytes = good.clone();
        bytes[at] ^= 0x10;
        let Err(Error::Backup(BackupError::Damaged { offset, percent })) = read(&bytes).await else { panic!("{at}") };
        let place = u64::try_from(at).unwrap();
        assert!(offset <= place && place < offset + 32_785, "{at} is in the chunk at {offset}");
        assert!(u64::from(percent) == offset * 100 / u64::try_from(good.len()).unwrap());
    }
    for length in [83, 40_000, good.len() - 1, 82 + 32_785] {
        assert_eq!(code(read(&good[..length]).await), "damaged_backup", "cut at {length}");
    }
    for at in 0..82 {
        let mut bytes = good.clone();
        bytes[at] ^= 0x80;
        let code = code(read(&bytes).await);
        assert!(["not_a_backup", "newer_backup", "damaged_backup"].contains(&code), "{at}: {code}");
    }
    for length in [0, 7, 81] {
        assert_eq!(code(read(&good[..length]).await), "not_a_backup");
    }
    let longer = [good.as_slice(), &[0]].concat();
    assert_eq!(code(read(&longer).await), "damaged_backup");
    assert_same(&contents(&client).await, &before);
    client.shutdown().await;
}

#[tokio::test]
async fn it_can_be_cancelled_and_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let client = lived_in(&dir, 100).await;
    let path = backup_file(&dir);
    fs::write(&path, "the one from last week").unwrap();
    let cancelled = control();
    cancelled.cancel();
    assert_eq!(code(client.write_backup(&path, BackupKey::Account, &cancelled).await), "cancelled");
    assert_eq!(fs::read_to_string(&path).unwrap(), "the one from last week");
    assert!(!dir.path().join("history.tacit.part").exists());
    let watched = control();
    client.write_backup(&path, BackupKey::Account, &watched).await.unwrap();
    let progress = *watched.progress().borrow();
    assert!(progress.total > 0 && progress.done == progress.total);
    assert_eq!(code(client.read_backup(&path, BackupKey::Account, &cancelled).await), "cancelled");
    assert_eq!(code(client.write_backup(Path::new("/nowhere/at/all"), BackupKey::Account, &control()).await), "file");
    client.shutdown().await;
}

/// The beginning is taken in by one transaction after the other: whatever was the last of them,
/// reading again completes it.
#[tokio::test]
async fn a_restore_that_ends_anywhere_is_completed_by_the_next() {
    let dir = tempfile::tempdir().unwrap();
    let client = lived_in(&dir, 3_000).await;
    let path = backup_file(&dir);
    write(&client, &path, passphrase()).await.unwrap();
    client.shutdown().await;
    let whole = fs::read(&path).unwrap();
    let cut = dir.path().join("cut");

    let in_one_go = seeded_elsewhere(&dir, "one").await;
    in_one_go.read_backup(&path, passphrase(), &control()).await.unwrap();
    let expected = contents(&in_one_go).await;
    let ids = ids(&in_one_go).await;
    in_one_go.shutdown().await;
    let in_steps = seeded_elsewhere(&dir, "steps").await;
    for part in 1..6 {
        fs::write(&cut, &whole[..whole.len() * part / 6]).unwrap();
        assert_eq!(code(in_steps.read_backup(&cut, passphrase(), &control()).await), "damaged_backup");
    }
    in_steps.read_backup(&path, passphrase(), &control()).await.unwrap();
    assert_same(&contents(&in_steps).await, &expected);
    assert_eq!(self::ids(&in_steps).await, ids, "also in the order in which they are found");
    in_steps.shutdown().await;
}

async fn seeded_elsewhere(dir: &tempfile::TempDir, name: &str) -> Client {
    let folder = ProfileFolder::open(&dir.path().join(name)).unwrap();
    Client::restore_seed(folder, KeySource::File, Seed::from_bytes([1; 16]), nowhere()).await.unwrap()
}

async fn ids(client: &Client) -> Vec<(String, crate::MessageId)> {
    let conversation = client.find_conversation(&account(2).1).await.unwrap().unwrap();
    let messages =
        client.inner.database.call(move |store| store.messages(conversation, Page::Newest, 10_000)).await.unwrap();
    messages.into_iter().map(|message| (message.text, message.id)).collect()
}

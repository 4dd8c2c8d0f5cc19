use std::collections::BTreeSet;
use std::sync::Arc;

use tacit_wire::message_hash::message_hash;
use tacit_wire::signing::ExpiryChange;
use tacit_wire::{AccountId, MessageHash, Namespace, Namespaces, Prefix};

use super::*;

mod limits;
mod members;
mod plans;

const NOW: TimestampMs = TimestampMs(1_700_000_000_000);
const HOUR: u64 = 3_600_000;
const NS: Namespace = Namespace::MESSAGES;

fn account(n: u8) -> AccountId {
    let mut key = [n; 32];
    // Else all were at one place of the ring.
    key[0] = n.wrapping_mul(37);
    AccountId::from_x25519(&key)
}

fn message(n: u8, namespace: Namespace, data: &[u8]) -> Put {
    Put {
        account: account(n),
        namespace,
        hash: message_hash(&account(n), namespace, data),
        stored: NOW,
        expiry: NOW.plus_ms(HOUR),
        data: data.to_vec(),
    }
}

fn proof() -> Proof {
    Proof { signed_text: b"text".to_vec(), signature: [1; 64], signer: [2; 32], subaccount: None }
}

fn settings(max_bytes: u64) -> Settings {
    Settings::new(max_bytes, [3; 16])
}

struct Disk {
    store: Store,
    dir: tempfile::TempDir,
}

impl Disk {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { store: Store::open(dir.path(), settings(1 << 30)).unwrap(), dir }
    }

    async fn reopened(self) -> Self {
        self.store.close().await.unwrap();
        drop(self.store);
        Self { store: Store::open(self.dir.path(), settings(1 << 30)).unwrap(), dir: self.dir }
    }

    async fn put(&self, text: &str) -> MessageHash {
        let put = message(1, NS, text.as_bytes());
        let hash = put.hash.clone();
        self.store.put(put, NOW).await.unwrap();
        hash
    }

    async fn page(&self, after: Option<&MessageHash>, now: TimestampMs) -> Page {
        let query = Query {
            account: account(1),
            namespace: NS,
            after: after.cloned(),
            max_count: usize::MAX,
            max_size: usize::MAX,
        };
        self.store.retrieve(query, now).await.unwrap()
    }

    async fn texts(&self, after: Option<&MessageHash>) -> Vec<String> {
        let page = self.page(after, NOW).await;
        page.messages.into_iter().map(|m| String::from_utf8(m.data).unwrap()).collect()
    }

    async fn delete(&self, hashes: &[&MessageHash]) -> Vec<MessageHash> {
        let hashes = hashes.iter().map(|h| (*h).clone()).collect();
        let request = Delete { account: account(1), hashes, at: NOW, proof: proof() };
        self.store.delete(request, NOW).await.unwrap()
    }

    async fn wipe(&self, namespaces: Namespaces, before: TimestampMs) -> usize {
        let request = Wipe { account: account(1), namespaces, before, later_too: true, at: NOW, proof: proof() };
        self.store.wipe(request, NOW).await.unwrap().len()
    }

    async fn expire(
        &self,
        hash: &MessageHash,
        expiry: TimestampMs,
        direction: ExpiryChange,
        at: TimestampMs,
    ) -> ExpiryChanged {
        let changes = vec![(hash.clone(), expiry)];
        let request = ChangeExpiry { account: account(1), changes, direction, at, proof: proof() };
        self.store.change_expiry(request, NOW).await.unwrap()
    }
}

#[tokio::test]
async fn messages_come_in_order_of_arrival_after_the_cursor() {
    let disk = Disk::new();
    let first = disk.put("one").await;
    disk.put("two").await;
    disk.put("three").await;
    assert_eq!(disk.texts(None).await, ["one", "two", "three"]);
    assert_eq!(disk.texts(Some(&first)).await, ["two", "three"]);
    let unknown = MessageHash::from_bytes(&[9; 32]);
    assert_eq!(disk.texts(Some(&unknown)).await.len(), 3, "an unknown cursor starts over");
    let disk = disk.reopened().await;
    assert_eq!(disk.texts(Some(&first)).await, ["two", "three"]);
}

#[tokio::test]
async fn a_page_ends_by_count_or_size_and_has_always_one_message() {
    let disk = Disk::new();
    for text in ["aaa", "bbb", "ccc"] {
        disk.put(text).await;
    }
    let page = |max_count, max_size| {
        let account = account(1);
        disk.store.retrieve(Query { account, namespace: NS, after: None, max_count, max_size }, NOW)
    };
    let counts = |page: Page| (page.messages.len(), page.more);
    assert_eq!(counts(page(2, usize::MAX).await.unwrap()), (2, true));
    assert_eq!(counts(page(3, usize::MAX).await.unwrap()), (3, false));
    assert_eq!(counts(page(9, 1).await.unwrap()), (1, true));
    // Each counts 4 characters of base64 and 100 bytes more.
    assert_eq!(counts(page(9, 208).await.unwrap()), (2, true));
    assert_eq!(counts(page(9, 207).await.unwrap()), (1, true));
}

#[tokio::test]
async fn the_same_bytes_again_are_known_and_never_end_earlier() {
    let disk = Disk::new();
    let put = message(1, NS, b"hi");
    assert!(!disk.store.put(put.clone(), NOW).await.unwrap().already);
    let shorter = Put { expiry: NOW.plus_ms(20_000), ..put.clone() };
    let stored = disk.store.put(shorter, NOW).await.unwrap();
    assert_eq!(stored, Stored { already: true, expiry: put.expiry });
    let longer = Put { expiry: NOW.plus_ms(2 * HOUR), ..put };
    assert_eq!(disk.store.put(longer.clone(), NOW).await.unwrap().expiry, longer.expiry);
    assert_eq!(disk.page(None, NOW).await.messages[0].expiry, longer.expiry);
}

#[tokio::test]
async fn a_cursor_on_a_deleted_message_still_works() {
    let disk = Disk::new();
    disk.put("one").await;
    let second = disk.put("two").await;
    disk.put("three").await;
    assert_eq!(disk.delete(&[&second]).await, std::slice::from_ref(&second));
    assert_eq!(disk.texts(None).await, ["one", "three"]);
    assert_eq!(disk.texts(Some(&second)).await, ["three"]);
    let disk = disk.reopened().await;
    assert_eq!(disk.texts(Some(&second)).await, ["three"]);
    assert!(disk.delete(&[&second]).await.is_empty(), "a second time nothing is there");
}

#[tokio::test]
async fn what_its_owner_deleted_does_not_come_back() {
    let disk = Disk::new();
    let hash = disk.put("one").await;
    disk.delete(&[&hash]).await;
    assert!(disk.store.put(message(1, NS, b"one"), NOW).await.unwrap().already);
    // Also if the deletion came first.
    let late = message(1, NS, b"late");
    disk.delete(&[&late.hash]).await;
    disk.store.put(late, NOW).await.unwrap();
    assert!(disk.texts(None).await.is_empty());
}

#[tokio::test]
async fn a_wipe_covers_its_time_and_what_arrives_late_but_nothing_newer() {
    let disk = Disk::new();
    let cursor = disk.put("old").await;
    disk.store.put(message(1, Namespace(2), b"config"), NOW).await.unwrap();
    assert_eq!(disk.wipe(NS.into(), NOW).await, 1);
    disk.put("late").await;
    let newer = Put { stored: NOW.plus_ms(1), ..message(1, NS, b"newer") };
    disk.store.put(newer, NOW).await.unwrap();
    assert_eq!(disk.texts(None).await, ["newer"]);
    assert_eq!(disk.texts(Some(&cursor)).await, ["newer"]);
    // The same bytes with a later time are a new message.
    let again = Put { stored: NOW.plus_ms(2), ..message(1, NS, b"old") };
    assert!(!disk.store.put(again, NOW).await.unwrap().already);
    assert_eq!(disk.texts(None).await, ["newer", "old"]);
    assert_eq!(disk.texts(Some(&cursor)).await, ["newer", "old"], "nothing is passed over");
    assert_eq!(disk.wipe(Namespaces::All, NOW).await, 3, "also what is newer, in all boxes");
    disk.put("late again").await;
    assert!(disk.texts(None).await.is_empty());
}

#[tokio::test]
async fn ends_move_as_asked_and_the_latest_word_counts() {
    let disk = Disk::new();
    let hash = disk.put("one").await;
    let at = |ms| NOW.plus_ms(ms);
    let later = at(2 * HOUR);
    let unchanged = disk.expire(&hash, later, ExpiryChange::Shorten, at(1)).await;
    assert_eq!(unchanged.unchanged, [(hash.clone(), at(HOUR))]);
    let updated = disk.expire(&hash, later, ExpiryChange::Extend, at(2)).await;
    assert_eq!(updated.updated, [(hash.clone(), later)]);
    let updated = disk.expire(&hash, at(500), ExpiryChange::Any, at(3)).await;
    assert_eq!(updated.updated, [(hash.clone(), at(500))]);
    let stale = disk.expire(&hash, later, ExpiryChange::Any, at(1)).await;
    assert!(stale.updated.is_empty(), "an older change comes late");
    assert!(disk.store.put(message(1, NS, b"one"), NOW).await.unwrap().already);
    let known = disk.store.expiries(account(1), None, NOW).await.unwrap();
    assert_eq!(known, [(hash.clone(), at(500))], "storing again does not undo it");
    assert!(disk.store.expiries(account(1), Some(vec![hash]), at(500)).await.unwrap().is_empty());
}

#[tokio::test]
async fn all_of_a_box_can_be_shortened() {
    let disk = Disk::new();
    let hash = disk.put("one").await;
    let request =
        |expiry| ShortenAll { account: account(1), namespaces: Namespaces::All, expiry, at: NOW, proof: proof() };
    assert_eq!(disk.store.shorten_all(request(NOW.plus_ms(9)), NOW).await.unwrap(), [(NS, hash)]);
    assert!(disk.store.shorten_all(request(NOW.plus_ms(99)), NOW).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_has_ended_is_invisible_at_once_and_removed_in_steps() {
    let disk = Disk::new();
    for n in 0..600_u32 {
        assert!(!disk.store.put(message(1, NS, &n.to_be_bytes()), NOW).await.unwrap().already);
    }
    let last = disk.page(None, NOW).await.messages[599].hash.clone();
    let later = NOW.plus_ms(HOUR);
    assert!(disk.page(None, later).await.messages.is_empty());
    assert!(disk.store.sweep(later).await.unwrap(), "600 are more than one step");
    assert!(!disk.store.sweep(later).await.unwrap());

    let fresh = Put { expiry: later.plus_ms(HOUR), ..message(1, NS, b"fresh") };
    disk.store.put(fresh, later).await.unwrap();
    assert_eq!(disk.page(Some(&last), later).await.messages.len(), 1, "the cursor still works");
    // An expired message may be stored anew, unlike a deleted one.
    let again = Put { expiry: later.plus_ms(HOUR), ..message(1, NS, &5_u32.to_be_bytes()) };
    assert!(!disk.store.put(again, later).await.unwrap().already);
    assert_eq!(disk.page(Some(&last), later).await.messages.len(), 2);
}

#[tokio::test]
async fn tombstones_wipes_and_proofs_go_when_nobody_needs_them() {
    let disk = Disk::new();
    let hash = disk.put("one").await;
    disk.expire(&hash, NOW.plus_ms(2 * HOUR), ExpiryChange::Any, NOW.plus_ms(1)).await;
    disk.delete(&[&hash]).await;
    disk.wipe(Namespaces::All, NOW).await;
    for days in [40, 80] {
        while disk.store.sweep(NOW.plus_ms(days * 24 * HOUR)).await.unwrap() {}
    }
    let count = "SELECT (SELECT count(*) FROM tombstone) + (SELECT count(*) FROM wiped)
        + (SELECT count(*) FROM proof) + (SELECT count(*) FROM message)
        + (SELECT count(*) FROM ending) + (SELECT count(*) FROM usage) + (SELECT count(*) FROM account)";
    let left: i64 = disk.store.readers.read(move |c| c.query_row(count, [], |r| r.get(0))).await.unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_public_outbox_holds_the_newest_message() {
    let disk = Disk::new();
    let outbox = Namespace(-21);
    let put = |text: &[u8], ms| Put { stored: NOW.plus_ms(ms), ..message(1, outbox, text) };
    disk.store.put(put(b"first", 5), NOW).await.unwrap();
    disk.store.put(put(b"older", 4), NOW).await.unwrap();
    disk.store.put(put(b"newer", 6), NOW).await.unwrap();
    let account = account(1);
    let query = Query { account, namespace: outbox, after: None, max_count: 9, max_size: 9999 };
    let page = disk.store.retrieve(query, NOW).await.unwrap();
    let texts: Vec<_> = page.messages.iter().map(|m| m.data.as_slice()).collect();
    assert_eq!(texts, [b"newer"]);
}

#[tokio::test]
async fn a_thousand_stores_at_once_share_few_commits() {
    let disk = Disk::new();
    let store = Arc::new(disk.store);
    let tasks: Vec<_> = (0..1000_u32)
        .map(|n| {
            let store = Arc::clone(&store);
            let account = u8::try_from(n % 7).unwrap();
            tokio::spawn(async move { store.put(message(account, NS, &n.to_be_bytes()), NOW).await })
        })
        .collect();
    let mut seen = BTreeSet::new();
    for task in tasks {
        seen.insert(format!("{:?}", task.await.unwrap().unwrap()));
    }
    assert_eq!(seen.len(), 1, "none was known before");
    assert!(store.groups().await < 200, "{} commits", store.groups().await);
    assert_eq!(store.waiting().await, 0);
    store.close().await.unwrap();
    assert!(matches!(store.put(message(1, NS, b"x"), NOW).await, Err(StoreError::Closed)));
}

#[tokio::test]
async fn a_folder_serves_one_node_at_a_time_and_remembers_how_it_was_left() {
    let disk = Disk::new();
    let second = Store::open(disk.dir.path(), settings(1 << 30)).err().unwrap();
    assert!(second.to_string().ends_with("another node uses this folder"), "{second}");
    let disk = disk.reopened().await;
    assert!(disk.store.was_clean());
    let Disk { store, dir } = disk;
    drop(store);
    let store = Store::open(dir.path(), settings(1 << 30)).unwrap();
    assert!(!store.was_clean(), "it was dropped, not closed");
    assert!(store.quick_check().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_full_store_takes_no_messages_but_reads_and_deletes() {
    let disk = Disk::new();
    let hash = disk.put("one").await;
    disk.store.close().await.unwrap();
    drop(disk.store);
    let disk = Disk { store: Store::open(disk.dir.path(), settings(1)).unwrap(), dir: disk.dir };
    let refused = disk.store.put(message(1, NS, b"two"), NOW).await;
    assert!(matches!(refused, Err(StoreError::ReadOnly(_))));
    assert_eq!(disk.texts(None).await, ["one"]);
    assert_eq!(disk.delete(&[&hash]).await.len(), 1);
}

#[tokio::test]
async fn a_file_of_a_newer_program_is_left_alone() {
    let disk = Disk::new();
    disk.store.close().await.unwrap();
    drop(disk.store);
    let file = disk.dir.path().join("mailboxes.sqlite");
    Connection::open(&file).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let error = Store::open(disk.dir.path(), settings(1 << 30)).err().unwrap();
    assert!(matches!(error, StoreError::NewerVersion { found: 99, known: 1 }));
}

#[tokio::test]
async fn groups_and_accounts_with_one_key_are_different_mailboxes() {
    let disk = Disk::new();
    disk.put("one").await;
    let group = AccountId::new(Prefix::Group, account(1).key());
    let query = Query { account: group, namespace: NS, after: None, max_count: 9, max_size: 9999 };
    assert!(disk.store.retrieve(query, NOW).await.unwrap().messages.is_empty());
}

#[tokio::test]
async fn a_full_disk_acknowledges_nothing_and_keeps_what_was_there() {
    let disk = Disk::new();
    disk.put("before").await;
    // SQLite says the same of a file that may not grow as of a disk without room.
    disk.store.write(0, |c| c.query_row("PRAGMA max_page_count = 1", [], |_| Ok(()))).await.unwrap();
    let large = message(1, NS, &[7; 70_000]);
    let mut refused = None;
    for n in 0..20_u8 {
        let put = Put { hash: MessageHash::from_bytes(&[n; 32]), ..large.clone() };
        if let Err(error) = disk.store.put(put, NOW).await {
            refused = Some(error);
            break;
        }
    }
    assert!(matches!(refused, Some(StoreError::ReadOnly("disk full"))), "{refused:?}");
    let again = disk.store.put(message(1, NS, b"small"), NOW).await;
    assert!(matches!(again, Err(StoreError::ReadOnly("disk full"))));
    assert_eq!(disk.texts(None).await[0], "before");
}

#[tokio::test]
async fn of_a_revocation_and_its_end_the_later_counts_and_the_oldest_are_forgotten() {
    let disk = Disk::new();
    let tokens = |range: std::ops::Range<u8>| range.map(|n| [n; 36]).collect::<Vec<_>>();
    let revoke = |tokens: Vec<[u8; 36]>, revoked, at| {
        let request = Revoke { account: account(1), tokens, revoked, at: NOW.plus_ms(at), proof: proof() };
        disk.store.revoke(request, NOW)
    };
    assert_eq!(revoke(tokens(0..2), true, 10).await.unwrap(), 2);
    assert_eq!(revoke(tokens(0..2), true, 11).await.unwrap(), 0, "they were out before");
    assert_eq!(revoke(tokens(0..1), false, 5).await.unwrap(), 0, "signed before they were shut out");
    assert_eq!(revoke(tokens(0..1), false, 11).await.unwrap(), 0, "of one time the revocation counts");
    assert_eq!(revoke(tokens(0..1), false, 12).await.unwrap(), 1);
    assert!(!disk.store.is_revoked(account(1), [0; 36]).await.unwrap());
    assert!(disk.store.is_revoked(account(1), [1; 36]).await.unwrap());
    assert!(!disk.store.is_revoked(account(2), [1; 36]).await.unwrap());
    assert_eq!(revoke(tokens(50..90), true, 20).await.unwrap(), 40);
    assert_eq!(revoke(tokens(100..110), true, 30).await.unwrap(), 10);
    let left = disk.store.revoked(account(1)).await.unwrap();
    assert_eq!((left.len(), left[0]), (50, [50; 36]), "the first one was forgotten");
}

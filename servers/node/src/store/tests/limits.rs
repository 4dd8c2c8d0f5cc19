//! Quotas, a node that is full, and a writer that fails.

use super::*;

const SIGNED: Namespace = Namespace(1);

fn small() -> Settings {
    let quota = Quota { public_messages: 3, signed_messages: 2, bytes: 1000, deletions: 2, revocations: 2 };
    Settings { quota, ..settings(1 << 30) }
}

impl Disk {
    fn with(settings: Settings) -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { store: Store::open(dir.path(), settings).unwrap(), dir }
    }

    async fn again(self, settings: Settings) -> Self {
        self.store.close().await.unwrap();
        drop(self.store);
        Self { store: Store::open(self.dir.path(), settings).unwrap(), dir: self.dir }
    }
}

fn is_full(stored: Result<Stored, StoreError>) -> bool {
    match stored {
        Ok(stored) => {
            assert!(!stored.already);
            false
        }
        Err(StoreError::MailboxFull) => true,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_mailbox_takes_so_many_messages_and_others_are_not_concerned() {
    let disk = Disk::with(small());
    let put = |n, ns, text: &str| disk.store.put(message(n, Namespace(ns), text.as_bytes()), NOW);
    for (ns, text) in [(0, "a"), (10, "b"), (-20, "c")] {
        assert!(!is_full(put(1, ns, text).await));
    }
    assert!(is_full(put(1, 0, "d").await), "all public namespaces count together");
    assert!(!is_full(put(2, 0, "d").await), "another mailbox");
    assert!(!disk.store.has_room(account(1), NS, 1).await.unwrap());
    assert!(disk.store.has_room(account(9), NS, 1).await.unwrap());
    for text in ["a", "b"] {
        assert!(!is_full(put(1, 1, text).await));
        assert!(!is_full(put(1, 2, text).await), "each other namespace for itself");
    }
    assert!(is_full(put(1, 1, "c").await));
    assert!(put(1, 0, "a").await.unwrap().already, "what is there may come again");

    let hash = message(1, NS, b"a").hash;
    assert_eq!(disk.delete(&[&hash]).await.len(), 1);
    assert!(!is_full(put(1, 0, "d").await), "there is room again");
}

#[tokio::test]
async fn a_mailbox_takes_so_many_bytes() {
    let disk = Disk::with(small());
    assert!(!is_full(disk.store.put(message(1, NS, &[1; 900]), NOW).await));
    assert!(is_full(disk.store.put(message(1, NS, &[2; 101]), NOW).await));
    assert!(!is_full(disk.store.put(message(1, NS, &[2; 100]), NOW).await));
    let later = NOW.plus_ms(HOUR);
    while disk.store.sweep(later).await.unwrap() {}
    let fresh = Put { expiry: later.plus_ms(HOUR), ..message(1, NS, &[3; 1000]) };
    assert!(!is_full(disk.store.put(fresh, later).await), "what has ended does not count");
}

#[tokio::test]
async fn only_so_many_deletions_are_remembered() {
    let disk = Disk::with(small());
    let hash = |n| MessageHash::from_bytes(&[n; 32]);
    disk.delete(&[&hash(1), &hash(2)]).await;
    let hashes = vec![hash(3)];
    let one_more = Delete { account: account(1), hashes, at: NOW, proof: proof() };
    assert!(matches!(disk.store.delete(one_more, NOW).await, Err(StoreError::MailboxFull)));
}

#[tokio::test]
async fn the_newest_revocations_are_kept() {
    let disk = Disk::with(small());
    let token = |n| [n; 36];
    let set = |n, revoked, at| {
        let request = Revoke { account: account(1), tokens: vec![token(n)], revoked, at, proof: proof() };
        disk.store.revoke(request, NOW)
    };
    let is_revoked = |n| disk.store.is_revoked(account(1), token(n));
    assert_eq!(set(1, true, NOW).await.unwrap(), 1);
    assert_eq!(set(1, true, NOW).await.unwrap(), 0, "nothing new");
    assert!(is_revoked(1).await.unwrap());
    assert_eq!(set(1, false, NOW.minus_ms(1)).await.unwrap(), 0, "an older word comes late");
    assert!(is_revoked(1).await.unwrap());
    assert_eq!(set(1, false, NOW.plus_ms(1)).await.unwrap(), 1);
    assert!(!is_revoked(1).await.unwrap());
    for (n, at) in [(2, 10), (3, 11), (4, 12)] {
        set(n, true, NOW.plus_ms(at)).await.unwrap();
    }
    assert!(!is_revoked(2).await.unwrap(), "the oldest makes room");
    assert!(is_revoked(3).await.unwrap() && is_revoked(4).await.unwrap());
    assert!(!disk.store.is_revoked(account(2), token(3)).await.unwrap());
}

#[tokio::test]
async fn a_node_that_is_nearly_full_keeps_what_anyone_stores_for_three_days() {
    let disk = Disk::new();
    disk.put("one").await;
    let used = disk.store.writer.read().await.as_ref().unwrap().used();
    assert_eq!(disk.store.fullness().await, Fullness::Roomy);
    let disk = disk.again(settings(used * 100 / 93)).await;
    assert_eq!(disk.store.fullness().await, Fullness::Tight);
    let week = NOW.plus_ms(7 * 24 * HOUR);
    let long = |ns| Put { expiry: week, ..message(1, ns, b"long") };
    let stored = disk.store.put(long(NS), NOW).await.unwrap();
    assert_eq!(stored.expiry, NOW.plus_ms(3 * 24 * HOUR), "the answer says so");
    assert_eq!(disk.store.put(long(SIGNED), NOW).await.unwrap().expiry, week);

    let disk = disk.again(settings(used * 100 / 98)).await;
    assert_eq!(disk.store.fullness().await, Fullness::Full);
    let refused = disk.store.put(message(1, NS, b"more"), NOW).await;
    assert!(matches!(refused, Err(StoreError::ReadOnly("size limit reached"))));
    assert_eq!(disk.texts(None).await, ["one", "long"]);
}

/// Started anew by the test below, as a process of its own.
#[tokio::test]
async fn child_whose_writer_panics() {
    if std::env::var_os("TACIT_PANIC").is_some() {
        let disk = Disk::new();
        let work = |_: &Tx<'_>| -> rusqlite::Result<()> { panic!("as asked") };
        let _ = disk.store.write(0, work).await;
        // Waits for the writer's end.
        let _ = disk.store.close().await;
        println!("it went on");
    }
}

#[test]
fn a_process_does_not_outlive_its_writer() {
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["store::tests::limits::child_whose_writer_panics", "--exact", "--nocapture"])
        .env("TACIT_PANIC", "1")
        .output()
        .unwrap();
    assert!(!child.status.success());
    assert!(!String::from_utf8_lossy(&child.stdout).contains("it went on"));
}

#[tokio::test]
async fn a_bulk_expiry_does_not_hold_up_a_store() {
    let disk = Disk::new();
    let store = Arc::new(disk.store);
    let puts = (0..4000_u32).map(|n| message(1, NS, &n.to_be_bytes()));
    let tasks: Vec<_> = puts
        .map(|put| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.put(put, NOW).await.unwrap() })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let later = NOW.plus_ms(HOUR);
    let sweeping = {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let mut steps = 1;
            while store.sweep(later).await.unwrap() {
                steps += 1;
            }
            steps
        })
    };
    let mut between = 0;
    while !sweeping.is_finished() {
        let n: u32 = 5000 + between;
        let fresh = Put { expiry: later.plus_ms(HOUR), ..message(2, NS, &n.to_be_bytes()) };
        store.put(fresh, later).await.unwrap();
        between += 1;
    }
    let steps = sweeping.await.unwrap();
    assert!(steps > 7, "{steps} steps");
    assert!(between >= 4, "{between} stores while {steps} steps were made");
}

#[tokio::test]
async fn a_damaged_file_is_found_and_not_written_to() {
    let disk = Disk::new();
    for n in 0..50_u8 {
        disk.store.put(message(1, NS, &[n; 3000]), NOW).await.unwrap();
    }
    disk.store.close().await.unwrap();
    drop(disk.store);
    let file = disk.dir.path().join("mailboxes.sqlite");
    let mut bytes = std::fs::read(&file).unwrap();
    let end = bytes.len();
    bytes[end / 2..end - 4096].fill(0x55);
    std::fs::write(&file, bytes).unwrap();
    let disk = Disk { store: Store::open(disk.dir.path(), settings(1 << 30)).unwrap(), dir: disk.dir };
    // What is damaged may be found by the check, or stop the check itself.
    let found = disk.store.quick_check().await;
    assert!(found.is_err() || found.is_ok_and(|found| !found.is_empty()));
    let refused = disk.store.put(message(1, NS, b"more"), NOW).await;
    assert!(matches!(refused, Err(StoreError::ReadOnly("damaged file"))), "{refused:?}");
}

#[tokio::test]
async fn a_run_names_the_one_before() {
    let disk = Disk::with(Settings { nonce: [1; 16], ..settings(1 << 30) });
    assert_eq!(disk.store.generation(), Generation { this: [1; 16], before: None });
    let disk = disk.again(Settings { nonce: [2; 16], ..settings(1 << 30) }).await;
    assert_eq!(disk.store.generation(), Generation { this: [2; 16], before: Some([1; 16]) });
}

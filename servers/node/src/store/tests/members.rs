//! What members do to become equal: merging, comparing, transfers, hints.

use bytes::Bytes;
use proptest::prelude::*;
use tacit_wire::{NodeId, swarm};

use super::*;
use crate::store::sums::Sums;
use crate::swarm::buckets::{Buckets, hour_of};
use crate::swarm::merge::{Expiry, Revocation};
use crate::swarm::ownership::{Interval, Intervals};
use crate::swarm::reconcile::Item;
use crate::swarm::record::{Fact, Record};
use crate::swarm::transfer::{Held, Holding};

fn proven(n: u8) -> Arc<Proof> {
    Arc::new(Proof { signature: [n; 64], ..proof() })
}

fn at(ms: u64) -> u64 {
    NOW.0 + ms
}

fn text(n: u8, stored_ms: u64, expiry: Expiry) -> Record {
    let namespace = Namespace([0, 1, -21][usize::from(n % 3)]);
    let put = message(1 + n % 2, namespace, &[n]);
    let proof = (expiry.set_ms > 0).then(|| proven(9));
    let (hash, data) = (put.hash.to_bytes(), Bytes::from(put.data));
    Record { account: put.account, fact: Fact::Message { ns: namespace, hash, stored_ms, expiry, proof, data } }
}

fn hash_of(n: u8) -> (AccountId, Namespace, [u8; 32]) {
    let record = text(n, 0, Expiry::default());
    let Fact::Message { ns, hash, .. } = record.fact else { panic!("a message") };
    (record.account, ns, hash)
}

fn deleted(n: u8, deleted_ms: u64) -> Record {
    let (account, ns, hash) = hash_of(n);
    let fact = Fact::Tombstone { ns, hash, deleted_ms, until_ms: at(HOUR), proof: proven(1) };
    Record { account, fact }
}

fn ends(n: u8, expiry: Expiry) -> Record {
    let (account, _, hash) = hash_of(n);
    Record { account, fact: Fact::Expiry { hash, expiry, proof: proven(2) } }
}

fn record() -> impl Strategy<Value = Record> {
    let expiry = || {
        prop_oneof![
            (1..4u64).prop_map(|hours| Expiry { set_ms: 0, expires_ms: at(hours * HOUR) }),
            (1..4u64, 0..3u64)
                .prop_map(|(set, hours)| Expiry { set_ms: at(set), expires_ms: NOW.0 - 5 + hours * HOUR }),
        ]
    };
    prop_oneof![
        (0..6u8, 0..4u64, expiry()).prop_map(|(n, stored, expiry)| text(n, at(stored), expiry)),
        (0..6u8, 0..4u64, expiry()).prop_map(|(n, stored, expiry)| text(n, at(stored), expiry)),
        (0..6u8, 0..3u64).prop_map(|(n, when)| deleted(n, at(when))),
        (0..6u8, 1..4u64, 0..3u64)
            .prop_map(|(n, set, hours)| { ends(n, Expiry { set_ms: at(set), expires_ms: NOW.0 - 5 + hours * HOUR }) }),
        (1..3u8, 0..4u64, any::<bool>()).prop_map(|(n, before, all)| {
            let ns = if all { Namespaces::All } else { Namespaces::One(NS) };
            let fact = Fact::Wiped { ns, before_ms: at(before), until_ms: at(HOUR), proof: proven(3) };
            Record { account: account(n), fact }
        }),
        (1..3u8, 0..2u8, 0..3u64, any::<bool>()).prop_map(|(n, token, when, revoked)| {
            let revocation = Revocation { at_ms: at(when), revoked };
            let fact = Fact::Revocation { token: [token; 36], revocation, proof: proven(4) };
            Record { account: account(n), fact }
        }),
    ]
}

impl Disk {
    async fn apply(&self, records: Vec<Record>) -> Vec<Applied> {
        self.store.commit(vec![Write::Apply(records)], NOW).await.unwrap()
    }

    async fn items(&self) -> Vec<Item> {
        let hours = vec![hour_of(NOW.0), hour_of(NOW.0) + 1];
        self.store.items(Intervals::all(), hours, u64::MAX, NOW).await.unwrap()
    }

    async fn sums(&self) -> Buckets {
        self.store.sums(Intervals::all()).await.unwrap()
    }

    /// As nobody has them in memory.
    async fn sums_read(&self) -> Buckets {
        self.store.readers.read(|c| Sums::default().of(c, &Intervals::all())).await.unwrap()
    }

    /// Gives the other one what it lacks.
    async fn send_to(&self, other: &Self) {
        let theirs: BTreeSet<Item> = other.items().await.into_iter().collect();
        let lacking: Vec<Item> = self.items().await.into_iter().filter(|item| !theirs.contains(item)).collect();
        let (records, taken) = self.store.records(Intervals::all(), lacking.clone(), NOW).await.unwrap();
        assert_eq!(taken, lacking.len());
        assert_eq!(records.iter().map(Record::item).collect::<Vec<_>>(), lacking);
        other.apply(records).await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn members_that_exchange_what_differs_become_equal(
        a in prop::collection::vec(record(), 0..14),
        b in prop::collection::vec(record(), 0..14),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (x, y) = (Disk::new(), Disk::new());
            x.sums().await;
            for record in a.iter().chain(&b) {
                x.apply(vec![record.clone()]).await;
            }
            y.apply(b.iter().rev().chain(&a).cloned().collect()).await;
            for _ in 0..4 {
                while x.store.sweep(NOW).await.unwrap() {}
                while y.store.sweep(NOW).await.unwrap() {}
                x.send_to(&y).await;
                y.send_to(&x).await;
            }
            assert_eq!(x.items().await, y.items().await);
            assert_eq!(x.sums().await, x.sums_read().await, "kept up to date");
            while x.store.sweep(NOW).await.unwrap() {}
            while y.store.sweep(NOW).await.unwrap() {}
            assert_eq!(x.sums().await, y.sums().await);
            assert_eq!(x.sums().await, x.sums_read().await, "also when something has ended");
            // Old copies that come once more bring back nothing that was deleted.
            y.apply(b.clone()).await;
            x.apply(b.iter().chain(&a).cloned().collect()).await;
            x.send_to(&y).await;
            for record in a.iter().chain(&b) {
                let Fact::Tombstone { hash, .. } = &record.fact else { continue };
                let hashes = Some(vec![MessageHash::from_bytes(hash)]);
                assert!(y.store.expiries(record.account, hashes, NOW).await.unwrap().is_empty());
            }
        });
    }
}

#[tokio::test]
async fn sums_outlive_an_orderly_stop_and_are_read_anew_after_another() {
    let disk = Disk::new();
    disk.apply((0..6).map(|n| text(n, at(1), Expiry { set_ms: 0, expires_ms: at(HOUR) })).collect()).await;
    let sums = disk.sums().await;
    assert_eq!(sums.0.values().map(|bucket| bucket.count).sum::<u64>(), 6);
    let disk = disk.reopened().await;
    assert_eq!(disk.sums().await, sums);
    disk.apply(vec![deleted(0, at(5))]).await;
    let sums = disk.sums().await;
    let Disk { store, dir } = disk;
    drop(store);
    let disk = Disk { store: Store::open(dir.path(), settings(1 << 30)).unwrap(), dir };
    assert_eq!(disk.sums().await, sums);
}

#[tokio::test]
async fn sums_of_a_part_are_kept_while_others_write() {
    let disk = Disk::new();
    let store = Arc::new(disk.store);
    let writing = {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for n in 0..400_u32 {
                store.put(message(u8::try_from(n % 5).unwrap(), NS, &n.to_be_bytes()), NOW).await.unwrap();
            }
        })
    };
    let middle = swarm::space(&account(2));
    let parts = Intervals::from(Interval { lo: 0, hi: middle });
    while !writing.is_finished() {
        store.sums(parts.clone()).await.unwrap();
        tokio::task::yield_now().await;
    }
    let fresh = parts.clone();
    let read = store.readers.read(move |c| Sums::default().of(c, &fresh)).await.unwrap();
    assert_eq!(store.sums(parts).await.unwrap(), read);
}

#[tokio::test]
async fn an_end_that_was_decided_before_the_message_came_is_its_end() {
    let disk = Disk::new();
    let chosen = Expiry { set_ms: at(2), expires_ms: at(1000) };
    assert_eq!(disk.apply(vec![ends(0, chosen)]).await, [Applied::NotHere]);
    let long = Expiry { set_ms: 0, expires_ms: at(9 * HOUR) };
    let stored = Stored { already: false, expiry: TimestampMs(at(1000)) };
    assert_eq!(disk.apply(vec![text(0, at(1), long)]).await, [Applied::Stored(stored)]);
    while disk.store.sweep(TimestampMs(at(2000))).await.unwrap() {}
    let late = disk.store.commit(vec![Write::Apply(vec![text(0, at(1), long)])], TimestampMs(at(2000))).await.unwrap();
    let stored = Stored { already: true, expiry: TimestampMs(at(1000)) };
    assert_eq!(late, [Applied::Stored(stored)], "an older copy does not bring it back");
    assert_eq!(disk.items().await.len(), 1, "its end is still told");
}

#[tokio::test]
async fn a_place_that_expiry_left_does_not_become_the_time_of_a_deletion() {
    let disk = Disk::new();
    disk.apply(vec![text(0, at(1), Expiry { set_ms: 0, expires_ms: at(10) })]).await;
    while disk.store.sweep(TimestampMs(at(20))).await.unwrap() {}
    disk.apply(vec![deleted(0, at(30))]).await;
    assert_eq!(disk.items().await, [deleted(0, at(30)).item()]);
}

#[tokio::test]
async fn everything_of_a_part_goes_over_in_pages() {
    let (from, to) = (Disk::new(), Disk::new());
    let mut records = vec![deleted(0, at(3)), ends(1, Expiry { set_ms: at(1), expires_ms: at(HOUR) })];
    for n in 0..60_u8 {
        let put = message(n, NS, &vec![n; 200_000]);
        records.push(Record {
            account: put.account,
            fact: Fact::Message {
                ns: NS,
                hash: put.hash.to_bytes(),
                stored_ms: at(n.into()),
                expiry: Expiry { set_ms: 0, expires_ms: at(HOUR) },
                proof: None,
                data: put.data.into(),
            },
        });
    }
    from.apply(records).await;
    let part = Interval { lo: 0, hi: u64::MAX };
    let (mut cursor, mut pages) = (None, 0);
    loop {
        let (records, next) = from.store.page(part, cursor, NOW).await.unwrap();
        assert!(records.iter().map(Record::size).sum::<usize>() <= 4 << 20);
        to.apply(records).await;
        pages += 1;
        cursor = next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(pages, 3);
    assert_eq!(from.items().await, to.items().await);
    let (all, _) = from.store.page(part, Some(Bytes::from_static(b"nonsense")), NOW).await.unwrap();
    assert!(!all.is_empty(), "a cursor that is none begins anew");
}

#[tokio::test]
async fn a_part_that_was_handed_over_goes_bit_by_bit_over_a_restart() {
    let disk = Disk::new();
    let puts = |n, count: u32| (0..count).map(move |k| message(n, NS, &k.to_be_bytes()));
    for put in puts(1, 700).chain(puts(2, 3)) {
        disk.store.put(put, NOW).await.unwrap();
    }
    let of = |n| {
        let space = swarm::space(&account(n));
        Interval { lo: space, hi: space }
    };
    disk.store.commit(vec![Write::Drop(of(1))], NOW).await.unwrap();
    assert!(disk.store.sweep(NOW).await.unwrap(), "700 are more than one step");
    let left = disk.page(None, NOW).await.messages.len();
    assert!((1..700).contains(&left), "{left}");
    let disk = disk.reopened().await;
    while disk.store.sweep(NOW).await.unwrap() {}
    assert!(disk.page(None, NOW).await.messages.is_empty());
    assert_eq!(disk.items().await.len(), 3, "the other account stays");
    assert_eq!(disk.sums().await, disk.sums_read().await);

    // What comes back before it was removed is kept.
    disk.store.commit(vec![Write::Drop(of(2))], NOW).await.unwrap();
    let holding = Holding { interval: Interval { lo: 0, hi: u64::MAX }, state: Held::Gaining(None) };
    disk.store.commit(vec![Write::Holdings(vec![holding])], NOW).await.unwrap();
    while disk.store.sweep(NOW).await.unwrap() {}
    assert_eq!(disk.items().await.len(), 3);
}

#[tokio::test]
async fn what_is_kept_here_and_what_others_missed_outlives_a_restart() {
    let disk = Disk::new();
    let part = |lo, hi, state| Holding { interval: Interval { lo, hi }, state };
    let holdings = vec![
        part(0, 9, Held::Whole),
        part(10, 19, Held::Gaining(Some((NodeId([7; 32]), Bytes::from_static(b"here"))))),
        part(20, 29, Held::Gaining(None)),
        part(30, u64::MAX, Held::Lost { since_ms: 5, whole: true }),
    ];
    let (a, b) = (NodeId([1; 32]), NodeId([2; 32]));
    let hint = |member, op: &'static [u8]| Hint { member, op: Bytes::from_static(op), until: NOW.plus_ms(HOUR) };
    let hints = vec![hint(a, b"one"), hint(b, b"else"), hint(a, b"two")];
    let writes = vec![Write::Holdings(holdings.clone()), Write::AddHints(hints)];
    disk.store.commit(writes, NOW).await.unwrap();
    let disk = disk.reopened().await;
    assert_eq!(disk.store.holdings().await.unwrap(), holdings);
    let owed = disk.store.owed().await.unwrap();
    assert_eq!(owed, [(a, Owed { count: 2, bytes: 6 }), (b, Owed { count: 1, bytes: 4 })]);

    let kept = disk.store.hints(a, NOW).await.unwrap();
    assert_eq!(kept.iter().map(|(_, op)| &op[..]).collect::<Vec<_>>(), [b"one", b"two"]);
    disk.store.commit(vec![Write::RemoveHints(vec![kept[0].0])], NOW).await.unwrap();
    assert_eq!(disk.store.hints(a, NOW).await.unwrap(), kept[1..]);
    disk.store.commit(vec![Write::ForgetMember(b)], NOW).await.unwrap();
    assert_eq!(disk.store.owed().await.unwrap(), [(a, Owed { count: 1, bytes: 3 })]);
    assert!(disk.store.hints(a, NOW.plus_ms(HOUR)).await.unwrap().is_empty(), "too late");
    while disk.store.sweep(NOW.plus_ms(HOUR)).await.unwrap() {}
    assert!(disk.store.owed().await.unwrap().is_empty());
}

#[tokio::test]
async fn members_may_fill_a_mailbox_a_little_further() {
    let quota = Quota { public_messages: 4, ..Quota::default() };
    let dir = tempfile::tempdir().unwrap();
    let disk = Disk { store: Store::open(dir.path(), Settings { quota, ..settings(1 << 30) }).unwrap(), dir };
    let plain = Expiry { set_ms: 0, expires_ms: at(HOUR) };
    // Of account 1, in namespace 0: every sixth.
    let records: Vec<_> = (0..6).map(|k| text(6 * k, at(1), plain)).collect();
    let applied = disk.apply(records).await;
    let full: Vec<bool> = applied.iter().map(|applied| *applied == Applied::Full).collect();
    assert_eq!(full, [false, false, false, false, false, true]);
}

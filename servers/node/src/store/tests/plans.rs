//! Hot queries are searches by an index: no scan, no sort.

use super::*;
use crate::store::facts::{Kind, scope};
use crate::store::{delete, ending, hints, message, put, quota, retrieve, revoke, rows, sweep, transfer};

async fn plan(store: &Store, sql: String) -> String {
    store
        .readers
        .read(move |c| {
            let mut explain = c.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
            let count = explain.parameter_count();
            let parameters = tacit_sqlite::rusqlite::params_from_iter(vec![1_i64; count]);
            let lines: Vec<String> =
                explain.query_map(parameters, |row| row.get("detail"))?.collect::<Result<_, _>>()?;
            Ok(lines.join("\n"))
        })
        .await
        .unwrap()
}

#[tokio::test]
async fn every_hot_query_is_an_index_search() {
    let disk = Disk::new();
    let queries = [
        ("retrieve", retrieve::SELECT, "message_mailbox (account=? AND ns=? AND seq>?)"),
        ("cursor", retrieve::CURSOR, "message_hash (account=? AND hash=?)"),
        ("sweep of proofs", sweep::OLD_PROOFS, "proof_until (until_ms<?)"),
        ("proofs of messages", sweep::OLD_PROOFS, "message_proof (expiry_proof=?)"),
        ("proofs of tombstones", sweep::OLD_PROOFS, "tombstone_proof (proof=?)"),
        ("proofs of ends", sweep::OLD_PROOFS, "ending_proof (proof=?)"),
        ("proofs of wipes", sweep::OLD_PROOFS, "wiped_proof (proof=?)"),
        ("proofs of revocations", sweep::OLD_PROOFS, "revocation_proof (proof=?)"),
        ("sweep of hints", sweep::OLD_HINTS, "hint_until (until_ms<?)"),
        ("unused account", sweep::UNUSED_ACCOUNT, "INTEGER PRIMARY KEY (rowid=?)"),
        ("account that leaves", sweep::LEAVING_ACCOUNT, "account_space (space>? AND space<?)"),
        ("account", rows::ACCOUNT, "(pubkey=?)"),
        ("same proof", rows::SAME_PROOF, "proof_signature (signature=?)"),
        ("accounts of a transfer", transfer::ACCOUNTS, "account_space (space>? AND space<?)"),
        ("hints", hints::HINTS, "hint_member (member=?)"),
        ("forgotten hints", hints::FORGET, "hint_member (member=?)"),
        ("one message", message::HELD, "message_hash (account=? AND hash=?)"),
        ("what is known", put::KNOWN, "message USING COVERING INDEX message_hash (account=? AND hash=?)"),
        ("what is gone", put::GONE, "tombstone USING PRIMARY KEY (account=? AND hash=?)"),
        ("one box", put::BOX, "message_mailbox (account=? AND ns=?)"),
        ("one mailbox", delete::MAILBOX, "(account=?)"),
        ("an end", ending::ENDING, "PRIMARY KEY (account=? AND hash=?)"),
        ("a revocation", revoke::REVOCATION, "PRIMARY KEY (account=? AND token=?)"),
        ("usage", quota::USAGE, "PRIMARY KEY (account=? AND box=?)"),
        ("deletions", quota::DELETIONS, "tombstone_owner (account=?)"),
        ("expiries", "SELECT expiry_ms FROM message WHERE account = ?1 AND hash = ?2", "message_hash"),
    ];
    for (name, sql, index) in queries {
        check(&disk.store, name, sql.to_owned(), index).await;
    }
}

#[tokio::test]
async fn facts_are_found_by_time_by_account_and_by_end() {
    let disk = Disk::new();
    let by_time = [
        (Kind::Message, "message_time (stored_ms>? AND stored_ms<?)"),
        (Kind::Tombstone, "tombstone_time (deleted_ms>? AND deleted_ms<?)"),
        (Kind::Ending, "ending_time (set_ms>? AND set_ms<?)"),
        (Kind::Wiped, "wiped_time (before_ms>? AND before_ms<?)"),
        (Kind::Revocation, "revocation_time (at_ms>? AND at_ms<?)"),
    ];
    for (kind, index) in by_time {
        check(&disk.store, "by time", kind.sql(scope::IN_TIME), index).await;
        check(&disk.store, "of an account", kind.sql(scope::OF_ACCOUNT), "(account=?").await;
        check(&disk.store, "a page", kind.sql(scope::PAGE), "(account=? AND ").await;
    }
    check(&disk.store, "ended", Kind::Message.sql(scope::EXPIRED), "message_expiry (expiry_ms<?)").await;
    check(&disk.store, "old tombstones", Kind::Tombstone.sql(scope::OLD), "tombstone_until (until_ms<?)").await;
    check(&disk.store, "old ends", Kind::Ending.sql(scope::OLD), "ending_until (until_ms<?)").await;
    check(&disk.store, "old wipes", Kind::Wiped.sql(scope::OLD), "wiped_until (until_ms<?)").await;
}

async fn check(store: &Store, name: &str, sql: String, index: &str) {
    let plan = plan(store, sql).await;
    assert!(plan.contains(index), "{name}: {plan}");
    assert!(!plan.contains("TEMP B-TREE"), "{name}: {plan}");
    let scans = plan.lines().map(str::trim).filter(|line| line.starts_with("SCAN"));
    let tables = scans.filter(|line| !line.contains("(subquery") && !line.contains("CONSTANT ROW"));
    assert_eq!(tables.count(), 0, "{name}: {plan}");
}

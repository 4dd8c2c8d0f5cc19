//! Hot queries are searches by an index: no scan, no sort.

use super::*;
use crate::store::{retrieve, sweep};

async fn plan(store: &Store, sql: &'static str) -> String {
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
        ("sweep of messages", sweep::EXPIRED, "message_expiry (expiry_ms<?)"),
        ("sweep of tombstones", sweep::OLD_TOMBSTONES, "tombstone_until (until_ms<?)"),
        ("sweep of wipes", sweep::OLD_WIPES, "wiped_until (until_ms<?)"),
        ("sweep of proofs", sweep::OLD_PROOFS, "proof_until (until_ms<?)"),
        ("proofs of messages", sweep::OLD_PROOFS, "message_proof (expiry_proof=?)"),
        ("proofs of tombstones", sweep::OLD_PROOFS, "tombstone_proof (proof=?)"),
        ("account", "SELECT id FROM account WHERE pubkey = ?1", "(pubkey=?)"),
        (
            "accounts of a range",
            "SELECT id FROM account WHERE space BETWEEN ?1 AND ?2",
            "account_space (space>? AND space<?)",
        ),
        ("hints", "SELECT op FROM hint WHERE member = ?1 ORDER BY id", "hint_member (member=?)"),
        (
            "buckets",
            "SELECT hash FROM message WHERE stored_ms >= ?1 AND stored_ms < ?2",
            "message_time (stored_ms>? AND stored_ms<?)",
        ),
        ("expiries", "SELECT expiry_ms FROM message WHERE account = ?1 AND hash = ?2", "message_hash"),
    ];
    for (name, sql, index) in queries {
        let plan = plan(&disk.store, sql).await;
        assert!(plan.contains(index), "{name}: {plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{name}: {plan}");
        let scans = plan.lines().filter(|line| line.trim().starts_with("SCAN") && !line.contains("(subquery"));
        assert_eq!(scans.count(), 0, "{name}: {plan}");
    }
}

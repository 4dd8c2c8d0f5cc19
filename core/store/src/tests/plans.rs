//! Hot queries use the index that was made for them: no scan, no sorting.

use super::*;
use crate::conversation::list_sql;
use crate::mailbox_change::DUE;
use crate::message::{
    ARRIVED, ASSEMBLING, INVITATIONS, PREVIEWS, QUOTED, REACTIONS, READ, TARGET, page_sql, read_untimed_sql,
};
use crate::outbox::{AGAIN, HEADS};
use crate::search::search_sql;
use crate::{MessageId, Page, Place};

fn plan(store: &Store, sql: &str) -> Vec<String> {
    let mut statement = store.connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let mut rows = statement.raw_query();
    let mut lines = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        lines.push(row.get::<_, String>(3).unwrap());
    }
    lines
}

fn assert_plan(store: &Store, sql: &str, uses: &[&str]) {
    let lines = plan(store, sql);
    let text = lines.join("\n");
    assert!(!text.contains("TEMP B-TREE"), "sorts:\n{text}");
    for line in &lines {
        let harmless = ["SCAN line", "SCAN head", "SCAN CONSTANT", "SCAN (subquery", "SCAN f", "SCAN j VIRTUAL TABLE"];
        assert!(!line.starts_with("SCAN ") || harmless.iter().any(|part| line.starts_with(part)), "scans:\n{text}");
    }
    for index in uses {
        assert!(text.contains(index), "{index} is not used:\n{text}");
    }
}

#[test]
fn a_page_is_one_search_in_the_order_of_the_index() {
    let store = Home::new().store;
    let place = Place { sort_at: NOW, id: MessageId(1) };
    for page in [Page::Newest, Page::Before(place), Page::After(place)] {
        assert_plan(&store, &page_sql(page), &["message_order (conversation=?", "m USING INDEX"]);
    }
    for page in [Page::Before(place), Page::After(place)] {
        let text = plan(&store, &page_sql(page)).join("\n");
        assert!(text.contains("sort_ms"), "starts at the cursor:\n{text}");
    }
}

#[test]
fn what_the_messages_of_a_page_hold_is_searched_by_message() {
    let store = Home::new().store;
    assert_plan(&store, &crate::attachment::of_messages_sql(), &["attachment_message (message=?"]);
    assert_plan(&store, QUOTED, &["message_once (conversation=?", "attachment_message (message=? AND position=?"]);
    assert_plan(&store, REACTIONS, &["reaction_message (message=?"]);
    assert_plan(&store, PREVIEWS, &["SEARCH"]);
    assert_plan(&store, INVITATIONS, &["SEARCH"]);
    assert!(plan(&store, ASSEMBLING).join("\n").contains("message_assembling"));
}

#[test]
fn what_follows_from_reading_and_unsending_is_searched() {
    let store = Home::new().store;
    assert_plan(&store, TARGET, &["message_target (author=? AND sent_ms=?"]);
    assert_plan(&store, READ, &["message_unread (conversation=? AND sort_ms>? AND sort_ms<?"]);
    assert_plan(&store, DUE, &["mailbox_change_due"]);
    let untimed = plan(&store, &read_untimed_sql()).join("\n");
    assert!(untimed.contains("message_untimed") && untimed.contains("c USING INTEGER PRIMARY KEY"), "{untimed}");
}

#[test]
fn what_arrived_is_read_from_where_it_was_left() {
    assert_plan(&Home::new().store, ARRIVED, &["SEARCH message USING INTEGER PRIMARY KEY (rowid>?)"]);
}

#[test]
fn the_list_is_read_in_order_and_looks_up_the_rest() {
    let store = Home::new().store;
    assert_plan(&store, &list_sql(), &["conversation_list", "COVERING INDEX message_order", "message_unread"]);
}

#[test]
fn the_outbox_steps_from_line_to_line() {
    let store = Home::new().store;
    assert_plan(&store, HEADS, &["outbox_line"]);
    assert_plan(&store, AGAIN, &["outbox_again"]);
}

#[test]
fn transfers_are_taken_as_they_are_due() {
    let store = Home::new().store;
    assert_plan(&store, &crate::attachment::due_sql(), &["attachment_due (next_try_ms<?)"]);
    assert_plan(&store, crate::attachment::NEXT, &["attachment_due (next_try_ms>?)"]);
}

#[test]
fn what_is_asked_for_each_message_is_a_search() {
    let store = Home::new().store;
    for (sql, index) in [
        (
            "SELECT id FROM message WHERE conversation = ?1 AND sent_ms = ?3 AND kind = ?4
               AND author = (SELECT id FROM contact WHERE account = ?2)",
            "message_once",
        ),
        ("SELECT 1 FROM seen_hash WHERE account = ?1 AND namespace = ?2 AND hash = ?3", "PRIMARY KEY"),
        ("SELECT id FROM message WHERE expires_ms <= ?1 LIMIT ?2", "message_expiry"),
        ("SELECT account FROM seen_hash WHERE expires_ms <= ?1 LIMIT ?2", "seen_hash_expiry"),
        ("SELECT id FROM outbox o WHERE o.message = ?1 ORDER BY o.id", "outbox_message"),
        ("SELECT id FROM conversation WHERE kind = ?1 AND peer = ?2", "conversation_peer"),
        ("SELECT name FROM contact WHERE approved = 1 ORDER BY id", "contact_approved"),
    ] {
        if index == "contact_approved" {
            assert!(plan(&store, sql).join("\n").contains(index));
        } else {
            assert_plan(&store, sql, &[index]);
        }
    }
}

#[test]
fn a_gallery_is_read_in_order_and_storage_by_what_is_here() {
    let store = Home::new().store;
    assert_plan(
        &store,
        crate::gallery::PAGE,
        &["g USING PRIMARY KEY (conversation=? AND kind=? AND (sort_ms,message,position)<"],
    );
    let storage = plan(&store, crate::gallery::STORAGE).join("\n");
    assert!(storage.contains("attachment_file") && storage.contains("attachment_thumbnail"), "{storage}");
    let trim = plan(&store, crate::gallery::TRIM).join("\n");
    assert!(trim.contains("message_order (conversation=? AND sort_ms<?)"), "{trim}");
}

#[test]
fn the_badge_looks_up_each_conversation() {
    let text = plan(&Home::new().store, crate::unread::BADGE).join("\n");
    assert!(text.contains("INDEX message_unread (conversation=? AND sort_ms>?)"), "{text}");
}

#[test]
fn what_names_us_is_found_without_the_rest() {
    assert_plan(&Home::new().store, crate::unread::MENTIONS, &["message_mention (conversation=? AND sort_ms>?)"]);
}

#[test]
fn search_walks_the_index_from_its_end() {
    let store = Home::new().store;
    for has in [None, Some(crate::Has::Photo), Some(crate::Has::Link), Some(crate::Has::Voice)] {
        let text = plan(&store, &search_sql(has)).join("\n");
        assert!(!text.contains("TEMP B-TREE"), "sorts:\n{text}");
        assert!(text.starts_with("SCAN f VIRTUAL TABLE INDEX"), "{text}");
        for table in ["m", "c", "a"] {
            assert!(text.contains(&format!("SEARCH {table} USING INTEGER PRIMARY KEY")), "{text}");
        }
    }
    let term = plan(&store, crate::search::TERMS).join("\n");
    // 0x200 is "from a term on"; without it every word would be read.
    assert!(term.contains("VIRTUAL TABLE INDEX 513"), "starts at the word:\n{term}");
}

//! What is looked at: as the client does it, and as a bare query with the same rows.

use std::error::Error;

use tacit_client::view::{Move, Window};
use tacit_sqlite::rusqlite::params;
use tacit_store::{Folder, Message, Page, Search, Store, UNREAD_MAX};

use super::bare::Bare;
use super::filled::Size;
use crate::words;

/// The IDs of what was found, in order.
pub type Ids = Result<Vec<i64>, Box<dyn Error>>;
/// A view that is ready to be asked for again and again.
pub type Prepared<'a> = Result<Box<dyn Fn() -> Ids + 'a>, Box<dyn Error>>;

/// Something that is shown.
pub struct View {
    pub name: &'static str,
    /// How many times the bare query it may take.
    pub bound: Option<f64>,
    /// How many times what it takes of the shortest history it may take of the longest.
    pub growth: Option<f64>,
    pub ours: for<'a> fn(&'a Store, &'a Size) -> Prepared<'a>,
    pub bare: for<'a> fn(&'a Bare, &'a Size) -> Prepared<'a>,
}

pub const ALL: &[View] = &[
    View { name: "open a chat", bound: Some(2.0), growth: Some(1.2), ours: open, bare: open_bare },
    View { name: "scroll 50 further", bound: Some(2.0), growth: Some(1.2), ours: scroll, bare: scroll_bare },
    View { name: "move the window", bound: Some(2.0), growth: Some(1.2), ours: step, bare: step_bare },
    View { name: "a screen of chats", bound: Some(2.0), growth: Some(1.2), ours: screen, bare: screen_bare },
    View { name: "the whole list of chats", bound: Some(2.0), growth: Some(1.5), ours: list, bare: list_bare },
    View { name: "search for a rare word", bound: Some(2.0), growth: Some(1.5), ours: rare, bare: rare_bare },
    View { name: "search for a common word", bound: Some(2.0), growth: Some(1.5), ours: common, bare: common_bare },
    View { name: "  with the word known", bound: None, growth: None, ours: common, bare: exact },
    View { name: "search for four letters", bound: Some(2.0), growth: None, ours: four, bare: four_bare },
    View { name: "search for two letters", bound: Some(2.0), growth: Some(1.5), ours: two, bare: two_bare },
];

/// The client's window: its rows at first and at last, and by how many a move shows more.
const FIRST: u32 = 60;
const SHOWN: u32 = 100;
const STEP: u32 = 20;
/// Moves into the past before one is measured.
const MOVES: u32 = 10;
const FURTHER: u32 = 50;
const SCREEN: u32 = 20;
/// As the client asks for it.
const LIST: u32 = 10_000;
const PREVIEW: u32 = 200;
const HITS: u32 = 30;

fn open<'a>(store: &'a Store, size: &'a Size) -> Prepared<'a> {
    Ok(Box::new(|| shown(&Window::new().read(store, size.chat)?)))
}

fn open_bare<'a>(bare: &'a Bare, size: &'a Size) -> Prepared<'a> {
    let sql = page("", "DESC");
    Ok(Box::new(move || bare.ask(&sql, params![size.chat.0, FIRST]).map(reversed)))
}

fn scroll<'a>(store: &'a Store, size: &'a Size) -> Prepared<'a> {
    let middle = Page::Before(size.place(size.chat_length() / 2));
    Ok(Box::new(move || shown(&store.messages(size.chat, middle, FURTHER)?)))
}

fn scroll_bare<'a>(bare: &'a Bare, size: &'a Size) -> Prepared<'a> {
    let (sql, middle) = (page("AND (m.sort_ms, m.id) < (?3, ?4)", "DESC"), size.place(size.chat_length() / 2));
    let (sort_at, id) = (middle.sort_at.0.cast_signed(), middle.id.0);
    Ok(Box::new(move || bare.ask(&sql, params![size.chat.0, FURTHER, sort_at, id]).map(reversed)))
}

fn step<'a>(store: &'a Store, size: &'a Size) -> Prepared<'a> {
    let mut window = Window::new();
    let mut rows = window.read(store, size.chat)?;
    for _ in 0..MOVES {
        window = window.moved(Some(Move::Older), &rows, store, size.chat)?;
        rows = window.read(store, size.chat)?;
    }
    Ok(Box::new(move || {
        let further = window.moved(Some(Move::Older), &rows, store, size.chat)?;
        shown(&further.read(store, size.chat)?)
    }))
}

fn step_bare<'a>(bare: &'a Bare, size: &'a Size) -> Prepared<'a> {
    let sql = page("AND (m.sort_ms, m.id) >= (?3, ?4)", "ASC");
    let first = size.place(u64::from(FIRST + STEP * (MOVES + 1)) - 1);
    let (sort_at, id) = (first.sort_at.0.cast_signed(), first.id.0);
    Ok(Box::new(move || bare.ask(&sql, params![size.chat.0, SHOWN, sort_at, id])))
}

fn screen<'a>(store: &'a Store, _: &'a Size) -> Prepared<'a> {
    Ok(Box::new(|| chats(store, SCREEN)))
}

fn screen_bare<'a>(bare: &'a Bare, _: &'a Size) -> Prepared<'a> {
    Ok(Box::new(|| bare.ask(CHATS, params![SCREEN, PREVIEW, UNREAD_MAX])))
}

fn list<'a>(store: &'a Store, _: &'a Size) -> Prepared<'a> {
    Ok(Box::new(|| chats(store, LIST)))
}

fn list_bare<'a>(bare: &'a Bare, _: &'a Size) -> Prepared<'a> {
    Ok(Box::new(|| bare.ask(CHATS, params![LIST, PREVIEW, UNREAD_MAX])))
}

fn rare<'a>(store: &'a Store, _: &'a Size) -> Prepared<'a> {
    search(store, words::RARE.to_owned())
}

fn rare_bare<'a>(bare: &'a Bare, _: &'a Size) -> Prepared<'a> {
    find(bare, format!("\"{}\"*", words::RARE))
}

fn common<'a>(store: &'a Store, _: &'a Size) -> Prepared<'a> {
    search(store, words::word(words::COMMON))
}

fn common_bare<'a>(bare: &'a Bare, _: &'a Size) -> Prepared<'a> {
    find(bare, format!("\"{}\"*", words::word(words::COMMON)))
}

/// No other word begins with the common one, and the query is told so.
fn exact<'a>(bare: &'a Bare, _: &'a Size) -> Prepared<'a> {
    find(bare, format!("\"{}\"", words::word(words::COMMON)))
}

fn four<'a>(store: &'a Store, _: &'a Size) -> Prepared<'a> {
    search(store, words::word(words::COMMON)[..4].to_owned())
}

fn four_bare<'a>(bare: &'a Bare, _: &'a Size) -> Prepared<'a> {
    find(bare, format!("\"{}\"*", &words::word(words::COMMON)[..4]))
}

fn two<'a>(store: &'a Store, _: &'a Size) -> Prepared<'a> {
    search(store, words::word(words::COMMON)[..2].to_owned())
}

fn two_bare<'a>(bare: &'a Bare, _: &'a Size) -> Prepared<'a> {
    find(bare, format!("\"{}\"*", &words::word(words::COMMON)[..2]))
}

fn search(store: &Store, text: String) -> Prepared<'_> {
    let search = Search { text, ..Search::default() };
    Ok(Box::new(move || {
        let found = store.search(&search, None, HITS)?;
        Ok(found.hits.iter().map(|hit| hit.message.0).collect())
    }))
}

fn find(bare: &Bare, expression: String) -> Prepared<'_> {
    Ok(Box::new(move || bare.ask(FOUND, params![expression, HITS])))
}

fn chats(store: &Store, limit: u32) -> Ids {
    let rows = store.conversations(Folder::Inbox, limit)?;
    Ok(rows.iter().map(|row| row.conversation.id.0).collect())
}

fn shown(rows: &[Message]) -> Ids {
    Ok(rows.iter().map(|row| row.id.0).collect())
}

fn reversed(mut ids: Vec<i64>) -> Vec<i64> {
    ids.reverse();
    ids
}

fn page(range: &str, order: &str) -> String {
    format!(
        "SELECT m.id, a.account, m.kind, m.state, m.kept, m.kept_of, m.failure, m.sent_ms, m.sort_ms, m.received_ms,
                m.body, m.hash, m.copy_hash, m.expiry_mode, m.expiry_s, m.expires_ms, m.deleted, m.mention,
                m.peer_read_ms, m.assembling, m.quote_author, m.quote_sent_ms, m.parts
         FROM message m CROSS JOIN contact a ON a.id = m.author
         WHERE m.conversation = ?1 {range} ORDER BY m.sort_ms {order}, m.id {order} LIMIT ?2"
    )
}

const CHATS: &str = "
    SELECT c.id, c.kind, c.peer, c.name, c.request, c.hidden, c.archived, c.pinned, c.marked_unread, c.muted_until_ms,
           c.notify, c.expiry_mode, c.expiry_s, c.draft, c.created_ms, c.active_ms, c.read_ms,
           iif(c.kind >= 2, c.name, iif(p.nickname <> '', p.nickname, p.name)), p.approved, p.approved_me, p.blocked,
           (SELECT count(*) FROM (SELECT 1 FROM message u
              WHERE u.conversation = c.id AND u.outgoing = 0 AND u.kind = 0 AND u.deleted = 0 AND u.sort_ms > c.read_ms
              LIMIT ?3)),
           m.id, a.account, m.kind, substr(m.body, 1, ?2), m.state, m.kept, m.kept_of, m.failure, m.sent_ms, m.sort_ms,
           m.deleted, f.role, f.content_type
    FROM conversation c
    LEFT JOIN contact p ON p.account = c.peer
    LEFT JOIN message m ON m.id = (
        SELECT l.id FROM message l WHERE l.conversation = c.id ORDER BY l.sort_ms DESC, l.id DESC LIMIT 1)
    LEFT JOIN contact a ON a.id = m.author
    LEFT JOIN attachment f ON m.parts & 1 AND f.message = m.id AND f.position = 0
    WHERE c.request = 0 AND c.hidden = 0 AND c.archived = 0 AND coalesce(p.blocked, 0) = 0
    ORDER BY c.pinned DESC, c.active_ms DESC, c.id DESC LIMIT ?1";

const FOUND: &str = "
    SELECT m.id, m.conversation, a.account, m.outgoing, m.sent_ms, m.sort_ms, m.body
    FROM message_text f
    CROSS JOIN message m ON m.id = f.rowid
    CROSS JOIN conversation c ON c.id = m.conversation
    CROSS JOIN contact a ON a.id = m.author
    WHERE f.message_text MATCH ?1 AND m.deleted = 0 AND c.request = 0 AND a.blocked = 0
    ORDER BY f.rowid DESC LIMIT ?2";

//! Reading a box from a cursor on.

use tacit_sqlite::rusqlite::{Connection, OptionalExtension as _, Result, params};
use tacit_wire::{AccountId, MessageHash, Namespace, TimestampMs};

use super::rows::{account, ms, time};

/// What to read.
#[derive(Clone, Debug)]
pub struct Query {
    /// Whose mailbox.
    pub account: AccountId,
    /// Which box.
    pub namespace: Namespace,
    /// The last message that the reader has from this node.
    pub after: Option<MessageHash>,
    /// Messages at most.
    pub max_count: usize,
    /// Bytes at most, as they go over the wire (base64, 100 bytes a message more); at least one
    /// message comes always.
    pub max_size: usize,
}

/// A message as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its hash.
    pub hash: MessageHash,
    /// The sender's time.
    pub stored: TimestampMs,
    /// When it ends.
    pub expiry: TimestampMs,
    /// The bytes.
    pub data: Vec<u8>,
}

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// In order of arrival.
    pub messages: Vec<Message>,
    /// Whether there is more.
    pub more: bool,
}

pub(super) const SELECT: &str = "SELECT hash, stored_ms, expiry_ms, data FROM message
     WHERE account = ?1 AND ns = ?2 AND seq > ?3 AND expiry_ms > ?4 ORDER BY seq";
/// Both, since a message may be gone and have come back: the earlier place counts, so that nothing
/// in between is passed over.
pub(super) const CURSOR: &str = "SELECT min(seq) FROM (
     SELECT seq FROM message WHERE account = ?1 AND hash = ?2
     UNION ALL SELECT seq FROM tombstone WHERE account = ?1 AND hash = ?2)";

pub(super) fn retrieve(c: &Connection, query: &Query, now: TimestampMs) -> Result<Page> {
    let mut page = Page::default();
    let Some(account) = account(c, &query.account)? else { return Ok(page) };
    let after: i64 = match &query.after {
        None => 0,
        Some(hash) => c
            .prepare_cached(CURSOR)?
            .query_row(params![account.id, &hash.to_bytes()[..]], |row| row.get(0))
            .optional()?
            .flatten()
            .unwrap_or(0),
    };
    let mut select = c.prepare_cached(SELECT)?;
    let mut rows = select.query(params![account.id, query.namespace.0, after, ms(now)])?;
    let mut size = 0_usize;
    while let Some(row) = rows.next()? {
        let data = row.get_ref(3)?.as_blob()?;
        size = size.saturating_add(data.len().div_ceil(3) * 4 + 100);
        let full = page.messages.len() >= query.max_count || size > query.max_size;
        if full && !page.messages.is_empty() {
            page.more = true;
            break;
        }
        page.messages.push(Message {
            hash: MessageHash::from_bytes(&row.get(0)?),
            stored: time(row.get(1)?),
            expiry: time(row.get(2)?),
            data: data.to_vec(),
        });
    }
    Ok(page)
}

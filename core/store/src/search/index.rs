//! Putting messages into the index, and older ones afterwards, step by step.

use std::fmt::Write as _;

use tacit_sqlite::rusqlite::{OptionalExtension, params};

use super::fold::tokens;
use crate::{ConversationId, Error, MessageId, Queries, Tx};

/// Bytes of a text that are indexed; no message of today's network is longer.
const LENGTH_MAX: usize = 80_000;
/// Settings under which it is kept how far the older messages are indexed. Both are made by the
/// migration that made the index.
const LEFT: &str = "search_left";
const TOTAL: &str = "search_total";

/// How far the messages are indexed that were there before the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Indexing {
    /// Looked at.
    pub done: u64,
    /// Of so many.
    pub total: u64,
}

/// What stands in the index beside the words of each message of a conversation. The first letter
/// is of private use, so that no text has such a word.
pub(super) fn conversation_token(id: ConversationId) -> String {
    format!("\u{E000}{}", id.0)
}

/// The same for an author, by the row of the contact.
pub(super) fn author_token(contact: i64) -> String {
    format!("\u{E001}{contact}")
}

impl Queries {
    /// How far the index is; `None` when it has everything.
    ///
    /// # Errors
    /// Those of the database.
    pub fn indexing(&self) -> Result<Option<Indexing>, Error> {
        let number = |key| Ok::<_, Error>(self.setting(key)?.and_then(|text| text.parse::<u64>().ok()));
        let Some(left) = number(LEFT)? else { return Ok(None) };
        let total = number(TOTAL)?.unwrap_or(left).max(left);
        Ok(Some(Indexing { done: total - left, total }))
    }
}

impl Tx<'_> {
    /// Puts a message into the index: `text` is its body, with captions and names of files if it
    /// has any. To be called in the transaction that inserts it. Whoever indexes it again replaces
    /// what was there; a message that is removed or taken back leaves the index by itself.
    ///
    /// # Errors
    /// [`Error::Unknown`] when the message is not there; those of the database.
    pub fn index_text(&self, message: MessageId, text: &str) -> Result<(), Error> {
        let place = self
            .connection
            .prepare_cached("SELECT conversation, author FROM message WHERE id = ?1")?
            .query_row([message], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let (conversation, author) = place.ok_or(Error::Unknown { what: "message" })?;
        let mut words = conversation_token(conversation);
        // Writing to a String does not fail.
        let _ = write!(words, " {}", author_token(author));
        for token in tokens(beginning(text)) {
            words.push(' ');
            words.push_str(&token.text);
        }
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO message_text(rowid, body) VALUES(?1, ?2)")?
            .execute(params![message, words])?;
        self.note_links(message, text)
    }

    /// Indexes up to `limit` of the messages that were there before the index, newest first.
    /// Gives an estimate of how many are left; 0 is exact.
    ///
    /// # Errors
    /// Those of the database.
    pub fn index_more(&self, limit: u32) -> Result<u64, Error> {
        let Some(left) = self.setting(LEFT)?.and_then(|text| text.parse::<i64>().ok()) else { return Ok(0) };
        let mut batch = self
            .connection
            .prepare_cached("SELECT id, body FROM message WHERE id <= ?1 AND deleted = 0 ORDER BY id DESC LIMIT ?2")?
            .query_map(params![left, limit], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<Vec<(MessageId, String)>, _>>()?;
        batch.reverse(); // the index takes ascending rows at a stretch
        for (message, body) in &batch {
            self.index_text(*message, body)?;
        }
        let left = batch.first().map_or(0, |(oldest, _)| oldest.0 - 1);
        if left <= 0 {
            self.clear_setting(LEFT)?;
            self.clear_setting(TOTAL)?;
            return Ok(0);
        }
        self.set_setting(LEFT, &left.to_string())?;
        Ok(left.unsigned_abs())
    }
}

fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(LENGTH_MAX)]
}

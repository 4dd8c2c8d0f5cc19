//! What follows from reading: receipts to the other side, and timers that begin
//! (protocol: messages 4.7, 4.9).

use tacit_sqlite::rusqlite::{self, Row, params};
use tacit_wire::{AccountId, MessageHash, TimestampMs};

use super::MessageKind;
use crate::column::{Columns, ms};
use crate::{ConversationId, Error, MessageId, Queries, Tx};

/// A message that was read and whose timer has not begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untimed {
    /// Which.
    pub id: MessageId,
    /// Where it stands.
    pub conversation: ConversationId,
    /// Its name at our nodes.
    pub hash: Option<MessageHash>,
    /// How long it stays once it was read, in seconds.
    pub seconds: u32,
    /// When it came.
    pub received_at: TimestampMs,
}

const COLUMNS: &str = "m.id, m.conversation, m.hash, m.expiry_s, m.received_ms";

/// Those that were read on another device.
pub(crate) fn read_untimed_sql() -> String {
    format!(
        "SELECT {COLUMNS} FROM message m INDEXED BY message_untimed CROSS JOIN conversation c ON c.id = m.conversation
         WHERE m.expiry_mode = 1 AND m.expires_ms IS NULL AND m.outgoing = 0 AND m.sort_ms <= c.read_ms LIMIT ?1"
    )
}

/// T of texts of others that were read just now.
pub(crate) const READ: &str = "SELECT sent_ms FROM message
    WHERE conversation = ?1 AND outgoing = 0 AND kind = 0 AND deleted = 0 AND sort_ms > ?2 AND sort_ms <= ?3
    ORDER BY sort_ms DESC LIMIT ?4";

impl Queries {
    /// T of the texts of others with a sort time after `after` up to `up_to`, the newest first, at
    /// most `limit`.
    ///
    /// # Errors
    /// Those of the database.
    pub fn received_between(
        &self,
        conversation: ConversationId,
        after: TimestampMs,
        up_to: TimestampMs,
        limit: u32,
    ) -> Result<Vec<TimestampMs>, Error> {
        let mut statement = self.connection.prepare_cached(READ)?;
        let values = params![conversation, ms(after), ms(up_to), limit];
        let rows = statement.query_map(values, |row| Columns::of(row).claimed())?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Messages of a conversation up to a sort time whose timers begin now that they are read.
    ///
    /// # Errors
    /// Those of the database.
    pub fn untimed(&self, conversation: ConversationId, up_to: TimestampMs) -> Result<Vec<Untimed>, Error> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM message m
             WHERE m.conversation = ?1 AND m.sort_ms <= ?2 AND m.expiry_mode = 1 AND m.expires_ms IS NULL
               AND m.outgoing = 0"
        ))?;
        let rows = statement.query_map(params![conversation, ms(up_to)], untimed)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Messages in all conversations that are read, as another device said, and whose timers have
    /// not begun here.
    ///
    /// # Errors
    /// Those of the database.
    pub fn read_untimed(&self, limit: u32) -> Result<Vec<Untimed>, Error> {
        let mut statement = self.connection.prepare_cached(&read_untimed_sql())?;
        let rows = statement.query_map([limit], untimed)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// When the next message disappears.
    ///
    /// # Errors
    /// Those of the database.
    pub fn next_expiry(&self) -> Result<Option<TimestampMs>, Error> {
        let mut statement =
            self.connection.prepare_cached("SELECT min(expires_ms) FROM message WHERE expires_ms IS NOT NULL")?;
        Ok(statement.query_row([], |row| Columns::of(row).optional_time())?)
    }
}

impl Tx<'_> {
    /// The other side read a message of ours. The message, if that is news.
    ///
    /// # Errors
    /// Those of the database.
    pub fn set_peer_read(
        &self,
        conversation: ConversationId,
        own: &AccountId,
        sent_at: TimestampMs,
        at: TimestampMs,
    ) -> Result<Option<MessageId>, Error> {
        let Some(id) = self.message_of(conversation, own, sent_at, MessageKind::Text)? else { return Ok(None) };
        let changed = self
            .connection
            .prepare_cached("UPDATE message SET peer_read_ms = ?2 WHERE id = ?1 AND peer_read_ms IS NULL")?
            .execute(params![id, ms(at)])?;
        Ok((changed == 1).then_some(id))
    }
}

fn untimed(row: &Row<'_>) -> rusqlite::Result<Untimed> {
    let mut columns = Columns::of(row);
    Ok(Untimed {
        id: columns.take()?,
        conversation: columns.take()?,
        hash: columns.hash()?,
        seconds: columns.take()?,
        received_at: columns.time()?,
    })
}

//! How much is unread, for the app's icon and its notifications.

use tacit_sqlite::rusqlite::params;
use tacit_wire::TimestampMs;

use crate::column::{Columns, ms};
use crate::{ConversationId, Error, Place, Queries, UNREAD_MAX};

/// Each conversation that counts, with its unread messages counted up to a limit.
pub(crate) const BADGE: &str = "
    SELECT max(c.marked_unread, (SELECT count(*) FROM (
        SELECT 1 FROM message u
        WHERE u.conversation = c.id AND u.outgoing = 0 AND u.kind = 0 AND u.deleted = 0 AND u.sort_ms > c.read_ms LIMIT ?2)))
    FROM conversation c LEFT JOIN contact p ON p.account = c.peer AND c.kind = 0
    WHERE c.request = 0 AND c.hidden = 0 AND c.notify <> 2 AND coalesce(c.muted_until_ms, 0) <= ?1
      AND coalesce(p.blocked, 0) = 0";

/// What names us after a time, oldest first.
pub(crate) const MENTIONS: &str = "
    SELECT sort_ms, id FROM message INDEXED BY message_mention
    WHERE conversation = ?1 AND mention = 1 AND outgoing = 0 AND kind = 0 AND deleted = 0 AND sort_ms > ?2
    ORDER BY sort_ms, id LIMIT ?3";

impl Queries {
    /// Unread messages of all conversations but requests, hidden, blocked and muted ones; one
    /// that is marked by hand counts as one at least. Counted up to [`UNREAD_MAX`].
    ///
    /// # Errors
    /// Those of the database.
    pub fn badge(&self, now: TimestampMs) -> Result<u32, Error> {
        let mut statement = self.connection.prepare_cached(BADGE)?;
        let mut counts = statement.query_map(params![ms(now), UNREAD_MAX], |row| row.get::<_, u32>(0))?;
        let mut sum = 0;
        while let Some(count) = counts.next().filter(|_| sum < UNREAD_MAX) {
            sum += count?;
        }
        Ok(sum.min(UNREAD_MAX))
    }

    /// Messages that name us, or answer us, sorted after a time, oldest first, at most `limit`.
    ///
    /// # Errors
    /// Those of the database.
    pub fn mentions_after(
        &self,
        conversation: ConversationId,
        after: TimestampMs,
        limit: u32,
    ) -> Result<Vec<Place>, Error> {
        let mut statement = self.connection.prepare_cached(MENTIONS)?;
        let rows = statement.query_map(params![conversation, ms(after), limit], |row| {
            let mut columns = Columns::of(row);
            Ok(Place { sort_at: columns.time()?, id: columns.take()? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Unread messages of a conversation, at most [`UNREAD_MAX`].
    ///
    /// # Errors
    /// Those of the database.
    pub fn unread(&self, conversation: ConversationId) -> Result<u32, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT count(*) FROM (SELECT 1 FROM message u
             WHERE u.conversation = ?1 AND u.outgoing = 0 AND u.kind = 0 AND u.deleted = 0
               AND u.sort_ms > (SELECT read_ms FROM conversation WHERE id = ?1) LIMIT ?2)",
        )?;
        Ok(statement.query_row(params![conversation, UNREAD_MAX], |row| row.get(0))?)
    }
}

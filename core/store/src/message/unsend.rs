//! Messages that are taken back (protocol: messages 4.8).

use tacit_sqlite::rusqlite::{OptionalExtension, params};
use tacit_wire::{AccountId, TimestampMs};

use crate::column::{claimed, ms};
use crate::{Error, MessageId, Queries, Tx};

/// The text of an author with a T, in any conversation.
pub(crate) const TARGET: &str = "SELECT id FROM message
    WHERE author = (SELECT id FROM contact WHERE account = ?1) AND sent_ms = ?2 AND kind = 0 LIMIT 1";

impl Queries {
    /// The text of an author with a T in whatever conversation: for what our own devices name.
    ///
    /// # Errors
    /// Those of the database.
    pub fn text_of(&self, author: &AccountId, sent_at: TimestampMs) -> Result<Option<MessageId>, Error> {
        let mut statement = self.connection.prepare_cached(TARGET)?;
        Ok(statement.query_row(params![author.as_bytes(), claimed(sent_at)], |row| row.get(0)).optional()?)
    }
}

impl Tx<'_> {
    /// Drops the content of a message, what is under it and what was still to be sent of it; a
    /// placeholder stays.
    ///
    /// # Errors
    /// [`Error::Unknown`] when it is gone; those of the database.
    pub fn take_back(&self, id: MessageId) -> Result<(), Error> {
        for table in ["attachment", "preview", "invitation", "reaction", "node_receipt", "outbox"] {
            self.connection.prepare_cached(&format!("DELETE FROM {table} WHERE message = ?1"))?.execute([id])?;
        }
        self.connection
            .prepare_cached(
                "DELETE FROM reaction WHERE (conversation, target_author, target_sent_ms) =
                   (SELECT m.conversation, a.account, m.sent_ms FROM message m JOIN contact a ON a.id = m.author
                    WHERE m.id = ?1)",
            )?
            .execute([id])?;
        self.change(
            "UPDATE message SET deleted = 1, body = '', mention = 0, assembling = 0, parts = 0,
                                quote_author = NULL, quote_sent_ms = NULL WHERE id = ?1",
            params![id],
        )
    }

    /// Remembers that a message was taken back that is not here: should it come, nothing of it is
    /// shown.
    ///
    /// # Errors
    /// Those of the database.
    pub fn remember_unsend(&self, author: &AccountId, sent_at: TimestampMs, now: TimestampMs) -> Result<(), Error> {
        self.connection
            .prepare_cached("INSERT OR IGNORE INTO early_unsend(author, sent_ms, received_ms) VALUES(?1, ?2, ?3)")?
            .execute(params![author.as_bytes(), claimed(sent_at), ms(now)])?;
        Ok(())
    }

    pub(super) fn was_unsent(&self, author: &AccountId, sent_at: TimestampMs) -> Result<bool, Error> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT EXISTS(SELECT 1 FROM early_unsend WHERE author = ?1 AND sent_ms = ?2)")?;
        Ok(statement.query_row(params![author.as_bytes(), claimed(sent_at)], |row| row.get(0))?)
    }
}

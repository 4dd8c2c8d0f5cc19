//! What our own swarm has yet to be told of the messages that it keeps for us: to delete them, or to
//! keep them no longer than until a time (protocol: messages 4.8, 4.9).

use tacit_sqlite::rusqlite::params;
use tacit_wire::{MessageHash, TimestampMs};

use crate::column::{Columns, ms};
use crate::{Error, MessageId, Queries, Tx};

/// A change that nodes have not confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailboxChange {
    /// Of which message.
    pub hash: MessageHash,
    /// Until when it is kept; `None` to delete it.
    pub expires_at: Option<TimestampMs>,
    /// Whose timer this is; it may be gone here.
    pub message: Option<MessageId>,
}

/// Those whose time has come.
pub(crate) const DUE: &str =
    "SELECT hash, expires_ms, message FROM mailbox_change WHERE next_try_ms <= ?1 ORDER BY next_try_ms LIMIT ?2";

impl Queries {
    /// Changes to tell, at most `limit`.
    ///
    /// # Errors
    /// Those of the database.
    pub fn mailbox_changes(&self, now: TimestampMs, limit: u32) -> Result<Vec<MailboxChange>, Error> {
        let mut statement = self.connection.prepare_cached(DUE)?;
        let rows = statement.query_map(params![ms(now), limit], |row| {
            let mut columns = Columns::of(row);
            Ok((columns.hash()?, columns.optional_time()?, columns.take()?))
        })?;
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        let change =
            |(hash, expires_at, message): (Option<_>, _, _)| Some(MailboxChange { hash: hash?, expires_at, message });
        Ok(rows.into_iter().filter_map(change).collect())
    }

    /// When the next change is to be told.
    ///
    /// # Errors
    /// Those of the database.
    pub fn next_mailbox_change(&self) -> Result<Option<TimestampMs>, Error> {
        let mut statement = self.connection.prepare_cached("SELECT min(next_try_ms) FROM mailbox_change")?;
        Ok(statement.query_row([], |row| Columns::of(row).optional_time())?)
    }
}

impl Tx<'_> {
    /// Has a message deleted.
    ///
    /// # Errors
    /// Those of the database.
    pub fn delete_from_mailbox(&self, hash: &MessageHash, now: TimestampMs) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO mailbox_change(hash, next_try_ms) VALUES(?1, ?2)
                 ON CONFLICT DO UPDATE SET expires_ms = NULL, next_try_ms = ?2",
            )?
            .execute(params![hash.as_str(), ms(now)])?;
        Ok(())
    }

    /// Has a message kept no longer than until a time, unless it is to be deleted anyway.
    ///
    /// # Errors
    /// Those of the database.
    pub fn shorten_in_mailbox(
        &self,
        hash: &MessageHash,
        message: MessageId,
        expires_at: TimestampMs,
        now: TimestampMs,
    ) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO mailbox_change(hash, expires_ms, message, next_try_ms) VALUES(?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET expires_ms = min(expires_ms, ?2), next_try_ms = ?4",
            )?
            .execute(params![hash.as_str(), ms(expires_at), message, ms(now)])?;
        Ok(())
    }

    /// A message disappears at a time, or earlier if that was known already.
    ///
    /// # Errors
    /// Those of the database.
    pub fn expire_by(&self, message: MessageId, at: TimestampMs) -> Result<(), Error> {
        self.connection
            .prepare_cached("UPDATE message SET expires_ms = min(coalesce(expires_ms, ?2), ?2) WHERE id = ?1")?
            .execute(params![message, ms(at)])?;
        Ok(())
    }

    /// Nodes did as they were told.
    ///
    /// # Errors
    /// Those of the database.
    pub fn mailbox_changed(&self, hashes: &[MessageHash]) -> Result<(), Error> {
        let mut statement = self.connection.prepare_cached("DELETE FROM mailbox_change WHERE hash = ?1")?;
        hashes.iter().try_for_each(|hash| statement.execute([hash.as_str()]).map(drop)).map_err(Error::from)
    }

    /// They could not be told; the next try is at `at`.
    ///
    /// # Errors
    /// Those of the database.
    pub fn postpone_mailbox_changes(&self, hashes: &[MessageHash], at: TimestampMs) -> Result<(), Error> {
        let mut statement =
            self.connection.prepare_cached("UPDATE mailbox_change SET next_try_ms = ?2 WHERE hash = ?1")?;
        hashes
            .iter()
            .try_for_each(|hash| statement.execute(params![hash.as_str(), ms(at)]).map(drop))
            .map_err(Error::from)
    }
}

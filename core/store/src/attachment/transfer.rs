//! Which attachments are to be moved next, and how far each got.

use tacit_sqlite::rusqlite::{OptionalExtension, ToSql, params};
use tacit_wire::TimestampMs;

use super::{Attachment, AttachmentState, COLUMNS, Pointer, attachment};
use crate::column::{Columns, ms};
use crate::{AttachmentId, ConversationId, Error, FileId, Queries, Tx};

/// What became known of an attachment when its bytes came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived {
    /// The bytes.
    pub file: FileId,
    /// MIME type by the content.
    pub content_type: String,
    /// In pixels; 0 keeps what its sender said.
    pub width: u32,
    /// As width.
    pub height: u32,
    /// In ms; 0 if it has none.
    pub duration_ms: u32,
    /// A small picture of it.
    pub thumbnail: Option<FileId>,
    /// Of sound: 40 levels; else empty.
    pub waveform: Vec<u8>,
}

/// Those whose time has come.
pub(crate) fn due_sql() -> String {
    format!(
        "SELECT {COLUMNS} FROM attachment t WHERE t.state = 1 AND t.next_try_ms <= ?1
         ORDER BY t.next_try_ms, t.id LIMIT ?2"
    )
}

/// When the next one is due of those that are not yet.
pub(crate) const NEXT: &str = "SELECT min(next_try_ms) FROM attachment WHERE state = 1 AND next_try_ms > ?1";

impl Queries {
    /// An attachment.
    ///
    /// # Errors
    /// [`Error::Unknown`] when it is gone; those of the database.
    pub fn attachment(&self, id: AttachmentId) -> Result<Attachment, Error> {
        let mut statement =
            self.connection.prepare_cached(&format!("SELECT {COLUMNS} FROM attachment t WHERE t.id = ?1"))?;
        statement.query_row([id], attachment).optional()?.ok_or(Error::Unknown { what: "attachment" })
    }

    /// Attachments to be moved, at most `limit`, those first that wait longest.
    ///
    /// # Errors
    /// Those of the database.
    pub fn transfers_due(&self, now: TimestampMs, limit: u32) -> Result<Vec<Attachment>, Error> {
        let mut statement = self.connection.prepare_cached(&due_sql())?;
        let rows = statement.query_map(params![ms(now), limit], attachment)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// When the next attachment is to be moved of those whose time has not come at `now`.
    ///
    /// # Errors
    /// Those of the database.
    pub fn next_transfer(&self, now: TimestampMs) -> Result<Option<TimestampMs>, Error> {
        let mut statement = self.connection.prepare_cached(NEXT)?;
        Ok(statement.query_row([ms(now)], |row| Columns::of(row).optional_time())?)
    }

    /// All that are being moved or wait for it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn transfers(&self) -> Result<Vec<AttachmentId>, Error> {
        let mut statement = self.connection.prepare_cached("SELECT id FROM attachment WHERE state = 1")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many attachments wait to be uploaded.
    ///
    /// # Errors
    /// Those of the database.
    pub fn uploads_waiting(&self) -> Result<u64, Error> {
        let mut statement =
            self.connection.prepare_cached("SELECT count(*) FROM attachment WHERE state = 1 AND url = ''")?;
        Ok(statement.query_row([], |row| Columns::of(row).unsigned())?)
    }

    /// Attachments of a conversation that nobody asked for, of messages since a sort time; at most
    /// 1,000, the newest.
    ///
    /// # Errors
    /// Those of the database.
    pub fn idle_attachments(&self, conversation: ConversationId, since: TimestampMs) -> Result<Vec<Attachment>, Error> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM message m CROSS JOIN attachment t ON t.message = m.id
             WHERE m.conversation = ?1 AND m.sort_ms >= ?2 AND t.state = 0 ORDER BY m.sort_ms DESC LIMIT 1000"
        ))?;
        let rows = statement.query_map(params![conversation, ms(since)], attachment)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether files of a conversation are fetched without being asked for, if somebody said so.
    ///
    /// # Errors
    /// [`Error::Unknown`] when it is gone; those of the database.
    pub fn trusted(&self, conversation: ConversationId) -> Result<Option<bool>, Error> {
        let mut statement = self.connection.prepare_cached("SELECT trusted FROM conversation WHERE id = ?1")?;
        let said: Option<i64> = statement.query_row([conversation], |row| row.get(0)).optional()?;
        match said {
            None => Err(Error::Unknown { what: "conversation" }),
            Some(1) => Ok(Some(true)),
            Some(2) => Ok(Some(false)),
            Some(_) => Ok(None),
        }
    }
}

impl Tx<'_> {
    /// Says whether files of a conversation are fetched without being asked for.
    ///
    /// # Errors
    /// Those of the database.
    pub fn set_trusted(&self, conversation: ConversationId, trusted: bool) -> Result<(), Error> {
        self.connection
            .prepare_cached("UPDATE conversation SET trusted = ?2 WHERE id = ?1")?
            .execute(params![conversation, if trusted { 1 } else { 2 }])?;
        Ok(())
    }

    /// It lies at a server now. Says whether all files of its message do.
    ///
    /// # Errors
    /// [`Error::Unknown`] when it is gone; those of the database.
    pub fn set_uploaded(
        &self,
        id: AttachmentId,
        pointer: &Pointer,
        expires_at: Option<TimestampMs>,
    ) -> Result<bool, Error> {
        self.change_attachment(
            "UPDATE attachment SET url = ?2, key = ?3, digest = ?4, expires_ms = ?5, state = 2, failure = ''
             WHERE id = ?1",
            params![id, pointer.url, pointer.key, pointer.digest, expires_at.map(ms)],
        )?;
        let mut statement = self.connection.prepare_cached(
            "SELECT NOT EXISTS(SELECT 1 FROM attachment WHERE url = ''
               AND message = (SELECT message FROM attachment WHERE id = ?1))",
        )?;
        Ok(statement.query_row([id], |row| row.get(0))?)
    }

    /// Its bytes are here.
    ///
    /// # Errors
    /// As [`Tx::set_uploaded`].
    pub fn set_arrived(&self, id: AttachmentId, arrived: &Arrived) -> Result<(), Error> {
        self.change_attachment(
            "UPDATE attachment SET file = ?2, content_type = ?3, width = iif(?4 > 0, ?4, width),
                    height = iif(?5 > 0, ?5, height), duration_ms = ?6, thumbnail = ?7, waveform = ?8,
                    state = 2, failure = ''
             WHERE id = ?1",
            params![
                id,
                arrived.file,
                arrived.content_type,
                arrived.width,
                arrived.height,
                arrived.duration_ms,
                arrived.thumbnail,
                arrived.waveform
            ],
        )
    }

    /// It is to be moved now, as if for the first time. False when it is here already.
    ///
    /// # Errors
    /// Those of the database.
    pub fn want(&self, id: AttachmentId, now: TimestampMs) -> Result<bool, Error> {
        let changed = self
            .connection
            .prepare_cached(
                "UPDATE attachment SET state = 1, attempts = 0, next_try_ms = ?2, failure = ''
                 WHERE id = ?1 AND (state <> 2 OR file IS NULL)",
            )?
            .execute(params![id, ms(now)])?;
        Ok(changed == 1)
    }

    /// Nobody asks for it any more.
    ///
    /// # Errors
    /// Those of the database.
    pub fn unwant(&self, id: AttachmentId) -> Result<(), Error> {
        self.connection.prepare_cached("UPDATE attachment SET state = 0 WHERE id = ?1 AND state = 1")?.execute([id])?;
        Ok(())
    }

    /// It could not be moved and is tried again at `at`.
    ///
    /// # Errors
    /// As [`Tx::set_uploaded`].
    pub fn postpone_transfer(
        &self,
        id: AttachmentId,
        attempts: u32,
        at: TimestampMs,
        failure: &str,
    ) -> Result<(), Error> {
        self.change_attachment(
            "UPDATE attachment SET attempts = ?2, next_try_ms = ?3, failure = ?4 WHERE id = ?1",
            params![id, attempts, ms(at), failure],
        )
    }

    /// It is not tried again by itself.
    ///
    /// # Errors
    /// As [`Tx::set_uploaded`].
    pub fn end_transfer(&self, id: AttachmentId, state: AttachmentState, failure: &str) -> Result<(), Error> {
        self.change_attachment(
            "UPDATE attachment SET state = ?2, failure = ?3 WHERE id = ?1",
            params![id, state.number(), failure],
        )
    }

    /// What waits for its next try is tried now.
    ///
    /// # Errors
    /// Those of the database.
    pub fn hasten_transfers(&self, now: TimestampMs) -> Result<(), Error> {
        for table in ["attachment", "picture"] {
            self.connection
                .prepare_cached(&format!("UPDATE {table} SET next_try_ms = ?1 WHERE state = 1 AND next_try_ms > ?1"))?
                .execute([ms(now)])?;
        }
        Ok(())
    }

    /// The sound was played.
    ///
    /// # Errors
    /// As [`Tx::set_uploaded`].
    pub fn set_played(&self, id: AttachmentId) -> Result<(), Error> {
        self.change_attachment("UPDATE attachment SET played = 1 WHERE id = ?1", params![id])
    }

    fn change_attachment(&self, sql: &str, values: &[&dyn ToSql]) -> Result<(), Error> {
        match self.connection.prepare_cached(sql)?.execute(values)? {
            0 => Err(Error::Unknown { what: "attachment" }),
            _ => Ok(()),
        }
    }
}

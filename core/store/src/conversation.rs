//! Conversations: with a person, with oneself, in a group or a room.

mod list;
mod notify;
mod peer;

use tacit_sqlite::rusqlite::{self, OptionalExtension, params};
use tacit_wire::TimestampMs;

pub use list::{Folder, LastMessage, ListRow, UNREAD_MAX};
pub use notify::Notify;
pub use peer::{ConversationKind, Peer};

use crate::column::{Columns, ms};
use crate::{ConversationId, Error, Queries, Tx};

#[cfg(test)]
pub(crate) use list::list_sql;

/// When messages disappear (protocol: messages 4.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Expiry {
    /// They stay.
    #[default]
    Off,
    /// So many seconds after they were read.
    AfterRead {
        /// The timer.
        seconds: u32,
    },
    /// So many seconds after they were sent.
    AfterSend {
        /// The timer.
        seconds: u32,
    },
}

impl Expiry {
    /// Mode and seconds as they stand in columns.
    pub(crate) fn columns(self) -> (i64, u32) {
        match self {
            Self::Off => (0, 0),
            Self::AfterRead { seconds } => (1, seconds),
            Self::AfterSend { seconds } => (2, seconds),
        }
    }

    pub(crate) fn read(columns: &mut Columns<'_, '_>) -> rusqlite::Result<Self> {
        Ok(match columns.take::<i64>()? {
            1 => Self::AfterRead { seconds: columns.take()? },
            2 => Self::AfterSend { seconds: columns.take()? },
            _ => {
                columns.skip(1);
                Self::Off
            }
        })
    }
}

/// A conversation and how it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// Its row.
    pub id: ConversationId,
    /// Who it is with.
    pub peer: Peer,
    /// Name of the group or room; a person's stands in their [`crate::Contact`].
    pub name: String,
    /// Whether it is a request: they wrote, we have not approved them.
    pub request: bool,
    /// Not shown until something new is written.
    pub hidden: bool,
    /// Shown in the archive only.
    pub archived: bool,
    /// Larger stands higher; 0 is not pinned.
    pub pinned: i64,
    /// Marked as unread by hand.
    pub marked_unread: bool,
    /// No notifications until then.
    pub muted_until: Option<TimestampMs>,
    /// Which messages notify.
    pub notify: Notify,
    /// When its messages disappear.
    pub expiry: Expiry,
    /// What was typed and not sent.
    pub draft: String,
    /// When it was made here.
    pub created: TimestampMs,
    /// Sort time of its newest message, or its creation.
    pub active_at: TimestampMs,
    /// Everything up to this sort time is read.
    pub read_until: TimestampMs,
}

impl Conversation {
    const COLUMNS: &str = "c.id, c.kind, c.peer, c.name, c.request, c.hidden, c.archived, c.pinned, c.marked_unread,
        c.muted_until_ms, c.notify, c.expiry_mode, c.expiry_s, c.draft, c.created_ms, c.active_ms, c.read_ms";

    fn read(columns: &mut Columns<'_, '_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: columns.take()?,
            peer: Peer::read(columns)?,
            name: columns.take()?,
            request: columns.take()?,
            hidden: columns.take()?,
            archived: columns.take()?,
            pinned: columns.take()?,
            marked_unread: columns.take()?,
            muted_until: columns.optional_time()?,
            notify: columns.number(Notify::from_number)?,
            expiry: Expiry::read(columns)?,
            draft: columns.take()?,
            created: columns.time()?,
            active_at: columns.time()?,
            read_until: columns.time()?,
        })
    }
}

impl Queries {
    /// A conversation.
    ///
    /// # Errors
    /// [`Error::Unknown`] when it is gone; those of the database.
    pub fn conversation(&self, id: ConversationId) -> Result<Conversation, Error> {
        let mut statement = self
            .connection
            .prepare_cached(&format!("SELECT {} FROM conversation c WHERE c.id = ?1", Conversation::COLUMNS))?;
        let found = statement.query_row([id], |row| Conversation::read(&mut Columns::of(row))).optional()?;
        found.ok_or(Error::Unknown { what: "conversation" })
    }

    /// The largest number under which a conversation is pinned; 0 if none is.
    ///
    /// # Errors
    /// Those of the database.
    pub fn highest_pin(&self) -> Result<i64, Error> {
        let mut statement = self.connection.prepare_cached("SELECT coalesce(max(pinned), 0) FROM conversation")?;
        Ok(statement.query_row([], |row| row.get(0))?)
    }

    /// The conversation with a peer, if there is one.
    ///
    /// # Errors
    /// Those of the database.
    pub fn conversation_with(&self, peer: &Peer) -> Result<Option<ConversationId>, Error> {
        let mut statement =
            self.connection.prepare_cached("SELECT id FROM conversation WHERE kind = ?1 AND peer = ?2")?;
        Ok(statement.query_row(params![peer.kind().number(), peer.id()], |row| row.get(0)).optional()?)
    }
}

impl Tx<'_> {
    /// The conversation with a peer, made if need be.
    ///
    /// # Errors
    /// Those of the database.
    pub fn open_conversation(&self, peer: &Peer, now: TimestampMs) -> Result<ConversationId, Error> {
        if let Some(id) = self.conversation_with(peer)? {
            return Ok(id);
        }
        self.connection
            .prepare_cached(
                "INSERT INTO conversation(kind, peer, created_ms, active_ms, request) VALUES(?1, ?2, ?3, ?3,
                   coalesce((SELECT approved = 0 AND approved_me = 1 FROM contact WHERE account = ?2 AND ?1 = 0), 0))",
            )?
            .execute(params![peer.kind().number(), peer.id(), ms(now)])?;
        Ok(ConversationId(self.connection.last_insert_rowid()))
    }

    /// Marks everything up to a message's sort time as read, and takes away the mark of
    /// [`Tx::set_marked_unread`]. Never goes back. Says whether anything changed.
    ///
    /// Sort time equals T except for messages that claim to come from the future: reading one
    /// of those does not mark later ones as read.
    ///
    /// # Errors
    /// [`Error::Unknown`] when the conversation is gone; those of the database.
    pub fn mark_read(&self, id: ConversationId, up_to: TimestampMs) -> Result<bool, Error> {
        let changed = self
            .connection
            .prepare_cached(
                "UPDATE conversation SET read_ms = max(read_ms, ?2), marked_unread = 0
                 WHERE id = ?1 AND (read_ms < ?2 OR marked_unread = 1)",
            )?
            .execute(params![id, ms(up_to)])?;
        if changed == 0 {
            self.conversation(id)?;
        }
        Ok(changed == 1)
    }

    /// Marks it as unread by hand.
    ///
    /// # Errors
    /// [`Error::Unknown`] when it is gone; those of the database. The same holds for the other
    /// setters.
    pub fn set_marked_unread(&self, id: ConversationId, marked: bool) -> Result<(), Error> {
        self.set(id, "UPDATE conversation SET marked_unread = ?2 WHERE id = ?1", marked)
    }

    /// Names a group or room.
    #[allow(clippy::missing_errors_doc, reason = "as set_marked_unread")]
    pub fn set_conversation_name(&self, id: ConversationId, name: &str) -> Result<(), Error> {
        self.set(id, "UPDATE conversation SET name = ?2 WHERE id = ?1", name)
    }

    /// Pins it; 0 unpins.
    #[allow(clippy::missing_errors_doc, reason = "as set_marked_unread")]
    pub fn set_pinned(&self, id: ConversationId, pinned: i64) -> Result<(), Error> {
        self.set(id, "UPDATE conversation SET pinned = ?2 WHERE id = ?1", pinned)
    }

    /// Moves it into the archive or back.
    #[allow(clippy::missing_errors_doc, reason = "as set_marked_unread")]
    pub fn set_archived(&self, id: ConversationId, archived: bool) -> Result<(), Error> {
        self.set(id, "UPDATE conversation SET archived = ?2 WHERE id = ?1", archived)
    }

    /// Hides it from all folders, or shows it again.
    #[allow(clippy::missing_errors_doc, reason = "as set_marked_unread")]
    pub fn set_hidden(&self, id: ConversationId, hidden: bool) -> Result<(), Error> {
        self.set(id, "UPDATE conversation SET hidden = ?2 WHERE id = ?1", hidden)
    }

    /// Silences its notifications until a time.
    #[allow(clippy::missing_errors_doc, reason = "as set_marked_unread")]
    pub fn set_muted_until(&self, id: ConversationId, until: Option<TimestampMs>) -> Result<(), Error> {
        self.set(id, "UPDATE conversation SET muted_until_ms = ?2 WHERE id = ?1", until.map(ms))
    }

    /// Chooses which of its messages notify.
    #[allow(clippy::missing_errors_doc, reason = "as set_marked_unread")]
    pub fn set_notify(&self, id: ConversationId, notify: Notify) -> Result<(), Error> {
        self.set(id, "UPDATE conversation SET notify = ?2 WHERE id = ?1", notify.number())
    }

    /// Sets when its messages disappear.
    #[allow(clippy::missing_errors_doc, reason = "as set_marked_unread")]
    pub fn set_expiry(&self, id: ConversationId, expiry: Expiry) -> Result<(), Error> {
        let (mode, seconds) = expiry.columns();
        let mut statement =
            self.connection.prepare_cached("UPDATE conversation SET expiry_mode = ?2, expiry_s = ?3 WHERE id = ?1")?;
        match statement.execute(params![id, mode, seconds])? {
            0 => Err(Error::Unknown { what: "conversation" }),
            _ => Ok(()),
        }
    }

    /// Keeps what was typed and not sent.
    #[allow(clippy::missing_errors_doc, reason = "as set_marked_unread")]
    pub fn set_draft(&self, id: ConversationId, draft: &str) -> Result<(), Error> {
        self.set(id, "UPDATE conversation SET draft = ?2 WHERE id = ?1", draft)
    }

    /// Removes the messages up to a sort time, the draft and the pin, and hides the conversation if
    /// nothing is left in it. Its settings stay.
    ///
    /// # Errors
    /// Those of the database.
    pub fn clear_conversation(&self, id: ConversationId, up_to: TimestampMs) -> Result<(), Error> {
        self.connection
            .prepare_cached("DELETE FROM message WHERE conversation = ?1 AND sort_ms <= ?2")?
            .execute(params![id, ms(up_to)])?;
        self.connection
            .prepare_cached(
                "UPDATE conversation SET draft = '', pinned = 0, hidden = 1 WHERE id = ?1
                   AND NOT EXISTS(SELECT 1 FROM message WHERE conversation = ?1)",
            )?
            .execute([id])?;
        Ok(())
    }

    /// Removes a conversation with its messages, and with what was still to be sent of them.
    ///
    /// # Errors
    /// Those of the database.
    pub fn delete_conversation(&self, id: ConversationId) -> Result<(), Error> {
        self.connection.prepare_cached("DELETE FROM conversation WHERE id = ?1")?.execute([id])?;
        Ok(())
    }

    fn set(&self, id: ConversationId, sql: &str, value: impl rusqlite::ToSql) -> Result<(), Error> {
        match self.connection.prepare_cached(sql)?.execute(params![id, value])? {
            0 => Err(Error::Unknown { what: "conversation" }),
            _ => Ok(()),
        }
    }
}

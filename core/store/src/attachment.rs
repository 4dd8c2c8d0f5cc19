//! Attachments of messages: what they are, where they lie at the file server, and how far they
//! were moved (protocol: messages 4.5, 6.1). The bytes are no matter of this module.

mod space;
mod transfer;

use std::fmt;

use tacit_sqlite::rusqlite::{self, Row, params};
use tacit_wire::TimestampMs;

use crate::column::{Columns, clamped, ms};
use crate::{AttachmentId, Error, FileId, MessageId, Queries, Tx};

pub use space::{OldFiles, SpaceUse};
pub use transfer::Arrived;
#[cfg(test)]
pub(crate) use transfer::{NEXT, due_sql};

/// What an attachment is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttachmentRole {
    /// A file.
    File,
    /// A voice message.
    Voice,
    /// The picture of a link preview.
    Preview,
}

impl AttachmentRole {
    fn number(self) -> i64 {
        match self {
            Self::File => 0,
            Self::Voice => 1,
            Self::Preview => 2,
        }
    }

    fn from_number(number: i64) -> Option<Self> {
        [Self::File, Self::Voice, Self::Preview].into_iter().find(|role| role.number() == number)
    }
}

/// How far an attachment was moved: downloaded if it came in, uploaded if it goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttachmentState {
    /// Nobody asked for it yet.
    Idle,
    /// Waits for its turn, or is being moved.
    Moving,
    /// It is where it should be.
    Done,
    /// It will not be tried again by itself.
    Failed,
    /// The server has it no longer.
    Gone,
}

impl AttachmentState {
    pub(crate) fn number(self) -> i64 {
        match self {
            Self::Idle => 0,
            Self::Moving => 1,
            Self::Done => 2,
            Self::Failed => 3,
            Self::Gone => 4,
        }
    }

    fn from_number(number: i64) -> Option<Self> {
        [Self::Idle, Self::Moving, Self::Done, Self::Failed, Self::Gone]
            .into_iter()
            .find(|state| state.number() == number)
    }
}

/// Where a file lies at a server and what opens it. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Pointer {
    /// Empty until it is uploaded.
    pub url: String,
    /// 64 bytes for the legacy form, 32 for the stream form.
    pub key: Vec<u8>,
    /// SHA-256 of the upload; legacy form only.
    pub digest: Vec<u8>,
}

impl fmt::Debug for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.url.is_empty() { "Pointer(none)" } else { "Pointer(…)" })
    }
}

/// What an attachment is, in short: for the line of a list or a quote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentKind {
    /// What it is for.
    pub role: AttachmentRole,
    /// MIME type, as its sender says.
    pub content_type: String,
}

impl AttachmentKind {
    /// Columns: role, `content_type`; both NULL for none.
    pub(crate) fn read(columns: &mut Columns<'_, '_>) -> rusqlite::Result<Option<Self>> {
        let role: Option<i64> = columns.take()?;
        let content_type: Option<String> = columns.take()?;
        let role = role.and_then(AttachmentRole::from_number);
        Ok(role.zip(content_type).map(|(role, content_type)| Self { role, content_type }))
    }
}

/// An attachment to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAttachment {
    /// What it is for.
    pub role: AttachmentRole,
    /// MIME type.
    pub content_type: String,
    /// Safe to show and to save under.
    pub file_name: String,
    /// Bytes of the plaintext, as its sender says.
    pub size: u64,
    /// Of pictures and videos, in pixels; else 0.
    pub width: u32,
    /// As width.
    pub height: u32,
    /// Of sound and videos, in ms; else 0.
    pub duration_ms: u32,
    /// Said beneath it; mostly empty.
    pub caption: String,
    /// Where it is.
    pub pointer: Pointer,
    /// How far it was moved.
    pub state: AttachmentState,
    /// The bytes, if they are here.
    pub file: Option<FileId>,
    /// A small picture of it, if there is one.
    pub thumbnail: Option<FileId>,
    /// Of sound: 40 levels; else empty.
    pub waveform: Vec<u8>,
}

/// An attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its row.
    pub id: AttachmentId,
    /// Whose it is.
    pub message: MessageId,
    /// Its place among the message's, from 0.
    pub position: u32,
    /// What it is for.
    pub role: AttachmentRole,
    /// MIME type, as its sender says.
    pub content_type: String,
    /// Safe to show and to save under.
    pub file_name: String,
    /// Bytes of the plaintext, as its sender says.
    pub size: u64,
    /// In pixels; 0 if not known.
    pub width: u32,
    /// In pixels; 0 if not known.
    pub height: u32,
    /// In ms; 0 if not known.
    pub duration_ms: u32,
    /// Said beneath it; mostly empty.
    pub caption: String,
    /// Where it is.
    pub pointer: Pointer,
    /// When the file server removes it, if it said so.
    pub expires_at: Option<TimestampMs>,
    /// How far it was moved.
    pub state: AttachmentState,
    /// How many tries failed.
    pub attempts: u32,
    /// Why the last try failed; empty if none did.
    pub failure: String,
    /// The bytes, once they are here.
    pub file: Option<FileId>,
    /// A small picture of it, once it was made.
    pub thumbnail: Option<FileId>,
    /// Of sound: 40 levels, 0 to 255; else empty.
    pub waveform: Vec<u8>,
    /// Whether the sound was played here.
    pub played: bool,
}

const COLUMNS: &str = "t.id, t.message, t.position, t.role, t.content_type, t.file_name, t.size, t.width, t.height,
    t.duration_ms, t.caption, t.url, t.key, t.digest, t.expires_ms, t.state, t.attempts, t.failure, t.file,
    t.thumbnail, t.waveform, t.played";

/// The attachments of some messages, whose IDs stand in a JSON array.
pub(crate) fn of_messages_sql() -> String {
    format!("SELECT {COLUMNS} FROM json_each(?1) j CROSS JOIN attachment t ON t.message = j.value")
}

impl Queries {
    /// The attachments of a message, in their order.
    ///
    /// # Errors
    /// Those of the database.
    pub fn attachments_of(&self, message: MessageId) -> Result<Vec<Attachment>, Error> {
        self.attachments_of_all(&[message])
    }

    /// The attachments of several messages, each message's in their order.
    pub(crate) fn attachments_of_all(&self, messages: &[MessageId]) -> Result<Vec<Attachment>, Error> {
        let mut statement = self.connection.prepare_cached(&of_messages_sql())?;
        let rows = statement.query_map([crate::column::id_list(messages)], attachment)?;
        let mut found = rows.collect::<Result<Vec<_>, _>>()?;
        found.sort_by_key(|attachment| (attachment.message, attachment.position));
        Ok(found)
    }
}

impl Tx<'_> {
    /// Adds the attachments of a message, which has none yet.
    ///
    /// # Errors
    /// [`Error::Refused`] when the message or a file is gone; those of the database.
    pub fn insert_attachments(&self, message: MessageId, new: &[NewAttachment]) -> Result<Vec<AttachmentId>, Error> {
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO attachment(message, position, role, content_type, file_name, size, width, height, duration_ms,
                                    caption, url, key, digest, state, file, thumbnail, waveform)
             VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        )?;
        let mut ids = Vec::with_capacity(new.len());
        for (position, new) in (0_u32..).zip(new) {
            statement.execute(params![
                message,
                position,
                new.role.number(),
                new.content_type,
                new.file_name,
                clamped(new.size),
                new.width,
                new.height,
                new.duration_ms,
                new.caption,
                new.pointer.url,
                new.pointer.key,
                new.pointer.digest,
                new.state.number(),
                new.file,
                new.thumbnail,
                new.waveform,
            ])?;
            ids.push(AttachmentId(self.connection.last_insert_rowid()));
        }
        Ok(ids)
    }

    /// Puts the failed files of a message of ours back into the line of what is to be moved. Says
    /// whether there were any.
    ///
    /// # Errors
    /// Those of the database.
    pub fn retry_attachments(&self, message: MessageId, now: TimestampMs) -> Result<bool, Error> {
        let changed = self
            .connection
            .prepare_cached(
                "UPDATE attachment SET state = ?2, attempts = 0, next_try_ms = ?3, failure = ''
                 WHERE message = ?1 AND state = ?4",
            )?
            .execute(params![message, AttachmentState::Moving.number(), ms(now), AttachmentState::Failed.number()])?;
        Ok(changed > 0)
    }
}

pub(crate) fn attachment(row: &Row<'_>) -> rusqlite::Result<Attachment> {
    let mut columns = Columns::of(row);
    Ok(Attachment {
        id: columns.take()?,
        message: columns.take()?,
        position: columns.take()?,
        role: columns.number(AttachmentRole::from_number)?,
        content_type: columns.take()?,
        file_name: columns.take()?,
        size: columns.unsigned()?,
        width: columns.take()?,
        height: columns.take()?,
        duration_ms: columns.take()?,
        caption: columns.take()?,
        pointer: Pointer { url: columns.take()?, key: columns.take()?, digest: columns.take()? },
        expires_at: columns.optional_time()?,
        state: columns.number(AttachmentState::from_number)?,
        attempts: columns.take()?,
        failure: columns.take()?,
        file: columns.take()?,
        thumbnail: columns.take()?,
        waveform: columns.take()?,
        played: columns.take()?,
    })
}

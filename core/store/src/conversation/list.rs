//! The list of conversations, each with its last message and unread count, in one query.

use tacit_sqlite::rusqlite::{self, Row, params};
use tacit_wire::{AccountId, TimestampMs};

use super::Conversation;
use crate::attachment::AttachmentKind;
use crate::column::Columns;
use crate::message::{MessageKind, State};
use crate::{Error, MessageId, Queries};

/// Unread messages are counted up to here; show "999+".
pub const UNREAD_MAX: u32 = 1000;

/// Characters of the last message that the list gives.
const PREVIEW: u32 = 200;

/// Which part of the conversations. Hidden ones are in none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folder {
    /// The main list.
    Inbox,
    /// What was put away.
    Archive,
    /// People who wrote and whom we have not approved, without those who are blocked.
    Requests,
}

/// The newest message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastMessage {
    /// Its row.
    pub id: MessageId,
    /// Who wrote it.
    pub author: AccountId,
    /// What it is.
    pub kind: MessageKind,
    /// The beginning of its text, at most 200 characters.
    pub preview: String,
    /// How far it got.
    pub state: State,
    /// T.
    pub sent_at: TimestampMs,
    /// By which it is ordered.
    pub sort_at: TimestampMs,
    /// Whether it was taken back.
    pub deleted: bool,
    /// What its first attachment is, if it has one.
    pub attachment: Option<AttachmentKind>,
    /// The name of that attachment; empty for none.
    pub file_name: String,
    /// How long it sounds, in milliseconds; 0 for what makes no sound.
    pub duration_ms: u32,
    /// How many files the message has.
    pub files: u32,
}

/// One row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRow {
    /// The conversation.
    pub conversation: Conversation,
    /// The name to show: of group or room, our nickname, or the person's own name; may be empty.
    pub name: String,
    /// Whether we approved the person; `true` for all other kinds.
    pub approved: bool,
    /// Whether the person approved us; `true` for all other kinds.
    pub approved_me: bool,
    /// Whether the person is blocked.
    pub blocked: bool,
    /// Messages after the read mark, at most [`UNREAD_MAX`].
    pub unread: u32,
    /// Whether one of them names us or answers us.
    pub mention: bool,
    /// The newest message.
    pub last: Option<LastMessage>,
}

pub(crate) fn list_sql() -> String {
    format!("SELECT {}, {LIST}", Conversation::COLUMNS)
}

const LIST: &str = "
           iif(c.kind >= 2, c.name, iif(p.nickname <> '', p.nickname, coalesce(p.name, ''))),
           coalesce(p.approved, 0) OR c.kind <> 0,
           coalesce(p.approved_me, 0) OR c.kind <> 0,
           coalesce(p.blocked, 0) AND c.kind = 0,
           (SELECT count(*) FROM (
              SELECT 1 FROM message u
              WHERE u.conversation = c.id AND u.outgoing = 0 AND u.kind = 0 AND u.deleted = 0 AND u.sort_ms > c.read_ms
              LIMIT ?5)),
           EXISTS (SELECT 1 FROM (
              SELECT u.mention FROM message u
              WHERE u.conversation = c.id AND u.outgoing = 0 AND u.kind = 0 AND u.deleted = 0 AND u.sort_ms > c.read_ms
              LIMIT ?5) WHERE mention = 1),
           m.id, a.account, m.kind, substr(m.body, 1, ?4),
           m.state, m.kept, m.kept_of, m.failure,
           m.sent_ms, m.sort_ms, m.deleted, f.role, f.content_type,
           coalesce(f.file_name, ''), coalesce(f.duration_ms, 0),
           iif(m.parts & 1, (SELECT count(*) FROM attachment n WHERE n.message = m.id AND n.role <> 2), 0)
    FROM conversation c
    LEFT JOIN contact p ON p.account = c.peer
    LEFT JOIN message m ON m.id = (
        SELECT l.id FROM message l WHERE l.conversation = c.id ORDER BY l.sort_ms DESC, l.id DESC LIMIT 1)
    LEFT JOIN contact a ON a.id = m.author
    LEFT JOIN attachment f ON m.parts & 1 AND f.message = m.id AND f.position = 0
    WHERE c.request = ?1 AND c.hidden = 0 AND c.archived = ?2 AND (c.request = 0 OR coalesce(p.blocked, 0) = 0)
    ORDER BY c.pinned DESC, c.active_ms DESC, c.id DESC LIMIT ?3";

impl Queries {
    /// The conversations of a folder: pinned ones first, then by their newest message.
    ///
    /// # Errors
    /// Those of the database.
    pub fn conversations(&self, folder: Folder, limit: u32) -> Result<Vec<ListRow>, Error> {
        let (request, archived) = match folder {
            Folder::Inbox => (false, false),
            Folder::Archive => (false, true),
            Folder::Requests => (true, false),
        };
        let mut statement = self.connection.prepare_cached(&list_sql())?;
        let rows = statement.query_map(params![request, archived, limit, PREVIEW, UNREAD_MAX], list_row)?;
        let mut list = rows.collect::<Result<Vec<_>, _>>()?;
        for last in list.iter_mut().filter_map(|row| row.last.as_mut()) {
            self.in_flight(last.id, &mut last.state)?;
        }
        Ok(list)
    }
}

fn list_row(row: &Row<'_>) -> rusqlite::Result<ListRow> {
    let mut columns = Columns::of(row);
    Ok(ListRow {
        conversation: Conversation::read(&mut columns)?,
        name: columns.take()?,
        approved: columns.take()?,
        approved_me: columns.take()?,
        blocked: columns.take()?,
        unread: columns.take()?,
        mention: columns.take()?,
        last: last_message(&mut columns)?,
    })
}

fn last_message(columns: &mut Columns<'_, '_>) -> rusqlite::Result<Option<LastMessage>> {
    let Some(id) = columns.take()? else {
        return Ok(None);
    };
    Ok(Some(LastMessage {
        id,
        author: columns.account()?,
        kind: columns.number(MessageKind::from_number)?,
        preview: columns.take()?,
        state: State::read(columns)?,
        sent_at: columns.claimed()?,
        sort_at: columns.time()?,
        deleted: columns.take()?,
        attachment: AttachmentKind::read(columns)?,
        file_name: columns.take()?,
        duration_ms: columns.take()?,
        files: columns.take()?,
    }))
}

//! Messages: each once, in order, a page at a time at the same cost whatever the length of the
//! conversation.

mod parts;
mod state;

use tacit_sqlite::rusqlite::{self, OptionalExtension, params};
use tacit_wire::{AccountId, MessageHash, TimestampMs};

pub use parts::{Invitation, MessageRef, Original, Preview, Quote, ReactionGroup};
pub use state::{MessageKind, State};

#[cfg(test)]
pub(crate) use parts::{INVITATIONS, PREVIEWS, QUOTED, REACTIONS};

use parts::Parts;

use crate::column::{Columns, claimed, ms};
use crate::{Attachment, ConversationId, Error, Expiry, MessageId, Queries, Tx, contact};

/// How far ahead of network time a T may lie and still order its message, in ms
/// (protocol: messages 2.1).
const FUTURE_MAX: u64 = 5 * 60 * 1000;

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its row.
    pub id: MessageId,
    /// Where it stands.
    pub conversation: ConversationId,
    /// Who wrote it.
    pub author: AccountId,
    /// What it is.
    pub kind: MessageKind,
    /// How far it got.
    pub state: State,
    /// T, as its author says.
    pub sent_at: TimestampMs,
    /// By which it is ordered: T, or when it came if T lies in the future.
    pub sort_at: TimestampMs,
    /// When it came, or was written here.
    pub received_at: TimestampMs,
    /// Its text.
    pub text: String,
    /// Its name at the nodes where it was delivered: ours, or for our own messages the
    /// recipient's.
    pub hash: Option<MessageHash>,
    /// The name of our own copy of a message that we sent.
    pub copy_hash: Option<MessageHash>,
    /// How it disappears.
    pub expiry: Expiry,
    /// When it disappears, once that is known.
    pub expires_at: Option<TimestampMs>,
    /// Whether it was taken back: nothing of its content is left.
    pub deleted: bool,
    /// Whether it names us, or answers a message of ours.
    pub mention: bool,
    /// Ours: when the other side said that it was read.
    pub peer_read_at: Option<TimestampMs>,
    /// Ours: its files are being uploaded, and nothing is sealed yet.
    pub assembling: bool,
    /// What it answers.
    pub quote: Option<Quote>,
    /// Its attachments, in their order.
    pub attachments: Vec<Attachment>,
    /// The preview of its first link.
    pub preview: Option<Preview>,
    /// The invitation that it is.
    pub invitation: Option<Invitation>,
    /// The emoji under it.
    pub reactions: Vec<ReactionGroup>,
}

impl Message {
    /// Whether it is ours.
    #[must_use]
    pub fn outgoing(&self) -> bool {
        self.state != State::Received
    }

    /// How others name it.
    #[must_use]
    pub fn reference(&self) -> MessageRef {
        MessageRef { author: self.author, sent_at: self.sent_at }
    }

    /// Its place in the conversation.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { sort_at: self.sort_at, id: self.id }
    }
}

/// A place in a conversation: what [`Page`] counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Sort time of the message there.
    pub sort_at: TimestampMs,
    /// The message; decides among equal times.
    pub id: MessageId,
}

/// Which part of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The last ones.
    Newest,
    /// Those before a place.
    Before(Place),
    /// Those after a place.
    After(Place),
}

/// A message to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage<'a> {
    /// Where it stands.
    pub conversation: ConversationId,
    /// Who wrote it.
    pub author: AccountId,
    /// What it is.
    pub kind: MessageKind,
    /// How far it got: [`State::Received`], or another for our own.
    pub state: State,
    /// T.
    pub sent_at: TimestampMs,
    /// Its text.
    pub text: &'a str,
    /// Its name at the nodes, if it came from there.
    pub hash: Option<MessageHash>,
    /// How it disappears.
    pub expiry: Expiry,
    /// When it disappears, if that is known.
    pub expires_at: Option<TimestampMs>,
    /// What it answers.
    pub quote: Option<MessageRef>,
    /// Whether it names us, or answers a message of ours.
    pub mention: bool,
    /// Ours: its files are to be uploaded first.
    pub assembling: bool,
}

impl<'a> NewMessage<'a> {
    /// A plain text that stays.
    #[must_use]
    pub fn text(
        conversation: ConversationId,
        author: AccountId,
        state: State,
        sent_at: TimestampMs,
        text: &'a str,
    ) -> Self {
        Self {
            conversation,
            author,
            kind: MessageKind::Text,
            state,
            sent_at,
            text,
            hash: None,
            expiry: Expiry::Off,
            expires_at: None,
            quote: None,
            mention: false,
            assembling: false,
        }
    }
}

/// What became of a message that was to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inserted {
    /// It is new.
    New(MessageId),
    /// This one was there already: same conversation, author, T and kind. Nothing was changed.
    Duplicate(MessageId),
}

impl Inserted {
    /// The message, new or not.
    #[must_use]
    pub fn id(self) -> MessageId {
        match self {
            Self::New(id) | Self::Duplicate(id) => id,
        }
    }

    /// Whether it is new.
    #[must_use]
    pub fn is_new(self) -> bool {
        matches!(self, Self::New(_))
    }
}

const COLUMNS: &str = "m.id, a.account, m.kind,
    m.state, m.kept, m.kept_of, m.failure,
    m.sent_ms, m.sort_ms, m.received_ms, m.body, m.hash, m.copy_hash, m.expiry_mode, m.expiry_s, m.expires_ms,
    m.deleted, m.mention, m.peer_read_ms, m.assembling, m.quote_author, m.quote_sent_ms, m.parts";

/// The query of a page, with the part of the condition and the order that it has.
pub(crate) fn page_sql(page: Page) -> String {
    let (after, order) = match page {
        Page::Newest => ("", "DESC"),
        Page::Before(_) => ("AND (m.sort_ms, m.id) < (?3, ?4)", "DESC"),
        Page::After(_) => ("AND (m.sort_ms, m.id) > (?3, ?4)", "ASC"),
    };
    format!(
        "SELECT {COLUMNS} FROM message m CROSS JOIN contact a ON a.id = m.author
         WHERE m.conversation = ?1 {after} ORDER BY m.sort_ms {order}, m.id {order} LIMIT ?2"
    )
}

/// Texts that came in: received ones, and those that were sent elsewhere (no nodes of theirs known).
pub(crate) const ARRIVED: &str = "SELECT id FROM message
    WHERE id > ?1 AND kind = 0 AND (outgoing = 0 OR (state = 3 AND kept_of = 0)) ORDER BY id LIMIT ?2";

/// Messages whose files are being uploaded.
pub(crate) const ASSEMBLING: &str = "SELECT id FROM message WHERE assembling = 1 ORDER BY sent_ms";

impl Queries {
    /// Messages of ours whose files are being uploaded, in order of T.
    ///
    /// # Errors
    /// Those of the database.
    pub fn assembling(&self) -> Result<Vec<MessageId>, Error> {
        let mut statement = self.connection.prepare_cached(ASSEMBLING)?;
        let ids = statement.query_map([], |row| row.get(0))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }

    /// A page of a conversation, oldest message first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn messages(&self, conversation: ConversationId, page: Page, limit: u32) -> Result<Vec<Message>, Error> {
        let mut statement = self.connection.prepare_cached(&page_sql(page))?;
        let rows = match page {
            Page::Newest => statement.query(params![conversation, limit]),
            Page::Before(place) | Page::After(place) => {
                statement.query(params![conversation, limit, ms(place.sort_at), place.id])
            }
        }?;
        let mut found =
            rows.mapped(|row| message(&mut Columns::of(row), conversation)).collect::<Result<Vec<_>, _>>()?;
        for (message, _) in &mut found {
            self.in_flight(message.id, &mut message.state)?;
        }
        self.fill(&mut found)?;
        let mut messages: Vec<Message> = found.into_iter().map(|(message, _)| message).collect();
        if !matches!(page, Page::After(_)) {
            messages.reverse();
        }
        Ok(messages)
    }

    /// One message.
    ///
    /// # Errors
    /// [`Error::Unknown`] when it is gone; those of the database.
    pub fn message(&self, id: MessageId) -> Result<Message, Error> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT m.conversation, {COLUMNS} FROM message m CROSS JOIN contact a ON a.id = m.author WHERE m.id = ?1"
        ))?;
        let found = statement.query_row([id], |row| {
            let mut columns = Columns::of(row);
            let conversation = columns.take()?;
            message(&mut columns, conversation)
        });
        let mut page = [found.optional()?.ok_or(Error::Unknown { what: "message" })?];
        self.fill(&mut page)?;
        let [(mut message, _)] = page;
        self.in_flight(message.id, &mut message.state)?;
        Ok(message)
    }

    /// Texts that came in after a message, from others or from other devices of ours, in the order
    /// in which they came; at most `limit`.
    ///
    /// # Errors
    /// Those of the database.
    pub fn arrived_after(&self, after: MessageId, limit: u32) -> Result<Vec<Message>, Error> {
        let mut statement = self.connection.prepare_cached(ARRIVED)?;
        let ids = statement.query_map(params![after, limit], |row| row.get(0))?;
        ids.map(|id| self.message(id?)).collect()
    }

    /// The message of an author with a T, of a kind.
    ///
    /// # Errors
    /// Those of the database.
    pub fn message_of(
        &self,
        conversation: ConversationId,
        author: &AccountId,
        sent_at: TimestampMs,
        kind: MessageKind,
    ) -> Result<Option<MessageId>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id FROM message WHERE conversation = ?1 AND sent_ms = ?3 AND kind = ?4
               AND author = (SELECT id FROM contact WHERE account = ?2)",
        )?;
        let values = params![conversation, author.as_bytes(), claimed(sent_at), kind.number()];
        Ok(statement.query_row(values, |row| row.get(0)).optional()?)
    }
}

impl Tx<'_> {
    /// Keeps a message, unless it is there already (protocol: messages 10.2). `now` is network
    /// time.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such conversation; those of the database.
    pub fn insert_message(&self, new: &NewMessage<'_>, now: TimestampMs) -> Result<Inserted, Error> {
        if let Some(id) = self.message_of(new.conversation, &new.author, new.sent_at, new.kind)? {
            return Ok(Inserted::Duplicate(id));
        }
        let future = new.sent_at.0 > now.0.saturating_add(FUTURE_MAX);
        let sort_at = if future { now } else { new.sent_at };
        let author = contact::row_of(self, &new.author, now)?;
        let (state, kept, of, failure) = new.state.columns();
        let (mode, seconds) = new.expiry.columns();
        self.connection
            .prepare_cached(
                "INSERT INTO message(conversation, author, kind, outgoing, sent_ms, sort_ms, received_ms, body,
                                     state, kept, kept_of, failure, hash, expiry_mode, expiry_s, expires_ms,
                                     quote_author, quote_sent_ms, mention, assembling)
                 VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
            )?
            .execute(params![
                new.conversation,
                author,
                new.kind.number(),
                new.state != State::Received,
                claimed(new.sent_at),
                ms(sort_at),
                ms(now),
                new.text,
                state,
                kept,
                of,
                failure,
                new.hash.as_ref().map(MessageHash::as_str),
                mode,
                seconds,
                new.expires_at.map(ms),
                new.quote.map(|quote| *quote.author.as_bytes()),
                new.quote.map(|quote| claimed(quote.sent_at)),
                new.mention,
                new.assembling,
            ])?;
        let id = MessageId(self.connection.last_insert_rowid());
        self.connection
            .prepare_cached("UPDATE conversation SET active_ms = ?2 WHERE id = ?1 AND active_ms < ?2")?
            .execute(params![new.conversation, ms(sort_at)])?;
        Ok(Inserted::New(id))
    }

    /// Sets how far a message of ours got. The outbox does so by itself.
    ///
    /// # Errors
    /// [`Error::Unknown`] when it is gone; those of the database. The same holds for the other
    /// setters.
    pub fn set_state(&self, id: MessageId, state: &State) -> Result<(), Error> {
        let (number, kept, of, failure) = state.columns();
        self.change(
            "UPDATE message SET state = ?2, kept = ?3, kept_of = ?4, failure = ?5 WHERE id = ?1",
            params![id, number, kept, of, failure],
        )
    }

    /// Sets the name under which nodes keep it.
    #[allow(clippy::missing_errors_doc, reason = "as set_state")]
    pub fn set_hash(&self, id: MessageId, hash: &MessageHash) -> Result<(), Error> {
        self.change("UPDATE message SET hash = ?2 WHERE id = ?1", params![id, hash.as_str()])
    }

    /// Sets the name under which our own nodes keep the copy of a message of ours.
    #[allow(clippy::missing_errors_doc, reason = "as set_state")]
    pub fn set_copy_hash(&self, id: MessageId, hash: &MessageHash) -> Result<(), Error> {
        self.change("UPDATE message SET copy_hash = ?2 WHERE id = ?1", params![id, hash.as_str()])
    }

    /// Its files are uploaded, and it is sealed: it now waits in the outbox.
    #[allow(clippy::missing_errors_doc, reason = "as set_state")]
    pub fn set_assembled(&self, id: MessageId) -> Result<(), Error> {
        self.change("UPDATE message SET assembling = 0 WHERE id = ?1", params![id])
    }

    /// Sets when it disappears.
    #[allow(clippy::missing_errors_doc, reason = "as set_state")]
    pub fn set_expires_at(&self, id: MessageId, at: Option<TimestampMs>) -> Result<(), Error> {
        self.change("UPDATE message SET expires_ms = ?2 WHERE id = ?1", params![id, at.map(ms)])
    }

    /// Removes a message here, and with it what was still to be sent of it. Says whether it was
    /// there.
    ///
    /// # Errors
    /// Those of the database.
    pub fn delete_message(&self, id: MessageId) -> Result<bool, Error> {
        Ok(self.connection.prepare_cached("DELETE FROM message WHERE id = ?1")?.execute([id])? == 1)
    }

    fn change(&self, sql: &str, values: &[&dyn rusqlite::ToSql]) -> Result<(), Error> {
        match self.connection.prepare_cached(sql)?.execute(values)? {
            0 => Err(Error::Unknown { what: "message" }),
            _ => Ok(()),
        }
    }
}

fn message(columns: &mut Columns<'_, '_>, conversation: ConversationId) -> rusqlite::Result<(Message, Parts)> {
    let message = Message {
        id: columns.take()?,
        conversation,
        author: columns.account()?,
        kind: columns.number(MessageKind::from_number)?,
        state: State::read(columns)?,
        sent_at: columns.claimed()?,
        sort_at: columns.time()?,
        received_at: columns.time()?,
        text: columns.take()?,
        hash: columns.hash()?,
        copy_hash: columns.hash()?,
        expiry: Expiry::read(columns)?,
        expires_at: columns.optional_time()?,
        deleted: columns.take()?,
        mention: columns.take()?,
        peer_read_at: columns.optional_time()?,
        assembling: columns.take()?,
        quote: quote(columns)?,
        attachments: Vec::new(),
        preview: None,
        invitation: None,
        reactions: Vec::new(),
    };
    Ok((message, Parts(columns.take()?)))
}

fn quote(columns: &mut Columns<'_, '_>) -> rusqlite::Result<Option<Quote>> {
    let author = columns.optional_account()?;
    let Some(author) = author else {
        columns.skip(1);
        return Ok(None);
    };
    Ok(Some(Quote { of: MessageRef { author, sent_at: columns.claimed()? }, original: None }))
}

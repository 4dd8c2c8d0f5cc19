//! Reading messages: a page at a time, at the same cost whatever the length of the conversation.

use tacit_sqlite::rusqlite::{self, OptionalExtension, params};
use tacit_wire::{AccountId, TimestampMs};

use super::parts::Parts;
use super::{Message, MessageKind, MessageRef, Quote, State};
use crate::column::{Columns, claimed, ms};
use crate::{ConversationId, Error, Expiry, MessageId, Queries};

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
    WHERE id > ?1 AND kind = 0 AND deleted = 0 AND (outgoing = 0 OR (state = 3 AND kept_of = 0)) ORDER BY id LIMIT ?2";

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

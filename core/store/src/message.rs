//! Messages: each once, in order, a page at a time at the same cost whatever the length of the
//! conversation.

mod page;
mod parts;
mod read;
mod receipt;
mod state;
mod unsend;

use tacit_sqlite::rusqlite::{self, params};
use tacit_wire::{AccountId, MessageHash, TimestampMs};

pub use page::{Page, Place};
pub use parts::{Invitation, MessageRef, Original, Preview, Quote, ReactionGroup};
pub use read::Untimed;
pub use receipt::NodeReceipt;
pub use state::{MessageKind, State};

#[cfg(test)]
pub(crate) use page::{ARRIVED, ASSEMBLING, page_sql};
#[cfg(test)]
pub(crate) use parts::{INVITATIONS, PREVIEWS, QUOTED, REACTIONS};
#[cfg(test)]
pub(crate) use read::{READ, read_untimed_sql};
#[cfg(test)]
pub(crate) use unsend::TARGET;

use crate::column::{claimed, ms};
use crate::{Attachment, ConversationId, Error, Expiry, MessageId, Tx, contact};

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
    /// It was taken back before it came: a placeholder without content stands for it.
    TakenBack(MessageId),
}

impl Inserted {
    /// The message, new or not.
    #[must_use]
    pub fn id(self) -> MessageId {
        match self {
            Self::New(id) | Self::Duplicate(id) | Self::TakenBack(id) => id,
        }
    }

    /// Whether it is new.
    #[must_use]
    pub fn is_new(self) -> bool {
        matches!(self, Self::New(_))
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
        if new.kind == MessageKind::Text {
            if self.was_unsent(&new.author, new.sent_at)? {
                self.take_back(id)?;
                return Ok(Inserted::TakenBack(id));
            }
            self.meet_reactions(id, new)?;
        }
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

    /// Removes a message here, and with it what was still to be sent of it; of one that went out our
    /// other devices still get their copy. Says whether it was there.
    ///
    /// # Errors
    /// Those of the database.
    pub fn delete_message(&self, id: MessageId) -> Result<bool, Error> {
        self.detach_copy(id)?;
        Ok(self.connection.prepare_cached("DELETE FROM message WHERE id = ?1")?.execute([id])? == 1)
    }

    /// The copy of a message that went out is sent whatever becomes of the message here.
    fn detach_copy(&self, id: MessageId) -> Result<(), Error> {
        self.connection
            .prepare_cached("UPDATE outbox SET message = NULL WHERE message = ?1 AND purpose = 1 AND state <> 3")?
            .execute([id])?;
        Ok(())
    }

    fn change(&self, sql: &str, values: &[&dyn rusqlite::ToSql]) -> Result<(), Error> {
        match self.connection.prepare_cached(sql)?.execute(values)? {
            0 => Err(Error::Unknown { what: "message" }),
            _ => Ok(()),
        }
    }
}

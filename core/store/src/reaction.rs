//! Reactions: of each (target, sender, emoji) the action with the greatest T counts, in whatever
//! order they come (protocol: messages 4.6).

use tacit_sqlite::rusqlite::{OptionalExtension, params};
use tacit_wire::{AccountId, TimestampMs};

use crate::column::{claimed, ms};
use crate::{ConversationId, Error, MessageId, MessageKind, MessageRef, NewMessage, Tx, contact};

/// An emoji that was set or taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewReaction<'a> {
    /// Where.
    pub conversation: ConversationId,
    /// Under which message; it may come later.
    pub target: MessageRef,
    /// By whom.
    pub sender: AccountId,
    /// The emoji.
    pub emoji: &'a str,
    /// T of the action.
    pub sent_at: TimestampMs,
    /// Whether it was taken off.
    pub removed: bool,
}

/// What became of a reaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reacted {
    /// It changed what stands under this message.
    Changed(MessageId),
    /// Its message is not here yet.
    Early,
    /// It changed nothing: older than what is known, or under a message that was taken back.
    Unchanged,
}

impl Tx<'_> {
    /// Takes in a reaction.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such conversation; those of the database.
    pub fn react(&self, new: &NewReaction<'_>, now: TimestampMs) -> Result<Reacted, Error> {
        let target = self.message_of(new.conversation, &new.target.author, new.target.sent_at, MessageKind::Text)?;
        if let Some(id) = target
            && self.is_deleted(id)?
        {
            return Ok(Reacted::Unchanged);
        }
        let sender = contact::row_of(self, &new.sender, now)?;
        let author = new.target.author.as_bytes();
        let before: Option<bool> = self
            .connection
            .prepare_cached(
                "SELECT removed FROM reaction WHERE conversation = ?1 AND target_author = ?2 AND target_sent_ms = ?3
                   AND sender = ?4 AND emoji = ?5",
            )?
            .query_row(params![new.conversation, author, claimed(new.target.sent_at), sender, new.emoji], |row| {
                row.get(0)
            })
            .optional()?;
        let taken = self
            .connection
            .prepare_cached(
                "INSERT INTO reaction(conversation, target_author, target_sent_ms, message, sender, emoji, sent_ms,
                                      removed, received_ms)
                 VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                 ON CONFLICT DO UPDATE SET sent_ms = ?7, removed = ?8, received_ms = ?9 WHERE sent_ms < ?7",
            )?
            .execute(params![
                new.conversation,
                author,
                claimed(new.target.sent_at),
                target,
                sender,
                new.emoji,
                ms(new.sent_at),
                new.removed,
                ms(now),
            ])?;
        let changed = taken == 1 && before.unwrap_or(true) != new.removed;
        Ok(match target {
            Some(id) if changed => Reacted::Changed(id),
            None if taken == 1 => Reacted::Early,
            _ => Reacted::Unchanged,
        })
    }

    /// Puts the reactions that came before their message under it.
    pub(crate) fn meet_reactions(&self, id: MessageId, new: &NewMessage<'_>) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE reaction SET message = ?4
                 WHERE conversation = ?1 AND target_author = ?2 AND target_sent_ms = ?3 AND message IS NULL",
            )?
            .execute(params![new.conversation, new.author.as_bytes(), claimed(new.sent_at), id])?;
        Ok(())
    }

    fn is_deleted(&self, id: MessageId) -> Result<bool, Error> {
        let mut statement = self.connection.prepare_cached("SELECT deleted FROM message WHERE id = ?1")?;
        Ok(statement.query_row([id], |row| row.get(0))?)
    }
}

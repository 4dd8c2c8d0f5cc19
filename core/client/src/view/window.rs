//! Which part of a conversation is shown: a window of bounded length that follows the newest
//! message or stands somewhere in the past.

use tacit_store::{ConversationId, Error, Message, Page, Place, Queries};

use super::Move;
use crate::MessageId;

/// Rows at the start.
const START: u32 = 60;
/// Rows that one move shows more.
const STEP: u32 = 20;
/// Rows before a message that is jumped to.
const BEFORE: u32 = 30;
/// Rows at the most.
const LARGEST: u32 = 100;

/// A window over a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Everything after this place; `None` follows the newest message.
    after: Option<Place>,
    length: u32,
}

impl Window {
    /// Follows the newest messages.
    pub fn new() -> Self {
        Self { after: None, length: START }
    }

    /// Its rows, oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn read(&self, store: &Queries, conversation: ConversationId) -> Result<Vec<Message>, Error> {
        store.messages(conversation, self.after.map_or(Page::Newest, Page::After), self.length)
    }

    /// Reads its rows; a window in the past that has lost them all to deletions goes to the newest.
    ///
    /// # Errors
    /// Those of the database.
    pub fn look(self, store: &Queries, conversation: ConversationId) -> Result<(Self, Vec<Message>), Error> {
        let rows = self.read(store, conversation)?;
        if rows.is_empty() && self.after.is_some() {
            let newest = Self::new();
            return Ok((newest, newest.read(store, conversation)?));
        }
        Ok((self, rows))
    }

    /// The window after a move, while `rows` are shown.
    ///
    /// # Errors
    /// Those of the database.
    pub fn moved(
        self,
        step: Option<Move>,
        rows: &[Message],
        store: &Queries,
        conversation: ConversationId,
    ) -> Result<Self, Error> {
        match (step, rows.first()) {
            (Some(Move::Older), Some(first)) => {
                let older = store.messages(conversation, Page::Before(first.place()), STEP)?;
                Ok(older.first().map_or(self, |oldest| self.extended_to(oldest)))
            }
            (Some(Move::Newer), Some(_)) => self.advanced(rows, store, conversation),
            (Some(Move::Newest), _) => Ok(Self::new()),
            (Some(Move::To(message)), _) => self.around(message, store, conversation),
            _ => Ok(self),
        }
    }

    /// Begins some rows before a message. Where there is no such message it stays.
    fn around(self, message: MessageId, store: &Queries, conversation: ConversationId) -> Result<Self, Error> {
        let target = match store.message(message) {
            Ok(target) if target.conversation == conversation => target,
            Ok(_) | Err(Error::Unknown { .. }) => return Ok(self),
            Err(error) => return Err(error),
        };
        let older = store.messages(conversation, Page::Before(target.place()), BEFORE)?;
        Ok(Self { after: Some(before(older.first().unwrap_or(&target))), length: LARGEST })
    }

    fn extended_to(self, oldest: &Message) -> Self {
        if self.after.is_none() && self.length + STEP <= LARGEST {
            return Self { length: self.length + STEP, ..self };
        }
        Self { after: Some(before(oldest)), length: LARGEST }
    }

    fn advanced(self, rows: &[Message], store: &Queries, conversation: ConversationId) -> Result<Self, Error> {
        let (Some(_), Some(last)) = (self.after, rows.last()) else { return Ok(self) };
        let newer = store.messages(conversation, Page::After(last.place()), STEP)?.len();
        let at_the_end = newer < STEP as usize;
        let dropped = rows.get(newer.saturating_sub(1)).filter(|_| newer > 0);
        Ok(match dropped {
            _ if at_the_end => Self { after: None, length: LARGEST },
            Some(dropped) => Self { after: Some(dropped.place()), length: LARGEST },
            None => self,
        })
    }
}

impl Default for Window {
    fn default() -> Self {
        Self::new()
    }
}

/// The place just before a message: IDs are whole numbers.
fn before(message: &Message) -> Place {
    Place { sort_at: message.sort_at, id: MessageId(message.id.0 - 1) }
}

#[cfg(test)]
mod tests;

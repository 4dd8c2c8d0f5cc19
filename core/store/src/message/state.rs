//! What a message is and how far it got.

use tacit_sqlite::rusqlite;

use crate::column::Columns;
use crate::{Error, MessageId, Queries};

/// What a message is. Part of what makes it unique; further kinds get further numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessageKind {
    /// Text, written by a person.
    Text,
    /// A line that says that a request was accepted.
    RequestAccepted,
    /// A line that says that messages now disappear, or no longer; its expiry is the new setting.
    TimerChanged,
    /// A line that says that an attachment was saved.
    MediaSaved,
    /// A line that says that a picture of the screen was made.
    Screenshot,
    /// Something that only a newer version can show.
    Unknown,
}

impl MessageKind {
    pub(super) fn number(self) -> i64 {
        match self {
            // The number 0 also stands in the index of unread messages.
            Self::Text => 0,
            Self::RequestAccepted => 1,
            Self::TimerChanged => 2,
            Self::MediaSaved => 3,
            Self::Screenshot => 4,
            Self::Unknown => 5,
        }
    }

    pub(crate) fn from_number(number: i64) -> Option<Self> {
        [Self::Text, Self::RequestAccepted, Self::TimerChanged, Self::MediaSaved, Self::Screenshot, Self::Unknown]
            .into_iter()
            .find(|kind| kind.number() == number)
    }
}

/// How far a message got. All but `Received` mean that it is ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It came from somebody else.
    Received,
    /// It waits in the outbox.
    Queued,
    /// A node is being asked to store it. Becomes `Queued` again when the program ends.
    Sending,
    /// Nodes store it; `of` is 0 when it was sent by another device of ours.
    Sent {
        /// How many said that they keep it.
        kept: u32,
        /// How many nodes the swarm has.
        of: u32,
    },
    /// It will not be tried again by itself.
    Failed {
        /// Why.
        reason: String,
    },
}

impl State {
    /// Columns: state, kept, `kept_of`, failure.
    pub(super) fn columns(&self) -> (i64, u32, u32, &str) {
        match self {
            Self::Received => (0, 0, 0, ""),
            Self::Queued | Self::Sending => (1, 0, 0, ""),
            Self::Sent { kept, of } => (3, *kept, *of, ""),
            Self::Failed { reason } => (4, 0, 0, reason),
        }
    }

    /// Columns: state, kept, `kept_of`, failure; most rows need only the first. What is queued
    /// may be [`State::Sending`]: see [`Queries::in_flight`].
    pub(crate) fn read(columns: &mut Columns<'_, '_>) -> rusqlite::Result<Self> {
        let (state, passed) = match columns.take::<i64>()? {
            1 => (Self::Queued, 3),
            3 => (Self::Sent { kept: columns.take()?, of: columns.take()? }, 1),
            4 => {
                columns.skip(2);
                (Self::Failed { reason: columns.take()? }, 0)
            }
            _ => (Self::Received, 3),
        };
        columns.skip(passed);
        Ok(state)
    }
}

impl Queries {
    /// Turns [`State::Queued`] into [`State::Sending`] if the message is in flight. Few messages
    /// are queued, so this is asked for those alone and not in the query of every page.
    pub(crate) fn in_flight(&self, message: MessageId, state: &mut State) -> Result<(), Error> {
        if *state == State::Queued {
            let mut statement =
                self.connection.prepare_cached("SELECT EXISTS(SELECT 1 FROM temp.in_flight WHERE message = ?1)")?;
            if statement.query_row([message], |row| row.get(0))? {
                *state = State::Sending;
            }
        }
        Ok(())
    }
}

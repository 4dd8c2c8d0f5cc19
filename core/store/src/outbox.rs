//! What nodes have yet to store: durable rows that keep the sealed bytes, so that every try
//! stores the same ones (protocol: messages 5.3).
//!
//! Each recipient has a line in order of T; a row is not tried before the one in front of it is
//! stored or has failed for good. A copy to ourselves is held until its message is delivered.
//! A row that fewer than a quorum of nodes keep is out of the line, and is stored again later.
//!
//! Which rows are in flight is kept in a temporary table: no write to the disk, and gone when
//! the program ends, however it ends.

mod claim;
mod settle;

use tacit_sqlite::rusqlite::{self, Connection, OptionalExtension, Row, params};
use tacit_wire::{AccountId, MessageHash, Namespace, TimestampMs};

use crate::column::{Columns, clamped, ms};
use crate::{Error, Inserted, MessageId, NewMessage, NodeReceipt, OutboxId, Queries, Tx};

#[cfg(test)]
pub(crate) use claim::{AGAIN, HEADS};

/// Why something is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// For the recipient; decides the message's state. Also a note to self.
    Deliver,
    /// For our other devices.
    CopyToSelf,
    /// Tells somebody something that is no message of its own: that we accept them, that we read
    /// something, that something was taken back.
    Notice,
}

impl Purpose {
    fn number(self) -> i64 {
        match self {
            Self::Deliver => 0,
            Self::CopyToSelf => 1,
            Self::Notice => 2,
        }
    }

    fn from_number(number: i64) -> Option<Self> {
        [Self::Deliver, Self::CopyToSelf, Self::Notice].into_iter().find(|purpose| purpose.number() == number)
    }
}

/// Where a row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// In its recipient's line.
    Waiting,
    /// Stored, but fewer than a quorum keep it: to be stored again.
    BelowQuorum,
    /// Failed for good; kept for [`Tx::retry`].
    Failed,
    /// Waits until the message's delivery is done.
    Held,
}

impl Phase {
    fn number(self) -> i64 {
        match self {
            Self::Waiting => 0,
            Self::BelowQuorum => 1,
            Self::Failed => 2,
            Self::Held => 3,
        }
    }

    fn from_number(number: i64) -> Option<Self> {
        [Self::Waiting, Self::BelowQuorum, Self::Failed, Self::Held].into_iter().find(|phase| phase.number() == number)
    }
}

/// Something to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOutbox<'a> {
    /// In whose mailbox.
    pub recipient: AccountId,
    /// In which box.
    pub namespace: Namespace,
    /// The sealed bytes.
    pub data: &'a [u8],
    /// How long nodes keep it, in ms.
    pub ttl_ms: u64,
    /// T; orders the line.
    pub sent_at: TimestampMs,
    /// Why.
    pub purpose: Purpose,
}

/// A row of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// Its row.
    pub id: OutboxId,
    /// The message that it carries, if it carries one that is shown.
    pub message: Option<MessageId>,
    /// In whose mailbox.
    pub recipient: AccountId,
    /// In which box.
    pub namespace: Namespace,
    /// The sealed bytes, the same at every try.
    pub data: Vec<u8>,
    /// How long nodes keep it, in ms.
    pub ttl_ms: u64,
    /// T.
    pub sent_at: TimestampMs,
    /// Why.
    pub purpose: Purpose,
    /// Where it stands.
    pub phase: Phase,
    /// How many tries ended without success.
    pub attempts: u32,
    /// Not tried before.
    pub next_try: TimestampMs,
    /// Why the last try failed; empty if none did.
    pub last_error: String,
    /// How many nodes keep it, as far as known.
    pub kept: u32,
    /// Of so many.
    pub of: u32,
}

/// What nodes said to a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The name that they gave it.
    pub hash: Option<MessageHash>,
    /// How many keep it.
    pub kept: u32,
    /// How many the swarm has.
    pub of: u32,
    /// When to store it again since too few keep it; `None` when it is done. A time after its
    /// lifetime keeps the bytes for [`Tx::store_again`] alone.
    pub again_at: Option<TimestampMs>,
    /// What each member of the swarm said.
    pub members: Vec<NodeReceipt>,
}

const COLUMNS: &str = "o.id, o.message, o.recipient, o.namespace, o.data, o.ttl_ms, o.sent_ms, o.purpose, o.state,
    o.attempts, o.next_try_ms, o.last_error, o.kept, o.kept_of";

/// Makes the table of rows in flight; once per connection.
pub(crate) fn prepare(connection: &Connection) -> Result<(), Error> {
    Ok(connection.execute_batch(
        "CREATE TEMP TABLE in_flight(outbox INTEGER PRIMARY KEY, message INTEGER);
         CREATE INDEX temp.in_flight_message ON in_flight(message);",
    )?)
}

impl Queries {
    /// A row.
    ///
    /// # Errors
    /// Those of the database.
    pub fn outbox_row(&self, id: OutboxId) -> Result<Option<OutboxRow>, Error> {
        let mut statement =
            self.connection.prepare_cached(&format!("SELECT {COLUMNS} FROM outbox o WHERE o.id = ?1"))?;
        Ok(statement.query_row([id], outbox_row).optional()?)
    }

    /// The rows of a message that are not done.
    ///
    /// # Errors
    /// Those of the database.
    pub fn outbox_of(&self, message: MessageId) -> Result<Vec<OutboxRow>, Error> {
        let mut statement = self
            .connection
            .prepare_cached(&format!("SELECT {COLUMNS} FROM outbox o WHERE o.message = ?1 ORDER BY o.id"))?;
        let rows = statement.query_map([message], outbox_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    /// Keeps a message of ours and what is to be stored for it: both or neither.
    ///
    /// # Errors
    /// [`Error::Refused`] when T was used before; those of the database.
    pub fn send_message(
        &self,
        message: &NewMessage<'_>,
        rows: &[NewOutbox<'_>],
        now: TimestampMs,
    ) -> Result<MessageId, Error> {
        match self.insert_message(message, now)? {
            Inserted::New(id) => {
                self.enqueue(Some(id), rows, now)?;
                Ok(id)
            }
            Inserted::Duplicate(_) | Inserted::TakenBack(_) => {
                Err(Error::Refused { detail: "T was used before".to_owned() })
            }
        }
    }

    /// Adds rows to the outbox, to be tried at once. A [`Purpose::CopyToSelf`] that comes with a
    /// [`Purpose::Deliver`] of the same message is held until that is done.
    ///
    /// # Errors
    /// [`Error::Refused`] when the message is gone; those of the database.
    pub fn enqueue(
        &self,
        message: Option<MessageId>,
        rows: &[NewOutbox<'_>],
        now: TimestampMs,
    ) -> Result<Vec<OutboxId>, Error> {
        let delivers = message.is_some() && rows.iter().any(|row| row.purpose == Purpose::Deliver);
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO outbox(message, recipient, namespace, data, ttl_ms, sent_ms, purpose, state, next_try_ms)
             VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?;
        let mut ids = Vec::with_capacity(rows.len());
        for row in rows {
            let held = delivers && row.purpose == Purpose::CopyToSelf;
            let phase = if held { Phase::Held } else { Phase::Waiting };
            statement.execute(params![
                message,
                row.recipient.as_bytes(),
                row.namespace.0,
                row.data,
                clamped(row.ttl_ms),
                ms(row.sent_at),
                row.purpose.number(),
                phase.number(),
                ms(now),
            ])?;
            ids.push(OutboxId(self.connection.last_insert_rowid()));
        }
        Ok(ids)
    }
}

fn outbox_row(row: &Row<'_>) -> rusqlite::Result<OutboxRow> {
    let mut columns = Columns::of(row);
    Ok(OutboxRow {
        id: columns.take()?,
        message: columns.take()?,
        recipient: columns.account()?,
        namespace: Namespace(columns.take()?),
        data: columns.take()?,
        ttl_ms: columns.unsigned()?,
        sent_at: columns.time()?,
        purpose: columns.number(Purpose::from_number)?,
        phase: columns.number(Phase::from_number)?,
        attempts: columns.take()?,
        next_try: columns.time()?,
        last_error: columns.take()?,
        kept: columns.take()?,
        of: columns.take()?,
    })
}

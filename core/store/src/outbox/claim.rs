//! Which rows are to be tried now.

use tacit_sqlite::rusqlite::params;
use tacit_wire::TimestampMs;

use super::{COLUMNS, OutboxRow, outbox_row};
use crate::column::{Columns, ms};
use crate::{Error, OutboxId, Queries, Tx};

/// The first row of each recipient's line, by one step in the index for each recipient however
/// long the lines are.
pub(crate) const HEADS: &str = "
    WITH RECURSIVE line(recipient) AS (
      SELECT min(o.recipient) FROM outbox o WHERE o.state = 0
      UNION ALL
      SELECT (SELECT min(o.recipient) FROM outbox o WHERE o.state = 0 AND o.recipient > line.recipient)
      FROM line WHERE line.recipient IS NOT NULL),
    head(id) AS (
      SELECT (SELECT o.id FROM outbox o WHERE o.state = 0 AND o.recipient = line.recipient
              ORDER BY o.sent_ms, o.id LIMIT 1)
      FROM line WHERE line.recipient IS NOT NULL)
    SELECT o.id, o.sent_ms, o.next_try_ms FROM head CROSS JOIN outbox o ON o.id = head.id
    WHERE NOT EXISTS (SELECT 1 FROM temp.in_flight f WHERE f.outbox = o.id)";

/// Rows to store again, whose time has come.
pub(crate) const AGAIN: &str = "
    SELECT o.id FROM outbox o
    WHERE o.state = 1 AND o.next_try_ms <= ?1 AND o.sent_ms + o.ttl_ms > ?1 AND NOT EXISTS (SELECT 1 FROM temp.in_flight f WHERE f.outbox = o.id)
    ORDER BY o.next_try_ms LIMIT ?2";

/// A row at the head of its line that is not in flight.
struct Head {
    id: OutboxId,
    sent_at: TimestampMs,
    next_try: TimestampMs,
}

impl Queries {
    /// When [`Tx::claim_due`] will have something, if nothing else happens; `None` when nothing
    /// waits but what is in flight.
    ///
    /// # Errors
    /// Those of the database.
    pub fn next_try(&self) -> Result<Option<TimestampMs>, Error> {
        let line = self.heads()?.into_iter().map(|head| head.next_try).min();
        let mut statement = self.connection.prepare_cached(
            "SELECT o.next_try_ms FROM outbox o
             WHERE o.state = 1 AND NOT EXISTS (SELECT 1 FROM temp.in_flight f WHERE f.outbox = o.id)
             ORDER BY o.next_try_ms LIMIT 1",
        )?;
        let mut again = statement.query_map([], |row| Columns::of(row).time())?;
        Ok(line.into_iter().chain(again.next().transpose()?).min())
    }

    fn heads(&self) -> Result<Vec<Head>, Error> {
        let mut statement = self.connection.prepare_cached(HEADS)?;
        let rows = statement.query_map([], |row| {
            let mut columns = Columns::of(row);
            Ok(Head { id: columns.take()?, sent_at: columns.time()?, next_try: columns.time()? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    /// Takes rows that are due, at most `limit`: of each recipient the first in line, earliest T
    /// first, then those to be stored again. They stay in flight, and nobody behind them is
    /// taken, until [`Tx::complete`], [`Tx::reschedule`], [`Tx::fail`] or [`Tx::release`], or
    /// until the program ends. Their messages are [`crate::State::Sending`].
    ///
    /// # Errors
    /// Those of the database.
    pub fn claim_due(&self, now: TimestampMs, limit: u32) -> Result<Vec<OutboxRow>, Error> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut heads = self.heads()?;
        heads.retain(|head| head.next_try <= now);
        heads.sort_by_key(|head| (head.sent_at, head.id));
        let mut due: Vec<OutboxId> = heads.into_iter().map(|head| head.id).take(limit).collect();
        let mut again = self.connection.prepare_cached(AGAIN)?;
        let room = i64::try_from(limit - due.len()).unwrap_or(i64::MAX);
        for id in again.query_map(params![ms(now), room], |row| row.get(0))? {
            due.push(id?);
        }

        let mut read = self.connection.prepare_cached(&format!("SELECT {COLUMNS} FROM outbox o WHERE o.id = ?1"))?;
        let mut mark = self.connection.prepare_cached("INSERT INTO temp.in_flight(outbox, message) VALUES(?1, ?2)")?;
        let mut rows = Vec::with_capacity(due.len());
        for id in due {
            let row = read.query_row([id], outbox_row)?;
            mark.execute(params![id, row.message])?;
            rows.push(row);
        }
        Ok(rows)
    }
}

//! How a try ended, and what that means for its row, its line and its message.

use tacit_sqlite::rusqlite::params;
use tacit_wire::TimestampMs;

use super::{OutboxRow, Phase, Purpose, Stored};
use crate::column::ms;
use crate::{Error, MessageId, OutboxId, State, Tx};

impl Tx<'_> {
    /// Nodes stored it. The message becomes [`State::Sent`] with its hash, its copy is let go;
    /// the row is removed, or stays to be stored again. `false` when the row is gone.
    ///
    /// # Errors
    /// Those of the database.
    pub fn complete(&self, id: OutboxId, stored: &Stored, now: TimestampMs) -> Result<bool, Error> {
        let Some(row) = self.land(id)? else { return Ok(false) };
        // A second store asks other members: the better answer is the nearer to the truth.
        let (mut kept, of) = if row.phase == Phase::BelowQuorum && row.kept > stored.kept {
            (row.kept, row.of)
        } else {
            (stored.kept, stored.of)
        };
        if let Some(message) = row.message.filter(|_| row.purpose == Purpose::Deliver && !stored.members.is_empty()) {
            kept = self.keep_receipts(message, &stored.members)?.max(kept).min(of);
        }
        if let Some(message) = row.message {
            match (row.purpose, &stored.hash) {
                (Purpose::Deliver, hash) => {
                    self.set_state(message, &State::Sent { kept, of })?;
                    hash.as_ref().map_or(Ok(()), |hash| self.set_hash(message, hash))?;
                    self.let_go(message, now)?;
                    self.start_timer(message, now)?;
                }
                (Purpose::CopyToSelf, Some(hash)) => self.set_copy_hash(message, hash)?,
                (Purpose::CopyToSelf | Purpose::Notice, _) => {}
            }
        }
        match stored.again_at {
            None => self.remove(id)?,
            Some(at) => {
                self.connection
                    .prepare_cached(
                        "UPDATE outbox SET state = ?2, next_try_ms = ?3, kept = ?4, kept_of = ?5, last_error = ''
                         WHERE id = ?1",
                    )?
                    .execute(params![id, Phase::BelowQuorum.number(), ms(at), kept, of])?;
            }
        }
        Ok(true)
    }

    /// The try failed; there will be another at `next_try`. `false` when the row is gone.
    ///
    /// # Errors
    /// Those of the database.
    pub fn reschedule(&self, id: OutboxId, next_try: TimestampMs, error: &str) -> Result<bool, Error> {
        if self.land(id)?.is_none() {
            return Ok(false);
        }
        self.connection
            .prepare_cached(
                "UPDATE outbox SET attempts = attempts + 1, next_try_ms = ?2, last_error = ?3 WHERE id = ?1",
            )?
            .execute(params![id, ms(next_try), error])?;
        Ok(true)
    }

    /// The try failed, and there will be no other by itself. A message that was to be delivered
    /// becomes [`State::Failed`] and can be tried again by [`Tx::retry`]; rows of other kinds,
    /// and those that some nodes keep already, are given up. `false` when the row is gone.
    ///
    /// # Errors
    /// Those of the database.
    pub fn fail(&self, id: OutboxId, reason: &str) -> Result<bool, Error> {
        let Some(row) = self.land(id)? else { return Ok(false) };
        match row.message {
            Some(message) if row.purpose == Purpose::Deliver && row.phase != Phase::BelowQuorum => {
                self.set_state(message, &State::Failed { reason: reason.to_owned() })?;
                self.connection
                    .prepare_cached(
                        "UPDATE outbox SET state = ?2, attempts = attempts + 1, last_error = ?3 WHERE id = ?1",
                    )?
                    .execute(params![id, Phase::Failed.number(), reason])?;
            }
            _ => self.remove(id)?,
        }
        Ok(true)
    }

    /// Gives a claimed row back without a try, as when the program stops.
    ///
    /// # Errors
    /// Those of the database.
    pub fn release(&self, id: OutboxId) -> Result<(), Error> {
        self.connection.prepare_cached("DELETE FROM temp.in_flight WHERE outbox = ?1")?.execute([id])?;
        Ok(())
    }

    /// Puts the failed rows of a message back into their lines, with the same bytes. Says
    /// whether there were any.
    ///
    /// # Errors
    /// Those of the database.
    pub fn retry(&self, message: MessageId, now: TimestampMs) -> Result<bool, Error> {
        let changed = self
            .connection
            .prepare_cached(
                "UPDATE outbox SET state = ?2, attempts = 0, next_try_ms = ?3 WHERE message = ?1 AND state = ?4",
            )?
            .execute(params![message, Phase::Waiting.number(), ms(now), Phase::Failed.number()])?;
        if changed > 0 {
            self.set_state(message, &State::Queued)?;
        }
        Ok(changed > 0)
    }

    /// Makes everything that waits due now, as when the network is back.
    ///
    /// # Errors
    /// Those of the database.
    pub fn hasten(&self, now: TimestampMs) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE outbox SET next_try_ms = ?1
                 WHERE (state = 0 OR (state = 1 AND next_try_ms < sent_ms + ttl_ms)) AND next_try_ms > ?1",
            )?
            .execute([ms(now)])?;
        Ok(())
    }

    /// Makes a message due that some members of the swarm do not keep: the same bytes go to
    /// another member. False when all keep it, or when its lifetime is over.
    ///
    /// # Errors
    /// Those of the database.
    pub fn store_again(&self, message: MessageId, now: TimestampMs) -> Result<bool, Error> {
        let changed = self
            .connection
            .prepare_cached(
                "UPDATE outbox SET next_try_ms = ?2
                 WHERE message = ?1 AND state = 1 AND purpose = 0 AND sent_ms + ttl_ms > ?2",
            )?
            .execute(params![message, ms(now)])?;
        Ok(changed > 0)
    }

    /// What we sent we have read: its timer runs from T, or from now if it went out too late for
    /// that (protocol: messages 4.9).
    fn start_timer(&self, message: MessageId, now: TimestampMs) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE message SET expires_ms = iif(sent_ms + expiry_s * 1000 > ?2, sent_ms, ?2) + expiry_s * 1000
                 WHERE id = ?1 AND expiry_mode <> 0 AND expires_ms IS NULL",
            )?
            .execute(params![message, ms(now)])?;
        Ok(())
    }

    /// The row, no longer in flight.
    fn land(&self, id: OutboxId) -> Result<Option<OutboxRow>, Error> {
        self.release(id)?;
        self.outbox_row(id)
    }

    /// Puts a message's held copies into their line.
    fn let_go(&self, message: MessageId, now: TimestampMs) -> Result<(), Error> {
        self.connection
            .prepare_cached("UPDATE outbox SET state = ?2, next_try_ms = ?3 WHERE message = ?1 AND state = ?4")?
            .execute(params![message, Phase::Waiting.number(), ms(now), Phase::Held.number()])?;
        Ok(())
    }

    fn remove(&self, id: OutboxId) -> Result<(), Error> {
        self.connection.prepare_cached("DELETE FROM outbox WHERE id = ?1")?.execute([id])?;
        Ok(())
    }
}

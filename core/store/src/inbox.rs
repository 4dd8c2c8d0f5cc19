//! What was received: how far each node was read, and what was seen, so that nothing is handled
//! twice and nothing is fetched for ever (protocol: messages 5.1, 10.2, 10.3).
//!
//! A batch is one [`crate::Store::write`]: for each item [`Tx::remember`] and then its handler
//! within [`Tx::attempt`], or [`Tx::skip`]; at the end [`Tx::set_last_hash`].

use tacit_sqlite::rusqlite::{OptionalExtension, params};
use tacit_wire::{AccountId, MessageHash, Namespace, NodeId, TimestampMs};

use crate::column::ms;
use crate::{ConversationId, Error, MessageId, Queries, Tx};

const DAY: u64 = 24 * 60 * 60 * 1000;
/// A hash is remembered at least so long, whatever a node says, so that it is not fetched and
/// handled again at every poll …
const REMEMBER_MIN: u64 = DAY;
/// … and at most so long: nodes keep nothing for longer than 30 days.
const REMEMBER_MAX: u64 = 31 * DAY;
/// Reactions to messages that never came are kept so long (protocol: messages 4.6) …
const EARLY_REACTION: u64 = 7 * DAY;
/// … and requests to unsend such: nodes keep nothing of others for longer.
const EARLY_UNSEND: u64 = 14 * DAY;
/// Rows that one call of [`Tx::purge_expired`] removes of each kind.
const PURGE_AT_ONCE: i64 = 500;

/// One box of one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mailbox {
    /// Whose.
    pub account: AccountId,
    /// Which.
    pub namespace: Namespace,
}

/// What [`Tx::purge_expired`] removed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Purged {
    /// Messages whose time had come.
    pub messages: Vec<(ConversationId, MessageId)>,
    /// Whether there is more to remove: call again.
    pub more: bool,
}

impl Queries {
    /// Whether a message was handled or skipped before.
    ///
    /// # Errors
    /// Those of the database.
    pub fn is_seen(&self, mailbox: &Mailbox, hash: &MessageHash) -> Result<bool, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT EXISTS(SELECT 1 FROM seen_hash WHERE account = ?1 AND namespace = ?2 AND hash = ?3)",
        )?;
        let values = params![mailbox.account.as_bytes(), mailbox.namespace.0, hash.as_str()];
        Ok(statement.query_row(values, |row| row.get(0))?)
    }

    /// How far a node's box was read; `None` to read it from the start.
    ///
    /// # Errors
    /// Those of the database.
    pub fn last_hash(&self, node: &NodeId, mailbox: &Mailbox) -> Result<Option<MessageHash>, Error> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT hash FROM last_hash WHERE account = ?1 AND namespace = ?2 AND node = ?3")?;
        let values = params![mailbox.account.as_bytes(), mailbox.namespace.0, node.as_bytes()];
        let text: Option<String> = statement.query_row(values, |row| row.get(0)).optional()?;
        // A cursor that can't be read costs one full read of the box, nothing else.
        Ok(text.and_then(|text| text.parse().ok()))
    }

    /// How many messages were skipped, by reason.
    ///
    /// # Errors
    /// Those of the database.
    pub fn skipped(&self) -> Result<Vec<(String, u64)>, Error> {
        let mut statement = self.connection.prepare_cached("SELECT reason, count FROM skipped ORDER BY reason")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)))?;
        rows.map(|row| row.map(|(reason, count)| (reason, count.unsigned_abs())).map_err(Error::from)).collect()
    }
}

impl Tx<'_> {
    /// Remembers a message as seen until its expiry at the nodes. `false` when it was seen
    /// before: then don't handle it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn remember(
        &self,
        mailbox: &Mailbox,
        hash: &MessageHash,
        expires_at: TimestampMs,
        now: TimestampMs,
    ) -> Result<bool, Error> {
        let (least, most) = (now.0.saturating_add(REMEMBER_MIN), now.0.saturating_add(REMEMBER_MAX));
        let until = TimestampMs(expires_at.0.clamp(least, most));
        let new = self
            .connection
            .prepare_cached(
                "INSERT INTO seen_hash(account, namespace, hash, expires_ms) VALUES(?1, ?2, ?3, ?4)
                 ON CONFLICT DO NOTHING",
            )?
            .execute(params![mailbox.account.as_bytes(), mailbox.namespace.0, hash.as_str(), ms(until)])?;
        Ok(new == 1)
    }

    /// Counts a message that can't be used, by a reason from a fixed list, once: `hash` must
    /// have been remembered as new.
    ///
    /// # Errors
    /// Those of the database.
    pub fn skip(&self, reason: &'static str, now: TimestampMs) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO skipped(reason, count, last_ms) VALUES(?1, 1, ?2)
                 ON CONFLICT DO UPDATE SET count = count + 1, last_ms = ?2",
            )?
            .execute(params![reason, ms(now)])?;
        Ok(())
    }

    /// Keeps how far a node's box was read.
    ///
    /// # Errors
    /// Those of the database.
    pub fn set_last_hash(&self, node: &NodeId, mailbox: &Mailbox, hash: &MessageHash) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO last_hash(account, namespace, node, hash) VALUES(?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET hash = ?4 WHERE hash <> ?4",
            )?
            .execute(params![mailbox.account.as_bytes(), mailbox.namespace.0, node.as_bytes(), hash.as_str()])?;
        Ok(())
    }

    /// Forgets the cursors of nodes that left an account's swarm. Returns how many.
    ///
    /// # Errors
    /// Those of the database.
    pub fn keep_cursors_of(&self, account: &AccountId, members: &[NodeId]) -> Result<usize, Error> {
        let mut find = self.connection.prepare_cached("SELECT DISTINCT node FROM last_hash WHERE account = ?1")?;
        let nodes = find.query_map([account.as_bytes()], |row| row.get(0).map(NodeId))?;
        let nodes = nodes.collect::<Result<Vec<_>, _>>()?;
        let mut forget = self.connection.prepare_cached("DELETE FROM last_hash WHERE account = ?1 AND node = ?2")?;
        let mut forgotten = 0;
        for node in nodes.iter().filter(|node| !members.contains(node)) {
            forgotten += forget.execute(params![account.as_bytes(), node.as_bytes()])?;
        }
        Ok(forgotten)
    }

    /// Forgets the cursors that name a message, since it was deleted at the nodes.
    ///
    /// # Errors
    /// Those of the database.
    pub fn drop_cursors_at(&self, mailbox: &Mailbox, hash: &MessageHash) -> Result<(), Error> {
        self.connection
            .prepare_cached("DELETE FROM last_hash WHERE account = ?1 AND namespace = ?2 AND hash = ?3")?
            .execute(params![mailbox.account.as_bytes(), mailbox.namespace.0, hash.as_str()])?;
        Ok(())
    }

    /// Removes what has expired: messages, remembered hashes, what waits for messages that never
    /// came, and rows of the outbox that were
    /// stored once and are not worth storing again. A bounded amount at a time.
    ///
    /// # Errors
    /// Those of the database.
    pub fn purge_expired(&self, now: TimestampMs) -> Result<Purged, Error> {
        let older = |than: u64| ms(TimestampMs(now.0.saturating_sub(than)));
        for (sql, than) in [
            ("DELETE FROM reaction WHERE message IS NULL AND received_ms <= ?1", EARLY_REACTION),
            ("DELETE FROM early_unsend WHERE received_ms <= ?1", EARLY_UNSEND),
        ] {
            self.connection.prepare_cached(sql)?.execute([older(than)])?;
        }
        let now = ms(now);
        let limits = params![now, PURGE_AT_ONCE];
        let mut expired = self.connection.prepare_cached(
            "DELETE FROM message WHERE id IN (SELECT id FROM message WHERE expires_ms <= ?1 LIMIT ?2)
             RETURNING conversation, id",
        )?;
        let messages = expired.query_map(limits, |row| Ok((row.get(0)?, row.get(1)?)))?;
        let messages = messages.collect::<Result<Vec<_>, _>>()?;
        let hashes = self
            .connection
            .prepare_cached(
                "DELETE FROM seen_hash WHERE (account, namespace, hash) IN
                   (SELECT account, namespace, hash FROM seen_hash WHERE expires_ms <= ?1 LIMIT ?2)",
            )?
            .execute(limits)?;
        self.connection
            .prepare_cached("DELETE FROM outbox WHERE state = 1 AND sent_ms + ttl_ms <= ?1")?
            .execute([now])?;
        let full = usize::try_from(PURGE_AT_ONCE).unwrap_or(usize::MAX);
        let more = messages.len() >= full || hashes >= full;
        Ok(Purged { messages, more })
    }
}

//! Synced configuration as this device keeps it: the state of each config object, opaque here;
//! what changed in the tables and is not in an object yet; and whom we took out of our list
//! (protocol: config 4, 7; messages 4.10).

mod apply;

use tacit_sqlite::rusqlite::{OptionalExtension, params};
use tacit_wire::{AccountId, MessageHash, Namespace, TimestampMs};
use zeroize::Zeroizing;

pub use apply::{OwnProfile, SyncedContact, SyncedSettings};

use crate::column::{Columns, ms};
use crate::{Error, Mailbox, Queries, Tx};

/// Removals are remembered for longer than nodes keep messages.
const REMEMBER_REMOVED_MS: u64 = 31 * 24 * 3_600_000;

/// One config object. No `Debug`: the dump may hold keys of groups.
pub struct ConfigRow {
    /// The object, as the config engine wrote it.
    pub dump: Zeroizing<Vec<u8>>,
    /// When it last changed, here or on another device.
    pub changed: TimestampMs,
    /// When the lifetime of its messages was last extended.
    pub extended: TimestampMs,
    /// Messages to be deleted at the nodes with the next push.
    pub obsolete: Vec<MessageHash>,
}

/// Something that changed in the tables and is not in a config object yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dirty {
    /// Our own profile, or the settings of the note to self.
    Profile,
    /// A person: the contact, or the conversation with them.
    Contact(AccountId),
    /// How far a conversation was read.
    ReadState(AccountId),
}

impl Dirty {
    fn read(namespace: i16, key: &[u8]) -> Option<Self> {
        let account = || AccountId::from_bytes(key.try_into().ok()?).ok();
        match Namespace(namespace) {
            Namespace::PROFILE => Some(Self::Profile),
            Namespace::CONTACTS => account().map(Self::Contact),
            Namespace::VOLATILE => account().map(Self::ReadState),
            _ => None,
        }
    }

    fn columns(&self) -> (i16, &[u8]) {
        match self {
            Self::Profile => (Namespace::PROFILE.0, &[]),
            Self::Contact(account) => (Namespace::CONTACTS.0, account.as_bytes()),
            Self::ReadState(account) => (Namespace::VOLATILE.0, account.as_bytes()),
        }
    }
}

impl Queries {
    /// A config object, if there is one yet.
    ///
    /// # Errors
    /// Those of the database.
    pub fn config(&self, mailbox: &Mailbox) -> Result<Option<ConfigRow>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT dump, changed_ms, extended_ms, obsolete FROM config WHERE account = ?1 AND namespace = ?2",
        )?;
        let row = statement.query_row(params![mailbox.account.as_bytes(), mailbox.namespace.0], |row| {
            let mut columns = Columns::of(row);
            Ok(ConfigRow {
                dump: Zeroizing::new(columns.take()?),
                changed: columns.time()?,
                extended: columns.time()?,
                obsolete: hashes(&columns.take::<String>()?),
            })
        });
        Ok(row.optional()?)
    }

    /// Whether anything changed in the tables that is not in a config object yet.
    ///
    /// # Errors
    /// Those of the database.
    pub fn config_is_dirty(&self) -> Result<bool, Error> {
        let mut statement = self.connection.prepare_cached("SELECT EXISTS(SELECT 1 FROM config_dirty)")?;
        Ok(statement.query_row([], |row| row.get(0))?)
    }

    /// How many rows this connection has changed so far: the same number means that nothing was.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.connection.total_changes()
    }

    /// Until when messages from and to an account do not bring its conversation back, since it was
    /// removed then; zero if it never was.
    ///
    /// # Errors
    /// Those of the database.
    pub fn removed_until(&self, who: &AccountId) -> Result<TimestampMs, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT coalesce((SELECT until_ms FROM removed WHERE peer = ?1),
                             (SELECT until_ms FROM removed WHERE peer = x''), 0)",
        )?;
        Ok(statement.query_row([who.as_bytes()], |row| Columns::of(row).time())?)
    }
}

impl Tx<'_> {
    /// Keeps a config object.
    ///
    /// # Errors
    /// Those of the database.
    pub fn set_config(&self, mailbox: &Mailbox, dump: &[u8]) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO config(account, namespace, dump) VALUES(?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET dump = ?3",
            )?
            .execute(params![mailbox.account.as_bytes(), mailbox.namespace.0, dump])?;
        Ok(())
    }

    /// Tells that a kept object changed at a time; earlier ones are ignored.
    ///
    /// # Errors
    /// Those of the database.
    pub fn set_config_changed(&self, mailbox: &Mailbox, at: TimestampMs) -> Result<(), Error> {
        let sql = "UPDATE config SET changed_ms = max(changed_ms, ?3) WHERE account = ?1 AND namespace = ?2";
        self.update_config(sql, mailbox, ms(at))
    }

    /// Tells that the lifetime of a kept object's messages was extended.
    ///
    /// # Errors
    /// Those of the database.
    pub fn set_config_extended(&self, mailbox: &Mailbox, at: TimestampMs) -> Result<(), Error> {
        let sql = "UPDATE config SET extended_ms = ?3 WHERE account = ?1 AND namespace = ?2";
        self.update_config(sql, mailbox, ms(at))
    }

    /// Keeps which messages of a kept object are to be deleted at the nodes.
    ///
    /// # Errors
    /// Those of the database.
    pub fn set_config_obsolete(&self, mailbox: &Mailbox, messages: &[MessageHash]) -> Result<(), Error> {
        let lines: Vec<&str> = messages.iter().map(MessageHash::as_str).collect();
        let sql = "UPDATE config SET obsolete = ?3 WHERE account = ?1 AND namespace = ?2";
        self.update_config(sql, mailbox, lines.join("\n"))
    }

    fn update_config(
        &self,
        sql: &str,
        mailbox: &Mailbox,
        value: impl tacit_sqlite::rusqlite::ToSql,
    ) -> Result<(), Error> {
        let values = params![mailbox.account.as_bytes(), mailbox.namespace.0, value];
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    /// Takes what changed in the tables: whoever calls puts it into the config objects, in the same
    /// transaction.
    ///
    /// # Errors
    /// Those of the database.
    pub fn take_dirty(&self) -> Result<Vec<Dirty>, Error> {
        let mut statement =
            self.connection.prepare_cached("SELECT namespace, key FROM config_dirty ORDER BY namespace, key")?;
        let rows = statement.query_map([], |row| Ok(Dirty::read(row.get(0)?, &row.get::<_, Vec<u8>>(1)?)))?;
        let dirty = rows.collect::<Result<Vec<_>, _>>()?;
        if !dirty.is_empty() {
            self.connection.prepare_cached("DELETE FROM config_dirty")?.execute([])?;
        }
        Ok(dirty.into_iter().flatten().collect())
    }

    /// Says that something has to go into its config object, as changes of the tables do by
    /// themselves.
    ///
    /// # Errors
    /// Those of the database.
    pub fn set_dirty(&self, dirty: &Dirty) -> Result<(), Error> {
        let (namespace, key) = dirty.columns();
        self.connection
            .prepare_cached("INSERT OR IGNORE INTO config_dirty VALUES(?1, ?2)")?
            .execute(params![namespace, key])?;
        Ok(())
    }

    /// Says that everything the tables have of a config box has to go into its object: the nodes
    /// have nothing of it any more.
    ///
    /// # Errors
    /// Those of the database.
    pub fn set_all_dirty(&self, namespace: Namespace) -> Result<(), Error> {
        let rows = match namespace {
            Namespace::PROFILE => {
                "SELECT 2, x'' FROM account
                 WHERE display_name <> '' OR EXISTS(SELECT 1 FROM conversation WHERE kind = 1)"
            }
            Namespace::CONTACTS => {
                "SELECT 3, account FROM contact WHERE approved = 1 OR blocked = 1
                 UNION SELECT 3, peer FROM conversation WHERE kind = 0"
            }
            Namespace::VOLATILE => {
                "SELECT 4, peer FROM conversation WHERE kind <= 1 AND (read_ms > 0 OR marked_unread = 1)"
            }
            _ => return Ok(()),
        };
        self.connection.prepare_cached(&format!("INSERT OR IGNORE INTO config_dirty {rows}"))?.execute([])?;
        Ok(())
    }

    /// Forgets how far a box was read and what was seen of it, so that it is read again in full.
    ///
    /// # Errors
    /// Those of the database.
    pub fn read_again(&self, mailbox: &Mailbox) -> Result<(), Error> {
        for table in ["last_hash", "seen_hash"] {
            self.connection
                .prepare_cached(&format!("DELETE FROM {table} WHERE account = ?1 AND namespace = ?2"))?
                .execute(params![mailbox.account.as_bytes(), mailbox.namespace.0])?;
        }
        Ok(())
    }

    /// Remembers that somebody was taken out of the list: what was written until then does not
    /// bring them back. `None` stands for everybody whom nothing else is known of.
    ///
    /// # Errors
    /// Those of the database.
    pub fn set_removed(&self, who: Option<&AccountId>, until: TimestampMs) -> Result<(), Error> {
        let forget = TimestampMs(until.0.saturating_sub(REMEMBER_REMOVED_MS));
        self.connection.prepare_cached("DELETE FROM removed WHERE until_ms < ?1")?.execute([ms(forget)])?;
        let peer: &[u8] = who.map_or(&[], |who| who.as_bytes());
        self.connection
            .prepare_cached(
                "INSERT INTO removed(peer, until_ms) VALUES(?1, ?2)
                 ON CONFLICT DO UPDATE SET until_ms = max(until_ms, ?2)",
            )?
            .execute(params![peer, ms(until)])?;
        Ok(())
    }
}

/// Hashes that stand a line each; what is none is left out.
fn hashes(lines: &str) -> Vec<MessageHash> {
    lines.lines().filter_map(|line| line.parse().ok()).collect()
}

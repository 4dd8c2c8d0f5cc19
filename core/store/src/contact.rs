//! Everyone met: how they and we call them, and what they may do (protocol: messages 4.10, 4.11).

use tacit_sqlite::rusqlite::{self, OptionalExtension, Row, params};
use tacit_wire::{AccountId, TimestampMs};

use crate::column::{Columns, clamped, ms};
use crate::{Error, Queries, Tx};

/// What is known of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Who.
    pub account: AccountId,
    /// How they call themselves; empty if they never said.
    pub name: String,
    /// How we call them; empty for none.
    pub nickname: String,
    /// Their time of the profile, in seconds since 1970.
    pub profile_updated_s: u64,
    /// Where their picture is; empty for none.
    pub picture_url: String,
    /// The key of the picture.
    pub picture_key: Vec<u8>,
    /// We wrote to them or accepted their request.
    pub approved: bool,
    /// They accepted us or wrote to us.
    pub approved_me: bool,
    /// Nothing of theirs is shown.
    pub blocked: bool,
    /// When we first met them.
    pub created: TimestampMs,
}

impl Contact {
    /// The name to show: ours for them, else theirs; empty if there is neither.
    #[must_use]
    pub fn shown_name(&self) -> &str {
        if self.nickname.is_empty() { &self.name } else { &self.nickname }
    }
}

/// A profile as it came with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Profile<'a> {
    /// Display name; empty ones are ignored.
    pub name: &'a str,
    /// When they last changed it, in seconds since 1970; 0 if they did not say.
    pub updated_s: u64,
    /// Where the picture is; empty for none.
    pub picture_url: &'a str,
    /// The key of the picture.
    pub picture_key: &'a [u8],
}

impl Queries {
    /// What is known of an account.
    ///
    /// # Errors
    /// Those of the database.
    pub fn contact(&self, who: &AccountId) -> Result<Option<Contact>, Error> {
        let mut statement =
            self.connection.prepare_cached(&format!("SELECT {COLUMNS} FROM contact WHERE account = ?1"))?;
        Ok(statement.query_row([who.as_bytes()], contact).optional()?)
    }

    /// Those whom we approved, in the order in which we met them.
    ///
    /// # Errors
    /// Those of the database.
    pub fn contacts(&self) -> Result<Vec<Contact>, Error> {
        let mut statement =
            self.connection.prepare_cached(&format!("SELECT {COLUMNS} FROM contact WHERE approved = 1 ORDER BY id"))?;
        let rows = statement.query_map([], contact)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Those whom we blocked, in the order in which we met them.
    ///
    /// # Errors
    /// Those of the database.
    pub fn blocked(&self) -> Result<Vec<Contact>, Error> {
        let mut statement =
            self.connection.prepare_cached(&format!("SELECT {COLUMNS} FROM contact WHERE blocked = 1 ORDER BY id"))?;
        let rows = statement.query_map([], contact)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    /// Sets whether we approve them. Creates the contact if need be, as all of these do.
    ///
    /// # Errors
    /// Those of the database.
    pub fn set_approved(&self, who: &AccountId, approved: bool, now: TimestampMs) -> Result<(), Error> {
        self.set_flag("UPDATE contact SET approved = ?2 WHERE id = ?1", who, approved, now)
    }

    /// Sets whether they approve us, which writing to us shows too.
    ///
    /// # Errors
    /// Those of the database.
    pub fn set_approved_me(&self, who: &AccountId, approved_me: bool, now: TimestampMs) -> Result<(), Error> {
        self.set_flag("UPDATE contact SET approved_me = ?2 WHERE id = ?1", who, approved_me, now)
    }

    /// Sets whether they are blocked.
    ///
    /// # Errors
    /// Those of the database.
    pub fn set_blocked(&self, who: &AccountId, blocked: bool, now: TimestampMs) -> Result<(), Error> {
        self.set_flag("UPDATE contact SET blocked = ?2 WHERE id = ?1", who, blocked, now)
    }

    /// Sets how we call them; empty for their own name.
    ///
    /// # Errors
    /// Those of the database.
    pub fn set_nickname(&self, who: &AccountId, nickname: &str, now: TimestampMs) -> Result<(), Error> {
        let row = row_of(self, who, now)?;
        self.connection
            .prepare_cached("UPDATE contact SET nickname = ?2 WHERE id = ?1")?
            .execute(params![row, nickname])?;
        Ok(())
    }

    /// Takes over a profile that came with a message, if it is newer than the one we have, or
    /// neither has a time. An empty name leaves the old one. Says whether anything changed.
    ///
    /// # Errors
    /// Those of the database.
    pub fn update_profile(&self, who: &AccountId, profile: &Profile<'_>, now: TimestampMs) -> Result<bool, Error> {
        let row = row_of(self, who, now)?;
        let mut statement = self.connection.prepare_cached(
            "UPDATE contact SET name = iif(?2 = '', name, ?2), profile_updated_s = ?3,
                                picture_url = ?4, picture_key = ?5
             WHERE id = ?1 AND (?3 > profile_updated_s OR (?3 = 0 AND profile_updated_s = 0))
               AND (name, profile_updated_s, picture_url, picture_key)
                   IS NOT (iif(?2 = '', name, ?2), ?3, ?4, ?5)",
        )?;
        let updated = clamped(profile.updated_s);
        let values = params![row, profile.name, updated, profile.picture_url, profile.picture_key];
        Ok(statement.execute(values)? == 1)
    }

    fn set_flag(&self, sql: &str, who: &AccountId, value: bool, now: TimestampMs) -> Result<(), Error> {
        let row = row_of(self, who, now)?;
        self.connection.prepare_cached(sql)?.execute(params![row, value])?;
        // Requests are listed apart, by a column of their own so that strangers' conversations
        // don't slow down the list of the others.
        self.connection
            .prepare_cached(
                "UPDATE conversation SET request =
                   (SELECT approved = 0 AND approved_me = 1 FROM contact WHERE id = ?1)
                 WHERE kind = 0 AND peer = ?2",
            )?
            .execute(params![row, who.as_bytes()])?;
        Ok(())
    }
}

/// The row of an account, made if need be.
pub(crate) fn row_of(tx: &Tx<'_>, who: &AccountId, now: TimestampMs) -> Result<i64, Error> {
    let find = || {
        let mut statement = tx.connection.prepare_cached("SELECT id FROM contact WHERE account = ?1")?;
        statement.query_row([who.as_bytes()], |row| row.get(0)).optional()
    };
    if let Some(row) = find()? {
        return Ok(row);
    }
    tx.connection
        .prepare_cached("INSERT INTO contact(account, created_ms) VALUES(?1, ?2)")?
        .execute(params![who.as_bytes(), ms(now)])?;
    Ok(tx.connection.last_insert_rowid())
}

const COLUMNS: &str = "account, name, nickname, profile_updated_s, picture_url, picture_key,
    approved, approved_me, blocked, created_ms";

fn contact(row: &Row<'_>) -> rusqlite::Result<Contact> {
    let mut columns = Columns::of(row);
    Ok(Contact {
        account: columns.account()?,
        name: columns.take()?,
        nickname: columns.take()?,
        profile_updated_s: columns.unsigned()?,
        picture_url: columns.take()?,
        picture_key: columns.take()?,
        approved: columns.take()?,
        approved_me: columns.take()?,
        blocked: columns.take()?,
        created: columns.time()?,
    })
}

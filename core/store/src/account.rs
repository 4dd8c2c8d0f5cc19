//! Whose database this is, and the times of what it sends.

use tacit_crypto::{AccountKeys, Seed};
use tacit_sqlite::rusqlite::{OptionalExtension, params};
use tacit_wire::{AccountId, TimestampMs};
use zeroize::Zeroizing;

use crate::column::{Columns, clamped, ms};
use crate::{Error, Queries, Tx, contact};

/// The account of this database. No `Debug`: it holds the seed.
#[derive(Clone)]
pub struct Account {
    /// The 16 bytes that are the whole account.
    pub seed: Seed,
    /// The name that others see; may be empty until chosen.
    pub display_name: String,
    /// When name or picture were last changed, in seconds since 1970; 0 if never.
    pub profile_updated_s: u64,
    /// Where our picture is; empty for none.
    pub picture_url: String,
    /// The key of the picture.
    pub picture_key: Vec<u8>,
    /// When the picture was last uploaded.
    pub picture_uploaded: TimestampMs,
    /// When it was created or restored here.
    pub created: TimestampMs,
}

impl Queries {
    /// The account, or `None` before [`Tx::create_account`].
    ///
    /// # Errors
    /// Those of the database.
    pub fn account(&self) -> Result<Option<Account>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT seed, display_name, profile_updated_s, picture_url, picture_key, picture_uploaded_ms, created_ms
             FROM account WHERE id = 1",
        )?;
        let account = statement.query_row([], |row| {
            let mut columns = Columns::of(row);
            let seed: Zeroizing<[u8; 16]> = Zeroizing::new(columns.take()?);
            Ok(Account {
                seed: Seed::from_bytes(*seed),
                display_name: columns.take()?,
                profile_updated_s: columns.unsigned()?,
                picture_url: columns.take()?,
                picture_key: columns.take()?,
                picture_uploaded: columns.time()?,
                created: columns.time()?,
            })
        });
        Ok(account.optional()?)
    }
}

impl Tx<'_> {
    /// Puts the account into a new database.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is one; those of the database.
    pub fn create_account(&self, seed: &Seed, display_name: &str, now: TimestampMs) -> Result<(), Error> {
        self.connection.execute(
            "INSERT INTO account(id, seed, display_name, created_ms) VALUES(1, ?1, ?2, ?3)",
            params![seed.as_bytes(), display_name, ms(now)],
        )?;
        let own = AccountId::from_x25519(&AccountKeys::from_seed(seed).x25519_public());
        contact::row_of(self, &own, now)?;
        Ok(())
    }

    /// Changes the name that others see; `updated_s` is the profile's new time.
    ///
    /// # Errors
    /// [`Error::Unknown`] before there is an account; those of the database.
    pub fn set_display_name(&self, name: &str, updated_s: u64) -> Result<(), Error> {
        let changed = self.connection.execute(
            "UPDATE account SET display_name = ?1, profile_updated_s = ?2 WHERE id = 1",
            params![name, clamped(updated_s)],
        )?;
        if changed == 1 { Ok(()) } else { Err(Error::Unknown { what: "account" }) }
    }

    /// The T of the next message of any kind: network time, or one more than the last T given
    /// out if that is later, also over restarts and with a clock that was set back
    /// (protocol: messages 2.1, 10.1).
    ///
    /// # Errors
    /// [`Error::Unknown`] before there is an account; those of the database.
    pub fn next_sent_at(&self, now: TimestampMs) -> Result<TimestampMs, Error> {
        let mut statement = self.connection.prepare_cached(
            "UPDATE account SET last_sent_ms = max(last_sent_ms + 1, ?1) WHERE id = 1 RETURNING last_sent_ms",
        )?;
        let given = statement.query_row([ms(now)], |row| Columns::of(row).time()).optional()?;
        given.ok_or(Error::Unknown { what: "account" })
    }
}

//! Small things to keep: settings by key, and the network's snapshot.

use tacit_sqlite::rusqlite::{OptionalExtension, params};

use crate::{Error, Queries, Tx};

impl Queries {
    /// A setting.
    ///
    /// # Errors
    /// Those of the database.
    pub fn setting(&self, key: &str) -> Result<Option<String>, Error> {
        let mut statement = self.connection.prepare_cached("SELECT value FROM setting WHERE key = ?1")?;
        Ok(statement.query_row([key], |row| row.get(0)).optional()?)
    }

    /// What the network was when it was last seen; opaque here.
    ///
    /// # Errors
    /// Those of the database.
    pub fn node_cache(&self) -> Result<Option<Vec<u8>>, Error> {
        let mut statement = self.connection.prepare_cached("SELECT snapshot FROM node_cache WHERE id = 1")?;
        Ok(statement.query_row([], |row| row.get(0)).optional()?)
    }
}

impl Tx<'_> {
    /// Keeps a setting.
    ///
    /// # Errors
    /// Those of the database.
    pub fn set_setting(&self, key: &str, value: &str) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO setting(key, value) VALUES(?1, ?2) ON CONFLICT DO UPDATE SET value = ?2 WHERE value <> ?2",
            )?
            .execute(params![key, value])?;
        Ok(())
    }

    /// Forgets a setting, so that its default holds again.
    ///
    /// # Errors
    /// Those of the database.
    pub fn clear_setting(&self, key: &str) -> Result<(), Error> {
        self.connection.prepare_cached("DELETE FROM setting WHERE key = ?1")?.execute([key])?;
        Ok(())
    }

    /// Keeps the network's snapshot in place of the last one.
    ///
    /// # Errors
    /// Those of the database.
    pub fn set_node_cache(&self, snapshot: &[u8]) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO node_cache(id, snapshot) VALUES(1, ?1) ON CONFLICT DO UPDATE SET snapshot = ?1",
            )?
            .execute([snapshot])?;
        Ok(())
    }
}

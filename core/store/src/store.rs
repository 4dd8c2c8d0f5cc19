//! The store, its transactions, and what both can read.

use std::ops::Deref;

use tacit_sqlite::rusqlite::Connection;

use crate::Error;

/// The database of one account. Reads go through [`Queries`] (by `Deref`), changes through
/// [`Store::write`].
pub struct Store {
    queries: Queries,
}

/// Everything that can be read; also within a transaction, where it sees the changes so far.
pub struct Queries {
    pub(crate) connection: Connection,
}

/// A transaction: all changes made through it are kept, or none.
///
/// An error of the store must be passed on by the closure, except from [`Tx::attempt`]: some
/// errors (a full disk) end the transaction then and there.
pub struct Tx<'store> {
    queries: &'store Queries,
}

impl Deref for Store {
    type Target = Queries;

    fn deref(&self) -> &Queries {
        &self.queries
    }
}

impl Deref for Tx<'_> {
    type Target = Queries;

    fn deref(&self) -> &Queries {
        self.queries
    }
}

impl Store {
    pub(crate) fn over(connection: Connection) -> Self {
        Self { queries: Queries { connection } }
    }

    /// Runs `work` in one transaction. When this returns `Ok`, everything is on the disk: it
    /// survives the death of the process and the loss of power. Otherwise nothing was changed.
    ///
    /// # Errors
    /// Those of `work`, and those of the commit.
    pub fn write<T, E: From<Error>>(&mut self, work: impl FnOnce(&Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        let connection = &self.queries.connection;
        connection.execute_batch("BEGIN IMMEDIATE").map_err(Error::from)?;
        // A panic in `work` must not leave the transaction open for the next caller.
        let guard = RollbackUnlessDone(connection);
        let value = work(&Tx { queries: &self.queries })?;
        if connection.is_autocommit() {
            return Err(Error::Refused { detail: "an error within a transaction was passed over".to_owned() }.into());
        }
        connection.execute_batch("COMMIT").map_err(Error::from)?;
        drop(guard);
        Ok(value)
    }

    /// Closes the file, so that nothing is left to replay at the next opening.
    ///
    /// # Errors
    /// When the last pages can't be written into the main file; they stay in the log, and
    /// nothing is lost.
    pub fn close(self) -> Result<(), Error> {
        let connection = self.queries.connection;
        // Closing does this too, but keeps to itself when it could not.
        let taken_over = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        connection.close().map_err(|(_, error)| error)?;
        Ok(taken_over?)
    }
}

struct RollbackUnlessDone<'c>(&'c Connection);

impl Drop for RollbackUnlessDone<'_> {
    fn drop(&mut self) {
        if !self.0.is_autocommit() {
            // Fails only where SQLite has rolled back already.
            let _ = self.0.execute_batch("ROLLBACK");
        }
    }
}

impl Tx<'_> {
    /// Runs `work` so that its failure undoes only its own changes: one bad item does not stop
    /// a batch. The inner result is `work`'s.
    ///
    /// # Errors
    /// When the whole transaction is lost; pass that on.
    pub fn attempt<T, E>(&self, work: impl FnOnce(&Self) -> Result<T, E>) -> Result<Result<T, E>, Error> {
        let connection = &self.queries.connection;
        connection.execute_batch("SAVEPOINT attempt")?;
        let result = work(self);
        if result.is_err() {
            connection.execute_batch("ROLLBACK TO attempt")?;
        }
        connection.execute_batch("RELEASE attempt")?;
        Ok(result)
    }
}

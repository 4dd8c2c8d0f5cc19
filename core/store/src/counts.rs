//! How much of everything there is, for diagnostics. Reads whole indexes: not for the screen.

use tacit_sqlite::rusqlite::params;

use crate::column::Columns;
use crate::{Error, Queries};

/// Numbers of rows, and the size of the file. No contents.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    /// Accounts met.
    pub contacts: u64,
    /// Conversations of all kinds.
    pub conversations: u64,
    /// Of those, requests.
    pub requests: u64,
    /// Messages.
    pub messages: u64,
    /// Rows of the outbox that wait.
    pub outbox_waiting: u64,
    /// Rows that too few nodes keep.
    pub outbox_below_quorum: u64,
    /// Rows that failed for good.
    pub outbox_failed: u64,
    /// Copies that wait for their message's delivery.
    pub outbox_held: u64,
    /// Rows being stored at this moment.
    pub outbox_in_flight: u64,
    /// Hashes remembered.
    pub seen_hashes: u64,
    /// Cursors into nodes' boxes.
    pub cursors: u64,
    /// Messages that could not be used, for all reasons.
    pub skipped: u64,
    /// Bytes of the main file, without its log.
    pub file_bytes: u64,
}

impl Queries {
    /// Counts everything.
    ///
    /// # Errors
    /// Those of the database.
    pub fn counts(&self) -> Result<Counts, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT (SELECT count(*) FROM contact), (SELECT count(*) FROM conversation),
                    (SELECT count(*) FROM conversation WHERE request = 1), (SELECT count(*) FROM message),
                    (SELECT count(*) FROM outbox WHERE state = 0), (SELECT count(*) FROM outbox WHERE state = 1),
                    (SELECT count(*) FROM outbox WHERE state = 2), (SELECT count(*) FROM outbox WHERE state = 3),
                    (SELECT count(*) FROM temp.in_flight), (SELECT count(*) FROM seen_hash),
                    (SELECT count(*) FROM last_hash), (SELECT coalesce(sum(count), 0) FROM skipped),
                    (SELECT page_count * page_size FROM pragma_page_count, pragma_page_size)",
        )?;
        Ok(statement.query_row(params![], |row| {
            let mut columns = Columns::of(row);
            Ok(Counts {
                contacts: columns.unsigned()?,
                conversations: columns.unsigned()?,
                requests: columns.unsigned()?,
                messages: columns.unsigned()?,
                outbox_waiting: columns.unsigned()?,
                outbox_below_quorum: columns.unsigned()?,
                outbox_failed: columns.unsigned()?,
                outbox_held: columns.unsigned()?,
                outbox_in_flight: columns.unsigned()?,
                seen_hashes: columns.unsigned()?,
                cursors: columns.unsigned()?,
                skipped: columns.unsigned()?,
                file_bytes: columns.unsigned()?,
            })
        })?)
    }

    /// Reads and compares everything, page by page; takes time in proportion to the file.
    /// Returns what was found wrong, nothing if all is well.
    ///
    /// # Errors
    /// Those of the database, when it can't even be read.
    pub fn check(&self) -> Result<Vec<String>, Error> {
        let mut found = Vec::new();
        for sql in ["PRAGMA cipher_integrity_check", "PRAGMA integrity_check(20)"] {
            let mut statement = self.connection.prepare(sql)?;
            let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
            for line in rows {
                let line = line?;
                if line != "ok" {
                    found.push(line);
                }
            }
        }
        Ok(found)
    }
}

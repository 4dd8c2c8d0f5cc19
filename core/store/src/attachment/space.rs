//! Space on the device: files that can be fetched again are let go.

use tacit_sqlite::rusqlite::params;
use tacit_wire::TimestampMs;

use crate::column::{Columns, ms};
use crate::{ConversationId, Error, Queries, Tx};

/// Which files are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OldFiles {
    /// Those of messages with an earlier sort time.
    pub before: TimestampMs,
    /// Those of this conversation alone.
    pub conversation: Option<ConversationId>,
}

/// How much they take up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SpaceUse {
    /// Attachments.
    pub files: u64,
    /// Bytes of plaintext; one file named by several attachments counts for each.
    pub bytes: u64,
}

/// Attachments that are here and at a server: what goes out is kept until it is there.
const OLD: &str = "t.file IS NOT NULL AND t.url <> '' AND m.sort_ms < ?1 AND (?2 IS NULL OR m.conversation = ?2)";

impl Queries {
    /// What letting them go would free. Reads all attachments that are here.
    ///
    /// # Errors
    /// Those of the database.
    pub fn space_in(&self, old: &OldFiles) -> Result<SpaceUse, Error> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT count(*), coalesce(sum(f.size), 0) FROM attachment t CROSS JOIN message m ON m.id = t.message
             CROSS JOIN file f ON f.id = t.file WHERE {OLD}"
        ))?;
        Ok(statement.query_row(params![ms(old.before), old.conversation], |row| {
            let mut columns = Columns::of(row);
            Ok(SpaceUse { files: columns.unsigned()?, bytes: columns.unsigned()? })
        })?)
    }
}

impl Tx<'_> {
    /// Lets go of files; their thumbnails stay. They can be fetched again as long as their servers
    /// have them.
    ///
    /// # Errors
    /// Those of the database.
    pub fn free_files(&self, old: &OldFiles) -> Result<SpaceUse, Error> {
        let space = self.space_in(old)?;
        self.connection
            .prepare_cached(&format!(
                "UPDATE attachment SET file = NULL, state = 0 WHERE id IN
                   (SELECT t.id FROM attachment t CROSS JOIN message m ON m.id = t.message WHERE {OLD})"
            ))?
            .execute(params![ms(old.before), old.conversation])?;
        Ok(space)
    }
}

//! Bringing the index together. Each message adds a small part to it, and parts are joined only
//! few at a time, so that a word of a long history must be looked up in many. Words of messages
//! that are gone leave the file in this way too.

use tacit_sqlite::rusqlite::params;

use crate::{Error, Tx};

/// Pages that are written in one step.
const PAGES: i64 = 256;
/// Settings: how many messages there were when it was brought together last, and when that was
/// begun, as long as it goes on.
const DONE: &str = "search_condensed";
const BEGUN: &str = "search_condensing";
/// It is due when there are so many messages more than a quarter on top of those.
const SLACK: i64 = 1_000;

impl Tx<'_> {
    /// Brings the index together, a step at a time, once there is a quarter more in it than there
    /// was. Says whether there is more to do.
    ///
    /// # Errors
    /// Those of the database.
    pub fn condense_index(&self) -> Result<bool, Error> {
        let number = |key| Ok::<_, Error>(self.setting(key)?.and_then(|text| text.parse::<i64>().ok()));
        if let Some(begun) = number(BEGUN)? {
            return self.condense(begun, PAGES);
        }
        let last: Option<i64> = self.connection.query_row("SELECT max(id) FROM message", [], |row| row.get(0))?;
        let (last, done) = (last.unwrap_or(0), number(DONE)?.unwrap_or(0));
        if last < done.saturating_add(done / 4).saturating_add(SLACK) {
            return Ok(false);
        }
        self.set_setting(BEGUN, &last.to_string())?;
        // With a number below zero it puts all parts together that there are; more is added by itself.
        self.condense(last, -PAGES)
    }

    fn condense(&self, begun: i64, pages: i64) -> Result<bool, Error> {
        let before = self.connection.total_changes();
        self.connection
            .prepare_cached("INSERT INTO message_text(message_text, rank) VALUES('merge', ?1)")?
            .execute(params![pages])?;
        // The command itself counts as one change.
        if self.connection.total_changes() > before + 1 {
            return Ok(true);
        }
        self.set_setting(DONE, &begun.to_string())?;
        self.clear_setting(BEGUN)?;
        Ok(false)
    }
}

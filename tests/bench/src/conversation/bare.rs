//! The query of a page and nothing else: every column is looked at as SQLite holds it, none
//! becomes a value of ours.

use std::error::Error;
use std::hint::black_box;

use tacit_sqlite::rusqlite::{Connection, OpenFlags, params};
use tacit_sqlite::{Settings, open_encrypted};

use super::filled::Filled;

/// As many as the client's window has.
const ROWS: u32 = 60;
/// What the store asks for.
const QUERY: &str = "SELECT m.id, a.account, m.kind, m.state, m.kept, m.kept_of, m.failure, m.sent_ms, m.sort_ms,
        m.received_ms, m.body, m.hash, m.copy_hash, m.expiry_mode, m.expiry_s, m.expires_ms
    FROM message m CROSS JOIN contact a ON a.id = m.author
    WHERE m.conversation = ?1 ORDER BY m.sort_ms DESC, m.id DESC LIMIT ?2";

pub struct Bare {
    connection: Connection,
    conversation: i64,
}

impl Bare {
    /// Opens the copy with the key and cache of the store.
    pub fn open(file: &Filled) -> Result<Self, Box<dyn Error>> {
        let (path, key) = file.bare();
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = open_encrypted(&path, &key, flags, &Settings::account())?;
        Ok(Self { connection, conversation: file.conversation.0 })
    }

    /// How many rows the query gives.
    pub fn rows(&self) -> usize {
        let Ok(mut statement) = self.connection.prepare_cached(QUERY) else { return 0 };
        let columns = statement.column_count();
        let Ok(mut rows) = statement.query(params![self.conversation, ROWS]) else { return 0 };
        let mut count = 0;
        while let Ok(Some(row)) = rows.next() {
            for column in 0..columns {
                let _ = black_box(row.get_ref(column));
            }
            count += 1;
        }
        count
    }
}

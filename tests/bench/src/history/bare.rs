//! A query and nothing else: every column is looked at as SQLite holds it, none becomes a value
//! of ours but the first, by which the rows are compared.

use std::error::Error;
use std::hint::black_box;

use tacit_sqlite::rusqlite::{Connection, OpenFlags, Params};
use tacit_sqlite::{Settings, open_encrypted};

use super::filled::{KEY, Size};
use super::views::Ids;

pub struct Bare {
    pub connection: Connection,
}

impl Bare {
    /// Opens the copy with the key and cache of the store.
    pub fn open(size: &Size) -> Result<Self, Box<dyn Error>> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Ok(Self { connection: open_encrypted(&size.copy(), &KEY, flags, &Settings::account())? })
    }

    /// The first column of each row, an ID.
    pub fn ask(&self, sql: &str, values: impl Params) -> Ids {
        let mut statement = self.connection.prepare_cached(sql)?;
        let columns = statement.column_count();
        let mut rows = statement.query(values)?;
        let mut ids = Vec::new();
        while let Some(row) = rows.next()? {
            for column in 1..columns {
                let _ = black_box(row.get_ref(column));
            }
            ids.push(row.get_ref(0)?.as_i64().unwrap_or_default());
        }
        Ok(ids)
    }
}

//! The whole account as rows that name nothing but themselves, for backups.
//!
//! Rows are logical: a message names its conversation by its peer and its author by their account,
//! so that they can be merged into any database of the same account, in any number of
//! transactions, once or several times. What belongs to this device alone (the outbox, cursors,
//! the network's snapshot) is left out.
//!
//! [`Queries::backup_page`] gives the rows of one table after the other; [`Restore`] takes them in.

mod restore;
mod tables;

use tacit_sqlite::rusqlite::types::{ToSqlOutput, ValueRef};
use tacit_sqlite::rusqlite::{self, Row, Rows, Statement, ToSql};
use tacit_wire::TimestampMs;

pub use restore::Restore;
pub use tables::Table;

use crate::column::ms;
use crate::{Error, FileId, Queries};

/// For how long nodes keep anything: what they said of older messages is of no use.
const RECEIPTS_MS: u64 = 31 * 24 * 3_600_000;

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BackupValue {
    /// None.
    Null,
    /// A number.
    Integer(i64),
    /// A text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

impl BackupValue {
    fn of(value: ValueRef<'_>) -> rusqlite::Result<Self> {
        Ok(match value {
            ValueRef::Integer(number) => Self::Integer(number),
            ValueRef::Text(_) => Self::Text(value.as_str()?.to_owned()),
            ValueRef::Blob(bytes) => Self::Blob(bytes.to_owned()),
            ValueRef::Null | ValueRef::Real(_) => Self::Null, // no column holds fractions
        })
    }
}

impl ToSql for BackupValue {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// One row. No `Debug`: it may hold the seed and keys of files.
#[derive(Clone, PartialEq, Eq)]
pub struct BackupRow {
    /// Of which table.
    pub table: Table,
    /// In the order of [`Queries::backup_columns`].
    pub values: Vec<BackupValue>,
}

/// Some rows of a table.
pub struct BackupPage {
    /// The rows.
    pub rows: Vec<BackupRow>,
    /// Where to go on; `None` when the table has no more.
    pub next: Option<BackupCursor>,
}

/// A place in a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupCursor(i64);

/// A file to be saved, with the rows that name it.
pub struct BackupFile {
    /// Its row, of [`Table::File`].
    pub row: BackupRow,
    /// Its name in the folder.
    pub name: String,
    /// Who names it, rows of [`Table::FileUse`].
    pub uses: Vec<BackupRow>,
}

/// How much there is to save.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BackupSize {
    /// Messages.
    pub messages: u64,
    /// Files.
    pub files: u64,
    /// Bytes of all files, in plaintext.
    pub file_bytes: u64,
}

impl Queries {
    /// How much there is to save.
    ///
    /// # Errors
    /// Those of the database.
    pub fn backup_size(&self) -> Result<BackupSize, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT (SELECT count(*) FROM message), (SELECT count(*) FROM file), (SELECT coalesce(sum(size), 0) FROM file)",
        )?;
        Ok(statement.query_row([], |row| {
            let mut columns = crate::column::Columns::of(row);
            Ok(BackupSize {
                messages: columns.unsigned()?,
                files: columns.unsigned()?,
                file_bytes: columns.unsigned()?,
            })
        })?)
    }

    /// What the values of a table's rows are, by name.
    ///
    /// # Errors
    /// Those of the database.
    pub fn backup_columns(&self, table: Table) -> Result<Vec<String>, Error> {
        let statement = self.connection.prepare_cached(&table.select())?;
        Ok(names(&statement))
    }

    /// The rows of a table from a place on; of messages and people those that were there at its
    /// first page may be followed by newer ones.
    ///
    /// # Errors
    /// Those of the database.
    pub fn backup_page(
        &self,
        table: Table,
        after: Option<BackupCursor>,
        limit: u32,
        now: TimestampMs,
    ) -> Result<BackupPage, Error> {
        let mut statement = self.connection.prepare_cached(&table.select())?;
        let after = after.map_or(i64::MIN, |cursor| cursor.0);
        let young = ms(TimestampMs(now.0.saturating_sub(RECEIPTS_MS)));
        let mut rows = page_rows(&mut statement, [after, i64::from(limit), young])?;
        let (mut page, mut first, mut last) = (Vec::new(), None, None);
        while let Some(row) = rows.next()? {
            last = Some(row.get::<_, i64>(0)?);
            first = first.or(last);
            page.push(backup_row(table, row)?);
        }
        let full = page.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
        // A page may end between two receipts of a message, which are then given again.
        let again = i64::from(table == Table::Receipt && first != last);
        let next = last.filter(|_| full && table.is_paged()).map(|last| BackupCursor(last - again));
        Ok(BackupPage { next, rows: page })
    }

    /// The next file after one, with what names it; files that nothing names are left out.
    ///
    /// # Errors
    /// Those of the database.
    pub fn backup_file(&self, after: Option<FileId>) -> Result<Option<(FileId, BackupFile)>, Error> {
        let mut after = after.map_or(i64::MIN, |file| file.0);
        loop {
            let mut statement = self.connection.prepare_cached(&Table::File.select())?;
            let mut rows = page_rows(&mut statement, [after, 1, 0])?;
            let Some(row) = rows.next()? else { return Ok(None) };
            after = row.get(0)?;
            let (name, file) = (row.get("name")?, backup_row(Table::File, row)?);
            let mut statement = self.connection.prepare_cached(&Table::FileUse.select())?;
            let uses = statement.query_map([after], |row| backup_row(Table::FileUse, row))?;
            let uses = uses.collect::<Result<Vec<_>, _>>()?;
            if !uses.is_empty() {
                return Ok(Some((FileId(after), BackupFile { row: file, name, uses })));
            }
        }
    }
}

/// Runs a table's query, which has some or all of these parameters.
fn page_rows<'s>(statement: &'s mut Statement<'_>, values: [i64; 3]) -> rusqlite::Result<Rows<'s>> {
    for (index, value) in (1..=statement.parameter_count()).zip(values) {
        statement.raw_bind_parameter(index, value)?;
    }
    Ok(statement.raw_query())
}

/// The names of what is saved: the first column is the place in the table.
fn names(statement: &Statement<'_>) -> Vec<String> {
    statement.column_names().skip(1).map(str::to_owned).collect()
}

fn backup_row(table: Table, row: &Row<'_>) -> rusqlite::Result<BackupRow> {
    let count = row.as_ref().column_count();
    let values = (1..count).map(|index| BackupValue::of(row.get_ref(index)?)).collect::<rusqlite::Result<_>>()?;
    Ok(BackupRow { table, values })
}

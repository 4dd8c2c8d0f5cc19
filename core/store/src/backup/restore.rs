//! Taking rows in again. Every step is of use by itself and can be done twice.

use std::collections::HashMap;

use tacit_sqlite::rusqlite::{ToSql, params};
use tacit_wire::TimestampMs;

use super::{BackupRow, BackupValue, Table};
use crate::column::ms;
use crate::{Error, MessageId, Tx};

/// Takes the rows of one backup in, in any number of transactions.
///
/// Restored messages get IDs below those of all others, in their order: so they count as older
/// than what came in here, and nobody takes them for new ones.
pub struct Restore {
    /// The names of each table's values, as the backup says.
    columns: HashMap<Table, Vec<String>>,
    /// Under which the first ID is kept, so that a backup that is read again gives the same ones.
    setting: String,
    next: i64,
    /// Messages that were new.
    messages: u64,
}

impl Restore {
    /// Begins with a backup of so many messages, or goes on with it. `id` names the backup.
    ///
    /// # Errors
    /// Those of the database.
    pub fn begin(tx: &Tx<'_>, id: &str, messages: u64) -> Result<Self, Error> {
        let setting = format!("restore:{id}");
        let known = tx.setting(&setting)?.and_then(|text| text.parse().ok());
        let next = match known {
            Some(next) => next,
            None => {
                let first: Option<i64> =
                    tx.connection.query_row("SELECT min(id) FROM message", [], |row| row.get(0))?;
                let count = i64::try_from(messages).unwrap_or(i64::MAX);
                first.unwrap_or(0).min(0).saturating_sub(count).saturating_sub(1)
            }
        };
        tx.set_setting(&setting, &next.to_string())?;
        Ok(Self { columns: HashMap::new(), setting, next, messages: 0 })
    }

    /// Says what the values of a table's rows are.
    pub fn set_columns(&mut self, table: Table, names: Vec<String>) {
        self.columns.insert(table, names);
    }

    /// How many messages were new so far.
    #[must_use]
    pub fn messages(&self) -> u64 {
        self.messages
    }

    /// The value of a row by its name.
    #[must_use]
    pub fn value<'r>(&self, row: &'r BackupRow, name: &str) -> Option<&'r BackupValue> {
        let index = self.columns.get(&row.table)?.iter().position(|column| column == name)?;
        row.values.get(index)
    }

    /// Takes some rows in; what they change is not given to other devices of ours, whose
    /// configuration may be newer.
    ///
    /// # Errors
    /// [`Error::Refused`] when a row is not what it should be; those of the database.
    pub fn take(&mut self, tx: &Tx<'_>, rows: &[BackupRow], now: TimestampMs) -> Result<(), Error> {
        tx.without_dirt(|| {
            for row in rows {
                match row.table {
                    Table::Message => self.message(tx, row, now)?,
                    Table::File | Table::FileUse => {}
                    _ => drop(self.execute(tx, row, &[])?),
                }
            }
            Ok(())
        })
    }

    /// Whether a file of this name is there already.
    ///
    /// # Errors
    /// Those of the database.
    pub fn has_file(&self, tx: &Tx<'_>, name: &str) -> Result<bool, Error> {
        Ok(tx.connection.query_row("SELECT EXISTS(SELECT 1 FROM file WHERE name = ?1)", [name], |row| row.get(0))?)
    }

    /// Takes in a file whose bytes lie in the folder, with what names it. `false` when nothing
    /// here does: then it is not kept.
    ///
    /// # Errors
    /// As [`Restore::take`].
    pub fn take_file(&mut self, tx: &Tx<'_>, file: &BackupRow, uses: &[BackupRow]) -> Result<bool, Error> {
        let name = match self.value(file, "name") {
            Some(BackupValue::Text(name)) => name.clone(),
            _ => return Err(Error::Refused { detail: "a file without a name".to_owned() }),
        };
        tx.without_dirt(|| {
            if !self.has_file(tx, &name)? {
                self.execute(tx, file, &[])?;
            }
            let id: i64 = tx.connection.query_row("SELECT id FROM file WHERE name = ?1", [&name], |row| row.get(0))?;
            for used in uses {
                self.execute(tx, used, &[(":_file", &id)])?;
            }
            let used: bool = tx.connection.query_row(
                "SELECT EXISTS(SELECT 1 FROM attachment WHERE file = ?1) OR EXISTS(SELECT 1 FROM attachment WHERE thumbnail = ?1)
                   OR EXISTS(SELECT 1 FROM picture WHERE file = ?1) OR EXISTS(SELECT 1 FROM account WHERE picture_file = ?1)",
                [id],
                |row| row.get(0),
            )?;
            if !used {
                tx.connection.execute("DELETE FROM file WHERE id = ?1", [id])?;
            }
            Ok(used)
        })
    }

    /// Everything was taken in.
    ///
    /// # Errors
    /// Those of the database.
    pub fn finish(&self, tx: &Tx<'_>) -> Result<(), Error> {
        tx.clear_setting(&self.setting)
    }

    fn message(&mut self, tx: &Tx<'_>, row: &BackupRow, now: TimestampMs) -> Result<(), Error> {
        let id = self.next;
        self.next += 1;
        if self.execute(tx, row, &[(":_id", &id), (":_now", &ms(now))])? == 0 {
            return Ok(());
        }
        self.messages += 1;
        match self.value(row, "body") {
            Some(BackupValue::Text(body)) if self.value(row, "deleted") != Some(&BackupValue::Integer(1)) => {
                tx.index_text(MessageId(id), body)
            }
            _ => Ok(()),
        }
    }

    /// Runs what takes a row in; gives how many rows that changed.
    fn execute(&self, tx: &Tx<'_>, row: &BackupRow, more: &[(&str, &dyn ToSql)]) -> Result<usize, Error> {
        let mut changed = 0;
        for sql in row.table.insert() {
            let mut statement = tx.connection.prepare_cached(&sql)?;
            for index in 1..=statement.parameter_count() {
                let Some(name) = statement.parameter_name(index).map(str::to_owned) else { continue };
                match more.iter().find(|(other, _)| *other == name) {
                    Some((_, value)) => statement.raw_bind_parameter(index, value)?,
                    // What a backup does not have is NULL.
                    None => statement
                        .raw_bind_parameter(index, self.value(row, &name[1..]).unwrap_or(&BackupValue::Null))?,
                }
            }
            changed += statement.raw_execute()?;
        }
        Ok(changed)
    }
}

impl Tx<'_> {
    /// Runs something whose changes other devices of ours are not told of.
    fn without_dirt<T>(&self, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        let dirty = || -> Result<Vec<(i64, Vec<u8>)>, Error> {
            let mut statement = self.connection.prepare_cached("SELECT namespace, key FROM config_dirty")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        };
        let before = dirty()?;
        let value = work()?;
        for (namespace, key) in dirty()?.into_iter().filter(|row| !before.contains(row)) {
            self.connection
                .prepare_cached("DELETE FROM config_dirty WHERE namespace = ?1 AND key = ?2")?
                .execute(params![namespace, key])?;
        }
        Ok(value)
    }
}

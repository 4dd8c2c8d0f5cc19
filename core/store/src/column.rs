//! Values of columns: how times, keys and small numbers stand in the database.

use tacit_sqlite::rusqlite::types::{FromSql, FromSqlError, Type};
use tacit_sqlite::rusqlite::{self, Row};
use tacit_wire::{AccountId, MessageHash, TimestampMs};

use crate::MessageId;

/// A time of our own, to be compared in SQL: what no clock shows becomes the latest possible.
pub(crate) fn ms(time: TimestampMs) -> i64 {
    clamped(time.0)
}

/// A number of at most 63 bits.
pub(crate) fn clamped(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A time that somebody else claims, kept bit for bit and never compared in SQL.
pub(crate) fn claimed(time: TimestampMs) -> i64 {
    time.0.cast_signed()
}

/// IDs as a JSON array, for `json_each`: so many rows with one query.
pub(crate) fn id_list(ids: &[MessageId]) -> String {
    let mut list = String::from("[");
    for (at, id) in ids.iter().enumerate() {
        if at > 0 {
            list.push(',');
        }
        list.push_str(&id.0.to_string());
    }
    list.push(']');
    list
}

/// The columns of a row one after the other, in the order in which the query names them.
/// Looking them up by name would take longer than reading them.
pub(crate) struct Columns<'r, 's> {
    row: &'r Row<'s>,
    next: usize,
}

impl<'r, 's> Columns<'r, 's> {
    pub(crate) fn of(row: &'r Row<'s>) -> Self {
        Self { row, next: 0 }
    }

    pub(crate) fn take<T: FromSql>(&mut self) -> rusqlite::Result<T> {
        let index = self.next;
        self.next += 1;
        self.row.get(index)
    }

    /// Passes over columns that this row has no use for.
    pub(crate) fn skip(&mut self, count: usize) {
        self.next += count;
    }

    pub(crate) fn unsigned(&mut self) -> rusqlite::Result<u64> {
        Ok(u64::try_from(self.take::<i64>()?).unwrap_or(0))
    }

    pub(crate) fn time(&mut self) -> rusqlite::Result<TimestampMs> {
        self.unsigned().map(TimestampMs)
    }

    pub(crate) fn optional_time(&mut self) -> rusqlite::Result<Option<TimestampMs>> {
        let value: Option<i64> = self.take()?;
        Ok(value.map(|value| TimestampMs(u64::try_from(value).unwrap_or(0))))
    }

    pub(crate) fn claimed(&mut self) -> rusqlite::Result<TimestampMs> {
        Ok(TimestampMs(self.take::<i64>()?.cast_unsigned()))
    }

    /// An account ID that we wrote; anything else there is damage.
    pub(crate) fn account(&mut self) -> rusqlite::Result<AccountId> {
        let bytes = self.take()?;
        AccountId::from_bytes(bytes).map_err(|error| self.unreadable(Type::Blob, error))
    }

    pub(crate) fn optional_account(&mut self) -> rusqlite::Result<Option<AccountId>> {
        let bytes: Option<[u8; 33]> = self.take()?;
        bytes.map(|bytes| AccountId::from_bytes(bytes).map_err(|error| self.unreadable(Type::Blob, error))).transpose()
    }

    pub(crate) fn hash(&mut self) -> rusqlite::Result<Option<MessageHash>> {
        let text: Option<String> = self.take()?;
        text.map(|text| text.parse().map_err(|error| self.unreadable(Type::Text, error))).transpose()
    }

    /// Turns a number into an enum by `decode`.
    pub(crate) fn number<T>(&mut self, decode: fn(i64) -> Option<T>) -> rusqlite::Result<T> {
        let value = self.take()?;
        decode(value).ok_or_else(|| self.unreadable(Type::Integer, FromSqlError::OutOfRange(value)))
    }

    fn unreadable(&self, kind: Type, error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
        rusqlite::Error::FromSqlConversionFailure(self.next.saturating_sub(1), kind, Box::new(error))
    }
}

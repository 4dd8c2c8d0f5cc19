//! What stands in the stream: records, each with its kind and its length in front.

use std::io::{self, Read, Write};

use tacit_store::{BackupRow, BackupTable, BackupValue};

use super::error::BackupError;
use super::stream::{Opener, Sealer};

/// Longest record, in bytes.
const LONGEST: usize = 4 << 20;
/// Bytes of a file in one record.
pub(super) const PIECE: usize = 64 << 10;

/// One record.
pub(super) enum Record {
    /// The first: whose backup it is, and how many messages it has.
    Overview { account: [u8; 33], messages: u64 },
    /// What the values of a table's rows are.
    Columns { table: u8, names: Vec<String> },
    /// A row; `None` of a table that this version does not know.
    Row(Option<BackupRow>),
    /// A piece of the file whose row came last.
    Bytes(Vec<u8>),
    /// The last.
    End,
}

const OVERVIEW: u8 = 1;
const COLUMNS: u8 = 2;
const ROW: u8 = 3;
const BYTES: u8 = 4;
const END: u8 = 5;

impl<W: Write> Sealer<W> {
    pub(super) fn overview(&mut self, account: &[u8; 33], messages: u64) -> io::Result<()> {
        self.record(OVERVIEW, &[account.as_slice(), &messages.to_le_bytes()].concat())
    }

    pub(super) fn columns(&mut self, table: BackupTable, names: &[String]) -> io::Result<()> {
        let mut payload = vec![table as u8];
        for name in names {
            payload.push(u8::try_from(name.len()).unwrap_or(0));
            payload.extend_from_slice(name.as_bytes());
        }
        self.record(COLUMNS, &payload)
    }

    pub(super) fn row(&mut self, row: &BackupRow) -> io::Result<()> {
        let mut payload = vec![row.table as u8];
        let mut bytes = |tag: u8, bytes: &[u8]| {
            payload.push(tag);
            payload.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
            payload.extend_from_slice(bytes);
        };
        for value in &row.values {
            match value {
                BackupValue::Null => bytes(0, &[]),
                BackupValue::Integer(number) => bytes(1, &number.to_le_bytes()),
                BackupValue::Text(text) => bytes(2, text.as_bytes()),
                BackupValue::Blob(blob) => bytes(3, blob),
            }
        }
        self.record(ROW, &payload)
    }

    pub(super) fn bytes(&mut self, piece: &[u8]) -> io::Result<()> {
        self.record(BYTES, piece)
    }

    pub(super) fn end(&mut self) -> io::Result<()> {
        self.record(END, &[])
    }

    fn record(&mut self, kind: u8, payload: &[u8]) -> io::Result<()> {
        if payload.len() > LONGEST {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a row is too long for a backup"));
        }
        self.write(&[kind])?;
        self.write(&u32::try_from(payload.len()).unwrap_or(u32::MAX).to_le_bytes())?;
        self.write(payload)
    }
}

impl<R: Read> Opener<R> {
    /// The next record.
    pub(super) fn record(&mut self) -> Result<Record, BackupError> {
        let mut head = [0; 5];
        self.read(&mut head)?;
        let length = u32::from_le_bytes([head[1], head[2], head[3], head[4]]) as usize;
        if length > LONGEST {
            return Err(self.damaged());
        }
        let mut payload = vec![0; length];
        self.read(&mut payload)?;
        parse(head[0], payload).ok_or_else(|| self.damaged())
    }
}

fn parse(kind: u8, payload: Vec<u8>) -> Option<Record> {
    match kind {
        OVERVIEW => {
            let (account, messages) = payload.split_first_chunk()?;
            Some(Record::Overview { account: *account, messages: u64::from_le_bytes(messages.try_into().ok()?) })
        }
        COLUMNS => {
            let (table, mut rest) = payload.split_first()?;
            let mut names = Vec::new();
            while let Some((length, after)) = rest.split_first() {
                let (name, after) = after.split_at_checked(usize::from(*length))?;
                names.push(str::from_utf8(name).ok()?.to_owned());
                rest = after;
            }
            Some(Record::Columns { table: *table, names })
        }
        ROW => {
            let (table, rest) = payload.split_first()?;
            let values = values(rest)?;
            Some(Record::Row(BackupTable::from_number(*table).map(|table| BackupRow { table, values })))
        }
        BYTES => Some(Record::Bytes(payload)),
        END => payload.is_empty().then_some(Record::End),
        _ => None,
    }
}

fn values(mut rest: &[u8]) -> Option<Vec<BackupValue>> {
    let mut values = Vec::new();
    while let Some((tag, after)) = rest.split_first() {
        let (length, after) = after.split_first_chunk()?;
        let (bytes, after) = after.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        values.push(match tag {
            0 => BackupValue::Null,
            1 => BackupValue::Integer(i64::from_le_bytes(bytes.try_into().ok()?)),
            2 => BackupValue::Text(String::from_utf8(bytes.to_owned()).ok()?),
            3 => BackupValue::Blob(bytes.to_owned()),
            _ => return None,
        });
        rest = after;
    }
    Some(values)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_payload_panics(kind in 0_u8..8, payload in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(kind, payload);
        }
    }
}

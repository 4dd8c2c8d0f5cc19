//! Accounts on their way to another node, page by page, and which parts of the ring are kept here.

use bytes::Bytes;
use tacit_sqlite::rusqlite::{self, Connection, Result, params};
use tacit_wire::{NodeId, TimestampMs};

use super::facts::{Kind, Loader, Row, scope};
use super::rows::{Account, account_id, ms, ring, time, unring};
use super::sweep;
use super::tx::Tx;
use crate::swarm::ownership::{Interval, Intervals};
use crate::swarm::protocol::BATCH_BYTES;
use crate::swarm::record::Record;
use crate::swarm::transfer::{Held, Holding};

/// A place in the order of a transfer: account by place on the ring, kind, key.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Cursor {
    space: i64,
    account: i64,
    kind: usize,
    /// Everything up to this one has been sent.
    key: Vec<u8>,
}

impl Cursor {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let (space, rest) = bytes.split_first_chunk::<8>()?;
        let (account, rest) = rest.split_first_chunk::<8>()?;
        let (kind, key) = rest.split_first()?;
        let kind = usize::from(*kind);
        (kind < Kind::ALL.len() && key.len() <= 36).then(|| Self {
            space: i64::from_be_bytes(*space),
            account: i64::from_be_bytes(*account),
            kind,
            key: key.to_vec(),
        })
    }

    fn to_bytes(&self) -> Bytes {
        let kind = u8::try_from(self.kind).unwrap_or(u8::MAX);
        [&self.space.to_be_bytes()[..], &self.account.to_be_bytes(), &[kind], &self.key].concat().into()
    }
}

/// By place and number, so that a cursor says where the next page begins.
pub(super) const ACCOUNTS: &str = "SELECT id, pubkey, space FROM account
     WHERE space >= ?1 AND space <= ?2 AND (space > ?1 OR id >= ?3) ORDER BY space, id";

/// At most [`BATCH_BYTES`] of what is known of these accounts, and where the next page begins. A
/// cursor that is none begins anew.
pub(super) fn page(
    c: &Connection,
    part: Interval,
    cursor: Option<&[u8]>,
    now: TimestampMs,
) -> Result<(Vec<Record>, Option<Bytes>)> {
    let start = cursor.and_then(Cursor::parse).filter(|c| (part.lo..=part.hi).contains(&unring(c.space)));
    let (space, first) = start.as_ref().map_or((ring(part.lo), 0), |c| (c.space, c.account));
    let mut accounts = c.prepare_cached(ACCOUNTS)?;
    let mut rows = accounts.query([space, ring(part.hi), first])?;
    let mut page = Filling { loader: Loader::new(c), now, records: Vec::new(), bytes: 0 };
    while let Some(row) = rows.next()? {
        let account = Account { id: row.get(0)?, key: account_id(row, 1)? };
        let space = row.get(2)?;
        let (from, key) = match &start {
            Some(start) if start.account == account.id => (start.kind, start.key.clone()),
            _ => (0, Vec::new()),
        };
        if let Some((kind, key)) = page.add_account(c, &account, from, key)? {
            return Ok((page.records, Some(Cursor { space, account: account.id, kind, key }.to_bytes())));
        }
    }
    Ok((page.records, None))
}

struct Filling<'c> {
    loader: Loader<'c>,
    now: TimestampMs,
    records: Vec<Record>,
    bytes: usize,
}

impl Filling<'_> {
    /// Where it stopped because the page is full.
    fn add_account(
        &mut self,
        c: &Connection,
        account: &Account,
        from: usize,
        mut key: Vec<u8>,
    ) -> Result<Option<(usize, Vec<u8>)>> {
        for (number, kind) in Kind::ALL.into_iter().enumerate().skip(from) {
            let mut full = false;
            let mut last = std::mem::take(&mut key);
            Row::each(c, kind, scope::PAGE, params![account.id, position(kind, &last)], |row| {
                let record = if row.has_ended(self.now.0) { None } else { self.loader.load(&row)? };
                if let Some(record) = record {
                    let size = record.size();
                    full = self.bytes + size > BATCH_BYTES && !self.records.is_empty();
                    if full {
                        return Ok(false);
                    }
                    self.bytes += size;
                    self.records.push(record);
                }
                last = row.key();
                Ok(true)
            })?;
            if full {
                return Ok(Some((number, last)));
            }
        }
        Ok(None)
    }
}

/// What rows come after; without a key all do.
fn position(kind: Kind, key: &[u8]) -> rusqlite::types::Value {
    match (kind, <[u8; 8]>::try_from(key)) {
        (Kind::Wiped, Ok(number)) => i64::from_be_bytes(number).into(),
        (Kind::Wiped, Err(_)) => i64::MIN.into(),
        _ => key.to_vec().into(),
    }
}

/// Takes the place of what was known of the parts that are kept here.
pub(super) fn set_holdings(tx: &Tx<'_>, holdings: &[Holding]) -> Result<()> {
    tx.prepare_cached("DELETE FROM holding")?.execute([])?;
    for Holding { interval, state } in holdings {
        let (name, source, cursor, since, whole) = match state {
            Held::Whole => ("whole", None, None, None, None),
            Held::Gaining(None) => ("gaining", None, None, None, None),
            Held::Gaining(Some((source, cursor))) => ("gaining", Some(&source.0[..]), Some(&cursor[..]), None, None),
            Held::Lost { since_ms, whole } => ("lost", None, None, Some(ms(TimestampMs(*since_ms))), Some(*whole)),
        };
        tx.prepare_cached(
            "INSERT OR REPLACE INTO holding (lo, hi, state, source, cursor, since_ms, was_whole)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![ring(interval.lo), ring(interval.hi), name, source, cursor, since, whole])?;
    }
    sweep::keep(tx, &Intervals::from_unsorted(holdings.iter().map(|holding| holding.interval).collect()))
}

/// Which parts of the ring are kept here, ascending.
pub(super) fn holdings(c: &Connection) -> Result<Vec<Holding>> {
    c.prepare("SELECT lo, hi, state, source, cursor, since_ms, was_whole FROM holding ORDER BY lo")?
        .query_map([], |row| {
            let interval = Interval { lo: unring(row.get(0)?), hi: unring(row.get(1)?) };
            let state = match row.get_ref(2)?.as_str()? {
                "whole" => Held::Whole,
                "gaining" => {
                    let source: Option<[u8; 32]> = row.get(3)?;
                    let cursor: Option<Vec<u8>> = row.get(4)?;
                    Held::Gaining(source.map(NodeId).zip(cursor.map(Bytes::from)))
                }
                _ => {
                    let since = row.get::<_, Option<i64>>(5)?.map_or(0, |since| time(since).0);
                    Held::Lost { since_ms: since, whole: row.get::<_, Option<bool>>(6)?.unwrap_or(false) }
                }
            };
            Ok(Holding { interval, state })
        })?
        .collect()
}

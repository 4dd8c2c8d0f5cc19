//! Changes that members missed, as bytes, in order, until they have taken them.

use bytes::Bytes;
use tacit_sqlite::rusqlite::{self, Connection, OptionalExtension as _, Result, Row, params};
use tacit_wire::{NodeId, TimestampMs};

use super::rows::ms;
use super::tx::Tx;
use crate::swarm::hints::{MOST, MOST_BYTES};

/// A change that a member missed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// Who missed it.
    pub member: NodeId,
    /// The change, as it is sent.
    pub op: Bytes,
    /// After that it is of no use.
    pub until: TimestampMs,
}

/// How much is kept for a member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Owed {
    /// How many changes.
    pub count: usize,
    /// How many bytes.
    pub bytes: usize,
}

impl Owed {
    fn read(row: &Row<'_>, first: usize) -> Result<Self> {
        let number = |column| Ok::<_, rusqlite::Error>(usize::try_from(row.get::<_, i64>(column)?).unwrap_or_default());
        Ok(Self { count: number(first)?, bytes: number(first + 1)? })
    }
}

/// Keeps it, unless too much is kept for that member already.
pub(super) fn add(tx: &Tx<'_>, hint: &Hint) -> Result<bool> {
    let owed = of(tx, &hint.member)?;
    if owed.count >= MOST || owed.bytes + hint.op.len() > MOST_BYTES {
        return Ok(false);
    }
    tx.prepare_cached("INSERT INTO hint (member, op, until_ms) VALUES (?1, ?2, ?3)")?.execute(params![
        &hint.member.0[..],
        &hint.op[..],
        ms(hint.until)
    ])?;
    Ok(true)
}

fn of(c: &Connection, member: &NodeId) -> Result<Owed> {
    let owed = c
        .prepare_cached("SELECT hints, bytes FROM owed WHERE member = ?1")?
        .query_row([&member.0[..]], |row| Owed::read(row, 0))
        .optional()?;
    Ok(owed.unwrap_or_default())
}

pub(super) fn remove(tx: &Tx<'_>, ids: &[u64]) -> Result<()> {
    let mut delete = tx.prepare_cached("DELETE FROM hint WHERE id = ?1")?;
    for id in ids {
        delete.execute([id.cast_signed()])?;
    }
    Ok(())
}

pub(super) const FORGET: &str = "DELETE FROM hint WHERE member = ?1";

pub(super) fn forget(tx: &Tx<'_>, member: &NodeId) -> Result<()> {
    tx.prepare_cached(FORGET)?.execute([&member.0[..]])?;
    Ok(())
}

pub(super) const HINTS: &str = "SELECT id, op FROM hint WHERE member = ?1 AND until_ms > ?2 ORDER BY id";

/// The oldest, each with its number: at most so many bytes, at least one.
pub(super) fn oldest(c: &Connection, member: &NodeId, bytes: usize, now: TimestampMs) -> Result<Vec<(u64, Bytes)>> {
    let mut select = c.prepare_cached(HINTS)?;
    let mut rows = select.query(params![&member.0[..], ms(now)])?;
    let (mut found, mut size) = (Vec::new(), 0_usize);
    while let Some(row) = rows.next()? {
        let op: Vec<u8> = row.get(1)?;
        size = size.saturating_add(op.len());
        if size > bytes && !found.is_empty() {
            break;
        }
        found.push((row.get::<_, i64>(0)?.cast_unsigned(), Bytes::from(op)));
    }
    Ok(found)
}

/// Who is owed how much.
pub(super) fn owed(c: &Connection) -> Result<Vec<(NodeId, Owed)>> {
    c.prepare_cached("SELECT member, hints, bytes FROM owed")?
        .query_map([], |row| Ok((NodeId(row.get(0)?), Owed::read(row, 1)?)))?
        .collect()
}

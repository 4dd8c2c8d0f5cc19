//! What comparisons between members look up: items of some hours, and the facts behind items.

use std::collections::BTreeMap;

use tacit_sqlite::rusqlite::{Connection, Result, params};
use tacit_wire::TimestampMs;

use super::facts::{Kind, Loader, Row, scope};
use super::rows::{ms, ring};
use crate::swarm::buckets::hour_start;
use crate::swarm::ownership::Intervals;
use crate::swarm::protocol::BATCH_BYTES;
use crate::swarm::reconcile::Item;
use crate::swarm::record::Record;

/// Most items of one look-up: about 40 MB.
const MOST_ITEMS: usize = 1_000_000;

/// The items of some hours that are older than `until`, ascending; none: there are too many.
pub(super) fn items(
    c: &Connection,
    intervals: &Intervals,
    hours: &[u64],
    until: u64,
    now: TimestampMs,
) -> Result<Option<Vec<Item>>> {
    let mut found = Vec::new();
    for hour in hours {
        let (from, to) = (hour_start(*hour), hour_start(hour.saturating_add(1)).min(until));
        for kind in Kind::ALL {
            in_time(c, kind, intervals, (from, to), |row| {
                if !row.has_ended(now.0) {
                    found.push(row.item());
                }
                Ok(found.len() <= MOST_ITEMS)
            })?;
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok((found.len() <= MOST_ITEMS).then_some(found))
}

fn in_time(
    c: &Connection,
    kind: Kind,
    intervals: &Intervals,
    (from, to): (u64, u64),
    mut with: impl FnMut(Row) -> Result<bool>,
) -> Result<()> {
    let (from, to) = (ms(TimestampMs(from)), ms(TimestampMs(to)));
    for part in intervals.as_slice() {
        Row::each(c, kind, scope::IN_TIME, params![from, to, ring(part.lo), ring(part.hi)], &mut with)?;
    }
    Ok(())
}

/// The facts behind the first of `items`: at most [`BATCH_BYTES`], at least for one item. How many
/// items were looked up.
pub(super) fn records(
    c: &Connection,
    intervals: &Intervals,
    items: &[Item],
    now: TimestampMs,
) -> Result<(Vec<Record>, usize)> {
    let rows = rows_of(c, intervals, items, now)?;
    let mut loader = Loader::new(c);
    let (mut records, mut bytes) = (Vec::new(), 0);
    for (taken, item) in items.iter().enumerate() {
        let Some(record) = rows.get(item).map(|row| loader.load(row)).transpose()?.flatten() else { continue };
        bytes += record.size();
        if bytes > BATCH_BYTES && !records.is_empty() {
            return Ok((records, taken));
        }
        records.push(record);
    }
    Ok((records, items.len()))
}

/// Looks through each time once, however many of the items have it.
fn rows_of(c: &Connection, intervals: &Intervals, items: &[Item], now: TimestampMs) -> Result<BTreeMap<Item, Row>> {
    let mut wanted: Vec<Item> = items.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    let mut found = BTreeMap::new();
    for same_time in wanted.chunk_by(|a, b| a.time == b.time) {
        let time = same_time[0].time;
        for kind in Kind::ALL {
            in_time(c, kind, intervals, (time, time.saturating_add(1)), |row| {
                let item = row.item();
                if !row.has_ended(now.0) && same_time.binary_search(&item).is_ok() {
                    found.insert(item, row);
                }
                Ok(true)
            })?;
        }
    }
    Ok(found)
}

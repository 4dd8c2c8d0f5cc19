//! Sums of ids by hour, for parts of the ring: made by reading when first asked for, and kept up
//! to date by the writer from then on.
//!
//! The writer holds the lock from before a commit until its changes are in; whoever begins to
//! read holds it until its view of the database is fixed. So what is read and the changes noted
//! since then meet without a gap.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tacit_sqlite::rusqlite::{Connection, OptionalExtension as _, Result, params};

use super::facts::{Kind, Row, scope};
use super::rows::ring;
use super::tx::Change;
use crate::swarm::buckets::{Bucket, Buckets, Sum};
use crate::swarm::ownership::{Interval, Intervals};

/// Parts whose sums are kept; the one not asked for longest makes room.
const PARTS: usize = 32;

#[derive(Default)]
pub(super) struct Sums {
    parts: Mutex<Vec<Part>>,
    /// Tells one reading of a part from another.
    readings: AtomicU64,
}

struct Part {
    interval: Interval,
    state: State,
}

enum State {
    /// Being read, by which reading; what has changed meanwhile.
    Reading(u64, Vec<Change>),
    Known(Buckets),
}

impl Part {
    fn take(&mut self, change: &Change) {
        if !(self.interval.lo..=self.interval.hi).contains(&change.space) {
            return;
        }
        match &mut self.state {
            State::Reading(_, changes) => changes.push(change.clone()),
            State::Known(buckets) => count(buckets, change),
        }
    }
}

fn count(buckets: &mut Buckets, change: &Change) {
    if change.came {
        buckets.add(&change.item);
    } else {
        buckets.remove(&change.item);
    }
}

/// Held over a commit.
pub(super) struct Committing<'s>(MutexGuard<'s, Vec<Part>>);

impl Committing<'_> {
    /// It is on the disk.
    pub(super) fn done(mut self, changes: &[Change]) {
        for part in self.0.iter_mut() {
            changes.iter().for_each(|change| part.take(change));
        }
    }
}

impl Sums {
    fn lock(&self) -> MutexGuard<'_, Vec<Part>> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// To be called before a commit.
    pub(super) fn committing(&self) -> Committing<'_> {
        Committing(self.lock())
    }

    /// The sums of all these parts together.
    pub(super) fn of(&self, c: &Connection, intervals: &Intervals) -> Result<Buckets> {
        let mut all = Buckets::default();
        for interval in intervals.as_slice() {
            for (hour, bucket) in self.of_one(c, *interval)?.0 {
                all.0.entry(hour).or_default().plus(&bucket);
            }
        }
        Ok(all)
    }

    fn of_one(&self, c: &Connection, interval: Interval) -> Result<Buckets> {
        let view = {
            let mut parts = self.lock();
            match parts.iter().position(|part| part.interval == interval) {
                Some(at) => {
                    let part = parts.remove(at);
                    let known = if let State::Known(buckets) = &part.state { Some(buckets.clone()) } else { None };
                    parts.push(part);
                    if let Some(known) = known {
                        return Ok(known);
                    }
                    // Somebody reads it already; this time it is read twice.
                    View::fix(c, None)?
                }
                None => {
                    let reading = self.readings.fetch_add(1, Ordering::Relaxed);
                    let view = View::fix(c, Some(reading))?;
                    if parts.len() >= PARTS {
                        parts.remove(0);
                    }
                    parts.push(Part { interval, state: State::Reading(reading, Vec::new()) });
                    view
                }
            }
        };
        let read = view.read(interval);
        if let Some(reading) = view.reading {
            self.finish(reading, read.as_ref().ok());
        }
        read
    }

    fn finish(&self, reading: u64, read: Option<&Buckets>) {
        let mut parts = self.lock();
        let Some(at) = parts.iter().position(|part| matches!(part.state, State::Reading(by, _) if by == reading))
        else {
            return;
        };
        let part = parts.remove(at);
        if let (State::Reading(_, changes), Some(read)) = (&part.state, read) {
            let mut buckets = read.clone();
            changes.iter().for_each(|change| count(&mut buckets, change));
            parts.push(Part { state: State::Known(buckets), ..part });
        }
    }

    /// What is known, as bytes, for the next start.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for part in self.lock().iter() {
            let State::Known(buckets) = &part.state else { continue };
            let mut put = |number: u64| bytes.extend_from_slice(&number.to_be_bytes());
            put(part.interval.lo);
            put(part.interval.hi);
            put(buckets.0.len() as u64);
            for (hour, bucket) in &buckets.0 {
                [*hour, bucket.count].into_iter().chain(bucket.sum.0).for_each(&mut put);
            }
        }
        bytes
    }

    /// What was known at an orderly stop. Of bytes that are none the rest is left out.
    pub(super) fn from_bytes(bytes: &[u8]) -> Self {
        let mut numbers = bytes.as_chunks::<8>().0.iter().map(|number| u64::from_be_bytes(*number));
        let mut parts = Vec::new();
        while let Some(part) = read_part(&mut numbers) {
            parts.push(part);
        }
        Self { parts: Mutex::new(parts), readings: AtomicU64::new(0) }
    }
}

fn read_part(numbers: &mut impl Iterator<Item = u64>) -> Option<Part> {
    let interval = Interval { lo: numbers.next()?, hi: numbers.next()? };
    let mut buckets = Buckets::default();
    for _ in 0..numbers.next()? {
        let (hour, count) = (numbers.next()?, numbers.next()?);
        let sum = Sum([numbers.next()?, numbers.next()?, numbers.next()?, numbers.next()?]);
        buckets.0.insert(hour, Bucket { count, sum });
    }
    Some(Part { interval, state: State::Known(buckets) })
}

/// A view of the database that later commits do not change.
struct View<'c> {
    c: &'c Connection,
    /// Of a part that nobody else is reading.
    reading: Option<u64>,
}

impl<'c> View<'c> {
    fn fix(c: &'c Connection, reading: Option<u64>) -> Result<Self> {
        c.execute_batch("BEGIN")?;
        let view = Self { c, reading };
        // A view begins with the first read.
        c.query_row("SELECT 1 FROM kv", [], |_| Ok(())).optional()?;
        Ok(view)
    }

    fn read(&self, interval: Interval) -> Result<Buckets> {
        let mut buckets = Buckets::default();
        for kind in Kind::ALL {
            Row::each(self.c, kind, scope::IN_PART, params![ring(interval.lo), ring(interval.hi)], |row| {
                buckets.add(&row.item());
                Ok(true)
            })?;
        }
        Ok(buckets)
    }
}

impl Drop for View<'_> {
    fn drop(&mut self) {
        // It has read only: there is nothing to be lost.
        let _ = self.c.execute_batch("ROLLBACK");
    }
}

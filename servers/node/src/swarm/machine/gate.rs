//! What is believed of what others say.

use super::{Settings, fault};
use crate::swarm::ownership::Intervals;
use crate::swarm::record::{Fact, Record};

/// How far clocks of members are apart at most, ms.
const CLOCKS_MS: u64 = 2 * 60 * 1000;

#[derive(Debug)]
pub(in crate::swarm) struct Gate {
    pub(super) owned: Intervals,
    pub(super) now_ms: u64,
    pub(super) settings: Settings,
}

impl Gate {
    /// Whether all of these are kept here.
    pub(super) fn owns(&self, records: &[Record]) -> bool {
        records.iter().all(|record| self.owned.contains(record.space()))
    }

    /// Leaves out what belongs elsewhere, what is over, and what needs a user's request and has
    /// none: a fellow's word is enough for a message, not for its end.
    pub(in crate::swarm) fn admit(&self, records: Vec<Record>) -> Vec<Record> {
        let believed = |record: &Record| {
            !record.needs_proof() || (self.settings.proves)(record) || fault!(self.settings, UnprovenDeletes)
        };
        // An end that was set in the future would outweigh every later one.
        let in_time = |record: &Record| match &record.fact {
            Fact::Message { expiry, .. } | Fact::Expiry { expiry, .. } => {
                expiry.set_ms <= self.now_ms.saturating_add(CLOCKS_MS)
            }
            _ => true,
        };
        let lasts = |record: &Record| record.matters_until() > self.now_ms && in_time(record);
        records
            .into_iter()
            .filter(|record| self.owned.contains(record.space()) && lasts(record) && believed(record))
            .collect()
    }
}

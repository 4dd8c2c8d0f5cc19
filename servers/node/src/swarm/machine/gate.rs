//! What is believed of what others say.

use super::{Settings, fault};
use crate::swarm::ownership::Intervals;
use crate::swarm::record::Record;

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
        records
            .into_iter()
            .filter(|r| self.owned.contains(r.space()) && r.matters_until() > self.now_ms && believed(r))
            .collect()
    }
}

//! When to compare with whom.

use std::collections::BTreeSet;

use rand::RngExt as _;
use rand::seq::SliceRandom as _;
use tacit_wire::NodeId;

use super::machine::Rng;

/// Between two comparisons, ms; a fifth more or less.
pub(super) const ROUND_MS: u64 = 60_000;

/// All members in turn, and some before their turn.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    next: u64,
    turn: Vec<NodeId>,
    urgent: BTreeSet<NodeId>,
}

impl Schedule {
    pub(super) fn new(now: u64, rng: &mut Rng) -> Self {
        Self { next: now + pause(rng), ..Self::default() }
    }

    /// These come before their turn.
    pub(super) fn hurry(&mut self, members: impl IntoIterator<Item = NodeId>) {
        self.urgent.extend(members);
    }

    pub(super) fn next(&self, now: u64) -> u64 {
        if self.urgent.is_empty() { self.next } else { now.min(self.next) }
    }

    /// Who is to be compared with now; `only_urgent`: nobody merely because it is their turn.
    pub(super) fn take(&mut self, now: u64, fellows: &[NodeId], only_urgent: bool, rng: &mut Rng) -> Option<NodeId> {
        self.urgent.retain(|member| fellows.contains(member));
        if let Some(member) = self.urgent.pop_first() {
            return Some(member);
        }
        if now < self.next {
            return None;
        }
        self.next = now + pause(rng);
        if only_urgent {
            return None;
        }
        self.turn.retain(|member| fellows.contains(member));
        if self.turn.is_empty() {
            self.turn = fellows.to_vec();
            self.turn.shuffle(rng);
        }
        self.turn.pop()
    }
}

fn pause(rng: &mut Rng) -> u64 {
    rng.random_range(ROUND_MS * 4 / 5..=ROUND_MS * 6 / 5)
}

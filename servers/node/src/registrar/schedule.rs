//! When what happens, all of it derived from the period between two documents (protocol: servers
//! 6.2 to 6.4).

use tacit_wire::TimestampMs;

const MINUTE: u64 = 60_000;
/// No node announces itself more often than registrars listen (four times a minute).
const LEAST_PAUSE: u64 = 18_000;

/// The clock of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Schedule {
    /// From one document to the next, ms; whole seconds.
    pub(crate) period: u64,
}

impl Schedule {
    pub(crate) fn of_seconds(seconds: u64) -> Self {
        Self { period: seconds.clamp(1, 86_400) * 1000 }
    }

    /// The first moment after `now` at which a document begins to count and that can still be
    /// voted for.
    pub(crate) fn next_valid_after(self, now: TimestampMs) -> TimestampMs {
        let earliest = now.plus_ms(self.sign_before());
        TimestampMs((earliest.0 / self.period + 1) * self.period)
    }

    /// Votes are made so long before a document counts.
    pub(crate) fn vote_before(self) -> u64 {
        self.part(12)
    }

    /// Votes that have not come are fetched so long before.
    pub(crate) fn fetch_before(self) -> u64 {
        self.part(24)
    }

    /// The document is computed and signed so long before.
    pub(crate) fn sign_before(self) -> u64 {
        self.part(30)
    }

    /// In networks for tests, whose periods are seconds, messages need a larger part of them.
    fn part(self, of: u64) -> u64 {
        if self.period >= MINUTE { self.period / of } else { self.period * 5 / of }
    }

    /// Nodes announce themselves so often.
    pub(crate) fn announce_every(self) -> u64 {
        (10 * MINUTE).min((self.period / 2).max(LEAST_PAUSE))
    }

    /// A node that was not heard for so long does not run.
    pub(crate) fn fresh_for(self) -> u64 {
        (45 * MINUTE).min((self.period * 9).max(4 * LEAST_PAUSE))
    }

    /// Each node is probed so often.
    pub(crate) fn probe_every(self) -> u64 {
        (5 * MINUTE).min(self.period / 2)
    }

    /// A node that was not heard for so long is forgotten.
    pub(crate) fn forget_after(self) -> u64 {
        24 * 60 * MINUTE
    }

    /// Nodes that do not run for so long leave their swarm.
    pub(crate) fn absent_after(self) -> u64 {
        (120 * MINUTE).min(self.period * 24)
    }
}

//! One history from beginning to end.

use std::fmt;

use crate::Bug;
use crate::world::World;

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Of this history.
    pub seed: u64,
    /// At which event of it.
    pub step: u64,
    /// Which promise.
    pub promise: &'static str,
    /// What was found.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SEED={} STEP={} {}: {}", self.seed, self.step, self.promise, self.detail)
    }
}

/// How a history went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The first promise that was broken.
    pub violation: Option<Violation>,
    /// How many events it had.
    pub steps: u64,
    /// Changes that a quorum confirmed.
    pub confirmed: u64,
    /// Of all that happened, in order: equal for equal histories.
    pub fingerprint: u64,
}

/// Runs the history of a seed; with `trace`, each event is printed.
#[must_use]
pub fn run(seed: u64, bug: Option<Bug>, trace: bool) -> Outcome {
    World::new(seed, bug, trace).run()
}

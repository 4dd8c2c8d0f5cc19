//! Many histories, on all cores.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::{Bug, Violation, run};

/// What many histories came to.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// How many were run.
    pub histories: u64,
    /// Changes that a quorum confirmed.
    pub confirmed: u64,
    /// One of each history that broke a promise, by seed.
    pub violations: Vec<Violation>,
}

/// Runs the histories of these seeds on so many threads; `stop`: only until a promise is broken.
#[must_use]
pub fn run_many(seeds: Range<u64>, bug: Option<Bug>, threads: usize, stop: bool) -> Summary {
    let (next, broken) = (AtomicU64::new(seeds.start), AtomicBool::new(false));
    let work = || {
        let mut summary = Summary::default();
        while !(stop && broken.load(Ordering::Relaxed)) {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                break;
            }
            let outcome = run(seed, bug, false);
            summary.histories += 1;
            summary.confirmed += outcome.confirmed;
            broken.fetch_or(outcome.violation.is_some(), Ordering::Relaxed);
            summary.violations.extend(outcome.violation);
        }
        summary
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        let mut all = Summary::default();
        for part in workers.into_iter().filter_map(|worker| worker.join().ok()) {
            all.histories += part.histories;
            all.confirmed += part.confirmed;
            all.violations.extend(part.violations);
        }
        all.violations.sort_by_key(|violation| violation.seed);
        all
    })
}

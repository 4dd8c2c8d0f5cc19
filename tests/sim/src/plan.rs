//! What a history is like: drawn from its seed before it begins.

use rand::{Rng, RngExt as _};

pub(crate) const SECOND: u64 = 1000;
pub(crate) const MINUTE: u64 = 60 * SECOND;
pub(crate) const HOUR: u64 = 60 * MINUTE;

/// When histories begin, ms since 1970: in the middle of an hour like any other.
pub(crate) const EPOCH: u64 = 1_800_000_000_000;
/// How long all is quiet before the end is looked at. Longer than a node waits for those who have
/// what it is to get.
pub(crate) const QUIET: u64 = 50 * MINUTE;

/// One history's character.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub swarms: usize,
    pub members: usize,
    pub spares: usize,
    pub accounts: usize,
    /// How long there are clients and faults, ms.
    pub active: u64,
    /// How many changes clients make.
    pub changes: usize,
    /// Of a packet.
    pub loss: f64,
    pub duplication: f64,
    /// Of a packet to be late, by up to a minute.
    pub late: f64,
    /// How many of each fault.
    pub crashes: usize,
    pub power_cuts: usize,
    pub partitions: usize,
    pub wipes: usize,
    pub rollbacks: usize,
    pub full: usize,
    pub slow_disks: usize,
    pub slow_nodes: usize,
    pub clocks: usize,
    pub membership: usize,
    pub liar: bool,
    /// What was handed over is kept so long, ms.
    pub keep: u64,
}

impl Plan {
    pub(crate) fn draw(rng: &mut impl Rng) -> Self {
        // Half of all histories have a fault at all; when they do, its number varies.
        let mut some = |most: usize| if rng.random_bool(0.5) { rng.random_range(0..=most) } else { 0 };
        let (crashes, power_cuts, partitions) = (some(12), some(3), some(4));
        let (wipes, rollbacks, full) = (some(3), some(2), some(2));
        let (slow_disks, slow_nodes, clocks, membership) = (some(4), some(2), some(4), some(4));
        let pick = |rng: &mut dyn Rng, of: &[f64]| of[rng.random_range(0..of.len())];
        Self {
            swarms: if rng.random_bool(0.6) { 1 } else { rng.random_range(2..=3) },
            members: rng.random_range(3..=7),
            spares: rng.random_range(0..=3),
            accounts: rng.random_range(3..=8),
            active: rng.random_range(20 * MINUTE..2 * HOUR),
            changes: rng.random_range(20..=100),
            loss: pick(rng, &[0.0, 0.0, 0.01, 0.05, 0.2]),
            duplication: pick(rng, &[0.0, 0.0, 0.02]),
            late: pick(rng, &[0.0, 0.001, 0.02]),
            crashes,
            power_cuts,
            partitions,
            wipes,
            rollbacks,
            full,
            slow_disks,
            slow_nodes,
            clocks,
            membership,
            liar: rng.random_bool(0.2),
            keep: rng.random_range(12 * MINUTE..30 * MINUTE),
        }
    }
}

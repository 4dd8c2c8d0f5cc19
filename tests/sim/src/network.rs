//! The network between nodes: slow, lossy, and now and then cut.

use rand::{Rng, RngExt as _};

use crate::plan::{MINUTE, Plan};

#[derive(Debug)]
pub(crate) struct Network {
    nodes: usize,
    /// From row to column nothing arrives.
    cut: Vec<bool>,
    loss: f64,
    duplication: f64,
    late: f64,
    slow: Vec<bool>,
}

impl Network {
    pub(crate) fn new(plan: &Plan, nodes: usize) -> Self {
        Self {
            nodes,
            cut: vec![false; nodes * nodes],
            loss: plan.loss,
            duplication: plan.duplication,
            late: plan.late,
            slow: vec![false; nodes],
        }
    }

    /// After how many ms a packet arrives: not at all, once, or twice.
    pub(crate) fn fate(&self, rng: &mut impl Rng, from: usize, to: usize) -> [Option<u64>; 2] {
        let mut fate = [None; 2];
        if self.cut[from * self.nodes + to] || self.loss > 0.0 && rng.random_bool(self.loss) {
            return fate;
        }
        fate[0] = Some(self.delay(rng, from, to));
        if self.duplication > 0.0 && rng.random_bool(self.duplication) {
            fate[1] = Some(self.delay(rng, from, to));
        }
        fate
    }

    fn delay(&self, rng: &mut impl Rng, from: usize, to: usize) -> u64 {
        if self.late > 0.0 && rng.random_bool(self.late) {
            return rng.random_range(100..MINUTE);
        }
        let usual = rng.random_range(5..50);
        if self.slow[from] || self.slow[to] { usual * 40 } else { usual }
    }

    /// Cuts a part of the nodes off from the rest, in one direction or both.
    pub(crate) fn partition(&mut self, rng: &mut impl Rng) {
        let aside: Vec<bool> = (0..self.nodes).map(|_| rng.random_bool(0.4)).collect();
        let both = rng.random_bool(0.7);
        for from in 0..self.nodes {
            for to in 0..self.nodes {
                if aside[from] != aside[to] && (both || aside[from]) {
                    self.cut[from * self.nodes + to] = true;
                }
            }
        }
    }

    pub(crate) fn heal(&mut self) {
        self.cut.fill(false);
    }

    pub(crate) fn slow(&mut self, node: usize, slow: bool) {
        self.slow[node] = slow;
    }

    /// Nothing is lost or late any more.
    pub(crate) fn quiet(&mut self) {
        self.heal();
        self.slow.fill(false);
        (self.loss, self.duplication, self.late) = (0.0, 0.0, 0.0);
    }
}

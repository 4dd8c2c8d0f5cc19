//! A simulated node: a machine while it runs, and what outlives it.

use std::collections::BTreeSet;

use tacit_node::swarm::{Machine, Now, View};
use tacit_wire::NodeId;

use crate::disk::{Content, Disk};

#[derive(Debug)]
pub(crate) struct Life {
    pub number: u64,
    pub machine: Machine,
    pub started: u64,
    /// When the next tick is planned.
    pub tick: u64,
    /// Calls without an answer yet.
    pub calls: BTreeSet<u64>,
}

#[derive(Debug)]
pub(crate) struct Node {
    pub id: NodeId,
    pub life: Option<Life>,
    pub lives: u64,
    pub disk: Disk,
    /// An older state of the disk, to go back to.
    pub snapshot: Option<Content>,
    /// When what was on the disk was lost, true time.
    pub lost: Vec<u64>,
    pub clock: i64,
    pub liar: bool,
    pub vanished: bool,
    pub full: bool,
    pub slow_disk: bool,
    /// What it last heard of the network.
    pub views: (View, View),
}

impl Node {
    pub(crate) fn wall(&self, now: u64) -> u64 {
        now.saturating_add_signed(self.clock)
    }

    pub(crate) fn time(&self, now: u64) -> Now {
        Now { up: now - self.life.as_ref().map_or(now, |life| life.started), wall: self.wall(now) }
    }

    /// Whether what it said to have since then is still there.
    pub(crate) fn is_intact(&self, since: u64) -> bool {
        !self.liar && !self.vanished && self.lost.iter().all(|lost| *lost < since)
    }
}

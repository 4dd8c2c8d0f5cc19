//! What goes wrong.

mod membership;

use bytes::Bytes;
use rand::RngExt as _;
use tacit_node::swarm::merge::Expiry;
use tacit_node::swarm::{Event, Fact, Message, Record};
use tacit_wire::{Namespace, Namespaces};

use crate::plan::{EPOCH, MINUTE, SECOND};
use crate::proof;
use crate::world::{Happening, World, trace};

/// A fault, or its end.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    Crash(usize),
    /// All nodes at once.
    PowerCut,
    /// All nodes, just after something was confirmed, while all disks are busy.
    ArmPowerCut,
    Partition,
    Heal,
    Wipe(usize),
    Snapshot(usize),
    Rollback(usize),
    Full(usize, bool),
    SlowDisk(usize, bool),
    SlowNode(usize, bool),
    Clock(usize),
    Membership,
    /// A member tells others of deletions that nobody asked for.
    Forge(usize),
}

impl World {
    pub(crate) fn plan_faults(&mut self) {
        let plan = self.plan.clone();
        self.plan_some(plan.crashes, Fault::Crash, None);
        for n in 0..plan.power_cuts {
            let time = self.draw_time();
            self.at(time, Happening::Fault(if n == 1 { Fault::PowerCut } else { Fault::ArmPowerCut }));
        }
        for _ in 0..plan.partitions {
            let time = self.draw_time();
            let lasts = self.rng.random_range(SECOND..20 * MINUTE);
            self.at(time, Happening::Fault(Fault::Partition));
            self.at(time + lasts, Happening::Fault(Fault::Heal));
        }
        self.plan_some(plan.wipes, Fault::Wipe, None);
        self.plan_some(plan.rollbacks * 2, Fault::Snapshot, None);
        self.plan_some(plan.rollbacks, Fault::Rollback, None);
        self.plan_some(plan.full, |n| Fault::Full(n, true), Some(|n| Fault::Full(n, false)));
        self.plan_some(plan.slow_disks, |n| Fault::SlowDisk(n, true), Some(|n| Fault::SlowDisk(n, false)));
        self.plan_some(plan.slow_nodes, |n| Fault::SlowNode(n, true), Some(|n| Fault::SlowNode(n, false)));
        self.plan_some(plan.clocks, Fault::Clock, None);
        for _ in 0..plan.membership {
            let time = self.draw_time();
            self.at(time, Happening::Fault(Fault::Membership));
        }
        if let Some(liar) = self.nodes.iter().position(|node| node.liar) {
            for _ in 0..10 {
                let time = self.draw_time();
                self.at(time, Happening::Fault(Fault::Forge(liar)));
            }
        }
    }

    fn draw_time(&mut self) -> u64 {
        EPOCH + self.rng.random_range(0..self.plan.active)
    }

    fn plan_some(&mut self, count: usize, fault: fn(usize) -> Fault, end: Option<fn(usize) -> Fault>) {
        for _ in 0..count {
            let (time, node) = (self.draw_time(), self.rng.random_range(0..self.nodes.len()));
            self.at(time, Happening::Fault(fault(node)));
            if let Some(end) = end {
                let lasts = self.rng.random_range(SECOND..20 * MINUTE);
                self.at(time + lasts, Happening::Fault(end(node)));
            }
        }
    }

    pub(crate) fn fault(&mut self, fault: Fault) {
        if self.is_quiet {
            return;
        }
        trace!(self, "fault: {fault:?}");
        match fault {
            Fault::Crash(node) => self.crash(node),
            Fault::PowerCut => {
                for node in 0..self.nodes.len() {
                    self.nodes[node].slow_disk = false;
                    self.crash(node);
                }
            }
            Fault::ArmPowerCut => {
                self.power_cut_armed = true;
                self.nodes.iter_mut().for_each(|node| node.slow_disk = true);
            }
            Fault::Partition => self.network.partition(&mut self.rng),
            Fault::Heal => self.network.heal(),
            Fault::Wipe(node) => {
                self.crash(node);
                self.nodes[node].disk.content = Default::default();
                self.nodes[node].lost.push(self.now);
            }
            Fault::Snapshot(node) => self.nodes[node].snapshot = Some(self.nodes[node].disk.content.clone()),
            Fault::Rollback(node) => {
                if let Some(content) = self.nodes[node].snapshot.clone() {
                    self.crash(node);
                    self.nodes[node].disk.content = content;
                    self.nodes[node].lost.push(self.now);
                }
            }
            Fault::Full(node, is) => self.nodes[node].full = is,
            Fault::SlowDisk(node, is) => self.nodes[node].slow_disk = is,
            Fault::SlowNode(node, is) => self.network.slow(node, is),
            Fault::Clock(node) => self.nodes[node].clock = self.rng.random_range(-30_000..=30_000),
            Fault::Membership => self.change_membership(),
            Fault::Forge(node) => self.forge(node),
        }
    }

    /// A node ends at once, and starts again after a while.
    pub(crate) fn crash(&mut self, node: usize) {
        let committed = self.rng.random();
        let n = &mut self.nodes[node];
        if n.life.take().is_some() {
            n.disk.crash(n.wall(self.now), committed);
            let down = if self.rng.random_bool(0.5) { 20 * SECOND } else { 15 * MINUTE };
            let down = self.rng.random_range(SECOND..down);
            self.after(down, Happening::Restart { node });
        }
    }

    fn forge(&mut self, node: usize) {
        let Some(hash) = self.some_hash() else { return };
        let account = self.ledger.mailboxes[self.ledger.sent[&hash].account].id;
        let proof = proof::forged();
        let later = self.now + 1000 * MINUTE;
        let expiry = Expiry { set_ms: self.now, expires_ms: self.now };
        let ns = Namespace(0);
        let fact = match self.rng.random_range(0..4) {
            0 => Fact::Tombstone { ns, hash, deleted_ms: self.now, until_ms: later, proof },
            1 => Fact::Expiry { hash, expiry, proof },
            2 => Fact::Wiped { ns: Namespaces::All, before_ms: self.now, until_ms: later, proof },
            _ => Fact::Message {
                ns,
                hash,
                stored_ms: self.now,
                expiry,
                proof: Some(proof),
                data: Bytes::from_static(b"data"),
            },
        };
        let message = Message::Apply(vec![Record { account, fact }]);
        let from = self.nodes[node].id;
        for to in 0..self.nodes.len() {
            if to != node {
                self.tell(to, Event::Asked { from, call: u64::from(u32::MAX), message: message.clone() });
            }
        }
    }

    fn some_hash(&mut self) -> Option<[u8; 32]> {
        let count = self.ledger.sent.len();
        (count > 0).then(|| self.rng.random_range(0..count)).and_then(|n| self.ledger.sent.keys().nth(n).copied())
    }

    /// All faults end.
    pub(crate) fn quiet(&mut self) {
        trace!(self, "quiet");
        self.is_quiet = true;
        self.power_cut_armed = false;
        self.network.quiet();
        for node in 0..self.nodes.len() {
            let n = &mut self.nodes[node];
            (n.full, n.slow_disk) = (false, false);
            if n.life.is_none() && !n.vanished {
                self.start(node, false);
            }
        }
    }
}

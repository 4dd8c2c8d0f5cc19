//! Accounts that come and go when swarms change.
//!
//! What a node keeps is compared with what it owns: with what the disk says, not with what was
//! owned a moment ago, so that nothing is forgotten over a restart, and a lost disk is filled
//! again in the same way as a new one.

use std::collections::BTreeMap;

use bytes::Bytes;
use tacit_wire::NodeId;

use super::ownership::{Interval, Intervals};
use super::replicate::quorum;
use super::view::View;

/// After so long a part counts as complete with what could be had.
pub const GIVE_UP_MS: u64 = 30 * 60 * 1000;
/// How long stores may still arrive that were meant for the swarms of before.
pub const SETTLE_MS: u64 = 10 * 60 * 1000;
/// How long what was handed over is kept at least, unless set otherwise.
pub const KEEP_MS: u64 = 24 * 60 * 60 * 1000;
/// How many others a new part is made equal with.
const SOURCES: usize = 3;
const FIRST_RETRY_MS: u64 = 100;
const RETRY_MS: u64 = 5_000;
const PUSH_MS: u64 = 60_000;

/// A part of the ring that is kept on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Which.
    pub interval: Interval,
    /// How far.
    pub state: Held,
}

/// How far a part is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// Owned, with everything.
    Whole,
    /// Owned, and on its way here: from whom, and where the last page ended.
    Gaining(Option<(NodeId, Bytes)>),
    /// Another swarm owns it now.
    Lost {
        /// Since when, ms since 1970.
        since_ms: u64,
        /// Whether it had been here with everything.
        whole: bool,
    },
}

/// What is kept, once the node owns `owned`. `view` says where lost parts are to be cut.
#[must_use]
pub fn rearrange(kept: &[Holding], owned: &Intervals, view: &View, now_ms: u64) -> Vec<Holding> {
    let mut next = Vec::new();
    let mut whole = Intervals::default();
    let mut known = Intervals::default();
    for Holding { interval, state } in kept {
        let part = Intervals::from(*interval);
        let (inside, outside) = (part.common(owned), part.minus(owned));
        known = known.plus(&part);
        let stays = match state {
            // It was left for a while: who had it meanwhile sends what is new.
            Held::Whole | Held::Lost { whole: true, .. } => {
                whole = whole.plus(&inside);
                None
            }
            Held::Gaining(cursor) if inside == part => Some(Held::Gaining(cursor.clone())),
            Held::Gaining(_) | Held::Lost { whole: false, .. } => Some(Held::Gaining(None)),
        };
        if let Some(state) = stays {
            next.extend(inside.as_slice().iter().map(|i| Holding { interval: *i, state: state.clone() }));
        }
        let gone = match state {
            Held::Whole => Held::Lost { since_ms: now_ms, whole: true },
            Held::Gaining(_) => Held::Lost { since_ms: now_ms, whole: false },
            lost @ Held::Lost { .. } => lost.clone(),
        };
        next.extend(view.cut(&outside).into_iter().map(|interval| Holding { interval, state: gone.clone() }));
    }
    let fresh = owned.minus(&known);
    next.extend(fresh.as_slice().iter().map(|i| Holding { interval: *i, state: Held::Gaining(None) }));
    next.extend(whole.as_slice().iter().map(|i| Holding { interval: *i, state: Held::Whole }));
    next.sort_by_key(|holding| holding.interval);
    next
}

/// What to do about a part that comes or goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing before then.
    Wait(u64),
    /// Fetch the next page from this node.
    Pull(NodeId),
    /// Become equal with this node.
    Compare(NodeId),
    /// All is here; or all has been handed over.
    Finish,
}

/// A part that comes here.
#[derive(Clone, Debug)]
pub struct Gain {
    began: u64,
    next: u64,
    turn: usize,
    /// Who sends the pages now.
    source: Option<NodeId>,
    pulled: bool,
    last: bool,
    fed: bool,
    failures: u32,
    /// Whom a step waits for.
    asked: Option<NodeId>,
    /// Who has been heard: whether it had everything, and this node is equal with it.
    heard: BTreeMap<NodeId, bool>,
}

impl Gain {
    /// Begins now, or goes on with a source.
    #[must_use]
    pub fn new(now: u64, source: Option<NodeId>, turn: usize) -> Self {
        Self {
            began: now,
            next: now,
            turn,
            source,
            pulled: false,
            last: false,
            fed: false,
            failures: 0,
            asked: None,
            heard: BTreeMap::new(),
        }
    }

    /// What comes next; `candidates` may have it.
    #[must_use]
    pub fn step(&self, now: u64, candidates: &[NodeId]) -> Step {
        if self.asked.is_some() {
            return Step::Wait(u64::MAX);
        }
        let unheard: Vec<_> = candidates.iter().filter(|c| !self.heard.contains_key(*c)).copied().collect();
        let equal = self.heard.values().filter(|equal| **equal).count();
        // More than half have nothing either: nobody can have been promised anything yet.
        let empty = self.heard.len() - equal + 1;
        let is_new = equal == 0 && !self.pulled && empty >= quorum(candidates.len() + 1);
        let over = now >= self.began.saturating_add(GIVE_UP_MS);
        if equal >= SOURCES || unheard.is_empty() || is_new || over {
            return Step::Finish;
        }
        if now < self.next {
            return Step::Wait(self.next);
        }
        let in_turn = unheard.get(self.turn % unheard.len()).copied();
        let source = self.source.filter(|source| unheard.contains(source)).or(in_turn);
        match source {
            Some(source) if self.pulled => Step::Compare(source),
            Some(source) => Step::Pull(source),
            None => Step::Finish,
        }
    }

    /// A step has begun.
    pub fn started(&mut self, source: NodeId) {
        self.asked = Some(source);
        self.source = (!self.pulled).then_some(source);
    }

    /// Whether somebody is known to have it.
    #[must_use]
    pub fn is_fed(&self) -> bool {
        self.fed
    }

    /// Whether a step waits for this node.
    #[must_use]
    pub fn waits_for(&self, source: NodeId) -> bool {
        self.asked == Some(source)
    }

    /// A page has come and is being written.
    pub fn page_came(&mut self, last: bool) {
        (self.last, self.fed) = (last, true);
    }

    /// It is on the disk.
    pub fn page_kept(&mut self, now: u64) {
        match self.source {
            Some(source) if self.last => {
                self.pulled = true;
                self.equal(now, source);
            }
            _ => self.again(now),
        }
    }

    /// The same step once more, at once.
    pub fn again(&mut self, now: u64) {
        (self.asked, self.next) = (None, now);
    }

    /// This node has all that the other one had.
    pub fn equal(&mut self, now: u64, source: NodeId) {
        self.heard.insert(source, true);
        (self.asked, self.next, self.source) = (None, now, None);
    }

    /// That one has not got everything itself.
    pub fn not_whole(&mut self, now: u64, source: NodeId) {
        self.heard.insert(source, false);
        (self.asked, self.next, self.source) = (None, now, None);
    }

    /// No answer: another one, a little later.
    pub fn failed(&mut self, now: u64) {
        let pause = (FIRST_RETRY_MS << self.failures.min(8)).min(RETRY_MS);
        (self.asked, self.next, self.source) = (None, now + pause, None);
        self.failures += 1;
        self.turn += 1;
    }
}

/// A part that goes.
#[derive(Clone, Debug)]
pub struct Loss {
    since_ms: u64,
    settled: u64,
    next: u64,
    turn: usize,
    busy: bool,
    /// Owners that have everything that is here.
    confirmed: Vec<NodeId>,
}

impl Loss {
    /// Lost at `since_ms` (since 1970), which this node knows since `now` (since its start).
    #[must_use]
    pub fn new(now: u64, since_ms: u64, turn: usize) -> Self {
        let next = now + PUSH_MS / 2;
        Self { since_ms, settled: now + SETTLE_MS, next, turn, busy: false, confirmed: Vec::new() }
    }

    /// What comes next. `keep_ms`: how long it is kept at least.
    #[must_use]
    pub fn step(&self, now: u64, wall: u64, owners: &[NodeId], keep_ms: u64) -> Step {
        if self.busy || owners.is_empty() {
            return Step::Wait(u64::MAX);
        }
        let open: Vec<_> = owners.iter().filter(|owner| !self.confirmed.contains(owner)).copied().collect();
        if owners.len() - open.len() >= quorum(owners.len()) {
            let end = self.since_ms.saturating_add(keep_ms);
            return if wall >= end { Step::Finish } else { Step::Wait(now.saturating_add(end - wall)) };
        }
        match open.get(self.turn % open.len().max(1)) {
            Some(owner) if now >= self.next => Step::Compare(*owner),
            _ => Step::Wait(self.next),
        }
    }

    /// A step has begun.
    pub fn started(&mut self) {
        self.busy = true;
    }

    /// It ended; `complete`: that owner has all of it now. What began before stores for the swarms
    /// of before had ended does not count.
    pub fn ended(&mut self, now: u64, began: u64, owner: NodeId, complete: bool) {
        (self.busy, self.next) = (false, now + PUSH_MS);
        self.turn += 1;
        if complete && began >= self.settled && !self.confirmed.contains(&owner) {
            self.confirmed.push(owner);
        }
    }
}

#[cfg(test)]
mod tests;

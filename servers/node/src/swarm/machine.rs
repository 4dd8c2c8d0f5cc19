//! All of it together: what a member does about what happens.

mod asked;
mod gate;
mod moving;
mod requests;
mod sessions;

use std::collections::{BTreeMap, BTreeSet};

use rand::SeedableRng as _;
use tacit_wire::NodeId;

use super::effects::{Effects, Waiter};
use super::hints::Hints;
use super::ownership::{Interval, Intervals};
use super::protocol::{Action, Event, Now, Reply};
use super::record::Record;
use super::schedule::Schedule;
use super::session::Session;
use super::transfer::{Gain, Held, Holding, KEEP_MS, Loss, SETTLE_MS};
use super::view::View;

use asked::Asked;
pub(super) use gate::Gate;
use requests::Pending;

/// The machine's own source of chance.
pub(super) type Rng = rand::rngs::Xoshiro256PlusPlus;

/// What is not the same for all.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How long what was handed over is kept at least, ms.
    pub keep_ms: u64,
    /// Whether a user's request that a record carries really says what the record says.
    pub proves: fn(&Record) -> bool,
    /// A fault put in on purpose.
    #[cfg(feature = "faults")]
    pub fault: Option<super::Fault>,
}

impl Settings {
    /// As nodes run.
    #[must_use]
    pub fn new(proves: fn(&Record) -> bool) -> Self {
        Self {
            keep_ms: KEEP_MS,
            proves,
            #[cfg(feature = "faults")]
            fault: None,
        }
    }

    #[cfg(feature = "faults")]
    pub(super) fn has(&self, fault: super::Fault) -> bool {
        self.fault == Some(fault)
    }
}

/// `$machine.fault(Name)`: whether a fault is put in; without the feature it never is.
macro_rules! fault {
    ($settings:expr, $name:ident) => {{
        #[cfg(feature = "faults")]
        let has = $settings.has(crate::swarm::Fault::$name);
        #[cfg(not(feature = "faults"))]
        let has = false;
        has
    }};
}
pub(super) use fault;

/// What the disk says when a node starts.
#[derive(Clone, Debug, Default)]
pub struct Recovered {
    /// Which parts of the ring are kept.
    pub holdings: Vec<Holding>,
    /// Changes kept for others: how many, and how many bytes.
    pub hints: Vec<(NodeId, usize, usize)>,
    /// Whether the node stopped in order, on the same disk.
    pub clean: bool,
}

/// One member of the network.
#[derive(Debug)]
pub struct Machine {
    me: NodeId,
    settings: Settings,
    rng: Rng,
    view: View,
    previous: View,
    changed: u64,
    holdings: Vec<Holding>,
    pending: BTreeMap<u64, Pending>,
    hints: Hints,
    sending: BTreeMap<NodeId, (Vec<u64>, usize)>,
    down: BTreeSet<NodeId>,
    schedule: Schedule,
    sessions: BTreeMap<u64, Session>,
    gains: BTreeMap<Interval, Gain>,
    losses: BTreeMap<Interval, Loss>,
    lacking: BTreeMap<NodeId, Lacking>,
    asked: BTreeMap<(NodeId, u64), Asked>,
    fx: Effects,
}

/// What comparisons found another member to lack.
#[derive(Clone, Copy, Debug, Default)]
struct Lacking {
    sessions: u32,
    permille: u64,
}

impl Machine {
    /// Starts with what the disk says, in a network that is now as `view` and was as `previous`
    /// before. `seed` is chance from outside.
    #[must_use]
    pub fn start(
        now: Now,
        me: NodeId,
        settings: Settings,
        seed: u64,
        (view, previous): (View, View),
        recovered: Recovered,
    ) -> (Self, Vec<Action>) {
        let mut rng = Rng::seed_from_u64(seed);
        let mut machine = Self {
            me,
            settings,
            schedule: Schedule::new(now.up, &mut rng),
            rng,
            view: previous,
            previous: View::default(),
            changed: now.up,
            holdings: recovered.holdings,
            pending: BTreeMap::new(),
            hints: Hints::recovered(now.up, &recovered.hints),
            sending: BTreeMap::new(),
            down: BTreeSet::new(),
            sessions: BTreeMap::new(),
            gains: BTreeMap::new(),
            losses: BTreeMap::new(),
            lacking: BTreeMap::new(),
            asked: BTreeMap::new(),
            fx: Effects::default(),
        };
        machine.enter(now, view);
        if !recovered.clean {
            machine.schedule.hurry(machine.fellows());
        }
        machine.advance(now);
        let actions = machine.fx.take();
        (machine, actions)
    }

    /// Something has happened; what is to be done.
    pub fn handle(&mut self, now: Now, event: Event) -> Vec<Action> {
        match event {
            Event::Tick => (),
            Event::View(view) => self.enter(now, view),
            Event::Request { request, records } => self.request(now, request, records),
            Event::Missed { member, records } => self.missed(now, member, &records),
            Event::Asked { from, call, message } => {
                self.heard(now, from);
                self.asked(now, from, call, message);
            }
            Event::Replied { token, reply } => self.replied(now, token, reply),
            Event::Committed { token, receipt } => {
                let (waiter, _) = self.fx.ended(token);
                match waiter {
                    Waiter::Request(request, member) => self.progress(now, request, member, receipt),
                    Waiter::RequestHints(request) => self.answer(request),
                    Waiter::Hints(member) => self.hints_removed(now, member, receipt.is_some()),
                    Waiter::Session(id) => {
                        self.session_step(now, id, |session, fx, _| session.committed(fx, receipt.is_some()));
                    }
                    Waiter::Gain(interval) => self.page_kept(now, interval, receipt.is_some()),
                    Waiter::Asked(to, call) => {
                        let reply = receipt.map_or(Reply::Failed, Reply::Applied);
                        self.fx.push(Action::Reply { to, call, reply });
                    }
                    Waiter::None => (),
                }
            }
            Event::Read { token, found } => {
                let (waiter, _) = self.fx.ended(token);
                match waiter {
                    Waiter::Session(id) => self.session_step(now, id, |session, fx, _| session.read(fx, found)),
                    Waiter::Hints(member) => self.send_hints(now, member, found),
                    Waiter::Asked(to, call) => self.found_for(to, call, found),
                    _ => (),
                }
            }
        }
        self.advance(now);
        self.fx.take()
    }

    /// When [`Event::Tick`] is due at the latest, ms since the node's start.
    #[must_use]
    pub fn next_tick(&self, now: Now) -> u64 {
        [
            self.next_request(now.up),
            self.hints.next().unwrap_or(u64::MAX),
            self.next_session(now.up),
            self.next_transfer(now),
        ]
        .into_iter()
        .min()
        .unwrap_or(u64::MAX)
        .max(now.up + 1)
    }

    /// Whether clients may read here what belongs at this place of the ring.
    #[must_use]
    pub fn serves(&self, space: u64) -> bool {
        self.whole().contains(space) && self.owned().contains(space)
    }

    /// Whether this node keeps what belongs at this place of the ring.
    #[must_use]
    pub fn owns(&self, space: u64) -> bool {
        self.owned().contains(space)
    }

    /// What is owned and on its way here, from others that are known to have it: who reads here
    /// would miss it.
    #[must_use]
    pub fn filling(&self) -> Intervals {
        let filled = self.gains.iter().filter(|(_, gain)| gain.is_fed());
        Intervals::from_unsorted(filled.map(|(interval, _)| *interval).collect())
    }

    /// Which parts of the ring are kept here.
    #[must_use]
    pub fn holdings(&self) -> &[Holding] {
        &self.holdings
    }

    /// Members that keep lacking facts, in three comparisons or more: how many of 1,000.
    pub fn lagging(&self) -> impl Iterator<Item = (NodeId, u64)> + '_ {
        self.lacking.iter().filter(|(_, l)| l.sessions >= 3).map(|(member, l)| (*member, l.permille))
    }

    /// Changes that wait for members, by member.
    pub fn hints(&self) -> impl Iterator<Item = (NodeId, usize)> + '_ {
        self.hints.waiting()
    }

    /// Client changes in progress, comparisons, and ends of calls, commits and look-ups to come.
    #[must_use]
    pub fn load(&self) -> (usize, usize, usize) {
        (self.pending.len(), self.sessions.len(), self.fx.outstanding())
    }

    fn replied(&mut self, now: Now, token: u64, reply: Option<Reply>) {
        let (waiter, peer) = self.fx.ended(token);
        if let Some(peer) = peer {
            match reply {
                Some(_) => self.heard(now, peer),
                None => {
                    self.down.insert(peer);
                }
            }
        }
        match waiter {
            Waiter::Request(request, member) => {
                let receipt = if let Some(Reply::Applied(receipt)) = reply { Some(receipt) } else { None };
                self.progress(now, request, member, receipt);
            }
            Waiter::Hints(member) => self.hints_taken(now, member, matches!(reply, Some(Reply::Applied(_)))),
            Waiter::Session(id) => self.session_step(now, id, |session, fx, gate| session.replied(fx, gate, reply)),
            Waiter::Gain(interval) => {
                if let Some(peer) = peer {
                    self.page(now, interval, peer, reply);
                }
            }
            _ => (),
        }
    }

    /// Another node gave a sign of life: what waits for it goes on.
    fn heard(&mut self, now: Now, peer: NodeId) {
        if self.down.remove(&peer) {
            self.hints.heard(now.up, peer);
            if self.view.members_with(&self.me).contains(&peer) {
                self.schedule.hurry([peer]);
            }
        }
    }

    fn advance(&mut self, now: Now) {
        self.advance_requests(now);
        self.advance_hints(now);
        self.advance_transfers(now);
        self.advance_sessions(now);
    }

    fn fellows(&self) -> Vec<NodeId> {
        self.view.members_with(&self.me).iter().filter(|member| **member != self.me).copied().collect()
    }

    fn owned(&self) -> Intervals {
        self.view.owned_by(&self.me)
    }

    fn kept(&self, which: impl Fn(&Held) -> bool) -> Intervals {
        Intervals::from_unsorted(self.holdings.iter().filter(|h| which(&h.state)).map(|h| h.interval).collect())
    }

    /// What is owned and complete.
    fn whole(&self) -> Intervals {
        self.kept(|state| *state == Held::Whole)
    }

    /// What others may take from here as complete.
    fn complete(&self) -> Intervals {
        self.kept(|state| matches!(state, Held::Whole | Held::Lost { whole: true, .. }))
    }

    /// Judges what comes from others. For a while that includes stores that were meant for the
    /// swarms of before, as long as they can be handed on.
    fn gate(&self, now: Now) -> Gate {
        let mut owned = self.owned();
        if now.up < self.changed.saturating_add(SETTLE_MS) {
            let lost = self.kept(|state| matches!(state, Held::Lost { .. }));
            owned = owned.plus(&self.previous.owned_by(&self.me).common(&lost));
        }
        Gate { owned, now_ms: now.wall, settings: self.settings }
    }
}

#[cfg(test)]
mod tests;

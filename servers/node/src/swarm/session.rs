//! One comparison with another member: sums, then what differs, then fetching and sending it.

use tacit_wire::NodeId;

use super::buckets::Buckets;
use super::effects::{Effects, Waiter};
use super::machine::Gate;
use super::ownership::{Interval, Intervals};
use super::protocol::{BATCH_ITEMS, Found, Message, Query, Reply, Write};
use super::reconcile::{self, Difference, Item};
use super::record::Record;

/// Most items of one session; what is older is left to the next.
const MOST_ITEMS: u64 = 100_000;
const MOST_ROUNDS: u32 = 256;
const TIMEOUT_MS: u64 = 10_000;

/// What a session is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Members of one swarm compare.
    Round,
    /// A part of the ring that comes here is checked.
    Gain(Interval),
    /// A part of the ring that goes is left complete: nothing is fetched.
    Loss(Interval),
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// All that differed was exchanged, as far as one session goes.
    Done {
        /// Nothing is left over.
        all: bool,
        /// How many of 1,000 facts the other one lacked.
        lacked: u64,
    },
    /// The other one is still being filled itself.
    NotWhole,
    /// It stopped answering, or a disk failed.
    Failed,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    OwnSums,
    PeerSums(Buckets),
    Items,
    Comparing,
    Fetching,
    Keeping,
    Loading,
    Sending,
}

#[derive(Debug)]
pub(super) struct Session {
    id: u64,
    pub(super) peer: NodeId,
    pub(super) purpose: Purpose,
    /// When it began, ms since the node's start.
    pub(super) began: u64,
    intervals: Intervals,
    until: u64,
    state: State,
    hours: Vec<u64>,
    all: bool,
    total: u64,
    items: Vec<Item>,
    rounds: u32,
    difference: Difference,
    lacked: u64,
}

impl Session {
    pub(super) fn start(
        fx: &mut Effects,
        began: u64,
        until: u64,
        peer: NodeId,
        purpose: Purpose,
        intervals: Intervals,
    ) -> Self {
        let id = fx.number();
        fx.read(Waiter::Session(id), Query::Sums { intervals: intervals.clone(), until });
        Self {
            id,
            peer,
            purpose,
            began,
            intervals,
            until,
            state: State::OwnSums,
            hours: Vec::new(),
            all: true,
            total: 0,
            items: Vec::new(),
            rounds: 0,
            difference: Difference::default(),
            lacked: 0,
        }
    }

    pub(super) fn id(&self) -> u64 {
        self.id
    }

    fn call(&self, fx: &mut Effects, message: Message) {
        fx.call(Waiter::Session(self.id), self.peer, message, TIMEOUT_MS);
    }

    pub(super) fn read(&mut self, fx: &mut Effects, found: Found) -> Option<Outcome> {
        match (&self.state, found) {
            (State::OwnSums, Found::Sums(own)) => {
                self.total = own.0.values().map(|bucket| bucket.count).sum();
                self.state = State::PeerSums(own);
                self.call(fx, Message::Sums { intervals: self.intervals.clone(), until: self.until });
            }
            (State::Items, Found::Items(items)) => {
                self.items = items;
                let frame = reconcile::open(&self.items, &self.hours);
                self.compare(fx, frame);
            }
            (State::Loading, Found::Records { records, taken }) => {
                drop_front(&mut self.difference.have, taken);
                return self.send(fx, records);
            }
            _ => return Some(Outcome::Failed),
        }
        None
    }

    pub(super) fn replied(&mut self, fx: &mut Effects, gate: &Gate, reply: Option<Reply>) -> Option<Outcome> {
        match (std::mem::replace(&mut self.state, State::OwnSums), reply) {
            (State::PeerSums(own), Some(Reply::Sums { buckets, whole })) => {
                if !whole {
                    return Some(Outcome::NotWhole);
                }
                self.choose_hours(&own, &buckets);
                if self.hours.is_empty() {
                    return Some(self.done());
                }
                self.state = State::Items;
                let (intervals, hours) = (self.intervals.clone(), self.hours.clone());
                fx.read(Waiter::Session(self.id), Query::Items { intervals, hours, until: self.until });
            }
            (State::PeerSums(_), Some(Reply::NotWhole)) => return Some(Outcome::NotWhole),
            (State::Comparing, Some(Reply::Frame(frame))) if reconcile::is_sound(&frame) => {
                match reconcile::learn(&self.items, &frame, &mut self.difference) {
                    Some(next) if self.rounds < MOST_ROUNDS => self.compare(fx, next),
                    Some(_) => return Some(Outcome::Failed),
                    None => {
                        self.items = Vec::new();
                        self.lacked = self.difference.have.len() as u64;
                        if matches!(self.purpose, Purpose::Loss(_)) {
                            self.difference.need.clear();
                        }
                        return self.go_on(fx);
                    }
                }
            }
            (State::Fetching, Some(Reply::Records { records, taken })) => {
                drop_front(&mut self.difference.need, taken);
                let records = gate.admit(records);
                if records.is_empty() {
                    return self.go_on(fx);
                }
                self.state = State::Keeping;
                fx.commit(Waiter::Session(self.id), vec![Write::Apply(records)]);
            }
            (State::Sending, Some(Reply::Applied(_))) => return self.go_on(fx),
            _ => return Some(Outcome::Failed),
        }
        None
    }

    pub(super) fn committed(&mut self, fx: &mut Effects, kept: bool) -> Option<Outcome> {
        if kept && self.state == State::Keeping { self.go_on(fx) } else { Some(Outcome::Failed) }
    }

    /// The newest hours that differ, as many as one session bears.
    fn choose_hours(&mut self, own: &Buckets, theirs: &Buckets) {
        let mut count = 0;
        for (hour, items) in own.unequal(theirs) {
            count += items;
            if count > MOST_ITEMS && !self.hours.is_empty() {
                self.all = false;
                break;
            }
            self.hours.push(hour);
        }
    }

    fn compare(&mut self, fx: &mut Effects, frame: reconcile::Frame) {
        self.rounds += 1;
        self.state = State::Comparing;
        let (intervals, hours) = (self.intervals.clone(), self.hours.clone());
        self.call(fx, Message::Compare { intervals, hours, until: self.until, frame });
    }

    /// Fetches what is lacking here, then sends what is lacking there.
    fn go_on(&mut self, fx: &mut Effects) -> Option<Outcome> {
        let batch = |items: &[Item]| items.get(..BATCH_ITEMS).unwrap_or(items).to_vec();
        let intervals = self.intervals.clone();
        if !self.difference.need.is_empty() {
            self.state = State::Fetching;
            self.call(fx, Message::Get { intervals, items: batch(&self.difference.need) });
            None
        } else if !self.difference.have.is_empty() {
            self.state = State::Loading;
            let items = batch(&self.difference.have);
            fx.read(Waiter::Session(self.id), Query::Records { intervals, items });
            None
        } else {
            Some(self.done())
        }
    }

    fn send(&mut self, fx: &mut Effects, records: Vec<Record>) -> Option<Outcome> {
        if records.is_empty() {
            return self.go_on(fx);
        }
        self.state = State::Sending;
        self.call(fx, Message::Apply(records));
        None
    }

    fn done(&self) -> Outcome {
        Outcome::Done { all: self.all, lacked: self.lacked * 1000 / self.total.max(1) }
    }
}

/// Removes what was looked up: at least one, so that it ends.
fn drop_front(items: &mut Vec<Item>, taken: usize) {
    items.drain(..taken.max(1).min(items.len()));
}

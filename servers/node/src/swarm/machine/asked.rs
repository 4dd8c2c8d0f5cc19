//! What other nodes ask for.

use bytes::Bytes;
use tacit_wire::NodeId;

use super::{Machine, fault};
use crate::swarm::effects::Waiter;
use crate::swarm::ownership::Intervals;
use crate::swarm::protocol::{Action, BATCH_ITEMS, Found, Message, Now, Query, Reply, Write};
use crate::swarm::reconcile::{self, Frame};
use crate::swarm::record::Record;

/// What is needed again once something has been looked up for another node.
#[derive(Debug)]
pub(super) enum Asked {
    Sums(Intervals),
    Compare(Frame),
}

impl Machine {
    pub(super) fn asked(&mut self, now: Now, from: NodeId, call: u64, message: Message) {
        if !self.view.knows(&from) && !self.previous.knows(&from) {
            self.fx.push(Action::Reply { to: from, call, reply: Reply::Refused });
            return;
        }
        let waiter = Waiter::Asked(from, call);
        match message {
            Message::Apply(records) => self.apply(now, from, call, records),
            Message::Sums { intervals, until } => {
                self.asked.insert((from, call), Asked::Sums(intervals.clone()));
                self.fx.read(waiter, Query::Sums { intervals, until });
            }
            Message::Compare { intervals, hours, until, frame } => {
                if !reconcile::is_sound(&frame) {
                    self.fx.push(Action::Reply { to: from, call, reply: Reply::Refused });
                    return;
                }
                self.asked.insert((from, call), Asked::Compare(frame));
                self.fx.read(waiter, Query::Items { intervals, hours, until });
            }
            Message::Get { intervals, mut items } => {
                items.truncate(BATCH_ITEMS);
                self.fx.read(waiter, Query::Records { intervals, items });
            }
            Message::Pull { interval, cursor } if self.complete().covers(&interval.into()) => {
                self.fx.read(waiter, Query::Page { interval, cursor });
            }
            Message::Pull { .. } => self.fx.push(Action::Reply { to: from, call, reply: Reply::NotWhole }),
        }
    }

    fn apply(&mut self, now: Now, from: NodeId, call: u64, records: Vec<Record>) {
        let gate = self.gate(now);
        if !gate.owns(&records) {
            self.fx.push(Action::Reply { to: from, call, reply: Reply::Refused });
            return;
        }
        let records = gate.admit(records);
        if records.is_empty() || fault!(self.settings, AnswerBeforeCommit) {
            self.fx.push(Action::Reply { to: from, call, reply: Reply::Applied(Bytes::new()) });
            if !records.is_empty() {
                self.fx.commit(Waiter::None, vec![Write::Apply(records)]);
            }
            return;
        }
        self.fx.commit(Waiter::Asked(from, call), vec![Write::Apply(records)]);
    }

    /// What was looked up for another node.
    pub(super) fn found_for(&mut self, to: NodeId, call: u64, found: Found) {
        let reply = match (found, self.asked.remove(&(to, call))) {
            (Found::Sums(buckets), Some(Asked::Sums(intervals))) => {
                Reply::Sums { buckets, whole: self.complete().covers(&intervals) }
            }
            (Found::Items(items), Some(Asked::Compare(frame))) => Reply::Frame(reconcile::answer(&items, &frame)),
            (Found::Records { records, taken }, _) => Reply::Records { records, taken },
            (Found::Page { records, next }, _) => Reply::Page { records, next },
            _ => Reply::Failed,
        };
        self.fx.push(Action::Reply { to, call, reply });
    }
}

//! Changes of clients, and what is kept of them for members that missed them.

use std::collections::BTreeSet;

use bytes::Bytes;
use tacit_wire::NodeId;

use super::{Machine, fault};
use crate::swarm::effects::Waiter;
use crate::swarm::hints::Hint;
use crate::swarm::protocol::{Action, Found, Message, Now, Write};
use crate::swarm::record::Record;
use crate::swarm::replicate::{PATIENCE_MS, Replication};

#[derive(Debug)]
pub(super) struct Pending {
    replication: Replication,
    /// When the client is told, whatever the disk does.
    latest: u64,
    records: Vec<Record>,
    hinted: BTreeSet<NodeId>,
    answered: Answered,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answered {
    No,
    /// As soon as what the others missed is on the disk.
    Soon,
    Yes,
}

impl Machine {
    pub(super) fn request(&mut self, now: Now, request: u64, records: Vec<Record>) {
        if !records.iter().all(|record| self.owns(record.space())) {
            self.fx.push(Action::WrongSwarm { request });
            return;
        }
        let mut replication = Replication::new(now.up, self.view.members_with(&self.me).iter().copied());
        self.fx.commit(Waiter::Request(request, self.me), vec![Write::Apply(records.clone())]);
        for fellow in self.fellows() {
            let message = Message::Apply(records.clone());
            self.fx.call(Waiter::Request(request, fellow), fellow, message, PATIENCE_MS);
        }
        if fault!(self.settings, AnswerBeforeCommit) {
            replication.durable(now.up, self.me, Bytes::new());
        }
        let pending = Pending {
            replication,
            latest: now.up + PATIENCE_MS,
            records,
            hinted: BTreeSet::new(),
            answered: Answered::No,
        };
        self.pending.insert(request, pending);
    }

    /// A member has it, or has not.
    pub(super) fn progress(&mut self, now: Now, request: u64, member: NodeId, receipt: Option<Bytes>) {
        let Some(pending) = self.pending.get_mut(&request) else { return };
        match receipt {
            Some(receipt) => pending.replication.durable(now.up, member, receipt),
            None => pending.replication.failed(member),
        }
    }

    pub(super) fn advance_requests(&mut self, now: Now) {
        let ready = |p: &Pending| p.answered == Answered::Yes || p.replication.due(now.up) <= now.up;
        let due: Vec<u64> = self.pending.iter().filter(|(_, p)| ready(p)).map(|(request, _)| *request).collect();
        for request in due {
            let kept = self.keep_for_missing(now, request);
            let Some(pending) = self.pending.get_mut(&request) else { continue };
            match pending.answered {
                Answered::No if kept.is_empty() => self.answer(request),
                Answered::No => {
                    pending.answered = Answered::Soon;
                    self.fx.commit(Waiter::RequestHints(request), kept);
                }
                Answered::Soon if now.up >= pending.latest => self.answer(request),
                Answered::Soon | Answered::Yes => {
                    let over = pending.answered == Answered::Yes && pending.replication.is_over();
                    if !kept.is_empty() {
                        self.fx.commit(Waiter::None, kept);
                    }
                    if over {
                        self.pending.remove(&request);
                    }
                }
            }
        }
    }

    /// What is to be written for members that are known to have missed it.
    fn keep_for_missing(&mut self, now: Now, request: u64) -> Vec<Write> {
        let Some(pending) = self.pending.get_mut(&request) else { return Vec::new() };
        let me = self.me;
        let missed: Vec<_> = pending.replication.missed().filter(|m| *m != me && !pending.hinted.contains(m)).collect();
        let mut kept = Vec::new();
        for member in missed {
            pending.hinted.insert(member);
            for record in &pending.records {
                if self.hints.add(now.up, member, record.size()) {
                    kept.push(Hint { member, record: record.clone() });
                }
            }
        }
        if kept.is_empty() { Vec::new() } else { vec![Write::AddHints(kept)] }
    }

    /// Keeps for a member what it missed.
    pub(super) fn missed(&mut self, now: Now, member: NodeId, records: &[Record]) {
        if !self.fellows().contains(&member) {
            return;
        }
        let keep = |record: &&Record| self.hints.add(now.up, member, record.size());
        let kept: Vec<_> = records.iter().filter(keep).map(|record| Hint { member, record: record.clone() }).collect();
        if !kept.is_empty() {
            self.fx.commit(Waiter::None, vec![Write::AddHints(kept)]);
        }
        self.down.insert(member);
    }

    pub(super) fn answer(&mut self, request: u64) {
        let Some(pending) = self.pending.get_mut(&request) else { return };
        if std::mem::replace(&mut pending.answered, Answered::Yes) == Answered::Yes {
            return;
        }
        let members = pending.replication.members().clone();
        if pending.replication.is_over() {
            self.pending.remove(&request);
        }
        self.fx.push(Action::Answer { request, members });
    }

    pub(super) fn next_request(&self, now: u64) -> u64 {
        let due = |p: &Pending| match p.answered {
            Answered::No => p.replication.due(now),
            Answered::Soon => p.latest,
            Answered::Yes => u64::MAX,
        };
        self.pending.values().map(due).min().unwrap_or(u64::MAX)
    }

    pub(super) fn advance_hints(&mut self, now: Now) {
        for member in self.hints.take_behind() {
            self.schedule.hurry([member]);
        }
        for member in self.hints.start_due(now.up) {
            self.fx.read(Waiter::Hints(member), crate::swarm::Query::Hints { member });
        }
    }

    pub(super) fn send_hints(&mut self, now: Now, member: NodeId, found: Found) {
        let Found::Hints(rows) = found else { return self.hints.failed(now.up, member) };
        if rows.is_empty() {
            return self.hints.removed(now.up, member, 0, 0);
        }
        let bytes = rows.iter().map(|(_, record)| record.size()).sum();
        let (numbers, records): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
        self.sending.insert(member, (numbers.clone(), bytes));
        let records: Vec<_> = records.into_iter().filter(|record| record.matters_until() > now.wall).collect();
        if records.is_empty() {
            self.fx.commit(Waiter::Hints(member), vec![Write::RemoveHints(numbers)]);
        } else {
            self.fx.call(Waiter::Hints(member), member, Message::Apply(records), PATIENCE_MS);
        }
    }

    pub(super) fn hints_taken(&mut self, now: Now, member: NodeId, taken: bool) {
        match self.sending.get(&member) {
            Some((numbers, _)) if taken => {
                let numbers = numbers.clone();
                self.fx.commit(Waiter::Hints(member), vec![Write::RemoveHints(numbers)]);
            }
            _ => self.hints.failed(now.up, member),
        }
    }

    pub(super) fn hints_removed(&mut self, now: Now, member: NodeId, removed: bool) {
        match self.sending.remove(&member) {
            Some((numbers, bytes)) if removed => self.hints.removed(now.up, member, numbers.len(), bytes),
            _ => self.hints.failed(now.up, member),
        }
    }
}

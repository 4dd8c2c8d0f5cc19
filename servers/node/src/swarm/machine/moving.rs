//! Parts of the ring that come and go.

use std::collections::BTreeSet;

use rand::RngExt as _;
use tacit_wire::NodeId;

use super::{Machine, fault};
use crate::swarm::effects::Waiter;
use crate::swarm::ownership::Interval;
use crate::swarm::protocol::{Message, Now, Reply, Write};
use crate::swarm::session::Purpose;
use crate::swarm::transfer::{Gain, Held, Holding, Loss, Step, rearrange};
use crate::swarm::view::View;

const PAGE_TIMEOUT_MS: u64 = 30_000;

impl Machine {
    /// The network is as `view` now.
    pub(super) fn enter(&mut self, now: Now, view: View) {
        if view.no < self.view.no || view == self.view {
            return;
        }
        let before: BTreeSet<NodeId> = self.fellows().into_iter().collect();
        self.previous = std::mem::replace(&mut self.view, view);
        self.changed = now.up;
        let fellows: BTreeSet<NodeId> = self.fellows().into_iter().collect();
        for gone in self.hints.keep_only(&fellows) {
            self.sending.remove(&gone);
            self.fx.commit(Waiter::None, vec![Write::ForgetMember(gone)]);
        }
        self.lacking.retain(|member, _| fellows.contains(member));
        self.schedule.hurry(fellows.difference(&before).copied());
        let mut holdings = rearrange(&self.holdings, &self.owned(), &self.view, now.wall);
        if fault!(self.settings, PushOnce) {
            for holding in &mut holdings {
                if matches!(holding.state, Held::Gaining(_)) {
                    holding.state = Held::Whole;
                }
            }
        }
        self.set_holdings(now, holdings);
    }

    /// Writes down what is kept, and takes up what is to be done for it.
    fn set_holdings(&mut self, now: Now, holdings: Vec<Holding>) {
        if holdings != self.holdings {
            self.fx.commit(Waiter::None, vec![Write::Holdings(holdings.clone())]);
        }
        self.holdings = holdings;
        let gaining = |h: &Holding| matches!(h.state, Held::Gaining(_));
        let of = |which: &dyn Fn(&Holding) -> bool| -> BTreeSet<Interval> {
            self.holdings.iter().filter(|h| which(h)).map(|h| h.interval).collect()
        };
        let (gains, losses) = (of(&gaining), of(&|h| matches!(h.state, Held::Lost { .. })));
        self.gains.retain(|interval, _| gains.contains(interval));
        self.losses.retain(|interval, _| losses.contains(interval));
        for holding in &self.holdings {
            let turn = self.rng.random_range(0..64);
            match &holding.state {
                Held::Gaining(cursor) => {
                    let source = cursor.as_ref().map(|(source, _)| *source);
                    self.gains.entry(holding.interval).or_insert_with(|| Gain::new(now.up, source, turn));
                }
                Held::Lost { since_ms, .. } => {
                    self.losses.entry(holding.interval).or_insert_with(|| Loss::new(now.up, *since_ms, turn));
                }
                Held::Whole => (),
            }
        }
    }

    fn set_state(&mut self, now: Now, interval: Interval, state: Option<Held>) {
        let mut holdings = self.holdings.clone();
        match state {
            Some(state) => {
                for holding in holdings.iter_mut().filter(|h| h.interval == interval) {
                    holding.state = state.clone();
                }
            }
            None => holdings.retain(|h| h.interval != interval),
        }
        self.set_holdings(now, holdings);
    }

    /// Who may have what belongs to a part that comes here.
    fn candidates(&self, interval: Interval) -> Vec<NodeId> {
        let mut candidates = self.fellows();
        for part in self.previous.cut(&interval.into()) {
            candidates.extend_from_slice(self.previous.owners_of(part.lo));
        }
        candidates.retain(|node| *node != self.me);
        candidates.sort_unstable();
        candidates.dedup();
        candidates
    }

    pub(super) fn advance_transfers(&mut self, now: Now) {
        for interval in self.gains.keys().copied().collect::<Vec<_>>() {
            self.advance_gain(now, interval);
        }
        if fault!(self.settings, PushOnce) {
            return;
        }
        for interval in self.losses.keys().copied().collect::<Vec<_>>() {
            self.advance_loss(now, interval);
        }
    }

    fn advance_gain(&mut self, now: Now, interval: Interval) {
        let candidates = self.candidates(interval);
        let Some(gain) = self.gains.get_mut(&interval) else { return };
        match gain.step(now.up, &candidates) {
            Step::Wait(_) => (),
            Step::Pull(source) => {
                gain.started(source);
                let cursor = self.cursor(interval, source);
                self.fx.call(Waiter::Gain(interval), source, Message::Pull { interval, cursor }, PAGE_TIMEOUT_MS);
            }
            Step::Compare(source) => {
                gain.started(source);
                self.compare(now, source, Purpose::Gain(interval), interval.into());
            }
            Step::Finish => {
                self.set_state(now, interval, Some(Held::Whole));
                self.schedule.hurry(self.fellows());
            }
        }
    }

    fn cursor(&self, interval: Interval, source: NodeId) -> Option<bytes::Bytes> {
        let holding = self.holdings.iter().find(|h| h.interval == interval)?;
        match &holding.state {
            Held::Gaining(Some((from, cursor))) if *from == source => Some(cursor.clone()),
            _ => None,
        }
    }

    fn advance_loss(&mut self, now: Now, interval: Interval) {
        let owners = self.view.owners_of(interval.lo).to_vec();
        let Some(loss) = self.losses.get_mut(&interval) else { return };
        match loss.step(now.up, now.wall, &owners, self.settings.keep_ms) {
            Step::Compare(owner) => {
                loss.started();
                self.compare(now, owner, Purpose::Loss(interval), interval.into());
            }
            Step::Finish => {
                self.fx.commit(Waiter::None, vec![Write::Drop(interval)]);
                self.set_state(now, interval, None);
            }
            Step::Wait(_) | Step::Pull(_) => (),
        }
    }

    /// A page has come: it and its place are written together.
    pub(super) fn page(&mut self, now: Now, interval: Interval, source: NodeId, reply: Option<Reply>) {
        let gate = self.gate(now);
        let Some(gain) = self.gains.get_mut(&interval).filter(|gain| gain.waits_for(source)) else { return };
        match reply {
            Some(Reply::Page { records, next }) => {
                let records = gate.admit(records);
                let state = Held::Gaining(next.clone().map(|cursor| (source, cursor)));
                let mut holdings = self.holdings.clone();
                for holding in holdings.iter_mut().filter(|h| h.interval == interval) {
                    holding.state = state.clone();
                }
                gain.page_came(next.is_none());
                self.holdings.clone_from(&holdings);
                self.fx.commit(Waiter::Gain(interval), vec![Write::Apply(records), Write::Holdings(holdings)]);
            }
            Some(Reply::NotWhole) => gain.not_whole(now.up, source),
            _ => gain.failed(now.up),
        }
    }

    pub(super) fn page_kept(&mut self, now: Now, interval: Interval, kept: bool) {
        let Some(gain) = self.gains.get_mut(&interval) else { return };
        if kept {
            gain.page_kept(now.up);
        } else {
            // What was noted of its place is not on the disk.
            gain.failed(now.up);
            self.set_state(now, interval, Some(Held::Gaining(None)));
        }
    }

    pub(super) fn next_transfer(&self, now: Now) -> u64 {
        let wait = |step: Step| if let Step::Wait(until) = step { until } else { now.up };
        let gains = self.gains.iter().map(|(i, gain)| wait(gain.step(now.up, &self.candidates(*i))));
        let losses = self
            .losses
            .iter()
            .map(|(i, loss)| wait(loss.step(now.up, now.wall, self.view.owners_of(i.lo), self.settings.keep_ms)));
        let losses = losses.filter(|_| !fault!(self.settings, PushOnce));
        gains.chain(losses).min().unwrap_or(u64::MAX)
    }
}

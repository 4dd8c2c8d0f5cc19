//! Comparisons: beginning them, and what follows from how they end.

use tacit_wire::NodeId;

use super::{Gate, Machine, fault};
use crate::swarm::effects::Effects;
use crate::swarm::ownership::Intervals;
use crate::swarm::protocol::Now;
use crate::swarm::session::{Outcome, Purpose, Session};

/// How many rounds go on at one time.
const ROUNDS: usize = 2;
/// What is younger is on its way by itself, ms.
const YOUNG_MS: u64 = 30_000;
/// A member that lacks more of 1,000 facts is noted.
const LAGS: u64 = 50;

impl Machine {
    pub(super) fn compare(&mut self, now: Now, peer: NodeId, purpose: Purpose, intervals: Intervals) {
        let until = match purpose {
            Purpose::Round => now.wall.saturating_sub(YOUNG_MS),
            Purpose::Gain(_) | Purpose::Loss(_) => now.wall.saturating_add(YOUNG_MS * 4),
        };
        let session = Session::start(&mut self.fx, now.up, until, peer, purpose, intervals);
        self.sessions.insert(session.id(), session);
    }

    /// Lets a session go on; it is over when the step says how it ended.
    pub(super) fn session_step(
        &mut self,
        now: Now,
        id: u64,
        step: impl FnOnce(&mut Session, &mut Effects, &Gate) -> Option<Outcome>,
    ) {
        let gate = self.gate(now);
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let Some(outcome) = step(session, &mut self.fx, &gate) else { return };
        if let Some(session) = self.sessions.remove(&id) {
            self.session_over(now, &session, outcome);
        }
    }

    fn session_over(&mut self, now: Now, session: &Session, outcome: Outcome) {
        let peer = session.peer;
        match session.purpose {
            Purpose::Round => {
                if let Outcome::Done { all, lacked } = outcome {
                    self.note_lacking(peer, lacked);
                    if !all {
                        self.schedule.hurry([peer]);
                    }
                }
            }
            Purpose::Gain(interval) => {
                let Some(gain) = self.gains.get_mut(&interval).filter(|gain| gain.waits_for(peer)) else { return };
                match outcome {
                    Outcome::Done { all: true, .. } => gain.equal(now.up, peer),
                    // The same again: older hours are left.
                    Outcome::Done { all: false, .. } => gain.again(now.up),
                    Outcome::NotWhole => gain.not_whole(now.up, peer),
                    Outcome::Failed => gain.failed(now.up),
                }
            }
            Purpose::Loss(interval) => {
                if let Some(loss) = self.losses.get_mut(&interval) {
                    let complete = matches!(outcome, Outcome::Done { all: true, .. });
                    loss.ended(now.up, session.began, peer, complete);
                }
            }
        }
    }

    pub(super) fn note_lacking(&mut self, member: NodeId, permille: u64) {
        if permille <= LAGS {
            self.lacking.remove(&member);
            return;
        }
        let lacking = self.lacking.entry(member).or_default();
        lacking.sessions += 1;
        lacking.permille = permille;
    }

    pub(super) fn advance_sessions(&mut self, now: Now) {
        if fault!(self.settings, NoAntiEntropy) {
            return;
        }
        while self.rounds() < ROUNDS {
            let fellows = self.fellows();
            let only_urgent = fault!(self.settings, PushOnce);
            let Some(peer) = self.schedule.take(now.up, &fellows, only_urgent, &mut self.rng) else { return };
            let intervals = self.whole().common(&self.owned());
            if !intervals.is_empty() {
                self.compare(now, peer, Purpose::Round, intervals);
            }
        }
    }

    fn rounds(&self) -> usize {
        self.sessions.values().filter(|session| session.purpose == Purpose::Round).count()
    }

    pub(super) fn next_session(&self, now: u64) -> u64 {
        if self.rounds() < ROUNDS && !fault!(self.settings, NoAntiEntropy) { self.schedule.next(now) } else { u64::MAX }
    }
}

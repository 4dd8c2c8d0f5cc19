//! What other registrars send.

use tacit_wire::consensus::{Accepted, Endorsement, Refused, RegistrarSet, SignedConsensus, Vote};
use tacit_wire::rpc::Rejection;
use tacit_wire::{Error, NodeId, TimestampMs};

use super::round::{Round, Stage};
use super::{Action, Last, VoteMachine};

impl VoteMachine {
    /// Another registrar's vote.
    ///
    /// # Errors
    /// 400, 401, 403, 409 with a text; nothing has changed then.
    pub(crate) fn take_vote(&mut self, number: u64, bytes: &[u8], now: TimestampMs) -> Result<Vec<Action>, Rejection> {
        self.enter(number, now)?;
        if self.round.has_vote(bytes) {
            return Ok(Vec::new());
        }
        let vote = Vote::parse(bytes).map_err(|error| rejection("vote", &error))?;
        if vote.number != number || vote.network != *self.trust.network() {
            return Err(Rejection::new(400, "invalid vote: it is for another document"));
        }
        let mut known = self.registrars(number).1;
        known.extend(vote.rotations.iter().cloned());
        let who = vote.certificate.registrar;
        self.check_registrar(&who, &self.before().registrars(&known, number).0)?;
        let mut actions = Vec::new();
        if vote.previous != self.before().digest() {
            actions.push(Action::FetchConsensus);
        }
        if self.round.add_vote(vote, bytes.to_vec()) {
            actions.push(Action::Alarm(format!("registrar {who} signed two votes for consensus {number}")));
        }
        Ok(actions)
    }

    /// Another registrar's signature.
    ///
    /// # Errors
    /// As [`VoteMachine::take_vote`].
    pub(crate) fn take_endorsement(
        &mut self,
        number: u64,
        bytes: &[u8],
        now: TimestampMs,
    ) -> Result<Vec<Action>, Rejection> {
        self.enter(number, now)?;
        let endorsement = Endorsement::parse(bytes).map_err(|error| rejection("signature", &error))?;
        let valid = endorsement.certificate.is_valid_at(TimestampMs(number.saturating_mul(1000)));
        if endorsement.number != number || !valid {
            return Err(Rejection::new(400, "invalid signature: it is for another document"));
        }
        let who = endorsement.certificate.registrar;
        self.check_registrar(&who, &self.registrars(number).0)?;
        let mut actions = Vec::new();
        if self.round.add_endorsement(endorsement) {
            actions.push(Action::Alarm(format!("registrar {who} signed two documents of consensus {number}")));
        }
        if now.0 >= number.saturating_mul(1000) && matches!(self.round.stage, Stage::Signed | Stage::Over) {
            self.publish(now, &mut actions);
        }
        Ok(actions)
    }

    /// A document that another registrar gave.
    pub(crate) fn take_consensus(&mut self, signed: SignedConsensus, now: TimestampMs) -> Result<Vec<Action>, Refused> {
        match self.trust.accept(&signed, now) {
            Ok(Accepted::Same) => Ok(Vec::new()),
            Ok(Accepted::Newer(consensus)) => {
                self.last = Some(Last { consensus: *consensus, signed: signed.clone() });
                Ok(vec![Action::Publish(signed)])
            }
            Err(Refused::Forked(number)) => Ok(vec![Action::Alarm(Refused::Forked(number).to_string())]),
            Err(refused) => Err(refused),
        }
    }

    /// Takes part in round `number` if it is the present one, or the next and near.
    fn enter(&mut self, number: u64, now: TimestampMs) -> Result<(), Rejection> {
        if number == self.round.number && number > 0 {
            return Ok(());
        }
        let next = self.schedule.next_valid_after(now);
        // Another registrar's clock may be a little ahead.
        let near = self.schedule.vote_before() + self.schedule.sign_before();
        if number != next.0 / 1000 || number < self.round.number || now < next.minus_ms(near) {
            return Err(Rejection::new(409, "not the document that is voted for now"));
        }
        self.round = Round::new(number);
        Ok(())
    }

    fn check_registrar(&self, who: &NodeId, set: &RegistrarSet) -> Result<(), Rejection> {
        if set.contains(who) { Ok(()) } else { Err(Rejection::new(403, "not a registrar of this network")) }
    }
}

fn rejection(what: &str, error: &Error) -> Rejection {
    match error {
        Error::Crypto(_) => Rejection::new(401, format!("{what} signature verification failed")),
        error => Rejection::new(400, format!("invalid {what}: {error}")),
    }
}

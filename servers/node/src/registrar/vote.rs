//! How registrars come to one document: a machine without clock, sockets or chance of its own
//! (protocol: servers 6.4).
//!
//! Before each moment at which a document begins to count, a registrar casts its vote, fetches
//! those that did not come, computes what follows from all, signs it, and hands the signature on.
//! At that moment the document counts if enough have signed the same. It never signs two documents
//! of one number, nor casts two votes, even over restarts: both are on the disk before they leave.

mod messages;
mod round;

use tacit_crypto::NodeKeys;
use tacit_crypto::blake2b::hash256;
use tacit_wire::TimestampMs;
use tacit_wire::consensus::{
    Accepted, Bytes32, Certificate, Consensus, Endorsement, Params, RegistrarSet, SignedConsensus, Trust, Vote, digest,
};

use super::collect::Collector;
use super::compute::{Before, compute};
use super::schedule::Schedule;
use round::{Round, Stage};

/// Who this registrar is.
pub(crate) struct Identity {
    pub(crate) certificate: Certificate,
    /// The certificate's signing key.
    pub(crate) signing: NodeKeys,
    /// Where it answers.
    pub(crate) url: String,
}

/// What the shell has to do, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Keep the own vote on the disk.
    KeepVote(Vec<u8>),
    /// Send it to all other registrars.
    SendVote(u64, Vec<u8>),
    /// Ask them for all votes of this number.
    FetchVotes(u64),
    /// Keep on the disk what was signed.
    KeepSigned(u64, Bytes32),
    /// Send the own signature to all other registrars.
    SendEndorsement(u64, Vec<u8>),
    /// Keep this document on the disk, and give it to who asks.
    Publish(SignedConsensus),
    /// Ask the others for the last document.
    FetchConsensus,
    /// Tell the operator.
    Alarm(String),
}

/// What is on the disk from an earlier run.
#[derive(Default)]
pub(crate) struct Kept {
    pub(crate) consensus: Option<SignedConsensus>,
    pub(crate) vote: Option<Vec<u8>>,
    pub(crate) signed: Option<(u64, Bytes32)>,
}

/// The last document.
struct Last {
    consensus: Consensus,
    signed: SignedConsensus,
}

/// One registrar.
pub(crate) struct VoteMachine {
    who: Identity,
    first: RegistrarSet,
    trust: Trust,
    schedule: Schedule,
    params: Params,
    /// Changes of the registrars that its operator was given.
    rotations: Vec<Vec<u8>>,
    last: Option<Last>,
    own_vote: Option<(u64, Vec<u8>)>,
    signed: Option<(u64, Bytes32)>,
    round: Round,
}

impl VoteMachine {
    pub(crate) fn new(who: Identity, first: RegistrarSet, schedule: Schedule, mut params: Params) -> Self {
        params.set("period_ms", schedule.period);
        Self {
            who,
            trust: Trust::new(first.clone()),
            first,
            schedule,
            params,
            rotations: Vec::new(),
            last: None,
            own_vote: None,
            signed: None,
            round: Round::new(0),
        }
    }

    /// Goes on from an earlier run. What cannot be used is as if it were not there.
    pub(crate) fn resume(&mut self, kept: Kept) {
        if let Some(signed) = kept.consensus
            && let Ok(consensus) = self.trust.resume(&signed)
        {
            self.last = Some(Last { consensus, signed });
        }
        self.own_vote = kept.vote.and_then(|bytes| Some((Vote::parse(&bytes).ok()?.number, bytes)));
        self.signed = kept.signed;
    }

    /// Changes of the registrars, as operators exchange them.
    pub(crate) fn set_rotations(&mut self, rotations: Vec<Vec<u8>>) {
        self.rotations = rotations;
    }

    /// The last document with its signatures.
    pub(crate) fn signed(&self) -> Option<&SignedConsensus> {
        self.last.as_ref().map(|last| &last.signed)
    }

    /// The last document.
    pub(crate) fn consensus(&self) -> Option<&Consensus> {
        self.last.as_ref().map(|last| &last.consensus)
    }

    /// The number of the document that a node could first be in.
    pub(crate) fn next_number(&self, now: TimestampMs) -> u64 {
        self.schedule.next_valid_after(now).0 / 1000
    }

    /// All votes of the round `number`, as they were signed.
    pub(crate) fn votes(&self, number: u64) -> Vec<&[u8]> {
        if self.round.number == number { self.round.all_votes() } else { Vec::new() }
    }

    /// All changes of the registrars so far.
    pub(crate) fn rotations(&self) -> Vec<Vec<u8>> {
        self.registrars(u64::MAX).1
    }

    fn registrars(&self, number: u64) -> (RegistrarSet, Vec<Vec<u8>>) {
        let mut known = self.last.as_ref().map(|last| last.consensus.rotations.clone()).unwrap_or_default();
        known.extend(self.rotations.iter().cloned());
        self.before().registrars(&known, number)
    }

    fn before(&self) -> Before<'_> {
        let last = self.last.as_ref().map(|last| (&last.consensus, last.signed.digest()));
        Before { first: &self.first, network: self.trust.network(), last }
    }

    /// Time goes on.
    pub(crate) fn tick(&mut self, now: TimestampMs, nodes: &mut Collector) -> Vec<Action> {
        let mut actions = Vec::new();
        let next = self.schedule.next_valid_after(now);
        if next.0 / 1000 > self.round.number && now >= next.minus_ms(self.schedule.vote_before()) {
            self.round = Round::new(next.0 / 1000);
        }
        let begins = TimestampMs(self.round.number * 1000);
        let reached = |before: u64| now >= begins.minus_ms(before);
        if self.round.stage == Stage::Waiting && reached(self.schedule.vote_before()) && self.round.number > 0 {
            self.round.stage = Stage::Voted;
            self.cast(now, nodes, &mut actions);
        }
        if self.round.stage == Stage::Voted && reached(self.schedule.fetch_before()) {
            self.round.stage = Stage::Fetched;
            actions.push(Action::FetchVotes(self.round.number));
        }
        if self.round.stage == Stage::Fetched && reached(self.schedule.sign_before()) {
            self.round.stage = Stage::Signed;
            self.compute_and_sign(&mut actions);
        }
        if self.round.stage == Stage::Signed && now >= begins {
            self.publish(now, &mut actions);
        }
        // Others may have what this one has not.
        if self.round.stage == Stage::Signed && now >= begins.plus_ms(self.schedule.sign_before()) {
            self.round.stage = Stage::Over;
            actions.push(Action::FetchConsensus);
        }
        actions
    }

    fn cast(&mut self, now: TimestampMs, nodes: &mut Collector, actions: &mut Vec<Action>) {
        let number = self.round.number;
        let bytes = match &self.own_vote {
            // Cast before a restart: another one would be a lie to some.
            Some((of, bytes)) if *of == number => bytes.clone(),
            _ => self.make_vote(number, now, nodes),
        };
        let Ok(vote) = Vote::parse(&bytes) else {
            actions.push(Action::Alarm("cannot vote: has the certificate run out? see `registrar certify`".to_owned()));
            return;
        };
        self.own_vote = Some((number, bytes.clone()));
        self.round.add_vote(vote, bytes.clone());
        actions.push(Action::KeepVote(bytes.clone()));
        actions.push(Action::SendVote(number, bytes));
    }

    fn make_vote(&self, number: u64, now: TimestampMs, nodes: &mut Collector) -> Vec<u8> {
        let last = self.consensus();
        let me = self.who.certificate.registrar;
        let reveal = last.and_then(|last| {
            let secret = self.secret(last.number);
            (last.commits.get(&me) == Some(&digest(&secret))).then_some(secret)
        });
        let vote = Vote {
            network: *self.trust.network(),
            number,
            previous: self.before().digest(),
            certificate: self.who.certificate.clone(),
            url: self.who.url.clone(),
            ballots: nodes.ballots(last, now),
            params: self.params.clone(),
            commit: digest(&self.secret(number)),
            reveal,
            rotations: self.registrars(number).1,
        };
        vote.sign(&self.who.signing)
    }

    /// What is committed to with vote `number`; nobody else can know it, and it need not be kept.
    fn secret(&self, number: u64) -> Bytes32 {
        hash256(&[b"tacit-reveal-1", self.who.signing.ed25519_seed(), &number.to_be_bytes()])
    }

    fn compute_and_sign(&mut self, actions: &mut Vec<Action>) {
        let number = self.round.number;
        let Some(consensus) = compute(&self.round.votes(), &self.before(), number) else {
            let votes = self.round.votes().len();
            actions.push(Action::Alarm(format!("no consensus {number}: {votes} votes are too few")));
            return;
        };
        let body = consensus.to_bytes();
        let digest = digest(&body);
        self.round.body = Some(body);
        if self.signed.is_some_and(|(of, other)| of == number && other != digest) {
            actions.push(Action::Alarm(format!("consensus {number} was signed otherwise before a restart")));
            return;
        }
        self.signed = Some((number, digest));
        let endorsement = Endorsement::new(number, digest, self.who.certificate.clone(), &self.who.signing);
        actions.push(Action::KeepSigned(number, digest));
        actions.push(Action::SendEndorsement(number, endorsement.to_bytes()));
        self.round.add_endorsement(endorsement);
    }

    fn publish(&mut self, now: TimestampMs, actions: &mut Vec<Action>) {
        let Some(signed) = self.round.signed_consensus() else { return };
        if let Ok(Accepted::Newer(consensus)) = self.trust.accept(&signed, now) {
            self.round.stage = Stage::Over;
            self.last = Some(Last { consensus: *consensus, signed: signed.clone() });
            actions.push(Action::Publish(signed));
        }
    }
}

#[cfg(test)]
mod tests;

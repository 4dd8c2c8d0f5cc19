//! Registrars among themselves, in virtual time: honest, dead, lying and confused ones.

use std::collections::BTreeMap;

use tacit_wire::consensus::Flag;
use tacit_wire::rpc::Rejection;

use super::super::admission::Admission;
use super::super::testing::{SCHEDULE, START, announcement, id, identity, keys, machine, registrars};
use super::*;

/// What a registrar does besides its work.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    Honest,
    /// Neither sends nor takes anything.
    Down,
    /// Says that nobody runs.
    Liar,
    /// Tells each of the others something else.
    TwoFaced,
    /// Sends what it sent a round ago.
    Replayer,
}

struct Seat {
    machine: VoteMachine,
    nodes: Collector,
    manner: Manner,
    published: Vec<SignedConsensus>,
    alarms: Vec<String>,
    kept: Kept,
    sent: Vec<(u64, Vec<u8>)>,
}

struct World {
    seats: Vec<Seat>,
    now: TimestampMs,
}

impl World {
    fn new(manners: &[Manner]) -> Self {
        let count = u8::try_from(manners.len()).unwrap();
        let seat = |(number, manner): (usize, &Manner)| Seat {
            machine: machine(u8::try_from(number).unwrap(), count),
            nodes: Collector::new(registrars(count).digest(), false, Admission::Open, SCHEDULE),
            manner: *manner,
            published: Vec::new(),
            alarms: Vec::new(),
            kept: Kept::default(),
            sent: Vec::new(),
        };
        let mut world = Self { seats: manners.iter().enumerate().map(seat).collect(), now: START };
        (1..=12).for_each(|number| world.join(number));
        world
    }

    /// A node that all registrars hear and reach.
    fn join(&mut self, number: u8) {
        let network = registrars(u8::try_from(self.seats.len()).unwrap()).digest();
        let bytes = announcement(number, network, self.now).sign(&keys(number));
        for seat in &mut self.seats {
            seat.nodes.announce(&bytes, seat.machine.next_number(self.now), self.now).unwrap();
            for _ in 0..2 {
                seat.nodes.probed(&id(number), seat.manner != Manner::Liar, self.now);
            }
        }
    }

    /// So many periods of 10 s, in steps of 100 ms.
    fn run(&mut self, periods: u64) {
        for _ in 0..periods * 100 {
            self.now = self.now.plus_ms(100);
            for from in 0..self.seats.len() {
                if self.seats[from].manner == Manner::Down {
                    continue;
                }
                let seat = &mut self.seats[from];
                let actions = seat.machine.tick(self.now, &mut seat.nodes);
                self.carry_out(from, actions);
            }
        }
    }

    fn carry_out(&mut self, from: usize, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::KeepVote(bytes) => self.seats[from].kept.vote = Some(bytes),
                Action::KeepSigned(number, digest) => self.seats[from].kept.signed = Some((number, digest)),
                Action::SendVote(number, bytes) => self.send_vote(from, number, &bytes),
                Action::SendEndorsement(number, bytes) => {
                    self.give_others(from, |seat, now| seat.machine.take_endorsement(number, &bytes, now));
                }
                Action::FetchVotes(number) => self.fetch_votes(from, number),
                Action::Publish(signed) => {
                    self.seats[from].kept.consensus = Some(signed.clone());
                    self.seats[from].published.push(signed);
                }
                Action::FetchConsensus => {
                    let others: Vec<_> =
                        self.live(from).filter_map(|to| self.seats[to].machine.signed().cloned()).collect();
                    for signed in others {
                        let taken = self.seats[from].machine.take_consensus(signed, self.now);
                        self.carry_out(from, taken.unwrap_or_default());
                    }
                }
                Action::Alarm(text) => self.seats[from].alarms.push(text),
            }
        }
    }

    fn live(&self, but: usize) -> impl Iterator<Item = usize> {
        (0..self.seats.len()).filter(move |to| *to != but && self.seats[*to].manner != Manner::Down)
    }

    fn give_others(
        &mut self,
        from: usize,
        mut give: impl FnMut(&mut Seat, TimestampMs) -> Result<Vec<Action>, Rejection>,
    ) {
        for to in self.live(from).collect::<Vec<_>>() {
            let now = self.now;
            let actions = give(&mut self.seats[to], now).unwrap_or_default();
            self.carry_out(to, actions);
        }
    }

    fn send_vote(&mut self, from: usize, number: u64, bytes: &[u8]) {
        let manner = self.seats[from].manner;
        self.seats[from].sent.push((number, bytes.to_vec()));
        match manner {
            Manner::TwoFaced => {
                // The last of the others gets another vote.
                let last = self.live(from).last().unwrap();
                let mut other = Vote::parse(bytes).unwrap();
                other.ballots.clear();
                let who = u8::try_from(from).unwrap();
                let other = other.sign(&identity(who).signing);
                for to in self.live(from).collect::<Vec<_>>() {
                    let bytes = if to == last { &other } else { bytes };
                    let now = self.now;
                    let actions = self.seats[to].machine.take_vote(number, bytes, now).unwrap_or_default();
                    self.carry_out(to, actions);
                }
            }
            Manner::Replayer => {
                let old = self.seats[from].sent.first().cloned().unwrap();
                self.give_others(from, |seat, now| seat.machine.take_vote(number, &old.1, now));
                self.give_others(from, |seat, now| seat.machine.take_vote(old.0, &old.1, now));
            }
            _ => self.give_others(from, |seat, now| seat.machine.take_vote(number, bytes, now)),
        }
    }

    fn fetch_votes(&mut self, from: usize, number: u64) {
        let all: Vec<Vec<u8>> = self
            .live(from)
            .filter(|to| self.seats[*to].manner != Manner::TwoFaced)
            .flat_map(|to| self.seats[to].machine.votes(number).into_iter().map(<[u8]>::to_vec).collect::<Vec<_>>())
            .collect();
        for bytes in all {
            let now = self.now;
            let actions = self.seats[from].machine.take_vote(number, &bytes, now).unwrap_or_default();
            self.carry_out(from, actions);
        }
    }

    /// The process ends and begins again with what it kept.
    fn restart(&mut self, number: usize) {
        let count = u8::try_from(self.seats.len()).unwrap();
        let seat = &mut self.seats[number];
        seat.machine = machine(u8::try_from(number).unwrap(), count);
        seat.machine.resume(Kept {
            consensus: seat.kept.consensus.clone(),
            vote: seat.kept.vote.clone(),
            signed: seat.kept.signed,
        });
    }

    /// Documents by number; no two of one number anywhere.
    fn documents(&self) -> BTreeMap<u64, Bytes32> {
        let mut all = BTreeMap::new();
        for signed in self.seats.iter().flat_map(|seat| &seat.published) {
            let consensus = Consensus::parse(&signed.body).unwrap();
            let digest = signed.digest();
            assert_eq!(*all.entry(consensus.number).or_insert(digest), digest, "two truths");
        }
        all
    }

    fn last(&self, seat: usize) -> &Consensus {
        self.seats[seat].machine.consensus().unwrap()
    }
}

use Manner::{Down, Honest, Liar, Replayer, TwoFaced};

#[test]
fn honest_registrars_make_one_document_each_period() {
    let mut world = World::new(&[Honest; 3]);
    world.run(4);
    assert_eq!(world.documents().len(), 4);
    let last = world.last(0);
    assert_eq!(last.nodes.len(), 12);
    assert_eq!(last.swarms.by_node().len(), 10, "one swarm, as large as swarms get");
    assert!(world.seats.iter().all(|seat| seat.alarms.is_empty() && seat.published.len() == 4));
    assert!(world.seats.iter().all(|seat| seat.published[3].signatures.len() == 3));
    assert_ne!(last.random, Consensus::parse(&world.seats[0].published[2].body).unwrap().random);
}

#[test]
fn one_registrar_alone_can_be_a_network() {
    let mut world = World::new(&[Honest]);
    world.run(2);
    assert_eq!(world.documents().len(), 2);
}

#[test]
fn one_of_three_may_be_dead_lie_double_or_replay() {
    for manner in [Down, Liar, TwoFaced, Replayer] {
        let mut world = World::new(&[Honest, Honest, manner]);
        world.run(5);
        assert_eq!(world.documents().len(), 5);
        let last = world.last(0);
        assert_eq!(last.nodes.len(), 12);
        assert!(last.nodes.iter().all(|node| node.flags.has(Flag::Running)));
        if manner == TwoFaced {
            let shown =
                world.seats.iter().take(2).all(|seat| seat.alarms.iter().any(|a| a.contains("signed two votes")));
            assert!(shown, "both see that it signed two");
        }
    }
}

#[test]
fn two_of_five_may_lie() {
    let mut world = World::new(&[Honest, Liar, Honest, TwoFaced, Honest]);
    world.run(3);
    assert_eq!(world.documents().len(), 3);
    assert!(world.last(4).nodes.iter().all(|node| node.flags.has(Flag::Running)));
}

#[test]
fn with_too_few_left_the_last_document_stays() {
    let mut world = World::new(&[Honest; 3]);
    world.run(2);
    world.seats[1].manner = Down;
    world.seats[2].manner = Down;
    world.run(3);
    assert_eq!(world.documents().len(), 2);
    assert!(world.seats[0].alarms.iter().any(|alarm| alarm.contains("1 votes are too few")));
    world.seats[1].manner = Honest;
    world.run(2);
    assert_eq!(world.documents().len(), 4, "and with enough again it goes on");
    world.seats[2].manner = Honest;
    world.run(2);
    assert_eq!(world.last(2), world.last(0), "who comes back learns what it missed");
}

#[test]
fn a_registrar_that_restarts_in_a_round_says_the_same_again() {
    // At each of many moments of a round.
    for step in 0..50 {
        let mut world = World::new(&[Honest; 3]);
        world.run(2);
        for _ in 0..step * 2 {
            world.now = world.now.plus_ms(100);
            for from in 0..3 {
                let seat = &mut world.seats[from];
                let actions = seat.machine.tick(world.now, &mut seat.nodes);
                world.carry_out(from, actions);
            }
        }
        world.restart(1);
        world.run(2);
        world.documents();
        let doubted = world.seats.iter().any(|seat| seat.alarms.iter().any(|alarm| alarm.contains("signed two")));
        assert!(!doubted, "after {step} steps");
        assert_eq!(world.last(1), world.last(0));
    }
}

#[test]
fn a_newcomer_is_announced_one_document_ahead() {
    let mut world = World::new(&[Honest; 3]);
    for seat in &mut world.seats {
        seat.machine.params.set("max_swarm", 20);
    }
    world.run(3);
    world.join(13);
    world.run(1);
    let last = world.last(0);
    assert!(!last.swarms.by_node().contains_key(&id(13)));
    assert!(last.next_swarms.by_node().contains_key(&id(13)));
    world.run(1);
    assert!(world.last(0).swarms.by_node().contains_key(&id(13)));
}

#[test]
fn nodes_that_fall_silent_keep_their_swarm_for_a_while() {
    let mut world = World::new(&[Honest; 3]);
    world.run(2);
    for seat in &mut world.seats {
        (0..3).for_each(|_| seat.nodes.probed(&id(1), false, world.now));
    }
    let had = world.last(0).swarms.by_node().get(&id(1)).copied();
    world.run(2);
    let last = world.last(0);
    assert!(!last.node(&id(1)).unwrap().flags.has(Flag::Running));
    assert_eq!(last.swarms.by_node().get(&id(1)).copied(), had, "no data moves for a short absence");
    world.run(8);
    assert_eq!(world.last(0).swarms.by_node().get(&id(1)), None);
}

#[test]
fn what_does_not_belong_is_refused_with_status_and_text() {
    let mut world = World::new(&[Honest; 3]);
    world.run(1);
    let number = world.seats[0].machine.next_number(world.now);
    world.now = TimestampMs(number * 1000).minus_ms(SCHEDULE.vote_before());
    let now = world.now;
    let seat = &mut world.seats[1];
    seat.machine.tick(now, &mut seat.nodes);
    let good = seat.machine.own_vote.clone().unwrap().1;
    let machine = &mut world.seats[0].machine;
    let status = |machine: &mut VoteMachine, number, bytes: &[u8]| {
        machine.take_vote(number, bytes, now).map_err(|rejection| rejection.status).err()
    };
    assert_eq!(status(machine, number - 20, &good), Some(409), "a round that is over");
    assert_eq!(status(machine, number + 10, &good), Some(409), "one that is far ahead");
    assert_eq!(status(machine, number, b"nonsense"), Some(400));
    let vote = Vote::parse(&good).unwrap();
    assert_eq!(status(machine, number, &vote.sign(&keys(9))), Some(401), "another's key");
    let stranger = Certificate::issue(&keys(9), id(9), START, START.plus_ms(86_400_000));
    let stranger = Vote { certificate: stranger, ..vote.clone() }.sign(&keys(9));
    assert_eq!(status(machine, number, &stranger), Some(403));
    let other = Vote { network: [1; 32], ballots: Vec::new(), ..vote }.sign(&identity(1).signing);
    assert_eq!(status(machine, number, &other), Some(400));
    assert_eq!(status(machine, number, &good), None);

    let endorsement =
        |who: u8, number| Endorsement::new(number, [5; 32], identity(who).certificate, &identity(who).signing);
    let status = |machine: &mut VoteMachine, number, bytes: &[u8]| {
        machine.take_endorsement(number, bytes, now).map_err(|rejection| rejection.status).err()
    };
    assert_eq!(status(machine, number, &endorsement(1, number - 20).to_bytes()), Some(400));
    let mut forged = endorsement(1, number);
    forged.certificate = identity(2).certificate;
    assert_eq!(status(machine, number, &forged.to_bytes()), Some(401));
    let stranger = Certificate::issue(&keys(9), id(9), START, START.plus_ms(86_400_000));
    assert_eq!(status(machine, number, &Endorsement::new(number, [5; 32], stranger, &keys(9)).to_bytes()), Some(403));
    assert_eq!(status(machine, number, &endorsement(1, number).to_bytes()), None);
}

//! Clients: they store, delete, change ends, revoke, and read.

use std::collections::BTreeMap;

use bytes::Bytes;
use rand::RngExt as _;
use rand::seq::IndexedRandom as _;
use tacit_node::swarm::merge::{Expiry, Revocation};
use tacit_node::swarm::replicate::{PATIENCE_MS, Progress, quorum};
use tacit_node::swarm::{Event, Fact, Record};
use tacit_wire::{AccountId, Namespace, Namespaces, NodeId};

use crate::ledger::{Promise, Sent};
use crate::plan::{EPOCH, HOUR, MINUTE, SECOND};
use crate::proof;
use crate::world::{Happening, World, trace};

const TRIES: u32 = 4;
const REMEMBER: u64 = 31 * 24 * HOUR;
const CLIENT_TIMEOUT: u64 = 10 * SECOND;
/// Of a node that has too much to do; beyond that it is silent.
const ANSWER_SLACK: u64 = 100;
const BOXES: [i16; 2] = [0, 3];
const PUBLIC_OUTBOX: i16 = -21;

/// What a client does.
#[derive(Clone, Debug)]
pub(crate) enum Client {
    /// Begins a change.
    Change,
    /// Its request reaches a node.
    Arrive(u64),
    /// It waits no longer.
    GiveUp(u64),
    /// The node's answer reaches it.
    Answer { attempt: u64, holders: Vec<usize>, enough: bool },
    /// Reads what is new at one node.
    Poll,
}

/// A change that a client wants.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Store { hash: [u8; 32], ns: Namespace, stored: u64, expires: u64 },
    Delete { hash: [u8; 32] },
    Expire { hash: [u8; 32], expires: u64 },
    Revoke { token: [u8; 36], at: u64, revoked: bool },
    Wipe { ns: Namespace, before: u64 },
}

/// One try at one node.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    mailbox: usize,
    change: Change,
    node: usize,
    tries: u32,
    began: u64,
    /// When it reached the node, in which life, and by which clock.
    arrived: Option<(u64, u64, u64)>,
    answered: bool,
}

impl World {
    pub(crate) fn plan_clients(&mut self) {
        for _ in 0..self.plan.changes {
            let time = EPOCH + self.rng.random_range(0..self.plan.active);
            self.at(time, Happening::Client(Client::Change));
        }
        for _ in 0..self.plan.changes {
            let time = EPOCH + self.rng.random_range(0..self.plan.active + 10 * MINUTE);
            self.at(time, Happening::Client(Client::Poll));
        }
    }

    pub(crate) fn client(&mut self, client: Client) {
        match client {
            Client::Change => {
                let mailbox = self.rng.random_range(0..self.ledger.mailboxes.len());
                if let Some(change) = self.draw_change(mailbox) {
                    self.note_wish(mailbox, &change);
                    self.attempt(mailbox, change, 0);
                }
            }
            Client::Arrive(attempt) => self.arrive(attempt),
            Client::GiveUp(attempt) => self.give_up(attempt),
            Client::Answer { attempt, holders, enough } => self.take_answer(attempt, holders, enough),
            Client::Poll => {
                let mailbox = self.rng.random_range(0..self.ledger.mailboxes.len());
                if let Some(node) = self.pick_node(mailbox) {
                    self.poll(mailbox, node, 5);
                }
            }
        }
    }

    fn draw_change(&mut self, mailbox: usize) -> Option<Change> {
        let now = self.now;
        let old: Vec<_> = {
            let ledger = &self.ledger;
            let calm = |hash: &&[u8; 32]| ledger.sent.get(*hash).is_some_and(|s| s.changed + 3 * MINUTE < now);
            ledger.mailboxes[mailbox].hashes.iter().filter(calm).copied().collect()
        };
        let old = old.choose(&mut self.rng).copied();
        Some(match (self.rng.random_range(0..100), old) {
            (0..15, Some(hash)) => Change::Delete { hash },
            (15..27, Some(hash)) => {
                let life = if self.rng.random_bool(0.5) { 20 * SECOND..5 * MINUTE } else { HOUR..300 * HOUR };
                Change::Expire { hash, expires: now + self.rng.random_range(life) }
            }
            (27..31, _) => {
                let token = [self.rng.random_range(0..3); 36];
                Change::Revoke { token, at: now, revoked: self.rng.random() }
            }
            (31..33, _) => {
                let ns = Namespace(BOXES[self.rng.random_range(0..2)]);
                Change::Wipe { ns, before: now - self.rng.random_range(0..20 * MINUTE) }
            }
            _ => self.draw_store(),
        })
    }

    fn draw_store(&mut self) -> Change {
        let ns = match self.rng.random_range(0..20) {
            0 => PUBLIC_OUTBOX,
            n => BOXES[n % 2],
        };
        let life = if self.rng.random_bool(0.2) { MINUTE..30 * MINUTE } else { 10 * HOUR..300 * HOUR };
        // Clients' clocks are off too.
        let stored = self.now - self.rng.random_range(0..10 * SECOND);
        let expires = stored + self.rng.random_range(life);
        Change::Store { hash: self.rng.random(), ns: Namespace(ns), stored, expires }
    }

    /// What is wished for may happen from now on, whatever is answered.
    fn note_wish(&mut self, mailbox: usize, change: &Change) {
        let now = self.now;
        let box_of = &mut self.ledger.mailboxes[mailbox];
        match change {
            Change::Store { hash, ns, stored, expires } => {
                box_of.hashes.push(*hash);
                let wiped = box_of.wished_wipes.iter().any(|(of, before)| of == ns && stored <= before);
                let sent = Sent {
                    account: mailbox,
                    ns: *ns,
                    stored: *stored,
                    expires: *expires,
                    promises: Vec::new(),
                    touched: wiped || ns.is_public_outbox(),
                    deleted: Vec::new(),
                    expiries: Vec::new(),
                    changed: now,
                };
                self.ledger.sent.insert(*hash, sent);
            }
            Change::Delete { hash } | Change::Expire { hash, .. } => {
                if let Some(sent) = self.ledger.sent.get_mut(hash) {
                    (sent.touched, sent.changed) = (true, now);
                }
            }
            Change::Wipe { ns, before } => {
                box_of.wished_wipes.push((*ns, *before));
                let covered = |s: &&mut Sent| s.account == mailbox && s.ns == *ns && s.stored <= *before;
                self.ledger.sent.values_mut().filter(covered).for_each(|s| s.touched = true);
            }
            Change::Revoke { .. } => (),
        }
    }

    /// A member of the mailbox's swarm, as the client knows it.
    fn pick_node(&mut self, mailbox: usize) -> Option<usize> {
        let stale = self.views.len() > 1 && self.rng.random_bool(0.1);
        let view = &self.views[self.views.len() - if stale { 2 } else { 1 }];
        let member = view.owners_of(self.ledger.mailboxes[mailbox].space).choose(&mut self.rng).copied()?;
        self.index(&member)
    }

    fn attempt(&mut self, mailbox: usize, change: Change, tries: u32) {
        let Some(node) = self.pick_node(mailbox) else { return };
        self.last_attempt += 1;
        let number = self.last_attempt;
        let attempt = Attempt { mailbox, change, node, tries, began: self.now, arrived: None, answered: false };
        trace!(self, "client tries {number} at {node}: {:?}", attempt.change);
        self.attempts.insert(number, attempt);
        let latency = self.rng.random_range(10..200);
        self.after(latency, Happening::Client(Client::Arrive(number)));
        self.after(CLIENT_TIMEOUT, Happening::Client(Client::GiveUp(number)));
    }

    fn arrive(&mut self, number: u64) {
        let now = self.now;
        let Some(attempt) = self.attempts.get_mut(&number) else { return };
        let node = &self.nodes[attempt.node];
        let Some(life) = &node.life else { return };
        attempt.arrived = Some((now, life.number, node.wall(now)));
        let account = self.ledger.mailboxes[attempt.mailbox].id;
        let records = attempt.change.records(account, node.wall(now));
        let node = attempt.node;
        self.tell(node, Event::Request { request: number, records });
    }

    /// A node answers: each member's receipt names it.
    pub(crate) fn answered(&mut self, node: usize, number: u64, members: Option<&BTreeMap<NodeId, Progress>>) {
        let Some(attempt) = self.attempts.get_mut(&number) else { return };
        attempt.answered = true;
        if let Some((arrived, ..)) = attempt.arrived
            && self.now > arrived + PATIENCE_MS + ANSWER_SLACK
        {
            let late = self.now - arrived;
            self.broken("I7", format!("node {node} answered after {late} ms"));
        }
        let durable = |(id, progress): (&NodeId, &Progress)| {
            matches!(progress, Progress::Durable(_)).then(|| self.index(id)).flatten()
        };
        let holders: Vec<usize> = members.map(|m| m.iter().filter_map(durable).collect()).unwrap_or_default();
        let enough = members.is_some_and(|members| holders.len() >= quorum(members.len()));
        let latency = self.rng.random_range(10..200);
        self.after(latency, Happening::Client(Client::Answer { attempt: number, holders, enough }));
        if enough && self.power_cut_armed {
            self.power_cut_armed = false;
            let soon = self.rng.random_range(0..30);
            self.after(soon, Happening::Fault(crate::faults::Fault::PowerCut));
        }
    }

    fn give_up(&mut self, number: u64) {
        let Some(attempt) = self.attempts.remove(&number) else { return };
        if let Some((_, life, _)) = attempt.arrived
            && !attempt.answered
            && self.nodes[attempt.node].life.as_ref().is_some_and(|l| l.number == life)
        {
            self.broken("I7", format!("node {} never answered request {number}", attempt.node));
        }
        self.try_again(attempt);
    }

    fn try_again(&mut self, attempt: Attempt) {
        if attempt.tries + 1 < TRIES {
            self.attempt(attempt.mailbox, attempt.change, attempt.tries + 1);
        }
    }

    fn take_answer(&mut self, number: u64, holders: Vec<usize>, enough: bool) {
        let Some(attempt) = self.attempts.remove(&number) else { return };
        trace!(self, "client has {number} confirmed by {holders:?}");
        if enough {
            self.confirmed += 1;
        }
        let promise = Promise { holders, since: attempt.began };
        let taken = attempt.arrived.map_or(0, |(_, _, wall)| wall);
        let mailbox = &mut self.ledger.mailboxes[attempt.mailbox];
        match &attempt.change {
            Change::Store { hash, .. } => {
                self.ledger.sent.entry(*hash).and_modify(|sent| sent.promises.push(promise));
            }
            Change::Delete { hash } => {
                self.ledger.sent.entry(*hash).and_modify(|sent| sent.deleted.push(promise));
            }
            Change::Expire { hash, .. } => {
                self.ledger.sent.entry(*hash).and_modify(|sent| sent.expiries.push((taken, promise)));
            }
            Change::Revoke { token, at, .. } => mailbox.revocations.push((*token, *at, promise)),
            Change::Wipe { ns, before } => mailbox.wipes.push((*ns, *before, promise)),
        }
        if !enough {
            self.try_again(attempt);
        }
    }

    /// Reads what is new at a node, in pages, with the cursor that belongs to that node.
    pub(crate) fn poll(&mut self, mailbox: usize, node: usize, page: usize) {
        let (account, space) = (self.ledger.mailboxes[mailbox].id, self.ledger.mailboxes[mailbox].space);
        let n = &mut self.nodes[node];
        if !n.life.as_ref().is_some_and(|life| life.machine.serves(space)) {
            return;
        }
        n.disk.content.facts.sweep(n.wall(self.now));
        let mailbox = &mut self.ledger.mailboxes[mailbox];
        for ns in BOXES {
            loop {
                let cursor = mailbox.cursors.get(&(node, ns)).copied();
                let found = n.disk.content.facts.retrieve(account, Namespace(ns), cursor, page, n.disk.quirks);
                let Some(last) = found.last() else { break };
                if self.trace {
                    let short: Vec<_> = found.iter().map(|hash| format!("{:02x?}", &hash[..4])).collect();
                    println!("client reads {account:?} {ns} at {node} after {:02x?}: {short:?}", cursor.map(|c| c[0]));
                }
                mailbox.cursors.insert((node, ns), *last);
                mailbox.seen.entry(node).or_default().extend(found);
            }
        }
    }
}

impl Change {
    /// The facts it makes, at a node whose clock says `wall`.
    fn records(&self, account: AccountId, wall: u64) -> Vec<Record> {
        let mut facts = vec![self.fact(wall)];
        // What an outbox held before is gone, also where it is still to be found.
        if let Self::Store { ns, stored, .. } = *self
            && ns.is_public_outbox()
        {
            facts.push(wipe(ns, stored - 1, wall));
        }
        facts.into_iter().map(|fact| proof::sign(Record { account, fact })).collect()
    }

    fn fact(&self, wall: u64) -> Fact {
        let proof = proof::forged();
        match *self {
            Self::Store { hash, ns, stored, expires } => {
                let expiry = Expiry { set_ms: 0, expires_ms: expires };
                Fact::Message { ns, hash, stored_ms: stored, expiry, proof: None, data: Bytes::from_static(b"data") }
            }
            Self::Delete { hash } => {
                Fact::Tombstone { ns: Namespace(0), hash, deleted_ms: wall, until_ms: wall + REMEMBER, proof }
            }
            Self::Expire { hash, expires } => {
                Fact::Expiry { hash, expiry: Expiry { set_ms: wall, expires_ms: expires }, proof }
            }
            Self::Revoke { token, at, revoked } => {
                Fact::Revocation { token, revocation: Revocation { at_ms: at, revoked }, proof }
            }
            Self::Wipe { ns, before } => wipe(ns, before, wall),
        }
    }
}

fn wipe(ns: Namespace, before_ms: u64, wall: u64) -> Fact {
    Fact::Wiped { ns: Namespaces::One(ns), before_ms, until_ms: wall + REMEMBER, proof: proof::forged() }
}

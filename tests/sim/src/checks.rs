//! What must be true at the end, when all has been healed and quiet for a while.

use std::collections::{BTreeMap, BTreeSet};

use tacit_node::swarm::Fact;
use tacit_node::swarm::ownership::Intervals;
use tacit_node::swarm::reconcile::Item;
use tacit_node::swarm::transfer::Held;

use crate::disk::Key;
use crate::ledger::Promise;
use crate::plan::MINUTE;
use crate::world::World;

/// What ends around now may be gone at some and not at others.
const CLOCKS: u64 = 2 * MINUTE;

impl World {
    pub(crate) fn check_end(&mut self) {
        for node in 0..self.nodes.len() {
            let n = &mut self.nodes[node];
            n.disk.content.facts.sweep(n.wall(self.now));
        }
        self.check_transfers();
        self.check_kept();
        self.check_gone();
        self.check_ends();
        self.check_revocations();
        self.check_equal();
        self.check_cursors();
        self.check_bounds();
    }

    /// Whether somebody who made the promise still has the disk on which it was kept.
    fn holds(&self, promise: &Promise) -> bool {
        promise.holders.iter().any(|node| self.nodes[*node].is_intact(promise.since))
    }

    /// Honest members that run and keep a mailbox.
    fn owners(&self, mailbox: usize) -> Vec<usize> {
        let space = self.ledger.mailboxes[mailbox].space;
        let members = self.view().owners_of(space).iter().filter_map(|id| self.index(id));
        members.filter(|node| !self.nodes[*node].liar && self.nodes[*node].life.is_some()).collect()
    }

    fn message(&self, node: usize, mailbox: usize, hash: [u8; 32]) -> Option<&Fact> {
        let account = self.ledger.mailboxes[mailbox].id;
        self.nodes[node].disk.content.facts.rows.get(&(account, Key::Message(hash))).map(|row| &row.record.fact)
    }

    /// What must be readable: confirmed, kept by somebody, not ended, and never meant to go.
    fn promised(&self) -> Vec<(usize, [u8; 32])> {
        let all = self.ledger.sent.iter();
        all.filter(|(_, sent)| !sent.touched && sent.expires > self.now + CLOCKS)
            .filter(|(_, sent)| sent.promises.iter().any(|promise| self.holds(promise)))
            .map(|(hash, sent)| (sent.account, *hash))
            .collect()
    }

    fn check_kept(&mut self) {
        for (mailbox, hash) in self.promised() {
            for node in self.owners(mailbox) {
                if self.message(node, mailbox, hash).is_none() {
                    return self.broken("I1", format!("message {:02x?} is missing at node {node}", &hash[..4]));
                }
            }
        }
    }

    fn check_gone(&mut self) {
        for (hash, sent) in self.ledger.sent.clone() {
            let mailbox = &self.ledger.mailboxes[sent.account];
            let wiped = mailbox
                .wipes
                .iter()
                .any(|(ns, before, promise)| *ns == sent.ns && sent.stored <= *before && self.holds(promise));
            if !wiped && !sent.deleted.iter().any(|promise| self.holds(promise)) {
                continue;
            }
            for node in self.owners(sent.account) {
                if self.message(node, sent.account, hash).is_some() {
                    return self.broken("I2", format!("deleted message {:02x?} is back at node {node}", &hash[..4]));
                }
            }
        }
    }

    fn check_ends(&mut self) {
        for (hash, sent) in self.ledger.sent.clone() {
            let kept = sent.expiries.iter().filter(|(_, promise)| self.holds(promise));
            let Some(latest) = kept.map(|(set, _)| *set).max() else { continue };
            for node in self.owners(sent.account) {
                if let Some(Fact::Message { expiry, .. }) = self.message(node, sent.account, hash)
                    && expiry.set_ms < latest
                {
                    let what = format!("the end of message {:02x?} is an old one at node {node}", &hash[..4]);
                    return self.broken("I2", what);
                }
            }
        }
    }

    fn check_revocations(&mut self) {
        for index in 0..self.ledger.mailboxes.len() {
            let mailbox = self.ledger.mailboxes[index].clone();
            for (token, at, promise) in &mailbox.revocations {
                if !self.holds(promise) {
                    continue;
                }
                for node in self.owners(index) {
                    let facts = &self.nodes[node].disk.content.facts;
                    let row = facts.rows.get(&(mailbox.id, Key::Revocation(*token)));
                    let known = row.map(|row| row.item.time);
                    if known.is_none_or(|known| known < *at) {
                        return self.broken("I2", format!("a revocation of {at} is lost at node {node}"));
                    }
                }
            }
        }
    }

    /// I3: all members of a swarm have the same.
    fn check_equal(&mut self) {
        for (swarm, members) in self.view().swarms.clone() {
            let mut first: Option<(usize, BTreeMap<Item, String>)> = None;
            for node in members.iter().filter_map(|id| self.index(id)) {
                if self.nodes[node].liar || self.nodes[node].life.is_none() {
                    continue;
                }
                let owned = self.view().owned_by(&self.nodes[node].id);
                let state = self.lasting(node, &owned);
                match &first {
                    None => first = Some((node, state)),
                    Some((other, theirs)) => {
                        let differs = |a: &BTreeMap<Item, String>, b: &BTreeMap<Item, String>| {
                            a.iter().find(|(item, _)| !b.contains_key(item)).map(|(_, what)| what.clone())
                        };
                        let mine = differs(&state, theirs).map(|what| (node, what));
                        if let Some((at, what)) = mine.or_else(|| differs(theirs, &state).map(|what| (*other, what))) {
                            let what = format!("of {node} and {other} in swarm {swarm:?} only {at} has {what}");
                            return self.broken("I3", what);
                        }
                    }
                }
            }
        }
    }

    /// What a node has, but for what ends about now.
    fn lasting(&self, node: usize, owned: &Intervals) -> BTreeMap<Item, String> {
        let about_now = self.now - CLOCKS..self.now + CLOCKS;
        let facts = &self.nodes[node].disk.content.facts;
        let lasts = |fact: &Fact| match fact {
            Fact::Message { expiry, .. } | Fact::Expiry { expiry, .. } => !about_now.contains(&expiry.expires_ms),
            _ => true,
        };
        let rows = facts.within(owned).filter(|row| lasts(&row.record.fact));
        rows.map(|row| (row.item, format!("{:?}", row.record.fact))).collect()
    }

    /// I4: who reads every member with its own cursor has read everything.
    fn check_cursors(&mut self) {
        let promised = self.promised();
        for mailbox in 0..self.ledger.mailboxes.len() {
            let owners = self.owners(mailbox);
            for node in &owners {
                self.poll(mailbox, *node, 7);
            }
            let (seen, account) = (&self.ledger.mailboxes[mailbox].seen, self.ledger.mailboxes[mailbox].id);
            // What comes again, after its end or with another disk, stands at another place.
            let is_steady = |node: &usize| {
                let n = &self.nodes[*node];
                n.lost.is_empty() && !n.disk.content.facts.reborn.contains(&account)
            };
            let all: BTreeSet<_> = owners.iter().filter_map(|node| seen.get(node)).flatten().copied().collect();
            for (_, hash) in promised.iter().filter(|(of, _)| *of == mailbox) {
                let skipped = owners
                    .iter()
                    .find(|node| is_steady(node) && !seen.get(*node).is_some_and(|seen| seen.contains(hash)));
                let what = match skipped {
                    Some(node) => format!("message {:02x?} was skipped at node {node}", &hash[..4]),
                    None if owners.iter().any(is_steady) && !all.contains(hash) => {
                        format!("message {:02x?} was read nowhere", &hash[..4])
                    }
                    None => continue,
                };
                return self.broken("I4", what);
            }
        }
    }

    /// I6: what is owned is here, nothing is on its way any more, and nothing else was taken.
    fn check_transfers(&mut self) {
        for node in 0..self.nodes.len() {
            let n = &self.nodes[node];
            let Some(life) = &n.life else { continue };
            let owned = self.view().owned_by(&n.id);
            let of = |which: &dyn Fn(&Held) -> bool| {
                let holdings = life.machine.holdings().iter().filter(|h| which(&h.state));
                Intervals::from_unsorted(holdings.map(|h| h.interval).collect())
            };
            let fault = if !of(&|state| *state == Held::Whole).covers(&owned) {
                "is not complete"
            } else if n.disk.content.facts.rows.values().any(|row| !of(&|_| true).contains(row.space)) {
                "has accounts that belong elsewhere"
            } else {
                continue;
            };
            return self.broken("I6", format!("node {node} {fault}: {:?}", life.machine.holdings()));
        }
    }

    /// I7: nothing is left over.
    fn check_bounds(&mut self) {
        for node in 0..self.nodes.len() {
            let Some(life) = &self.nodes[node].life else { continue };
            let (requests, sessions, outstanding) = life.machine.load();
            if requests > 0 || sessions > 8 || outstanding > 50 {
                let what =
                    format!("node {node} is left with {requests} requests, {sessions} sessions, {outstanding} ends");
                return self.broken("I7", what);
            }
        }
    }
}

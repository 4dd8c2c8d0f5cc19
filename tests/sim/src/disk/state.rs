//! Mailboxes: what the store's tables say, with the rules of `swarm::merge`.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use tacit_node::swarm::buckets::{Buckets, hour_of};
use tacit_node::swarm::merge::{Expiry, outbox_keeps_new};
use tacit_node::swarm::ownership::{Interval, Intervals};
use tacit_node::swarm::reconcile::Item;
use tacit_node::swarm::{Fact, Record};
use tacit_wire::{AccountId, Namespace, Namespaces};

/// What a disk does wrong.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Quirks {
    /// It forgets what was deleted.
    pub no_tombstones: bool,
    /// It says that it stored, and did not.
    pub drops_messages: bool,
    /// It reads on by time.
    pub cursor_by_time: bool,
}

/// What a fact is about: of each there is one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Message([u8; 32]),
    Tombstone([u8; 32]),
    Expiry([u8; 32]),
    Revocation([u8; 36]),
    Wiped(i32),
}

#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub record: Record,
    pub item: Item,
    pub space: u64,
    /// Order of arrival here.
    pub seq: u64,
}

/// All facts of one disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub rows: BTreeMap<(AccountId, Key), Row>,
    /// Where messages stood that are gone. Those that were handed over with their account would
    /// stand there again until a time; those that a user lets live longer too, since it is still
    /// the same message, and somebody's cursor may stand on it.
    gone: BTreeMap<(AccountId, [u8; 32]), (u64, u64)>,
    /// Accounts in which a message came back at another place: who read up to it may skip some here.
    pub reborn: BTreeSet<AccountId>,
    last: u64,
    /// No message ends before.
    next_end: u64,
}

fn ns_number(ns: Namespaces) -> i32 {
    match ns {
        Namespaces::One(ns) => ns.0.into(),
        Namespaces::All => i32::MAX,
    }
}

fn key(fact: &Fact) -> Key {
    match fact {
        Fact::Message { hash, .. } => Key::Message(*hash),
        Fact::Tombstone { hash, .. } => Key::Tombstone(*hash),
        Fact::Expiry { hash, .. } => Key::Expiry(*hash),
        Fact::Revocation { token, .. } => Key::Revocation(*token),
        Fact::Wiped { ns, .. } => Key::Wiped(ns_number(*ns)),
    }
}

/// Where a row stands in the order of pages: messages in order of arrival.
fn place(row: &Row) -> Bytes {
    let (kind, about): (u8, Vec<u8>) = match key(&row.record.fact) {
        Key::Message(hash) => (1, hash.to_vec()),
        Key::Tombstone(hash) => (2, hash.to_vec()),
        Key::Revocation(token) => (3, token.to_vec()),
        Key::Wiped(ns) => (4, ns.to_be_bytes().to_vec()),
        Key::Expiry(hash) => (5, hash.to_vec()),
    };
    [row.record.account.as_bytes(), &row.seq.to_be_bytes()[..], &[kind], &about].concat().into()
}

impl Facts {
    fn put(&mut self, record: Record, seq: Option<u64>) {
        let seq = seq.unwrap_or_else(|| {
            self.last += 1;
            self.last
        });
        if let Fact::Message { expiry, .. } = &record.fact {
            self.next_end = self.next_end.min(expiry.expires_ms);
        }
        let (item, space) = (record.item(), record.space());
        self.rows.insert((record.account, key(&record.fact)), Row { item, space, seq, record });
    }

    fn take(&mut self, account: AccountId, hash: [u8; 32]) -> Option<Row> {
        let row = self.rows.remove(&(account, Key::Message(hash)))?;
        self.gone.insert((account, hash), (row.seq, 0));
        Some(row)
    }

    fn fact(&self, account: AccountId, key: Key) -> Option<&Fact> {
        self.rows.get(&(account, key)).map(|row| &row.record.fact)
    }

    pub(crate) fn wiped(&self, account: AccountId, ns: Namespace) -> u64 {
        let before = |key| match self.fact(account, Key::Wiped(key)) {
            Some(Fact::Wiped { before_ms, .. }) => *before_ms,
            _ => 0,
        };
        before(ns.0.into()).max(before(i32::MAX))
    }

    /// Merges one fact with what is known.
    pub(crate) fn apply(&mut self, wall: u64, record: Record, quirks: Quirks) {
        self.sweep(wall);
        let account = record.account;
        match &record.fact {
            Fact::Message { .. } if quirks.drops_messages => (),
            Fact::Message { .. } => self.message(wall, record),
            Fact::Expiry { hash, expiry, .. } => {
                let (hash, expiry) = (*hash, *expiry);
                self.expiry(wall, record, hash, expiry);
            }
            Fact::Tombstone { hash, deleted_ms, .. } => {
                let hash = *hash;
                self.take(account, hash);
                self.rows.remove(&(account, Key::Expiry(hash)));
                let known = self.fact(account, Key::Tombstone(hash));
                let older = matches!(known, Some(Fact::Tombstone { deleted_ms: known, .. }) if known <= deleted_ms);
                if !older && !quirks.no_tombstones {
                    self.put(record, Some(0));
                }
            }
            Fact::Revocation { token, revocation, .. } => {
                let known = self.fact(account, Key::Revocation(*token));
                let newer = matches!(known, Some(Fact::Revocation { revocation: known, .. }) if known >= revocation);
                if !newer {
                    self.put(record, Some(0));
                }
            }
            Fact::Wiped { ns, before_ms, .. } => {
                let (ns, before) = (*ns, *before_ms);
                let known = self.fact(account, Key::Wiped(ns_number(ns)));
                if !matches!(known, Some(Fact::Wiped { before_ms, .. }) if *before_ms >= before) {
                    self.put(record, Some(0));
                }
                self.wipe(account, ns, before);
            }
        }
    }

    fn wipe(&mut self, account: AccountId, of: Namespaces, before: u64) {
        let covered = |row: &Row| match &row.record.fact {
            Fact::Message { ns, hash, stored_ms, .. } => {
                let meant = of == Namespaces::All || of == Namespaces::One(*ns);
                (meant && *stored_ms <= before).then_some(*hash)
            }
            _ => None,
        };
        let hashes: Vec<_> = self.of(account).filter_map(covered).collect();
        for hash in hashes {
            self.take(account, hash);
        }
    }

    pub(crate) fn of(&self, account: AccountId) -> impl Iterator<Item = &Row> {
        let first = (account, Key::Message([0; 32]));
        self.rows.range(first..).take_while(move |((of, _), _)| *of == account).map(|(_, row)| row)
    }

    fn message(&mut self, wall: u64, mut new: Record) {
        let account = new.account;
        let Fact::Message { ns, hash, stored_ms, expiry, proof, .. } = &mut new.fact else { return };
        let (ns, hash, stored) = (*ns, *hash, *stored_ms);
        if self.fact(account, Key::Tombstone(hash)).is_some() || stored <= self.wiped(account, ns) {
            return;
        }
        let mut seq = None;
        // What is known of the same message, here or not.
        match self.fact(account, Key::Message(hash)).or_else(|| self.fact(account, Key::Expiry(hash))) {
            Some(Fact::Message { stored_ms: known, expiry: held, proof: held_proof, .. }) => {
                seq = self.rows.get(&(account, Key::Message(hash))).map(|row| row.seq);
                *stored_ms = stored.max(*known);
                if *held >= *expiry {
                    (*expiry, *proof) = (*held, held_proof.clone());
                }
            }
            Some(Fact::Expiry { expiry: held, proof: held_proof, .. }) if *held > *expiry => {
                (*expiry, *proof) = (*held, Some(held_proof.clone()));
            }
            _ => (),
        }
        let (ends, decision) = (expiry.expires_ms, *expiry);
        let lives_on = decision.set_ms > 0;
        if ends <= wall {
            if let Some(proof) = proof.clone().filter(|_| decision.set_ms > 0) {
                let fact = Fact::Expiry { hash, expiry: decision, proof };
                self.take(account, hash);
                self.put(Record { account, fact }, Some(0));
            }
            return;
        }
        if seq.is_none() && ns.is_public_outbox() && !self.make_room(account, ns, (stored, &hash)) {
            return;
        }
        self.rows.remove(&(account, Key::Expiry(hash)));
        if seq.is_none()
            && let Some((old, until)) = self.gone.remove(&(account, hash))
        {
            if wall < until || lives_on {
                seq = Some(old);
            } else {
                self.reborn.insert(account);
            }
        }
        self.put(new, seq);
    }

    fn make_room(&mut self, account: AccountId, of: Namespace, new: (u64, &[u8; 32])) -> bool {
        let held: Vec<_> = self
            .of(account)
            .filter_map(|row| match &row.record.fact {
                Fact::Message { ns, hash, stored_ms, .. } if *ns == of => Some((*stored_ms, *hash)),
                _ => None,
            })
            .collect();
        if held.iter().any(|(stored, hash)| !outbox_keeps_new((*stored, hash), new)) {
            return false;
        }
        for (_, hash) in held {
            self.take(account, hash);
        }
        true
    }

    fn expiry(&mut self, wall: u64, record: Record, hash: [u8; 32], decision: Expiry) {
        let account = record.account;
        if self.fact(account, Key::Tombstone(hash)).is_some() {
            return;
        }
        if let Some(row) = self.rows.get(&(account, Key::Message(hash))) {
            let mut message = row.record.clone();
            let seq = row.seq;
            if let (Fact::Message { expiry, proof, .. }, Some(new)) = (&mut message.fact, record.proof())
                && decision > *expiry
            {
                *expiry = decision;
                *proof = Some(new.clone().into());
                self.put(message, Some(seq));
                self.sweep(wall);
            }
            return;
        }
        let known = self.fact(account, Key::Expiry(hash));
        if !matches!(known, Some(Fact::Expiry { expiry, .. }) if *expiry >= decision) {
            self.put(record, Some(0));
        }
    }

    /// Removes what has ended. A user's decision about it is kept.
    pub(crate) fn sweep(&mut self, wall: u64) {
        if self.next_end > wall {
            return;
        }
        let ended = |row: &Row| match &row.record.fact {
            Fact::Message { hash, expiry, .. } if expiry.expires_ms <= wall => Some((row.record.account, *hash)),
            _ => None,
        };
        let over: Vec<_> = self.rows.values().filter_map(ended).collect();
        for (account, hash) in over {
            let Some(row) = self.take(account, hash) else { continue };
            if let Fact::Message { expiry, proof: Some(proof), .. } = row.record.fact
                && expiry.set_ms > 0
            {
                let fact = Fact::Expiry { hash, expiry, proof };
                self.put(Record { account, fact }, Some(0));
            }
        }
        let ends = self.rows.values().filter_map(|row| match &row.record.fact {
            Fact::Message { expiry, .. } => Some(expiry.expires_ms),
            _ => None,
        });
        self.next_end = ends.min().unwrap_or(u64::MAX);
    }

    pub(crate) fn drop_places(&mut self, interval: Interval) {
        let (gone, kept) = std::mem::take(&mut self.rows)
            .into_iter()
            .partition(|(_, row)| (interval.lo..=interval.hi).contains(&row.space));
        self.rows = kept;
        for ((account, _), row) in BTreeMap::<(AccountId, Key), Row>::into_iter(gone) {
            if let Fact::Message { hash, expiry, .. } = row.record.fact {
                self.gone.insert((account, hash), (row.seq, expiry.expires_ms));
            }
        }
    }

    pub(crate) fn within<'a>(&'a self, intervals: &'a Intervals) -> impl Iterator<Item = &'a Row> {
        self.rows.values().filter(move |row| intervals.contains(row.space))
    }

    pub(crate) fn sums(&self, intervals: &Intervals, until: u64) -> Buckets {
        let mut buckets = Buckets::default();
        self.within(intervals).filter(|row| row.item.time < until).for_each(|row| buckets.add(&row.item));
        buckets
    }

    pub(crate) fn items(&self, intervals: &Intervals, hours: &[u64], until: u64) -> Vec<Item> {
        let of = self.within(intervals).map(|row| row.item);
        let mut items: Vec<_> = of.filter(|i| i.time < until && hours.contains(&hour_of(i.time))).collect();
        items.sort_unstable();
        items
    }

    pub(crate) fn records(&self, intervals: &Intervals, items: &[Item]) -> Vec<Record> {
        self.within(intervals).filter(|row| items.contains(&row.item)).map(|row| row.record.clone()).collect()
    }

    /// Everything of some places in an order that lasts.
    pub(crate) fn page(&self, interval: Interval, cursor: Option<&Bytes>, most: usize) -> (Vec<Record>, Option<Bytes>) {
        let places = Intervals::from(interval);
        let mut rest: Vec<_> = self.within(&places).map(|row| (place(row), row)).collect();
        rest.retain(|(place, _)| cursor.is_none_or(|cursor| place > cursor));
        rest.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let next = if rest.len() > most { rest.get(most - 1).map(|(place, _)| place.clone()) } else { None };
        (rest.into_iter().take(most).map(|(_, row)| row.record.clone()).collect(), next)
    }

    /// What a client reads in a box after a message, in order of arrival.
    pub(crate) fn retrieve(
        &self,
        account: AccountId,
        of: Namespace,
        after: Option<[u8; 32]>,
        most: usize,
        quirks: Quirks,
    ) -> Vec<[u8; 32]> {
        let order = |row: &Row| if quirks.cursor_by_time { row.item.time } else { row.seq };
        let from = after.and_then(|hash| {
            let here = self.rows.get(&(account, Key::Message(hash))).map(order);
            here.or_else(|| self.gone.get(&(account, hash)).map(|(seq, _)| *seq))
        });
        let mut found: Vec<_> = self
            .of(account)
            .filter_map(|row| match &row.record.fact {
                Fact::Message { ns, hash, .. } if *ns == of => Some((order(row), *hash)),
                _ => None,
            })
            .filter(|(at, _)| from.is_none_or(|from| *at > from))
            .collect();
        found.sort_unstable();
        found.into_iter().take(most).map(|(_, hash)| hash).collect()
    }
}

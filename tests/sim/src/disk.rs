//! A model of a node's disk: what is written is lost in a crash until it is committed.

mod state;

use tacit_node::swarm::hints::Hint;
use tacit_node::swarm::transfer::Holding;
use tacit_node::swarm::{Fact, Found, Query, Record, Recovered, Write};

pub(crate) use state::{Facts, Key, Quirks};

/// What a machine's writes come to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Content {
    pub facts: Facts,
    pub hints: Vec<(u64, Hint)>,
    last_hint: u64,
    pub holdings: Vec<Holding>,
}

/// A group of writes on its way.
#[derive(Debug, Default)]
struct Group(Vec<(u64, Vec<Write>)>);

#[derive(Debug, Default)]
pub(crate) struct Disk {
    pub content: Content,
    waiting: Group,
    committing: Option<Group>,
    pub quirks: Quirks,
}

const PAGE: usize = 40;

impl Disk {
    pub(crate) fn new(quirks: Quirks) -> Self {
        Self { quirks, ..Self::default() }
    }

    /// Takes a group; true if a commit begins with it.
    pub(crate) fn write(&mut self, token: u64, writes: Vec<Write>) -> bool {
        self.waiting.0.push((token, writes));
        self.start()
    }

    fn start(&mut self) -> bool {
        if self.committing.is_some() || self.waiting.0.is_empty() {
            return false;
        }
        self.committing = Some(std::mem::take(&mut self.waiting));
        true
    }

    /// The commit that was going on ends: the tokens, each with whether it is on the disk, and
    /// whether another commit begins.
    pub(crate) fn finish(&mut self, wall: u64, full: bool) -> (Vec<(u64, bool)>, bool) {
        let mut done = Vec::new();
        if let Some(group) = self.committing.take() {
            // Full: what stores fails, all of the group with it.
            let fails = full && group.0.iter().any(|(_, writes)| writes.iter().any(stores));
            for (token, writes) in group.0 {
                if !fails {
                    self.content.apply(wall, writes, self.quirks);
                }
                done.push((token, !fails));
            }
        }
        let next = self.start();
        (done, next)
    }

    /// Power is lost. What was being committed may be there or not.
    pub(crate) fn crash(&mut self, wall: u64, committed: bool) {
        self.waiting.0.clear();
        if let Some(group) = self.committing.take()
            && committed
        {
            for (_, writes) in group.0 {
                self.content.apply(wall, writes, self.quirks);
            }
        }
    }

    pub(crate) fn recovered(&self, clean: bool) -> Recovered {
        let mut hints: Vec<(_, usize, usize)> = Vec::new();
        for (_, hint) in &self.content.hints {
            match hints.iter_mut().find(|(member, ..)| *member == hint.member) {
                Some((_, count, bytes)) => (*count, *bytes) = (*count + 1, *bytes + hint.record.size()),
                None => hints.push((hint.member, 1, hint.record.size())),
            }
        }
        Recovered { holdings: self.content.holdings.clone(), hints, clean }
    }

    pub(crate) fn read(&mut self, wall: u64, query: Query) -> Found {
        let content = &mut self.content;
        content.facts.sweep(wall);
        match query {
            Query::Sums { intervals, until } => Found::Sums(content.facts.sums(&intervals, until)),
            Query::Items { intervals, hours, until } => Found::Items(content.facts.items(&intervals, &hours, until)),
            Query::Records { intervals, items } => {
                let items: Vec<_> = items.into_iter().take(PAGE).collect();
                Found::Records { records: content.facts.records(&intervals, &items), taken: items.len() }
            }
            Query::Page { interval, cursor } => {
                let (records, next) = content.facts.page(interval, cursor.as_ref(), PAGE);
                Found::Page { records, next }
            }
            Query::Hints { member } => {
                let of = content.hints.iter().filter(|(_, hint)| hint.member == member).take(PAGE);
                Found::Hints(of.map(|(number, hint)| (*number, hint.record.clone())).collect())
            }
        }
    }
}

fn stores(write: &Write) -> bool {
    let message = |record: &Record| matches!(record.fact, Fact::Message { .. });
    matches!(write, Write::Apply(records) if records.iter().any(message))
}

impl Content {
    fn apply(&mut self, wall: u64, writes: Vec<Write>, quirks: Quirks) {
        for write in writes {
            match write {
                Write::Apply(records) => records.into_iter().for_each(|r| self.facts.apply(wall, r, quirks)),
                Write::AddHints(hints) => {
                    for hint in hints {
                        self.last_hint += 1;
                        self.hints.push((self.last_hint, hint));
                    }
                }
                Write::RemoveHints(numbers) => self.hints.retain(|(number, _)| !numbers.contains(number)),
                Write::ForgetMember(member) => self.hints.retain(|(_, hint)| hint.member != member),
                Write::Holdings(holdings) => self.holdings = holdings,
                Write::Drop(interval) => self.facts.drop_places(interval),
            }
        }
    }
}

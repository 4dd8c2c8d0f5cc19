//! Several messages become one (protocol: config 3.4). The order in which they are given makes
//! no difference to the result.

use std::collections::BTreeMap;

use crate::diff::{self, Diff};
use crate::message::{Id, Message};
use crate::value::{self, Dict};

/// A message with its hash.
#[derive(Debug, Clone)]
pub struct Hashed {
    /// The message.
    pub message: Message,
    /// Its hash.
    pub hash: [u8; 32],
}

impl Hashed {
    /// What the message is known by.
    #[must_use]
    pub fn id(&self) -> Id {
        (self.message.seqno, self.hash)
    }
}

/// What a merge comes to.
#[derive(Debug)]
pub enum Merge {
    /// The message of this index contains all others.
    One(usize),
    /// A new message, made from those of these indices; its own diff is empty yet.
    Made(Box<Message>, Vec<usize>),
}

/// Merges. `may_make` is false for members of a group, who cannot sign: they take the greatest
/// message and wait for an admin to merge. `None` if there are no messages.
#[must_use]
pub fn merge(messages: &[&Hashed], lag: i64, may_make: bool) -> Option<Merge> {
    let mut left = not_redundant(messages, lag)?;
    left.sort_by_key(|index| std::cmp::Reverse(messages[*index].id()));
    let greatest = *left.first()?;
    if left.len() == 1 || !may_make {
        return Some(Merge::One(greatest));
    }
    let merged = make(messages, &left)?;
    Some(Merge::Made(Box::new(merged), left))
}

/// Those that no other contains, that came once already, or that are too old.
fn not_redundant(messages: &[&Hashed], lag: i64) -> Option<Vec<usize>> {
    let top = messages.iter().map(|m| m.message.seqno).max()?;
    let mut ids = std::collections::BTreeSet::new();
    let mut left = Vec::new();
    for (index, hashed) in messages.iter().enumerate() {
        let id = hashed.id();
        let is_old = i128::from(id.0) + i128::from(lag) <= i128::from(top);
        let is_contained = messages.iter().any(|other| other.message.lagged.contains_key(&id));
        if ids.insert(id) && !is_old && !is_contained {
            left.push(index);
        }
    }
    Some(left)
}

fn make(messages: &[&Hashed], descending: &[usize]) -> Option<Message> {
    let mut replay: BTreeMap<Id, (&Diff, &Dict)> = BTreeMap::new();
    for hashed in descending.iter().map(|index| messages[*index]) {
        let source = &hashed.message.data;
        replay.entry(hashed.id()).or_insert((&hashed.message.diff, source));
        for (id, diff) in &hashed.message.lagged {
            replay.entry(*id).or_insert((diff, source));
        }
    }
    let first = messages[*descending.first()?];
    let mut merged = Message::empty();
    merged.seqno = first.message.seqno.checked_add(1)?;
    merged.data = first.message.data.clone();
    for (id, (diff, source)) in replay {
        diff::apply(&mut merged.data, diff, source);
        merged.lagged.insert(id, diff.clone());
    }
    value::prune(&mut merged.data);
    Some(merged)
}

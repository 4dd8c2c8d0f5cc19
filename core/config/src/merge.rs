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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::Config;
    use crate::testing::{data, keys};
    use crate::value::Value;
    use crate::{Kind, message};

    /// Messages of devices that begin with the same message and then go their own ways.
    fn messages(first: &Dict, devices: &[Vec<Dict>]) -> Vec<Hashed> {
        let mut parent = Config::new(Kind::Profile, &keys(1));
        replace(&mut parent, first);
        let mut messages = Vec::new();
        for changes in devices {
            let mut device = parent.clone();
            for data in changes {
                device.push(crate::testing::NOW).unwrap();
                replace(&mut device, data);
            }
            let (message, hash) = Message::parse(&device.to_bytes(), message::LAG, None).unwrap();
            messages.push(Hashed { message, hash });
        }
        messages
    }

    fn replace(config: &mut Config, data: &Dict) {
        let gone: Vec<_> = config.data().keys().filter(|key| !data.contains_key(*key)).cloned().collect();
        gone.iter().for_each(|key| {
            config.erase(&[key]);
        });
        for (key, value) in data {
            match value {
                Value::Scalar(scalar) => config.assign(&[key], scalar.clone()),
                Value::Set(set) => config.assign_set(&[key], set.clone()),
                Value::Dict(dict) => {
                    for (inner, value) in dict {
                        if let Value::Scalar(scalar) = value {
                            config.assign(&[key, inner], scalar.clone());
                        }
                    }
                }
            }
        }
    }

    fn result(messages: &[&Hashed]) -> Option<Message> {
        Some(match merge(messages, message::LAG, true)? {
            Merge::One(index) => messages[index].message.clone(),
            Merge::Made(message, _) => *message,
        })
    }

    proptest! {
        #[test]
        fn order_and_repetition_make_no_difference(
            first in data(),
            devices in prop::collection::vec(prop::collection::vec(data(), 1..8), 1..4),
            turn in 0..4_usize,
        ) {
            let messages = messages(&first, &devices);
            let mut order: Vec<&Hashed> = messages.iter().collect();
            let expected = result(&order);
            order.rotate_left(turn % devices.len());
            prop_assert_eq!(result(&order), expected.clone());
            order.reverse();
            order.extend(messages.iter());
            prop_assert_eq!(result(&order), expected);
        }

        #[test]
        fn what_a_merge_makes_is_a_message(
            devices in prop::collection::vec(prop::collection::vec(data(), 1..3), 2..4),
        ) {
            let messages = messages(&Dict::new(), &devices);
            let mut made = result(&messages.iter().collect::<Vec<_>>()).unwrap();
            made.trim(message::LAG);
            let (parsed, _) = Message::parse(&made.to_bytes(message::LAG, None), message::LAG, None).unwrap();
            prop_assert_eq!(parsed, made);
        }
    }

    #[test]
    fn nothing_is_made_of_nothing() {
        assert!(merge(&[], message::LAG, true).is_none());
    }
}

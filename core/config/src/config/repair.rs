//! What a merge drops by accident is put back as a new change (protocol: config 16).
//!
//! A dictionary that is missing in a message counts as erased with everything in it, also with
//! records that others added meanwhile: so it goes when somebody erases the last contact. And a
//! change that never was stored is dropped when the others are five messages further.

use super::Config;
use crate::diff::{self, Diff, Mark};
use crate::message::{Id, LAG, Message};
use crate::value::{Dict, Value, prune};

/// Our own message before a merge.
pub(super) struct Own {
    pub(super) id: Id,
    pub(super) message: Message,
    /// The greatest sequence number that was stored then.
    pub(super) stored: i64,
    /// Whether the message itself was not known to be stored.
    pub(super) unconfirmed: bool,
}

impl Config {
    /// After a merge that replaced our message: puts back what only we knew of.
    pub(super) fn put_back(&mut self, own: &Own, others: &[Message]) {
        let known = |id: &Id| others.iter().any(|message| message.lagged.contains_key(id));
        if !self.is_writable() || known(&own.id) {
            return;
        }
        let top = others.iter().map(|message| message.seqno).max().unwrap_or_default();
        let mut data = self.data().clone();
        if own.message.seqno + LAG <= top {
            let missed = own.message.lagged.iter().filter(|(id, _)| id.0 > own.stored && !known(id));
            if own.unconfirmed {
                missed.for_each(|(_, diff)| diff::apply(&mut data, diff, &own.message.data));
                diff::apply(&mut data, &own.message.diff, &own.message.data);
            }
        } else {
            let theirs: Vec<&Diff> = others
                .iter()
                .flat_map(|message| {
                    let rows = message.lagged.iter().filter(|(id, _)| !own.message.lagged.contains_key(id));
                    rows.map(|(_, diff)| diff).chain([&message.diff])
                })
                .collect();
            let ours = own.message.lagged.iter().filter(|(id, _)| !known(id)).map(|(_, diff)| diff);
            for diff in ours.chain([&own.message.diff]) {
                revive(diff, &own.message.data, &mut data, &theirs);
            }
        }
        prune(&mut data);
        if data != *self.data() {
            self.begin_next();
            self.message.data = data;
        }
    }
}

/// Copies to `merged` the dictionaries of ours that are missing there though none of `theirs` says
/// anything about them. Says whether there was one.
fn revive(ours: &Diff, own: &Dict, merged: &mut Dict, theirs: &[&Diff]) -> bool {
    let mut revived = false;
    for (key, mark) in ours {
        let (Mark::Inside(inner), Some(Value::Dict(record))) = (mark, own.get(key)) else { continue };
        let named: Vec<&Mark> = theirs.iter().filter_map(|diff| diff.get(key)).collect();
        let within: Vec<&Diff> = named
            .iter()
            .filter_map(|mark| match mark {
                Mark::Inside(diff) => Some(diff),
                _ => None,
            })
            .collect();
        match merged.get_mut(key) {
            Some(Value::Dict(merged)) => {
                revived |= revive(inner, record, merged, &within);
                revived |= put_beside(inner, record, merged);
            }
            Some(_) => {}
            None if named.is_empty() => {
                merged.insert(key.clone(), Value::Dict(record.clone()));
                revived = true;
            }
            None => {
                let mut around = Dict::new();
                if revive(inner, record, &mut around, &within) {
                    put_beside(inner, record, &mut around);
                    merged.insert(key.clone(), Value::Dict(around));
                    revived = true;
                }
            }
        }
    }
    revived
}

/// A record of ours needs what stands beside it, as a room needs its server's key: puts that back
/// if it is gone. Says whether it was.
fn put_beside(ours: &Diff, own: &Dict, merged: &mut Dict) -> bool {
    let lives = |(key, mark): (&Vec<u8>, &Mark)| matches!(mark, Mark::Inside(_)) && merged.contains_key(key);
    if !ours.iter().any(lives) {
        return false;
    }
    let mut put = false;
    for (key, value) in own.iter().filter(|(_, value)| !matches!(value, Value::Dict(_))) {
        if !merged.contains_key(key) {
            merged.insert(key.clone(), value.clone());
            put = true;
        }
    }
    put
}

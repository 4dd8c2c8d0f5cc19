//! Messages from the swarm come in (protocol: config 4, "merge").

use tacit_wire::{MessageHash, TimestampMs};

use super::repair::Own;
use super::{Config, State};
use crate::merge::{Hashed, Merge, merge};
use crate::message::{LAG, Message};
use crate::multipart::Added;
use crate::seal::{self, Unpadded};
use crate::value::Dict;

/// No honest config ever counts that far; above it there would soon be no next message.
const MAX_SEQNO: i64 = i64::MAX / 2;

/// What came of incoming messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Merged {
    /// Messages that were understood, also those that told nothing new: they need not be fetched
    /// again. The others are left alone: a newer version may know them.
    pub accepted: Vec<MessageHash>,
    /// Whether the data changed.
    pub changed: bool,
}

/// A message to be merged, and the hashes under which it is stored.
#[derive(Clone)]
struct Candidate {
    hashed: Hashed,
    hashes: Vec<MessageHash>,
}

impl Config {
    /// Merges stored messages into the object: wrapped, raw or in parts. What is no message of
    /// this config is passed over. What we changed and others could not know of is put back as a
    /// new change if the merge dropped it (protocol: config 16). A message that is made says of no
    /// key that it was set, as if this device had changed something just before: otherwise it would
    /// outweigh what another device changes meanwhile (protocol: config 3.4).
    pub fn merge(&mut self, messages: &[(MessageHash, Vec<u8>)], now: TimestampMs) -> Merged {
        let before = self.data().clone();
        let (accepted, others) = self.take_in(messages, now, Made::NamesNothing);
        if let Some((own, others)) = others {
            self.put_back(&own, &others);
        }
        Merged { accepted, changed: *self.data() != before }
    }

    /// As [`Config::merge`], without putting anything back: byte for byte what other programs do.
    pub fn merge_only(&mut self, messages: &[(MessageHash, Vec<u8>)], now: TimestampMs) -> Merged {
        let before = self.data().clone();
        let (accepted, _) = self.take_in(messages, now, Made::AsOthersDo);
        Merged { accepted, changed: *self.data() != before }
    }

    /// Also gives our own message and those that it was merged with, if it was replaced.
    fn take_in(
        &mut self,
        messages: &[(MessageHash, Vec<u8>)],
        now: TimestampMs,
        made: Made,
    ) -> (Vec<MessageHash>, Option<(Own, Vec<Message>)>) {
        self.expire_parts(now);
        let mut accepted = Vec::new();
        let mut candidates: Vec<Candidate> = self.own_candidate().into_iter().collect();
        let has_own = !candidates.is_empty();
        for (hash, stored) in messages {
            if let Some(candidate) = self.open(hash, stored, now, &mut accepted) {
                candidates.extend(candidate);
            }
        }
        let replaced = self.merge_candidates(candidates, has_own, made);
        self.forget_current_as_old();
        (accepted, replaced)
    }

    fn own_candidate(&mut self) -> Option<Candidate> {
        if self.message.seqno == 0 && self.state() != State::Dirty {
            return None;
        }
        self.settle();
        let hashed = Hashed { message: self.message.clone(), hash: self.hash };
        Some(Candidate { hashed, hashes: self.current_hashes() })
    }

    /// `None` for what is not accepted, an empty list for what is and adds nothing yet.
    fn open(
        &mut self,
        hash: &MessageHash,
        stored: &[u8],
        now: TimestampMs,
        accepted: &mut Vec<MessageHash>,
    ) -> Option<Option<Candidate>> {
        let keys = self.access.encryption_keys();
        let padded = seal::open(self.kind, self.access.account(), keys, stored)?;
        let (message, hashes) = match seal::unpad(&padded)? {
            Unpadded::Whole(message) => (message, vec![hash.clone()]),
            Unpadded::Part(part) => match self.parts.add(part, hash, now) {
                Added::Refused => return None,
                Added::Kept => {
                    self.needs_dump = true;
                    accepted.push(hash.clone());
                    return Some(None);
                }
                Added::Finished => {
                    // Stored once more, by another device; or it is a part of the current message.
                    self.needs_dump |= self.old.insert(hash.clone());
                    accepted.push(hash.clone());
                    return Some(None);
                }
                Added::Joined(padded, hashes) => {
                    self.needs_dump = true;
                    (seal::whole(&padded)?, hashes)
                }
            },
        };
        let (message, id) = Message::parse(&message, LAG, self.access.verify()).ok()?;
        if message.seqno > MAX_SEQNO {
            return None;
        }
        accepted.push(hash.clone());
        Some(Some(Candidate { hashed: Hashed { message, hash: id }, hashes }))
    }

    fn merge_candidates(
        &mut self,
        candidates: Vec<Candidate>,
        has_own: bool,
        made: Made,
    ) -> Option<(Own, Vec<Message>)> {
        let hashed: Vec<&Hashed> = candidates.iter().map(|candidate| &candidate.hashed).collect();
        let merged = match merge(&hashed, LAG, self.access.may_write())? {
            Merge::Made(_, left) if made == Made::NamesNothing && differ_in_diff_only(&hashed, &left) => {
                Merge::One(*left.first()?)
            }
            merged => merged,
        };
        let own = Own {
            id: (self.message.seqno, self.hash),
            message: self.message.clone(),
            stored: self.stored,
            unconfirmed: self.needs_push(),
        };
        let result = match &merged {
            Merge::One(index) => Some(*index),
            Merge::Made(..) => None,
        };
        for (index, candidate) in candidates.iter().enumerate() {
            let is_old = Some(index) != result && !(has_own && index == 0);
            if is_old {
                let hashes = candidate.hashes.iter().filter(|hash| !self.current.contains(hash));
                let before = self.old.len();
                self.old.extend(hashes.cloned());
                self.needs_dump |= self.old.len() != before;
            }
        }
        match merged {
            Merge::One(0) if has_own => return None,
            Merge::One(index) => self.replace_with(candidates.get(index)?.clone()),
            Merge::Made(message, _) => self.replace_with_merged(*message, made),
        }
        let others = candidates.into_iter().skip(usize::from(has_own)).map(|candidate| candidate.hashed.message);
        has_own.then(|| (own, others.collect()))
    }

    /// The result is a message of another device.
    fn replace_with(&mut self, candidate: Candidate) {
        self.leave_clean();
        self.base = None;
        self.message = candidate.hashed.message;
        self.hash = candidate.hashed.hash;
        self.current = candidate.hashes.into_iter().collect();
        self.stored = self.message.seqno;
    }

    /// The result is new. With other programs it depends on whether we had changes what its own diff
    /// says, a quirk that they share.
    fn replace_with_merged(&mut self, message: Message, made: Made) {
        let names_nothing = made == Made::NamesNothing || self.base.is_some();
        self.leave_clean();
        self.stored = message.seqno.saturating_sub(1);
        self.message = message;
        self.message.trim(LAG);
        self.base = Some(if names_nothing { self.message.data.clone() } else { Dict::new() });
    }
}

/// What the own diff of a message says that a merge makes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Made {
    NamesNothing,
    /// Everything, if there were no changes here.
    AsOthersDo,
}

/// Whether these are one merge made by different programs: nothing is to be merged then, and the
/// devices would answer each other for ever.
fn differ_in_diff_only(messages: &[&Hashed], left: &[usize]) -> bool {
    let mut left = left.iter().map(|index| &messages[*index].message);
    let Some(first) = left.next() else { return false };
    left.all(|other| {
        let same_rows = other.lagged.keys().eq(first.lagged.keys());
        same_rows && other.seqno == first.seqno && other.data == first.data
    })
}

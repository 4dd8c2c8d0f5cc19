//! Messages that are too large to be stored in one piece (protocol: config 6).

use std::collections::BTreeMap;

use tacit_crypto::blake2b;
use tacit_wire::bencode::loose::Reader;
use tacit_wire::bencode::write_bytes;
use tacit_wire::{MessageHash, TimestampMs};
use zeroize::Zeroizing;

use crate::Error;

/// Bytes of the padded message in each part that we send.
pub const CHUNK: usize = 76_710;
/// What a part adds to its chunk, in bytes.
const OVERHEAD: usize = 50;
/// Parts in which we send a message.
pub const MAX_PARTS: usize = 100;
/// Sets of which some parts are missing; more are hardly an accident.
const MAX_PENDING: usize = 8;
/// Names of finished sets that are kept.
const MAX_FINISHED: usize = 256;
const DAY_MS: u64 = 24 * 3_600 * 1_000;
/// How long the parts of an incomplete set are kept.
const PENDING_MS: u64 = 7 * DAY_MS;
/// How long a finished set is remembered.
const FINISHED_MS: u64 = 31 * DAY_MS;

/// The hash of a padded message, by which its parts are known.
pub type Name = [u8; 32];

/// One part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    name: Name,
    index: u8,
    count: u8,
    chunk: Vec<u8>,
}

impl Part {
    /// Reads an opened part, from its `m` on. What follows it is ignored.
    #[must_use]
    pub fn parse(plain: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(plain.strip_prefix(b"m")?, 1, 5);
        reader.enter(b'l')?;
        let name = reader.bytes()?.try_into().ok()?;
        let [index] = reader.bytes()? else { return None };
        let [count] = reader.bytes()? else { return None };
        let chunk = reader.bytes()?.to_vec();
        let part = Self { name, index: *index, count: *count, chunk };
        let is_sound = part.count >= 2 && part.index < part.count && !part.chunk.is_empty();
        (reader.leave()? && is_sound).then_some(part)
    }
}

/// A message in parts, ready to be encrypted.
pub struct Split {
    /// The hash of the whole.
    pub name: Name,
    /// The parts.
    pub parts: Vec<Zeroizing<Vec<u8>>>,
}

/// Cuts a padded message into parts of `chunk` bytes.
///
/// # Errors
/// [`Error::TooLarge`] for more than [`MAX_PARTS`] parts.
pub fn split(padded: &[u8], chunk: usize) -> Result<Split, Error> {
    let count = padded.len().div_ceil(chunk);
    let Some(count) = u8::try_from(count).ok().filter(|count| usize::from(*count) <= MAX_PARTS) else {
        return Err(Error::TooLarge { bytes: padded.len(), limit: MAX_PARTS * chunk });
    };
    let name = blake2b::hash256(&[padded]);
    let parts = padded.chunks(chunk).zip(0..).map(|(chunk, index)| {
        let mut out = Zeroizing::new(Vec::with_capacity(chunk.len() + OVERHEAD));
        out.extend_from_slice(b"ml");
        for field in [&name[..], &[index], &[count], chunk] {
            write_bytes(field, &mut out);
        }
        out.push(b'e');
        out.resize(chunk.len() + OVERHEAD, 0);
        out
    });
    Ok(Split { name, parts: parts.collect() })
}

/// A set of which not all parts are here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pending {
    pub(crate) count: u8,
    pub(crate) since: TimestampMs,
    pub(crate) parts: BTreeMap<u8, (MessageHash, Vec<u8>)>,
}

/// What a part came to.
pub(crate) enum Added {
    /// More are missing, or it was here.
    Kept,
    /// Its set was put together before.
    Finished,
    /// It does not fit the others of its set.
    Refused,
    /// It was the last: the padded message, and the hashes of all parts.
    Joined(Zeroizing<Vec<u8>>, Vec<MessageHash>),
}

/// The parts that wait for others, and the sets that are done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) pending: BTreeMap<Name, Pending>,
    pub(crate) finished: BTreeMap<Name, TimestampMs>,
}

impl Parts {
    pub(crate) fn add(&mut self, part: Part, hash: &MessageHash, now: TimestampMs) -> Added {
        if self.finished.contains_key(&part.name) {
            return Added::Finished;
        }
        if !self.pending.contains_key(&part.name) {
            self.make_room();
        }
        let (name, count) = (part.name, part.count);
        let set = self.pending.entry(name).or_insert_with(|| Pending { count, since: now, parts: BTreeMap::new() });
        if set.count != count {
            return Added::Refused;
        }
        set.parts.entry(part.index).or_insert_with(|| (hash.clone(), part.chunk));
        if set.parts.len() < usize::from(count) {
            return Added::Kept;
        }
        let Some(set) = self.pending.remove(&name) else { return Added::Refused };
        let mut joined = Zeroizing::new(Vec::new());
        let mut hashes = Vec::new();
        for (hash, chunk) in set.parts.into_values() {
            joined.extend_from_slice(&chunk);
            hashes.push(hash);
        }
        if blake2b::hash256(&[&joined]) != name {
            return Added::Refused;
        }
        self.finish(name, now);
        Added::Joined(joined, hashes)
    }

    /// Remembers a set as done; ours are when they are sent.
    pub(crate) fn finish(&mut self, name: Name, now: TimestampMs) {
        self.pending.remove(&name);
        self.finished.insert(name, now);
        while self.finished.len() > MAX_FINISHED {
            let oldest = self.finished.iter().min_by_key(|(_, at)| **at).map(|(name, _)| *name);
            oldest.and_then(|name| self.finished.remove(&name));
        }
    }

    /// Forgets what was kept long enough; says whether there was anything.
    pub(crate) fn expire(&mut self, now: TimestampMs) -> bool {
        let before = (self.pending.len(), self.finished.len());
        self.pending.retain(|_, set| now.since(set.since) < PENDING_MS);
        self.finished.retain(|_, at| now.since(*at) < FINISHED_MS);
        before != (self.pending.len(), self.finished.len())
    }

    /// Hashes of the parts that wait: they must not lapse.
    pub(crate) fn hashes(&self) -> impl Iterator<Item = &MessageHash> {
        self.pending.values().flat_map(|set| set.parts.values().map(|(hash, _)| hash))
    }

    fn make_room(&mut self) {
        while self.pending.len() >= MAX_PENDING {
            let oldest = self.pending.iter().min_by_key(|(_, set)| set.since).map(|(name, _)| *name);
            oldest.and_then(|name| self.pending.remove(&name));
        }
    }
}

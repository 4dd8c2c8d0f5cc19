//! The local form of a config object (protocol: config 4, 16). A dictionary:
//!
//! ```text
//! !  state: 0 clean, 1 dirty, 2 waiting      $  the message
//! (  current hashes                          )  old hashes
//! *  parts: [finished sets, waiting sets]    +  the sequence number last known to be stored
//! =  while dirty: the data before the change
//! ```
//! Other programs' dumps lack the last; a dirty one of theirs goes on as the next message.

use std::collections::{BTreeMap, BTreeSet};

use tacit_crypto::{AccountKeys, NodeKeys};
use tacit_wire::bencode::loose::Reader;
use tacit_wire::bencode::write_bytes;
use tacit_wire::{AccountId, MessageHash, TimestampMs};

use super::Config;
use crate::access::Access;
use crate::message::{LAG, MAX_DEPTH, Message};
use crate::multipart::{Parts, Pending};
use crate::value::{read_data, write_dict, write_integer};
use crate::{Error, Kind};

/// Values in a dump; the message within is a single one.
const MAX_VALUES: usize = 1_000_000;

impl Config {
    /// Everything there is to keep of the object, with its secrets.
    pub fn dump(&mut self) -> Vec<u8> {
        self.settle();
        self.needs_dump = false;
        let mut out = vec![b'd'];
        write_bytes(b"!", &mut out);
        write_integer(self.state() as i64, &mut out);
        write_bytes(b"$", &mut out);
        write_bytes(&self.message.to_bytes(LAG, self.access.signer()), &mut out);
        for (key, hashes) in [(b"(", &self.current), (b")", &self.old)] {
            write_bytes(key, &mut out);
            out.push(b'l');
            hashes.iter().for_each(|hash| write_bytes(hash.as_str().as_bytes(), &mut out));
            out.push(b'e');
        }
        write_bytes(b"*", &mut out);
        write_parts(&self.parts, &mut out);
        write_bytes(b"+", &mut out);
        write_integer(self.stored, &mut out);
        if let Some(base) = &self.base {
            write_bytes(b"=", &mut out);
            write_dict(base, &mut out);
        }
        out.push(b'e');
        out
    }

    /// A config of our own account from its dump.
    ///
    /// # Errors
    /// [`Error::Dump`], [`Error::Message`].
    pub fn load(kind: Kind, keys: &AccountKeys, dump: &[u8]) -> Result<Self, Error> {
        Self::load_with(kind, Access::Account(Box::new(keys.clone())), dump)
    }

    /// A config of a group from its dump; see [`Config::new_group`].
    ///
    /// # Errors
    /// As [`Config::load`] and [`Config::new_group`].
    pub fn load_group(kind: Kind, group: &AccountId, signer: Option<&NodeKeys>, dump: &[u8]) -> Result<Self, Error> {
        Self::load_with(kind, Self::group_access(group, signer)?, dump)
    }

    fn load_with(kind: Kind, access: Access, dump: &[u8]) -> Result<Self, Error> {
        let mut config = Self::empty(kind, access);
        let mut reader = Reader::new(dump, MAX_DEPTH + 1, MAX_VALUES);
        let (state, message) = config.read(&mut reader).ok_or(Error::Dump)?;
        // The empty message of a group is not signed.
        let signed = config.access.verify().map(|key| Message::parse(message, LAG, Some(key)));
        let parsed = signed.and_then(Result::ok).map_or_else(|| Message::parse(message, LAG, None), Ok);
        (config.message, config.hash) = parsed?;
        match (state, config.base.is_some()) {
            (0, false) | (1, true) => {}
            (1, false) => config.begin_next(),
            (2, false) => config.waiting = true,
            _ => return Err(Error::Dump),
        }
        config.needs_dump = false;
        Ok(config)
    }

    /// Reads all but the message, which it gives with the state.
    fn read<'d>(&mut self, reader: &mut Reader<'d>) -> Option<(i64, &'d [u8])> {
        reader.enter(b'd')?;
        let (mut state, mut message) = (None, None);
        while !reader.leave()? {
            match reader.bytes()? {
                b"!" => state = Some(reader.small_integer()?),
                b"$" => message = Some(reader.bytes()?),
                b"(" => self.current = read_hashes(reader)?,
                b")" => self.old = read_hashes(reader)?,
                b"*" => self.parts = read_parts(reader)?,
                b"+" if reader.peek()? == b'i' => self.stored = reader.small_integer()?,
                b"=" => self.base = Some(read_data(reader)?),
                _ => {
                    reader.value()?;
                }
            }
        }
        Some((state?, message?))
    }
}

/// A list of hashes, or one alone, empty if there is none.
fn read_hashes(reader: &mut Reader<'_>) -> Option<BTreeSet<MessageHash>> {
    let mut hashes = BTreeSet::new();
    if reader.peek()? != b'l' {
        let hash = reader.bytes()?;
        if !hash.is_empty() {
            hashes.insert(read_hash(hash)?);
        }
        return Some(hashes);
    }
    reader.enter(b'l')?;
    while !reader.leave()? {
        hashes.insert(read_hash(reader.bytes()?)?);
    }
    Some(hashes)
}

fn read_hash(bytes: &[u8]) -> Option<MessageHash> {
    std::str::from_utf8(bytes).ok()?.parse().ok()
}

fn write_parts(parts: &Parts, out: &mut Vec<u8>) {
    out.extend_from_slice(b"ll");
    for (name, at) in &parts.finished {
        write_bytes(name, out);
        write_time(*at, out);
    }
    out.extend_from_slice(b"el");
    for (name, set) in &parts.pending {
        write_bytes(name, out);
        write_integer(i64::from(set.count), out);
        write_time(set.since, out);
        out.push(b'l');
        for (index, (hash, chunk)) in &set.parts {
            write_integer(i64::from(*index), out);
            write_bytes(hash.as_str().as_bytes(), out);
            write_bytes(chunk, out);
        }
        out.push(b'e');
    }
    out.extend_from_slice(b"ee");
}

fn read_parts(reader: &mut Reader<'_>) -> Option<Parts> {
    let mut parts = Parts::default();
    reader.enter(b'l')?;
    reader.enter(b'l')?;
    while !reader.leave()? {
        parts.finished.insert(reader.bytes()?.try_into().ok()?, read_time(reader)?);
    }
    reader.enter(b'l')?;
    while !reader.leave()? {
        let name = reader.bytes()?.try_into().ok()?;
        let count = reader.small_integer()?.try_into().ok()?;
        let mut set = Pending { count, since: read_time(reader)?, parts: BTreeMap::new() };
        reader.enter(b'l')?;
        while !reader.leave()? {
            let index = reader.small_integer()?.try_into().ok()?;
            set.parts.insert(index, (read_hash(reader.bytes()?)?, reader.bytes()?.to_vec()));
        }
        parts.pending.insert(name, set);
    }
    reader.leave()?.then_some(parts)
}

fn write_time(time: TimestampMs, out: &mut Vec<u8>) {
    write_integer(i64::try_from(time.0).unwrap_or(i64::MAX), out);
}

fn read_time(reader: &mut Reader<'_>) -> Option<TimestampMs> {
    reader.small_integer()?.try_into().ok().map(TimestampMs)
}

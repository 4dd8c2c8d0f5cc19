//! The local form of a group's keys (protocol: config 10.3): `A`, lists of a generation and its
//! messages' hashes; `L`, the keys as {generation, key, time}; `P`, a pending one as {message,
//! generation, key}.

use std::collections::{BTreeMap, BTreeSet};

use tacit_crypto::{AccountKeys, NodeKeys};
use tacit_wire::bencode::loose::Reader;
use tacit_wire::bencode::write_bytes;
use tacit_wire::{AccountId, MessageHash};

use super::{GroupKeys, Key, Pending, SecretKey};
use crate::Error;
use crate::value::write_integer;

const MAX_VALUES: usize = 100_000;

impl GroupKeys {
    /// Everything there is to keep, secret.
    pub fn dump(&mut self) -> Vec<u8> {
        self.needs_dump = false;
        let mut out = b"d1:Al".to_vec();
        for (generation, hashes) in &self.hashes {
            out.push(b'l');
            write_integer(*generation, &mut out);
            hashes.iter().for_each(|hash| write_bytes(hash.as_str().as_bytes(), &mut out));
            out.push(b'e');
        }
        out.extend_from_slice(b"e1:Ll");
        for key in &self.held {
            out.extend_from_slice(b"d1:g");
            write_integer(key.generation, &mut out);
            write_bytes(b"k", &mut out);
            write_bytes(key.key.as_bytes(), &mut out);
            write_bytes(b"t", &mut out);
            write_integer(key.stored_ms, &mut out);
            out.push(b'e');
        }
        out.push(b'e');
        if let Some(pending) = &self.pending {
            out.extend_from_slice(b"1:Pd1:c");
            write_bytes(&pending.message, &mut out);
            write_bytes(b"g", &mut out);
            write_integer(pending.generation, &mut out);
            write_bytes(b"k", &mut out);
            write_bytes(pending.key.as_bytes(), &mut out);
            out.push(b'e');
        }
        out.push(b'e');
        out
    }

    /// The keys from a dump; see [`GroupKeys::new`].
    ///
    /// # Errors
    /// [`Error::Dump`], and as [`GroupKeys::new`].
    pub fn load(
        group: &AccountId,
        account: &AccountKeys,
        signer: Option<&NodeKeys>,
        dump: &[u8],
    ) -> Result<Self, Error> {
        let mut keys = Self::new(group, account, signer)?;
        keys.read(&mut Reader::new(dump, 3, MAX_VALUES)).ok_or(Error::Dump)?;
        Ok(keys)
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        reader.enter(b'd')?;
        while !reader.leave()? {
            match reader.bytes()? {
                b"A" => self.hashes = read_hashes(reader)?,
                b"L" => {
                    reader.enter(b'l')?;
                    while !reader.leave()? {
                        self.held.push(read_key(reader)?);
                    }
                }
                b"P" => self.pending = Some(read_pending(reader)?),
                _ => return None,
            }
        }
        self.held.is_sorted().then_some(())
    }
}

fn read_hashes(reader: &mut Reader<'_>) -> Option<BTreeMap<i64, BTreeSet<MessageHash>>> {
    let mut all = BTreeMap::new();
    reader.enter(b'l')?;
    while !reader.leave()? {
        reader.enter(b'l')?;
        let generation = reader.small_integer()?;
        let mut hashes = BTreeSet::new();
        while !reader.leave()? {
            hashes.insert(std::str::from_utf8(reader.bytes()?).ok()?.parse().ok()?);
        }
        all.insert(generation, hashes);
    }
    Some(all)
}

fn read_key(reader: &mut Reader<'_>) -> Option<Key> {
    reader.enter(b'd')?;
    reader.bytes()?;
    let generation = reader.small_integer()?;
    reader.bytes()?;
    let key = SecretKey(reader.bytes()?.try_into().ok()?);
    reader.bytes()?;
    let stored_ms = reader.small_integer()?;
    reader.leave()?.then_some(Key { generation, stored_ms, key })
}

fn read_pending(reader: &mut Reader<'_>) -> Option<Pending> {
    reader.enter(b'd')?;
    reader.bytes()?;
    let message = reader.bytes()?.to_vec();
    reader.bytes()?;
    let generation = reader.small_integer()?;
    reader.bytes()?;
    let key = SecretKey(reader.bytes()?.try_into().ok()?);
    reader.leave()?.then_some(Pending { generation, key, message })
}

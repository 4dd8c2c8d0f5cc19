//! Messages with keys come in (protocol: config 10.3). One that is refused changes nothing.

use tacit_crypto::group::keys as cipher;
use tacit_wire::MessageHash;
use tacit_wire::bencode::loose::Reader;

use super::making::ENTRIES;
use super::{GroupKeys, Key, SecretKey};
use crate::{Config, Error};

/// Values in a message: more members than any group may have.
const MAX_VALUES: usize = 10_000;
/// The least that an entry of a supplement can have.
const MIN_SUPPLEMENT: usize = 68;

/// A message that was read, not yet checked or decrypted.
struct Message<'a> {
    nonce: [u8; cipher::NONCE],
    generation: i64,
    /// The key for admins, of a full message.
    admins: Option<&'a [u8]>,
    /// For members; in a supplement all keys each, else the new one.
    entries: Vec<&'a [u8]>,
    is_supplement: bool,
    signature: [u8; 64],
    /// How many bytes are signed.
    signed: usize,
}

impl GroupKeys {
    /// Takes a stored message in. `stored_ms` is the swarm's time of it, in milliseconds. Says
    /// whether there was a key for us; the configs then have it.
    ///
    /// # Errors
    /// [`Error::Keys`] or [`Error::Crypto`] for what is refused.
    pub fn receive(
        &mut self,
        hash: &MessageHash,
        message: &[u8],
        stored_ms: i64,
        info: &mut Config,
        members: &mut Config,
    ) -> Result<bool, Error> {
        let read = Message::parse(message).ok_or(Error::Keys("not as section 10 asks"))?;
        let found = if read.is_supplement { self.open_supplement(&read)? } else { self.open_full(&read, stored_ms)? };
        tacit_crypto::verify(&self.group, &message[..read.signed], &read.signature)?;
        self.needs_dump = true;
        let Some(newest) = found.first().filter(|_| !read.is_supplement) else {
            return Ok(self.take(found, &read, hash, info, members));
        };
        let settles = |pending: &super::Pending| newest.generation > pending.generation || newest.key == pending.key;
        if self.is_admin() && self.pending.as_ref().is_some_and(settles) {
            self.pending = None;
        }
        Ok(self.take(found, &read, hash, info, members))
    }

    fn take(
        &mut self,
        found: Vec<Key>,
        read: &Message<'_>,
        hash: &MessageHash,
        info: &mut Config,
        members: &mut Config,
    ) -> bool {
        if found.is_empty() {
            self.hashes.entry(read.generation).or_default().insert(hash.clone());
            self.expire();
            return false;
        }
        found.into_iter().for_each(|key| self.insert(key, hash));
        self.equip(info, members);
        true
    }

    fn open_full(&self, read: &Message<'_>, stored_ms: i64) -> Result<Vec<Key>, Error> {
        let admins = read.admins.filter(|sealed| sealed.len() == cipher::SEALED_KEY);
        let admins = admins.ok_or(Error::Keys("no key for admins"))?;
        if read.generation < 0 {
            return Err(Error::Keys("negative generation"));
        }
        if read.entries.iter().any(|entry| entry.len() != cipher::SEALED_KEY) {
            return Err(Error::Keys("a member's key of another size"));
        }
        let opened = match &self.signer {
            Some(signer) => Some(cipher::open(&*cipher::admin_key(signer)?, &read.nonce, admins)?),
            None => self.first_that_opens(read)?,
        };
        if !read.entries.len().is_multiple_of(ENTRIES) {
            return Err(Error::Keys("members' keys without padding"));
        }
        let Some(opened) = opened else { return Ok(Vec::new()) };
        let key = opened.as_slice().try_into().map(SecretKey).map_err(|_| Error::Keys("a key of another size"))?;
        Ok(vec![Key { generation: read.generation, stored_ms, key }])
    }

    fn open_supplement(&self, read: &Message<'_>) -> Result<Vec<Key>, Error> {
        if read.entries.iter().any(|entry| entry.len() < MIN_SUPPLEMENT) {
            return Err(Error::Keys("an entry that holds no key"));
        }
        if self.is_admin() {
            return Ok(Vec::new());
        }
        match self.first_that_opens(read)? {
            Some(list) => read_keys(&list).ok_or(Error::Keys("malformed list of keys")),
            None => Ok(Vec::new()),
        }
    }

    fn first_that_opens(&self, read: &Message<'_>) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>, Error> {
        let key = cipher::key_of_member(&self.account, &self.group)?;
        Ok(read.entries.iter().find_map(|entry| cipher::open(&key, &read.nonce, entry).ok()))
    }
}

fn read_keys(list: &[u8]) -> Option<Vec<Key>> {
    let mut reader = Reader::new(list, 2, MAX_VALUES);
    reader.enter(b'l')?;
    let mut keys = Vec::new();
    while !reader.leave()? {
        reader.enter(b'd')?;
        let generation = expect(&mut reader, b"g")?.small_integer()?;
        let key = SecretKey(expect(&mut reader, b"k")?.bytes()?.try_into().ok()?);
        let stored_ms = expect(&mut reader, b"t")?.small_integer()?;
        reader.leave()?.then_some(())?;
        keys.push(Key { generation, stored_ms, key });
    }
    Some(keys)
}

/// Goes past a key that must stand here.
fn expect<'r, 'a>(reader: &'r mut Reader<'a>, key: &[u8]) -> Option<&'r mut Reader<'a>> {
    (reader.bytes()? == key).then_some(reader)
}

impl<'a> Message<'a> {
    /// Other keys than ours are passed over; all must ascend.
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes, 8, MAX_VALUES);
        let (mut nonce, mut generation, mut admins, mut signature) = (None, None, None, None);
        let mut entries: Option<Vec<&[u8]>> = None;
        let mut is_supplement = false;
        let mut last: Option<&[u8]> = None;
        reader.enter(b'd')?;
        loop {
            let start = reader.position();
            if reader.leave()? {
                break;
            }
            let key = reader.bytes()?;
            if last.is_some_and(|last| last >= key) || last == Some(b"~") {
                return None;
            }
            last = Some(key);
            match key {
                b"#" => nonce = Some(reader.bytes()?.try_into().ok()?),
                b"+" => {
                    is_supplement = true;
                    entries = Some(read_list(&mut reader)?);
                }
                b"G" => generation = Some(reader.small_integer()?),
                b"K" => admins = Some(reader.bytes()?),
                b"k" if !is_supplement => entries = Some(read_list(&mut reader)?),
                b"~" => signature = Some((reader.bytes()?.try_into().ok()?, start)),
                _ => {
                    reader.value()?;
                }
            }
        }
        let (signature, signed) = signature?;
        let (nonce, generation, entries) = (nonce?, generation?, entries?);
        Some(Self { nonce, generation, admins, entries, is_supplement, signature, signed })
    }
}

fn read_list<'a>(reader: &mut Reader<'a>) -> Option<Vec<&'a [u8]>> {
    reader.enter(b'l')?;
    let mut list = Vec::new();
    while !reader.leave()? {
        list.push(reader.bytes()?);
    }
    Some(list)
}

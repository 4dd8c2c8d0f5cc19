//! A config object: data, what was stored of it, and what is to be (protocol: config 4).

use std::collections::BTreeSet;
use std::fmt;

use tacit_crypto::{AccountKeys, NodeKeys};
use tacit_wire::{AccountId, MessageHash, Prefix, TimestampMs};
use zeroize::Zeroizing;

use crate::access::Access;
use crate::message::{LAG, Message};
use crate::multipart::Parts;
use crate::value::Dict;
use crate::{Error, Kind, diff};

mod dump;
mod edit;
mod incoming;
mod push;
mod repair;
#[cfg(test)]
mod tests;

pub use incoming::Merged;
pub use push::Push;

/// How a config object stands to what the swarm keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Its message is stored.
    Clean,
    /// Its message is being made; it can change until it is pushed.
    Dirty,
    /// Its message was pushed, and nobody confirmed that it is stored.
    Waiting,
}

/// One config of an account or group. `Debug` shows nothing of its content.
#[derive(Clone)]
pub struct Config {
    kind: Kind,
    access: Access,
    /// While dirty, its diff, hash and signature are those of the last [`Config::settle`].
    message: Message,
    hash: [u8; 32],
    /// While dirty: the data against which the message's own diff is made.
    base: Option<Dict>,
    waiting: bool,
    /// Hashes under which the current message is stored.
    current: BTreeSet<MessageHash>,
    /// Hashes that the next push makes obsolete.
    old: BTreeSet<MessageHash>,
    parts: Parts,
    /// The greatest sequence number of which we know that it is stored.
    stored: i64,
    needs_dump: bool,
}

impl Config {
    /// An empty config of our own account.
    #[must_use]
    pub fn new(kind: Kind, keys: &AccountKeys) -> Self {
        Self::empty(kind, Access::Account(Box::new(keys.clone())))
    }

    /// An empty config of a group, changeable if `signer`, its keys, are given. Without encryption
    /// keys ([`Config::set_keys`]) it neither pushes nor reads.
    ///
    /// # Errors
    /// [`Error::Id`] when `group` is none or `signer` are the keys of another.
    pub fn new_group(kind: Kind, group: &AccountId, signer: Option<&NodeKeys>) -> Result<Self, Error> {
        Ok(Self::empty(kind, Self::group_access(group, signer)?))
    }

    fn group_access(group: &AccountId, signer: Option<&NodeKeys>) -> Result<Access, Error> {
        let fits = signer.is_none_or(|signer| signer.ed25519_public() == *group.key());
        if group.prefix() != Prefix::Group || !fits {
            return Err(Error::Id);
        }
        Ok(Access::Group { public: *group.key(), signer: signer.cloned().map(Box::new), keys: Vec::new() })
    }

    fn empty(kind: Kind, access: Access) -> Self {
        let mut config = Self {
            kind,
            access,
            message: Message::empty(),
            hash: [0; 32],
            base: None,
            waiting: false,
            current: BTreeSet::new(),
            old: BTreeSet::new(),
            parts: Parts::default(),
            stored: 0,
            needs_dump: false,
        };
        config.hash = tacit_crypto::blake2b::hash256(&[&Message::empty().to_bytes(LAG, None)]);
        config
    }

    /// Sets the encryption keys of a group's config: the first encrypts, all decrypt. Nothing
    /// happens to a config of an account.
    pub fn set_keys(&mut self, new: impl IntoIterator<Item = Zeroizing<[u8; 32]>>) {
        if let Access::Group { keys, .. } = &mut self.access {
            *keys = new.into_iter().collect();
        }
    }

    /// Makes a group's config changeable: we became an admin.
    ///
    /// # Errors
    /// [`Error::Id`] when these are not the group's keys.
    pub fn set_signer(&mut self, new: &NodeKeys) -> Result<(), Error> {
        match &mut self.access {
            Access::Group { public, signer, .. } if *public == new.ed25519_public() => {
                *signer = Some(Box::new(new.clone()));
                Ok(())
            }
            _ => Err(Error::Id),
        }
    }

    /// What it holds.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// How it stands to the swarm.
    #[must_use]
    pub fn state(&self) -> State {
        match (&self.base, self.waiting) {
            (Some(_), _) => State::Dirty,
            (None, true) => State::Waiting,
            (None, false) => State::Clean,
        }
    }

    /// Whether there is something to push.
    #[must_use]
    pub fn needs_push(&self) -> bool {
        self.state() != State::Clean
    }

    /// Whether it changed since [`Config::dump`].
    #[must_use]
    pub fn needs_dump(&self) -> bool {
        self.needs_dump
    }

    /// The sequence number of its message.
    #[must_use]
    pub fn seqno(&self) -> i64 {
        self.message.seqno
    }

    /// The data, for records to be read from.
    #[must_use]
    pub fn data(&self) -> &Dict {
        &self.message.data
    }

    /// Whether this device may change it.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        self.access.may_write()
    }

    /// The message as it would be pushed, unencrypted.
    pub fn to_bytes(&mut self) -> Zeroizing<Vec<u8>> {
        self.settle();
        self.message.to_bytes(LAG, self.access.signer())
    }

    /// Hashes under which the current message is stored.
    #[must_use]
    pub fn current_hashes(&self) -> Vec<MessageHash> {
        self.current.iter().cloned().collect()
    }

    /// Hashes that the next push makes obsolete.
    #[must_use]
    pub fn old_hashes(&self) -> Vec<MessageHash> {
        self.old.iter().cloned().collect()
    }

    /// Hashes of all that must not lapse: the current message, and parts that wait for others.
    #[must_use]
    pub fn active_hashes(&self) -> Vec<MessageHash> {
        self.current.iter().chain(self.parts.hashes()).cloned().collect()
    }

    /// The push of `seqno` is stored, under these hashes. Ignored if the config changed since.
    pub fn confirm(&mut self, seqno: i64, hashes: &[MessageHash]) {
        if self.state() != State::Waiting || seqno != self.message.seqno {
            return;
        }
        self.waiting = false;
        self.current = hashes.iter().cloned().collect();
        self.forget_current_as_old();
        self.stored = seqno;
        self.needs_dump = true;
    }

    fn forget_current_as_old(&mut self) {
        let current = &self.current;
        self.old.retain(|hash| !current.contains(hash));
    }

    /// Computes diff and hash of a message that is being made.
    fn settle(&mut self) {
        let Some(base) = &self.base else { return };
        self.message.diff = diff::make(base, &self.message.data);
        self.message.signature = None;
        let bytes = self.message.to_bytes(LAG, self.access.signer());
        self.hash = tacit_crypto::blake2b::hash256(&[&bytes]);
    }

    /// Begins the next message, made from the current one.
    fn begin_next(&mut self) {
        self.settle();
        let parent = (self.message.seqno, self.hash);
        let diff = std::mem::take(&mut self.message.diff);
        self.message.lagged.insert(parent, diff);
        self.message.seqno = self.message.seqno.saturating_add(1);
        self.message.trim(LAG);
        self.message.signature = None;
        self.base = Some(self.message.data.clone());
        self.leave_clean();
    }

    fn leave_clean(&mut self) {
        self.waiting = false;
        self.old.append(&mut self.current);
        self.needs_dump = true;
    }

    /// Begins the next message without a change: it is to be pushed under another key.
    pub(crate) fn touch(&mut self) {
        if self.base.is_none() {
            self.begin_next();
        }
    }

    /// Changes the data: begins the next message unless one is being made.
    fn change(&mut self, change: impl FnOnce(&mut Dict)) {
        self.touch();
        change(&mut self.message.data);
        self.needs_dump = true;
    }

    pub(crate) fn expire_parts(&mut self, now: TimestampMs) {
        self.needs_dump |= self.parts.expire(now);
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Config");
        out.field("kind", &self.kind).field("seqno", &self.seqno()).field("state", &self.state());
        out.finish_non_exhaustive()
    }
}

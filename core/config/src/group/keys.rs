//! The encryption keys of a group: made by admins, handed to members (protocol: config 10).
//!
//! Keys have generations. Removing a member, or adding one, makes the next. Messages with keys
//! are never deleted: who was away needs them; they lapse when nobody extends them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use tacit_crypto::{AccountKeys, NodeKeys};
use tacit_wire::{AccountId, MessageHash, Prefix};
use zeroize::Zeroizing;

use crate::{Config, Error};

mod dump;
mod making;
mod reading;

/// How long keys are kept after the next generation came, in milliseconds.
const KEPT_MS: i64 = 60 * 24 * 3_600 * 1_000;

/// A key. Ordered as keys are tried, oldest first.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Counts up with each key.
    pub generation: i64,
    /// When the swarm stored it, in milliseconds since 1970.
    pub stored_ms: i64,
    /// The key itself.
    pub key: SecretKey,
}

/// 32 secret bytes, wiped when dropped, that can be compared.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SecretKey([u8; 32]);

impl SecretKey {
    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Drop for SecretKey {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

/// A key that was made here and is not known to be stored.
#[derive(Clone)]
struct Pending {
    generation: i64,
    key: SecretKey,
    message: Vec<u8>,
}

/// The keys that an account holds of a group.
#[derive(Clone)]
pub struct GroupKeys {
    group: [u8; 32],
    account: Box<AccountKeys>,
    signer: Option<Box<NodeKeys>>,
    held: Vec<Key>,
    pending: Option<Pending>,
    /// Hashes of the messages with keys, by generation.
    hashes: BTreeMap<i64, BTreeSet<MessageHash>>,
    needs_dump: bool,
}

impl GroupKeys {
    /// No keys yet. `signer` are the group's keys, if we are an admin.
    ///
    /// # Errors
    /// [`Error::Id`] when `group` is none or `signer` are the keys of another.
    pub fn new(group: &AccountId, account: &AccountKeys, signer: Option<&NodeKeys>) -> Result<Self, Error> {
        let fits = signer.is_none_or(|signer| signer.ed25519_public() == *group.key());
        if group.prefix() != Prefix::Group || !fits {
            return Err(Error::Id);
        }
        Ok(Self {
            group: *group.key(),
            account: Box::new(account.clone()),
            signer: signer.cloned().map(Box::new),
            held: Vec::new(),
            pending: None,
            hashes: BTreeMap::new(),
            needs_dump: false,
        })
    }

    /// The keys held, oldest first; without a pending one.
    #[must_use]
    pub fn held(&self) -> &[Key] {
        &self.held
    }

    /// The newest generation held.
    #[must_use]
    pub fn generation(&self) -> Option<i64> {
        self.held.last().map(|key| key.generation)
    }

    /// The key to encrypt with: a pending one, or the newest.
    #[must_use]
    pub fn encrypt_with(&self) -> Option<&[u8; 32]> {
        self.decrypt_with().next()
    }

    /// The keys to decrypt with, in the order in which they are tried.
    pub fn decrypt_with(&self) -> impl Iterator<Item = &[u8; 32]> {
        let pending = self.pending.iter().map(|pending| pending.key.as_bytes());
        pending.chain(self.held.iter().rev().map(|key| key.key.as_bytes()))
    }

    /// The message of a key that is not known to be stored: to be pushed before the configs.
    #[must_use]
    pub fn pending_message(&self) -> Option<&[u8]> {
        self.pending.as_ref().map(|pending| pending.message.as_slice())
    }

    /// Whether we can make keys.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.signer.is_some()
    }

    /// Whether two admins made a key at once: then one of them must make the next.
    #[must_use]
    pub fn needs_rekey(&self) -> bool {
        match self.held.as_slice() {
            [.., one, other] => self.is_admin() && one.generation == other.generation,
            _ => false,
        }
    }

    /// Whether they changed since [`GroupKeys::dump`].
    #[must_use]
    pub fn needs_dump(&self) -> bool {
        self.needs_dump
    }

    /// Hashes of messages that must not lapse.
    #[must_use]
    pub fn active_hashes(&self) -> Vec<MessageHash> {
        self.hashes.values().flatten().cloned().collect()
    }

    /// We became an admin: a promotion brought the group's seed.
    ///
    /// # Errors
    /// [`Error::Id`] when it is the seed of another group; nothing changes then.
    pub fn become_admin(&mut self, seed: &[u8; 32], info: &mut Config, members: &mut Config) -> Result<(), Error> {
        let signer = NodeKeys::from_seed(seed);
        if signer.ed25519_public() != self.group {
            return Err(Error::Id);
        }
        info.set_signer(&signer)?;
        members.set_signer(&signer)?;
        self.signer = Some(Box::new(signer));
        Ok(())
    }

    /// Gives the configs the keys that are held now.
    pub fn equip(&self, info: &mut Config, members: &mut Config) {
        for config in [info, members] {
            config.set_keys(self.decrypt_with().map(|key| Zeroizing::new(*key)));
        }
    }

    fn insert(&mut self, key: Key, hash: &MessageHash) {
        let is_known = self.held.iter().any(|held| held.generation == key.generation && held.key == key.key);
        if !is_known && self.is_past(&key) {
            return;
        }
        self.hashes.entry(key.generation).or_default().insert(hash.clone());
        if is_known {
            return;
        }
        let at = self.held.partition_point(|held| *held < key);
        self.held.insert(at, key);
        self.expire();
    }

    /// A key of a generation that would expire at once.
    fn is_past(&self, key: &Key) -> bool {
        match self.held.as_slice() {
            [oldest, .., newest] => {
                key.generation < oldest.generation && oldest.stored_ms.saturating_add(KEPT_MS) < newest.stored_ms
            }
            _ => false,
        }
    }

    /// Drops generations that were followed by another long ago, and their hashes.
    fn expire(&mut self) {
        while let (Some(oldest), Some(newest)) = (self.held.first(), self.held.last()) {
            let generation = oldest.generation;
            let next = self.held.iter().find(|key| key.generation != generation);
            if next.is_none_or(|next| next.stored_ms.saturating_add(KEPT_MS) >= newest.stored_ms) {
                break;
            }
            self.held.retain(|key| key.generation != generation);
        }
        match self.held.first() {
            Some(oldest) => self.hashes = self.hashes.split_off(&oldest.generation),
            None => self.hashes.clear(),
        }
    }
}

impl fmt::Debug for GroupKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("GroupKeys");
        out.field("generation", &self.generation()).field("held", &self.held.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

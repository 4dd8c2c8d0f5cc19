//! What is to be stored (protocol: config 4, 5, 6).

use tacit_wire::message_hash::message_hash;
use tacit_wire::{MessageHash, TimestampMs};

use super::{Config, State};
use crate::message::LAG;
use crate::{Error, Kind, seal, volatile};

/// What to send to the swarm in one sequence: a store of each message, then a delete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// To be given to [`Config::confirm`].
    pub seqno: i64,
    /// Bytes to store: one message, or the parts of a large one.
    pub messages: Vec<Vec<u8>>,
    /// Hashes to delete once all of them are stored.
    pub obsolete: Vec<MessageHash>,
}

impl Config {
    /// The current message, encrypted. A dirty config is then waiting for [`Config::confirm`].
    ///
    /// # Errors
    /// [`Error::TooLarge`] with the sizes, [`Error::NoKeys`]; the object is then unchanged but for
    /// pruned read states.
    pub fn push(&mut self, now: TimestampMs) -> Result<Push, Error> {
        if self.kind == Kind::Volatile && self.state() == State::Dirty {
            volatile::prune(self, now);
        }
        self.settle();
        let padded = seal::pad(&self.message.to_bytes(LAG, self.access.signer()));
        let key = self.access.encrypt_with()?;
        let sealed = seal::seal(self.kind, self.access.account(), key, self.message.seqno, &padded)?;
        if let Some(name) = sealed.set {
            self.parts.finish(name, now);
        }
        let obsolete = self.take_obsolete(&sealed.messages);
        if self.base.take().is_some() {
            self.waiting = true;
            self.needs_dump = true;
        }
        Ok(Push { seqno: self.message.seqno, messages: sealed.messages, obsolete })
    }

    /// Empties the old hashes. Another device may have stored the very bytes that are pushed now:
    /// deleting those would delete what is being stored.
    fn take_obsolete(&mut self, messages: &[Vec<u8>]) -> Vec<MessageHash> {
        if !self.is_writable() || self.old.is_empty() {
            return Vec::new();
        }
        let (owner, namespace) = (self.access.owner(), self.kind.namespace());
        let stored: Vec<_> = messages.iter().map(|data| message_hash(&owner, namespace, data)).collect();
        self.needs_dump = true;
        std::mem::take(&mut self.old).into_iter().filter(|hash| !stored.contains(hash)).collect()
    }
}

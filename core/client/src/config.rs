//! An account over its devices: what changes in the tables goes into config objects and from there
//! to the swarm, what other devices stored there comes back into the tables
//! (protocol: config 4, 7, 8, 16).
//!
//! ```text
//! tables ──(config_dirty)──► take ──► config objects ──► push ──► swarm
//!    ▲                                   ▲    │
//!    └───────────── apply ◄──────────────┘◄───┴── merge ◄── poller
//! ```
//!
//! The objects live in the database. Each step loads what it needs and keeps it again in the
//! transaction of the tables that go with it, so that a program that ends at any moment loses
//! nothing: a change is in the tables and marked, or in an object that still has to be pushed.

mod apply;
mod extend;
mod lists;
mod merge;
mod people;
mod profile;
mod push;
mod reading;
mod status;
mod take;
mod task;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tacit_config::{Config, Kind};
use tacit_crypto::AccountKeys;
use tacit_store::{Dirty, Mailbox, Tx};
use tacit_wire::AccountId;
use tokio::sync::{Notify, watch};

use crate::Error;

pub use lists::{Communities, Groups};
pub(crate) use merge::{Boxed, Given};
pub use status::SyncStatus;
pub(crate) use task::run;

/// After so long without a look at the swarm it is asked before anything is pushed: what we would
/// push could be far behind (protocol: config 16).
const FRESH: Duration = Duration::from_secs(60);
/// And after so many pushes: what another device pushed meanwhile is too old for a merge once ours
/// are five messages further (protocol: config 3.4), and would be lost.
const PUSHES: u32 = 4;

/// What the tasks of synchronisation share.
pub(crate) struct Sync {
    /// When all config boxes were last read to their ends.
    pulled: Mutex<Option<Instant>>,
    /// What was pushed since.
    pushes: AtomicU32,
    /// A merge made something that is to be pushed.
    wake: Notify,
    status: watch::Sender<SyncStatus>,
}

impl Default for Sync {
    fn default() -> Self {
        Self {
            pulled: Mutex::default(),
            pushes: AtomicU32::new(0),
            wake: Notify::new(),
            status: watch::Sender::default(),
        }
    }
}

impl Sync {
    /// All config boxes were read to their ends.
    pub(crate) fn pulled(&self) {
        *self.pulled.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        self.pushes.store(0, Ordering::Relaxed);
    }

    fn pushed(&self) {
        self.pushes.fetch_add(1, Ordering::Relaxed);
    }

    fn is_fresh(&self) -> bool {
        let pulled = *self.pulled.lock().unwrap_or_else(PoisonError::into_inner);
        pulled.is_some_and(|at| at.elapsed() < FRESH) && self.pushes.load(Ordering::Relaxed) < PUSHES
    }
}

/// Whose configs.
#[derive(Clone)]
struct Owner {
    keys: AccountKeys,
    me: AccountId,
}

impl Owner {
    fn mailbox(&self, kind: Kind) -> Mailbox {
        Mailbox { account: self.me, namespace: kind.namespace() }
    }
}

/// The config objects within one transaction.
struct Configs<'a> {
    tx: &'a Tx<'a>,
    owner: &'a Owner,
    loaded: BTreeMap<Kind, Config>,
    /// What the tables know better than the objects: to be put into these later.
    again: Vec<Dirty>,
}

impl<'a> Configs<'a> {
    fn new(tx: &'a Tx<'a>, owner: &'a Owner) -> Self {
        Self { tx, owner, loaded: BTreeMap::new(), again: Vec::new() }
    }

    /// Whether there is such an object yet.
    fn exists(&self, kind: Kind) -> Result<bool, tacit_store::Error> {
        Ok(self.loaded.contains_key(&kind) || self.tx.config(&self.owner.mailbox(kind))?.is_some())
    }

    /// An object, empty if there is none. One that cannot be read is made anew from what the swarm
    /// has, which is then read again in full.
    fn get(&mut self, kind: Kind) -> Result<&mut Config, tacit_store::Error> {
        let config = match self.loaded.remove(&kind) {
            Some(config) => config,
            None => self.load(kind)?,
        };
        Ok(self.loaded.entry(kind).or_insert(config))
    }

    fn load(&self, kind: Kind) -> Result<Config, tacit_store::Error> {
        let mailbox = self.owner.mailbox(kind);
        let empty = || Config::new(kind, &self.owner.keys);
        let Some(row) = self.tx.config(&mailbox)? else { return Ok(empty()) };
        match Config::load(kind, &self.owner.keys, &row.dump) {
            Ok(config) => Ok(config),
            Err(error) => {
                tracing::error!(?kind, %error, "a config object cannot be read; it is fetched again");
                self.tx.read_again(&mailbox)?;
                Ok(empty())
            }
        }
    }

    /// Keeps what changed.
    fn save(mut self) -> Result<(), tacit_store::Error> {
        for (kind, config) in &mut self.loaded {
            if config.needs_dump() {
                self.tx.set_config(&self.owner.mailbox(*kind), &zeroize::Zeroizing::new(config.dump()))?;
            }
        }
        Ok(())
    }
}

/// What a record refused is left as it is: one record must not keep others from being synced.
fn written(result: Result<(), tacit_config::Error>) {
    if let Err(error) = result {
        tracing::warn!(%error, "a change cannot be synced");
    }
}

impl crate::client::Inner {
    fn owner(&self) -> Owner {
        Owner { keys: self.keys.clone(), me: self.me }
    }
}

/// A database that fails here fails elsewhere too, where a person is told; nothing is lost.
fn report<T>(result: Result<T, Error>) -> Option<T> {
    result.inspect_err(|error| tracing::error!(code = error.code(), "configs could not be kept")).ok()
}

#[cfg(test)]
mod freshness {
    use super::*;

    #[test]
    fn the_swarm_is_asked_again_before_others_fall_too_far_behind() {
        let sync = Sync::default();
        assert!(!sync.is_fresh());
        sync.pulled();
        for _ in 0..PUSHES {
            assert!(sync.is_fresh());
            sync.pushed();
        }
        assert!(!sync.is_fresh());
        sync.pulled();
        assert!(sync.is_fresh());
    }
}

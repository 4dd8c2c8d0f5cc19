//! What clients asked for, and what they were promised.

use std::collections::{BTreeMap, BTreeSet};

use tacit_wire::{AccountId, Namespace};

/// Who said that a change is on its disk.
#[derive(Clone, Debug)]
pub(crate) struct Promise {
    pub holders: Vec<usize>,
    /// When the change was asked for, true time.
    pub since: u64,
}

/// A message that a client stored.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub account: usize,
    pub ns: Namespace,
    pub stored: u64,
    pub expires: u64,
    pub promises: Vec<Promise>,
    /// A deletion, a wipe or another end was asked for, answered or not.
    pub touched: bool,
    pub deleted: Vec<Promise>,
    /// Ends that were set: when, by the node that took it, and by whom it is kept.
    pub expiries: Vec<(u64, Promise)>,
    /// When its end was last asked to be changed, true time.
    pub changed: u64,
}

/// A client's mailbox.
#[derive(Clone, Debug)]
pub(crate) struct Mailbox {
    pub id: AccountId,
    pub space: u64,
    pub hashes: Vec<[u8; 32]>,
    /// By node and namespace: the last message read there.
    pub cursors: BTreeMap<(usize, i16), [u8; 32]>,
    /// What was read from each node.
    pub seen: BTreeMap<usize, BTreeSet<[u8; 32]>>,
    pub wipes: Vec<(Namespace, u64, Promise)>,
    /// Wipes that were asked for, answered or not.
    pub wished_wipes: Vec<(Namespace, u64)>,
    /// By token: what was decided when.
    pub revocations: Vec<([u8; 36], u64, Promise)>,
}

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub mailboxes: Vec<Mailbox>,
    pub sent: BTreeMap<[u8; 32], Sent>,
}

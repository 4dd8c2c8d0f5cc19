//! Rates per address and mailbox, budgets of onion requests, all out of `[limits]`.

mod held;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use tacit_edge::{Budget, RateLimiter, Reservation, address_key};
use tacit_wire::{AccountId, NodeId};

use crate::config::Limits;

pub(crate) use held::{held, hold};

/// Everything that is counted while the node runs.
pub(crate) struct Guards {
    addresses: RateLimiter<[u8; 8]>,
    stores: RateLimiter<AccountId>,
    retrieves: RateLimiter<AccountId>,
    peers: RateLimiter<NodeId>,
    peers_kib: RateLimiter<NodeId>,
    /// Bytes of direct answers that clients have not taken yet.
    pub(crate) answer_bytes: Budget,
    /// Bytes of onion requests and their answers in flight.
    pub(crate) onion_bytes: Budget,
    onion_requests: Budget,
    exits: Budget,
    per_hop: usize,
    hops: Mutex<HashMap<NodeId, Budget>>,
}

impl Guards {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            addresses: RateLimiter::new(limits.addresses()),
            stores: RateLimiter::new(limits.mailbox_stores()),
            retrieves: RateLimiter::new(limits.mailbox_retrieves()),
            peers: RateLimiter::new(limits.peers_requests()),
            peers_kib: RateLimiter::new(limits.peers_kib()),
            answer_bytes: Budget::new(limits.answer_bytes),
            onion_bytes: Budget::new(limits.onion_bytes),
            onion_requests: Budget::new(limits.onion_requests),
            exits: Budget::new(limits.onion_per_hop),
            per_hop: limits.onion_per_hop,
            hops: Mutex::default(),
        }
    }

    /// One more request of this address.
    pub(crate) fn admits_address(&self, address: IpAddr) -> bool {
        self.addresses.allow(address_key(address))
    }

    /// One more onion request of this node.
    pub(crate) fn admits_peer(&self, peer: NodeId) -> bool {
        self.peers.allow(peer)
    }

    /// An onion request of this node has so many bytes.
    pub(crate) fn admits_peer_bytes(&self, peer: NodeId, bytes: usize) -> bool {
        self.peers_kib.allow_many(peer, u32::try_from(bytes / 1024).unwrap_or(u32::MAX))
    }

    /// One more store into this mailbox that needs no signature.
    pub(crate) fn admits_store(&self, account: &AccountId) -> bool {
        self.stores.allow(*account)
    }

    /// One more retrieve from this mailbox.
    pub(crate) fn admits_retrieve(&self, account: &AccountId) -> bool {
        self.retrieves.allow(*account)
    }

    /// A place for one onion request.
    pub(crate) fn onion_place(&self) -> Option<Reservation> {
        self.onion_requests.reserve(1)
    }

    /// A place for one request to a server outside.
    pub(crate) fn exit_place(&self) -> Option<Reservation> {
        self.exits.reserve(1)
    }

    /// A place for one request that comes from, or goes to, this node.
    pub(crate) fn hop_place(&self, hop: NodeId) -> Option<Reservation> {
        let mut hops = self.hops.lock().unwrap_or_else(PoisonError::into_inner);
        hops.entry(hop).or_insert_with(|| Budget::new(self.per_hop)).reserve(1)
    }
}

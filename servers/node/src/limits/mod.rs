//! Rates per address and mailbox, budgets of onion requests, all out of `[limits]`.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use tacit_edge::{Budget, RateLimiter, Reservation, address_key};
use tacit_wire::{AccountId, NodeId};

use crate::config::Limits;

/// Everything that is counted while the node runs.
pub(crate) struct Guards {
    addresses: RateLimiter<[u8; 8]>,
    stores: RateLimiter<AccountId>,
    retrieves: RateLimiter<AccountId>,
    /// Bytes of onion requests in flight.
    pub(crate) onion_bytes: Budget,
    onion_requests: Budget,
    per_hop: usize,
    hops: Mutex<HashMap<NodeId, Budget>>,
}

impl Guards {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            addresses: RateLimiter::new(limits.addresses()),
            stores: RateLimiter::new(limits.mailbox_stores()),
            retrieves: RateLimiter::new(limits.mailbox_retrieves()),
            onion_bytes: Budget::new(limits.onion_bytes),
            onion_requests: Budget::new(limits.onion_requests),
            per_hop: limits.onion_per_hop,
            hops: Mutex::default(),
        }
    }

    /// One more request of this address.
    pub(crate) fn admits_address(&self, address: IpAddr) -> bool {
        self.addresses.allow(address_key(address))
    }

    /// One more unsigned store into this mailbox.
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

    /// A place for one request that comes from, or goes to, this node.
    pub(crate) fn hop_place(&self, hop: NodeId) -> Option<Reservation> {
        let mut hops = self.hops.lock().unwrap_or_else(PoisonError::into_inner);
        hops.entry(hop).or_insert_with(|| Budget::new(self.per_hop)).reserve(1)
    }
}

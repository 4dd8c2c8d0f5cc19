//! Which nodes keep an account's messages (protocol: network 6), as nodes told us. Pure.

use std::collections::HashMap;

use rand::seq::IteratorRandom;
use rand_core::CryptoRng;
use tacit_wire::{AccountId, NodeId, ServiceNode, TimestampMs};

use crate::pool::{Pool, usable_address};

/// Accounts whose swarm is remembered.
const MAX_ACCOUNTS: usize = 1024;
/// Members taken from one answer; deployed swarms have at most 10.
const MAX_MEMBERS: usize = 64;
/// A swarm is asked for again after an hour, in milliseconds.
const MAX_AGE_MS: u64 = 60 * 60 * 1000;

/// Which member of a swarm a request goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    /// Any, the ones that failed least first.
    Any,
    /// This one while it is a member and answers, else another: cursors are kept per node.
    Sticky(NodeId),
    /// Any but this one, when there is another: a second opinion.
    Except(NodeId),
}

struct Entry {
    members: Vec<ServiceNode>,
    fetched_at: TimestampMs,
}

/// The swarms asked for lately.
#[derive(Default)]
pub(crate) struct Swarms {
    entries: HashMap<AccountId, Entry>,
}

impl Swarms {
    /// The members of the account's swarm, unless unknown, empty or an hour old.
    pub fn get(&self, account: &AccountId, now: TimestampMs) -> Option<&[ServiceNode]> {
        let entry = self.entries.get(account)?;
        let fresh = now.0.checked_sub(entry.fetched_at.0).is_some_and(|age| age < MAX_AGE_MS);
        (fresh && !entry.members.is_empty()).then_some(entry.members.as_slice())
    }

    /// Takes the members an answer names. Members the pool does not know are left out when it
    /// knows at least one: a lying node could otherwise invent a swarm of its own. False when
    /// nothing usable was named.
    pub fn set(
        &mut self,
        account: AccountId,
        mut members: Vec<ServiceNode>,
        pool: &Pool,
        public_addresses: bool,
        now: TimestampMs,
    ) -> bool {
        members.retain(|n| usable_address(n.ip, n.https_port, public_addresses));
        members.truncate(MAX_MEMBERS);
        if members.iter().any(|n| pool.contains(&n.ed25519)) {
            members.retain(|n| pool.contains(&n.ed25519));
        }
        members.sort_by_key(|n| n.ed25519);
        members.dedup_by_key(|n| n.ed25519);
        if members.is_empty() {
            return false;
        }
        if self.entries.len() >= MAX_ACCOUNTS && !self.entries.contains_key(&account) {
            let oldest = self.entries.iter().min_by_key(|(_, e)| e.fetched_at.0).map(|(id, _)| *id);
            if let Some(oldest) = oldest {
                self.entries.remove(&oldest);
            }
        }
        self.entries.insert(account, Entry { members, fetched_at: now });
        true
    }

    pub fn forget(&mut self, account: &AccountId) {
        self.entries.remove(account);
    }

    /// A node left the network: it is a member of nothing any more.
    pub fn remove_node(&mut self, id: &NodeId) {
        for entry in self.entries.values_mut() {
            entry.members.retain(|n| n.ed25519 != *id);
        }
    }
}

/// Picks the member a try goes to: the wanted one first, then those not tried yet in this
/// request, then those with the fewest failures; among equals by chance.
pub(crate) fn pick<'a>(
    members: &'a [ServiceNode],
    wanted: Member,
    tried: &[NodeId],
    strikes: impl Fn(&NodeId) -> u8,
    rng: &mut impl CryptoRng,
) -> Option<&'a ServiceNode> {
    if let Member::Sticky(id) = wanted
        && !tried.contains(&id)
        && let Some(node) = members.iter().find(|n| n.ed25519 == id)
    {
        return Some(node);
    }
    let rank = |n: &ServiceNode| {
        let times = tried.iter().filter(|t| **t == n.ed25519).count();
        let unwanted = matches!(wanted, Member::Except(id) if id == n.ed25519);
        (unwanted, times, strikes(&n.ed25519))
    };
    let best = members.iter().map(rank).min()?;
    members.iter().filter(|n| rank(n) == best).choose(rng)
}

#[cfg(test)]
mod tests;

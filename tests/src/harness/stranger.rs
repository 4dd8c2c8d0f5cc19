//! Somebody who stores whatever they like in other people's mailboxes, over real onion paths.

use std::path::Path;
use std::sync::Arc;

use tacit_crypto::AccountKeys;
use tacit_network::{Config, Member, Network, NodeCache};
use tacit_wire::profile::NetworkProfile;
use tacit_wire::{AccountId, Namespace, rpc};
use tokio::runtime::Runtime;

/// Lifetime of what they store, in milliseconds.
const TTL_MS: u64 = 24 * 60 * 60 * 1_000;

/// A client that follows no rule but the network's.
pub struct Stranger {
    runtime: Runtime,
    network: Network,
}

impl Stranger {
    /// Joins the network of `profile`.
    pub fn join(profile: &Path) -> Self {
        let profile = NetworkProfile::parse(&std::fs::read(profile).unwrap()).unwrap();
        let runtime = Runtime::new().unwrap();
        let network = runtime.block_on(async { Network::start(profile, Arc::new(Forgetful), Config::default()) });
        Self { runtime, network: network.unwrap() }
    }

    /// Network time, ms.
    pub fn now(&self) -> u64 {
        self.network.now().0
    }

    /// Stores bytes in somebody's mailbox.
    pub fn store(&self, to: &str, data: &[u8]) {
        let account = AccountId::parse(to).unwrap();
        let build = |now| rpc::Store::public(account, Namespace::MESSAGES, now, TTL_MS, data.to_vec());
        self.runtime.block_on(self.network.store(&account, build)).unwrap();
    }

    /// Stores bytes at the network's file server; gives their address. `stream` goes into it.
    pub fn upload(&self, bytes: Vec<u8>, stream: bool) -> String {
        self.runtime.block_on(self.network.upload(bytes, stream, None)).unwrap().url.to_string()
    }

    /// Stores bytes in a mailbox whose keys they have, as a device of that account does.
    pub fn store_as(&self, owner: &AccountKeys, namespace: Namespace, data: &[u8]) {
        let account = AccountId::from_x25519(&owner.x25519_public());
        let build = |now| rpc::Store::signed(owner, namespace, now, TTL_MS, data.to_vec(), now);
        self.runtime.block_on(self.network.store(&account, build)).unwrap();
    }

    /// What one node has in a mailbox whose keys they have.
    pub fn retrieve_as(&self, owner: &AccountKeys, namespace: Namespace) -> Vec<rpc::StoredMessage> {
        self.retrieve_from(owner, namespace, Member::Any)
    }

    /// What each node of the swarm has there.
    pub fn retrieve_everywhere(&self, owner: &AccountKeys, namespace: Namespace) -> Vec<Vec<rpc::StoredMessage>> {
        let account = AccountId::from_x25519(&owner.x25519_public());
        let members = self.runtime.block_on(self.network.swarm(&account)).unwrap();
        let members = members.into_iter().map(|node| Member::Sticky(node.ed25519));
        members.map(|member| self.retrieve_from(owner, namespace, member)).collect()
    }

    fn retrieve_from(&self, owner: &AccountKeys, namespace: Namespace, member: Member) -> Vec<rpc::StoredMessage> {
        let account = AccountId::from_x25519(&owner.x25519_public());
        let build = |now, _: &_| {
            let retrieve = rpc::Retrieve::signed(owner, namespace, None, None, now);
            rpc::Request::Retrieve(retrieve)
        };
        let (_, body) = self.runtime.block_on(self.network.rpc(&account, member, build)).unwrap();
        rpc::answer_from::<rpc::RetrieveAnswer>(body).unwrap().messages
    }
}

struct Forgetful;

impl NodeCache for Forgetful {
    fn load(&self) -> Option<Vec<u8>> {
        None
    }

    fn save(&self, _: &[u8]) {}
}

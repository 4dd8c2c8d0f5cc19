//! The network layer against fake nodes over real TLS on loopback.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod bad_answers;
mod body;
mod fake;
mod journey;
mod seeds;
mod server;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tacit_crypto::AccountKeys;
use tacit_network::{Config, ConnectionState, Network, NodeCache, Status};
use tacit_wire::profile::NetworkProfile;
use tacit_wire::rpc::{self, Signer};
use tacit_wire::{AccountId, Namespace, TimestampMs};

/// A cache that outlives networks.
#[derive(Default, Clone)]
pub struct Disk(Arc<Mutex<Option<Vec<u8>>>>);

impl NodeCache for Disk {
    fn load(&self) -> Option<Vec<u8>> {
        self.0.lock().unwrap().clone()
    }

    fn save(&self, snapshot: &[u8]) {
        *self.0.lock().unwrap() = Some(snapshot.to_vec());
    }
}

/// Short limits, so that failures are quick.
pub fn config() -> Config {
    Config {
        request_timeout: Duration::from_secs(1),
        retrieve_timeout: Duration::from_secs(1),
        seed_timeout: Duration::from_secs(1),
        connect_wait: Duration::from_secs(5),
        longest_delay: Duration::from_millis(500),
        ..Config::default()
    }
}

pub fn start(profile: &NetworkProfile, disk: &Disk) -> Network {
    Network::start(profile.clone(), Arc::new(disk.clone()), config()).unwrap()
}

/// Waits until the status is as wanted; 20 s are a failure.
pub async fn until(network: &Network, wanted: impl FnMut(&Status) -> bool) -> Status {
    let mut status = network.status();
    let waiting = status.wait_for(wanted);
    let status = tokio::time::timeout(Duration::from_secs(20), waiting).await;
    status.expect("the status never came").unwrap().clone()
}

pub async fn connected(network: &Network) -> Status {
    until(network, |s| s.state == ConnectionState::Connected && s.paths.len() == 2).await
}

pub fn alice() -> AccountKeys {
    AccountKeys::from_seed(&tacit_crypto::Seed::from_bytes([1; 16]))
}

/// A message to somebody, unlike all others by its number.
pub fn message(to: AccountId, number: u32) -> impl Fn(TimestampMs) -> rpc::Store {
    move |now| {
        let data = format!("message {number}").into_bytes();
        rpc::Store::public(to, Namespace::MESSAGES, now, 86_400_000, data)
    }
}

pub fn retrieve(keys: &AccountKeys, now: TimestampMs) -> rpc::Request {
    rpc::Request::Retrieve(rpc::Retrieve::signed(keys, Namespace::MESSAGES, None, None, now))
}

pub fn id(keys: &AccountKeys) -> AccountId {
    keys.account()
}

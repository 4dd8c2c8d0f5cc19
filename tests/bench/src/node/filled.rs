//! Messages for random mailboxes, and stores filled with them.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use rand::{Rng as _, RngExt as _};
use tacit_node::localnet::Plan;
use tacit_node::store::{Put, Write};
use tacit_node::swarm::merge::Expiry;
use tacit_node::swarm::{Fact, Record};
use tacit_wire::message_hash::message_hash;
use tacit_wire::{AccountId, MessageHash, Namespace, TimestampMs, rpc};
use tempfile::TempDir;

use super::open;

/// Anyone may read it, so that polls need no keys.
pub const NS: Namespace = Namespace::LEGACY_GROUP;
const TTL_MS: u64 = 10 * 24 * 60 * 60 * 1000;
/// Messages of one mailbox.
const MAILBOX: u32 = 100;
/// Mailboxes that are read.
const SAMPLE: u32 = 512;
const BATCH: u32 = 2_000;

pub fn now() -> TimestampMs {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    TimestampMs(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

fn account(number: u32) -> AccountId {
    let mut key = [0x5a; 32];
    key[..4].copy_from_slice(&number.wrapping_mul(0x9e37_79b1).to_be_bytes());
    AccountId::from_x25519(&key)
}

fn bytes(length: usize) -> Vec<u8> {
    let mut data = vec![0; length];
    rand::rng().fill_bytes(&mut data);
    data
}

/// Messages of 1 KB for 10,000 mailboxes.
pub fn puts(count: usize) -> Vec<Put> {
    let put = |_| {
        let account = account(rand::rng().random_range(0..10_000));
        let data = bytes(1024);
        let hash = message_hash(&account, NS, &data);
        Put { account, namespace: NS, hash, stored: now(), expiry: now().plus_ms(TTL_MS), data }
    };
    (0..count).map(put).collect()
}

/// The same as bodies of requests.
pub fn requests(count: usize) -> Vec<Vec<u8>> {
    let body = |put: Put| {
        rpc::Request::Store(rpc::Store::public(put.account, put.namespace, put.stored, TTL_MS, put.data)).to_body()
    };
    puts(count).into_iter().map(body).collect()
}

/// A node's folder with so many messages, those of one mailbox spread over all.
pub struct Filled {
    pub rows: u32,
    /// Mailboxes with their last messages.
    pub sample: Vec<(AccountId, MessageHash)>,
    folder: TempDir,
}

impl Filled {
    pub async fn new(rows: u32) -> Result<Self, Box<dyn Error>> {
        eprintln!("  filling a store with {rows} messages …");
        let folder = tempfile::tempdir()?;
        Plan::open(folder.path(), 1, 1, None)?;
        let mut filled = Self { rows, sample: Vec::new(), folder };
        let store = open(&filled.dir())?;
        let accounts = rows / MAILBOX;
        let length = if rows > 1_000_000 { 200 } else { 1024 };
        let step = (accounts / SAMPLE).max(1);
        for first in (0..rows).step_by(BATCH as usize) {
            let last_turn = rows - accounts;
            let mut records = Vec::with_capacity(BATCH as usize);
            for number in first..(first + BATCH).min(rows) {
                let (account, data) = (account(number % accounts), bytes(length));
                let hash = message_hash(&account, NS, &data);
                if number >= last_turn && (number % accounts).is_multiple_of(step) {
                    filled.sample.push((account, hash.clone()));
                }
                let expiry = Expiry { set_ms: 0, expires_ms: now().plus_ms(TTL_MS).0 };
                let (hash, stored_ms) = (hash.to_bytes(), now().0);
                let fact = Fact::Message { ns: NS, hash, stored_ms, expiry, proof: None, data: data.into() };
                records.push(Record { account, fact });
            }
            store.commit(vec![Write::Apply(records)], now()).await?;
        }
        store.close().await?;
        Ok(filled)
    }

    /// The folder of the network of one node.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The node's own.
    pub fn dir(&self) -> PathBuf {
        self.folder.path().join("node-0")
    }

    /// Of one of the clients: many polls that find nothing, and some mailboxes as a whole.
    pub fn questions(&self, client: usize) -> Vec<Vec<u8>> {
        let question = |number: usize| {
            let (account, last) = &self.sample[(client * 31 + number) % self.sample.len()];
            let after = if number.is_multiple_of(8) { String::new() } else { format!(r#","last_hash":"{last}""#) };
            let pubkey = account.to_hex();
            format!(r#"{{"method":"retrieve","params":{{"pubkey":"{pubkey}","namespace":{}{after}}}}}"#, NS.0)
                .into_bytes()
        };
        (0..60).map(question).collect()
    }
}

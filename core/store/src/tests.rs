//! Stories of the store, and what they share.

use std::path::PathBuf;

use tacit_crypto::Seed;
use tacit_wire::{AccountId, MessageHash, Namespace, NodeId, TimestampMs};
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::{
    ConversationId, DatabaseKey, Expiry, Mailbox, MessageKind, NewMessage, NewOutbox, Peer, Purpose, State, Store,
};

mod backup;
mod changes;
mod config;
mod conversations;
mod files;
mod gallery;
mod inbox;
mod messages;
mod model;
mod opening;
mod outbox;
mod parts;
mod plans;
mod search;
mod unread;

/// 2026-11-24, 09:00.
const NOW: TimestampMs = TimestampMs(1_795_510_800_000);

fn key(byte: u8) -> DatabaseKey {
    DatabaseKey::new(&Zeroizing::new([byte; 32]))
}

fn after(milliseconds: u64) -> TimestampMs {
    TimestampMs(NOW.0 + milliseconds)
}

fn person(number: u8) -> AccountId {
    AccountId::from_x25519(&[number; 32])
}

fn node(number: u8) -> NodeId {
    NodeId([number; 32])
}

fn hash(number: u8) -> MessageHash {
    MessageHash::from_bytes(&[number; 32])
}

/// An account in a folder of its own, which is gone at the end of the test.
struct Home {
    folder: TempDir,
    store: Store,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::create(&folder.path().join("account.db"), &key(1)).unwrap();
        store.write(|tx| tx.create_account(&Seed::from_bytes([7; 16]), "Ada", NOW)).unwrap();
        Self { folder, store }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("account.db")
    }

    /// Closes in order and opens again.
    fn reopened(self) -> Self {
        let Self { folder, store } = self;
        store.close().unwrap();
        let store = Store::open(&folder.path().join("account.db"), &key(1)).unwrap();
        Self { folder, store }
    }

    fn own(&self) -> AccountId {
        let seed = self.store.account().unwrap().unwrap().seed;
        AccountId::from_x25519(&tacit_crypto::AccountKeys::from_seed(&seed).x25519_public())
    }

    fn own_mailbox(&self) -> Mailbox {
        Mailbox { account: self.own(), namespace: Namespace::MESSAGES }
    }

    fn conversation(&mut self, with: u8) -> ConversationId {
        self.store.write(|tx| tx.open_conversation(&Peer::person(&person(with)), NOW)).unwrap()
    }
}

fn incoming(conversation: ConversationId, author: AccountId, sent_at: TimestampMs, text: &str) -> NewMessage<'_> {
    NewMessage::text(conversation, author, State::Received, sent_at, text)
}

fn outgoing(conversation: ConversationId, own: AccountId, sent_at: TimestampMs, text: &str) -> NewMessage<'_> {
    NewMessage { state: State::Queued, ..incoming(conversation, own, sent_at, text) }
}

fn to(recipient: AccountId, sent_at: TimestampMs, data: &[u8]) -> NewOutbox<'_> {
    NewOutbox {
        recipient,
        namespace: Namespace::MESSAGES,
        data,
        ttl_ms: 14 * 24 * 3_600_000,
        sent_at,
        purpose: Purpose::Deliver,
    }
}

#[test]
fn a_store_can_move_to_a_thread_of_its_own() {
    fn sendable<T: Send>() {}
    sendable::<Store>();
}

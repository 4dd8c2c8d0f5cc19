//! An account's file with one long conversation, and a copy of it, byte for byte: the store has
//! its file for itself.

use std::error::Error;
use std::path::PathBuf;

use tacit_crypto::{AccountKeys, Seed};
use tacit_store::{ConversationId, DatabaseKey, NewMessage, Peer, State, Store, Tx};
use tacit_wire::{AccountId, MessageHash, TimestampMs};
use tempfile::TempDir;
use zeroize::Zeroizing;

const KEY: [u8; 32] = [9; 32];
const START: TimestampMs = TimestampMs(1_790_000_000_000);
/// Time between two messages, in milliseconds.
const APART: u64 = 10_000;
const AT_ONCE: u64 = 10_000;

pub struct Filled {
    folder: TempDir,
    pub conversation: ConversationId,
    pub length: u32,
}

impl Filled {
    pub fn new(length: u32) -> Result<Self, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("account.db");
        let mut store = Store::create(&path, &key())?;
        let (peer, seed) = (AccountId::from_x25519(&[8; 32]), Seed::from_bytes([7; 16]));
        let own = AccountId::from_x25519(&AccountKeys::from_seed(&seed).x25519_public());
        let conversation = store.write::<_, tacit_store::Error>(|tx| {
            tx.create_account(&seed, "Ada", START)?;
            tx.open_conversation(&Peer::person(&peer), START)
        })?;
        for first in (0..u64::from(length)).step_by(AT_ONCE as usize) {
            let batch = first..(first + AT_ONCE).min(u64::from(length));
            store.write::<_, tacit_store::Error>(|tx| {
                batch.into_iter().try_for_each(|number| add(tx, conversation, number, &own, &peer))
            })?;
        }
        store.close()?;
        std::fs::copy(&path, folder.path().join("bare.db"))?;
        Ok(Self { folder, conversation, length })
    }

    /// Opens the file as the client does.
    pub fn open(&self) -> Result<Store, tacit_store::Error> {
        Store::open(&self.folder.path().join("account.db"), &key())
    }

    /// The copy, and its key.
    pub fn bare(&self) -> (PathBuf, [u8; 32]) {
        (self.folder.path().join("bare.db"), KEY)
    }
}

fn key() -> DatabaseKey {
    DatabaseKey::new(&Zeroizing::new(KEY))
}

/// Every other message is ours; texts of 40 to 200 bytes.
fn add(
    tx: &Tx<'_>,
    conversation: ConversationId,
    number: u64,
    own: &AccountId,
    peer: &AccountId,
) -> Result<(), tacit_store::Error> {
    let sent_at = TimestampMs(START.0 + number * APART);
    let text = format!("{number} {}", "so they say ".repeat(3 + (number % 14) as usize));
    let mut hash = [0; 32];
    hash[..8].copy_from_slice(&number.to_le_bytes());
    let ours = number.is_multiple_of(2);
    let state = if ours { State::Sent { kept: 6, of: 6 } } else { State::Received };
    let author = if ours { *own } else { *peer };
    let hash = Some(MessageHash::from_bytes(&hash));
    let message = NewMessage { hash, ..NewMessage::text(conversation, author, state, sent_at, &text) };
    tx.insert_message(&message, sent_at).map(drop)
}

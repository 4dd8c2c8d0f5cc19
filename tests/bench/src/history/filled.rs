//! The account's file at each size, and of each a copy, byte for byte: the store has its file for
//! itself.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tacit_crypto::{AccountKeys, Seed};
use tacit_store::{ConversationId, DatabaseKey, MessageId, NewMessage, Peer, Place, Profile, State, Store, Tx};
use tacit_wire::{AccountId, MessageHash, TimestampMs};
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::words;

pub const KEY: [u8; 32] = [9; 32];
const SIZES: [u64; 3] = [10_000, 100_000, 1_000_000];
const CONVERSATIONS: u64 = 1_000;
/// Every fifth message stands in the chat that is looked at, the others in all chats in turn.
const IN_THE_CHAT: u64 = 5;
/// About the last two messages of each other chat are not read.
const UNREAD: u64 = 2_500;
const START: TimestampMs = TimestampMs(1_790_000_000_000);
/// Time between two messages, in milliseconds.
const APART: u64 = 10_000;
/// Messages of one transaction.
const AT_ONCE: u64 = 20_000;

/// One folder with the files of all sizes; it goes when this does.
pub struct Filled {
    _folder: TempDir,
    pub sizes: Vec<Size>,
}

/// The file with so many messages.
pub struct Size {
    pub messages: u64,
    /// The longest chat.
    pub chat: ConversationId,
    path: PathBuf,
}

impl Filled {
    /// Fills one file, and copies it whenever it has reached a size.
    pub fn new() -> Result<Self, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let growing = folder.path().join("growing.db");
        let mut people = People::meet(&growing)?;
        let (mut sizes, mut done) = (Vec::new(), 0);
        for messages in SIZES {
            let mut store = Store::open(&growing, &key())?;
            while done < messages {
                let batch = done..(done + AT_ONCE).min(messages);
                done = batch.end;
                store.write(|tx| people.say(tx, batch))?;
            }
            store.write::<_, tacit_store::Error>(|tx| {
                people.read(tx, done)?;
                // As the client does when it starts.
                while tx.condense_index()? {}
                Ok(())
            })?;
            store.close()?;
            let size = Size { messages, chat: people.chats[0].0, path: folder.path().join(format!("{messages}.db")) };
            fs::copy(&growing, &size.path)?;
            fs::copy(&growing, size.copy())?;
            sizes.push(size);
        }
        fs::remove_file(&growing)?;
        Ok(Self { _folder: folder, sizes })
    }
}

impl Size {
    /// Opens the file as the client does.
    pub fn store(&self) -> Result<Store, tacit_store::Error> {
        Store::open(&self.path, &key())
    }

    /// Where the chat's message stands before which there are so many newer ones.
    pub fn place(&self, newer: u64) -> Place {
        let number = self.messages - IN_THE_CHAT * (newer + 1);
        Place { sort_at: time(number), id: MessageId(number.cast_signed() + 1) }
    }

    /// How many messages the chat has.
    pub fn chat_length(&self) -> u64 {
        self.messages / IN_THE_CHAT
    }

    /// The file for the bare query.
    pub fn copy(&self) -> PathBuf {
        self.path.with_extension("copy")
    }
}

/// Everybody who writes.
struct People {
    me: AccountId,
    chats: Vec<(ConversationId, AccountId)>,
    rng: StdRng,
}

impl People {
    /// Makes the account, its friends and its chats.
    fn meet(path: &Path) -> Result<Self, Box<dyn Error>> {
        let seed = Seed::from_bytes([7; 16]);
        let me = AccountId::from_x25519(&AccountKeys::from_seed(&seed).x25519_public());
        let mut store = Store::create(path, &key())?;
        let mut chats = Vec::new();
        store.write::<_, tacit_store::Error>(|tx| {
            tx.create_account(&seed, "Ada", START)?;
            for number in 0..CONVERSATIONS {
                let mut id = [1; 32];
                id[..8].copy_from_slice(&number.to_le_bytes());
                let (peer, name) = (AccountId::from_x25519(&id), format!("Friend {number}"));
                tx.set_approved(&peer, true, START)?;
                tx.update_profile(&peer, &Profile { name: &name, updated_s: 1, ..Profile::default() }, START)?;
                chats.push((tx.open_conversation(&Peer::person(&peer), START)?, peer));
            }
            Ok(())
        })?;
        store.close()?;
        Ok(Self { me, chats, rng: StdRng::seed_from_u64(1) })
    }

    fn say(&mut self, tx: &Tx<'_>, numbers: std::ops::Range<u64>) -> Result<(), tacit_store::Error> {
        for number in numbers {
            let mut text = words::text(&mut self.rng);
            if number % 3_000 == 1_500 && number < SIZES[0] {
                text.push(' ');
                text.push_str(words::RARE);
            }
            let place = if number.is_multiple_of(IN_THE_CHAT) { 0 } else { number % CONVERSATIONS };
            let (conversation, peer) = self.chats[usize::try_from(place).unwrap_or_default()];
            let ours = (number / CONVERSATIONS + number / 2).is_multiple_of(2);
            let (author, state) =
                if ours { (self.me, State::Sent { kept: 6, of: 6 }) } else { (peer, State::Received) };
            let mut hash = [0; 32];
            hash[..8].copy_from_slice(&number.to_le_bytes());
            let (at, hash) = (time(number), Some(MessageHash::from_bytes(&hash)));
            let message = NewMessage { hash, ..NewMessage::text(conversation, author, state, at, &text) };
            let id = tx.insert_message(&message, at)?.id();
            tx.index_text(id, &text)?;
        }
        Ok(())
    }

    /// Reads all but the last messages.
    fn read(&self, tx: &Tx<'_>, said: u64) -> Result<(), tacit_store::Error> {
        let (first, others) = self.chats.split_at(1);
        for (conversation, _) in first {
            tx.mark_read(*conversation, time(said))?;
        }
        for (conversation, _) in others {
            tx.mark_read(*conversation, time(said - UNREAD))?;
        }
        Ok(())
    }
}

fn time(number: u64) -> TimestampMs {
    TimestampMs(START.0 + number * APART)
}

fn key() -> DatabaseKey {
    DatabaseKey::new(&Zeroizing::new(KEY))
}

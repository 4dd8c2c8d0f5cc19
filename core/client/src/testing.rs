//! Randomness that repeats itself, for tests.

use rand::SeedableRng as _;
use rand::rngs::StdRng;

/// A generator that always gives the same numbers.
pub(crate) fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

/// Keys and ID of an account that is always the same.
pub(crate) fn account(number: u8) -> (tacit_crypto::AccountKeys, tacit_wire::AccountId) {
    let keys = tacit_crypto::AccountKeys::from_seed(&tacit_crypto::Seed::from_bytes([number; 16]));
    let id = tacit_wire::AccountId::from_x25519(&keys.x25519_public());
    (keys, id)
}

/// 2026-11-24, 09:00.
pub(crate) const NOW: tacit_wire::TimestampMs = tacit_wire::TimestampMs(1_795_510_800_000);

/// So many milliseconds after [`NOW`].
pub(crate) fn after(milliseconds: u64) -> tacit_wire::TimestampMs {
    tacit_wire::TimestampMs(NOW.0 + milliseconds)
}

/// The hash of a message, always the same for a number.
pub(crate) fn hash(number: u32) -> tacit_wire::MessageHash {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&number.to_le_bytes());
    tacit_wire::MessageHash::from_bytes(&bytes)
}

/// The database of account 1 in a folder of its own, which is gone at the end of the test.
pub(crate) struct Home {
    folder: tempfile::TempDir,
    pub(crate) store: tacit_store::Store,
    pub(crate) keys: tacit_crypto::AccountKeys,
    pub(crate) me: tacit_wire::AccountId,
}

impl Home {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut store = tacit_store::Store::create(&folder.path().join("account.db"), &key()).unwrap();
        let seed = tacit_crypto::Seed::from_bytes([1; 16]);
        store.write(|tx| tx.create_account(&seed, "Ada", NOW)).unwrap();
        let (keys, me) = account(1);
        Self { folder, store, keys, me }
    }

    /// Closes in order and opens again.
    pub(crate) fn reopened(self) -> Self {
        let Self { folder, store, keys, me } = self;
        store.close().unwrap();
        let store = tacit_store::Store::open(&folder.path().join("account.db"), &key()).unwrap();
        Self { folder, store, keys, me }
    }

    /// From now on the database fails at messages of which `condition` is true: `outcome` ABORT
    /// refuses the statement, ROLLBACK ends the transaction, as a full disk does.
    pub(crate) fn failing_at(self, condition: &str, outcome: &str) -> Self {
        use tacit_sqlite::rusqlite::OpenFlags;
        let Self { folder, store, keys, me } = self;
        store.close().unwrap();
        let path = folder.path().join("account.db");
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
        let settings = tacit_sqlite::Settings::account();
        let connection = tacit_sqlite::open_encrypted(&path, key().as_bytes(), flags, &settings).unwrap();
        let trigger = format!(
            "DROP TRIGGER IF EXISTS fault;
             CREATE TRIGGER fault BEFORE INSERT ON message WHEN {condition}
             BEGIN SELECT RAISE({outcome}, 'as wanted'); END;"
        );
        connection.execute_batch(&trigger).unwrap();
        connection.close().unwrap();
        let store = tacit_store::Store::open(&path, &key()).unwrap();
        Self { folder, store, keys, me }
    }

    /// Gives the store away, and keeps the folder.
    pub(crate) fn into_parts(self) -> (tempfile::TempDir, tacit_store::Store) {
        (self.folder, self.store)
    }

    /// The conversation with an account, made if there is none.
    pub(crate) fn conversation(&mut self, with: &tacit_wire::AccountId) -> tacit_store::ConversationId {
        let peer = crate::sending::peer_of(&self.me, with);
        self.store.write::<_, tacit_store::Error>(|tx| tx.open_conversation(&peer, NOW)).unwrap()
    }

    /// The texts of a conversation, oldest first.
    pub(crate) fn texts(&self, conversation: tacit_store::ConversationId) -> Vec<String> {
        let rows = self.store.messages(conversation, tacit_store::Page::Newest, 10_000).unwrap();
        rows.into_iter().map(|message| message.text).collect()
    }
}

/// Opens the database of a [`Home`] again.
pub(crate) fn reopen(folder: &tempfile::TempDir) -> tacit_store::Store {
    tacit_store::Store::open(&folder.path().join("account.db"), &key()).unwrap()
}

fn key() -> tacit_store::DatabaseKey {
    tacit_store::DatabaseKey::new(&zeroize::Zeroizing::new([5; 32]))
}

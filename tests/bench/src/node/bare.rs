//! SQLite alone: the same rows and indexes, one durable transaction for each store.

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use tacit_node::store::Put;
use tacit_sqlite::rusqlite::{Connection, OpenFlags, Result, params};
use tacit_wire::AccountId;
use tempfile::TempDir;

use super::filled::{NS, now};

pub struct Bare {
    connection: Connection,
    _dir: TempDir,
}

impl Bare {
    pub fn new() -> std::result::Result<Self, Box<dyn Error>> {
        let dir = tempfile::tempdir()?;
        let connection = Connection::open(dir.path().join("bare.sqlite"))?;
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;
             PRAGMA cache_size = -65536;
             CREATE TABLE account (id INTEGER PRIMARY KEY, pubkey BLOB NOT NULL UNIQUE) STRICT;
             CREATE TABLE message (
               seq INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT NULL, ns INTEGER NOT NULL,
               hash BLOB NOT NULL, stored_ms INTEGER NOT NULL, expiry_ms INTEGER NOT NULL, data BLOB NOT NULL
             ) STRICT;
             CREATE UNIQUE INDEX message_hash ON message(account, hash);
             CREATE INDEX message_mailbox ON message(account, ns, seq);
             CREATE INDEX message_expiry ON message(expiry_ms);
             CREATE INDEX message_time ON message(stored_ms, account);",
        )?;
        Ok(Self { connection, _dir: dir })
    }

    /// Each in a transaction of its own.
    pub fn store(&mut self, messages: Vec<Put>) -> Result<Duration> {
        let start = Instant::now();
        for message in messages {
            let transaction = self.connection.transaction()?;
            {
                let key = &message.account.as_bytes()[..];
                transaction.prepare_cached("INSERT OR IGNORE INTO account (pubkey) VALUES (?1)")?.execute([key])?;
                let account: i64 = transaction
                    .prepare_cached("SELECT id FROM account WHERE pubkey = ?1")?
                    .query_row([key], |row| row.get(0))?;
                transaction
                    .prepare_cached(
                        "INSERT INTO message (account, ns, hash, stored_ms, expiry_ms, data)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    )?
                    .execute(params![
                        account,
                        message.namespace.0,
                        &message.hash.to_bytes()[..],
                        message.stored.0.cast_signed(),
                        message.expiry.0.cast_signed(),
                        message.data
                    ])?;
            }
            transaction.commit()?;
        }
        Ok(start.elapsed())
    }
}

/// Reads the same file by the same index.
pub struct Reader(Connection);

type Message = ([u8; 32], i64, i64, Vec<u8>);

impl Reader {
    pub fn open(dir: &Path) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(dir.join("mailboxes.sqlite"), flags)?;
        connection.execute_batch("PRAGMA cache_size = -16384")?;
        Ok(Self(connection))
    }

    pub fn read(&self, account: &AccountId) -> Result<Vec<Message>> {
        let account: i64 = self
            .0
            .prepare_cached("SELECT id FROM account WHERE pubkey = ?1")?
            .query_row([&account.as_bytes()[..]], |row| row.get(0))?;
        self.0
            .prepare_cached(
                "SELECT hash, stored_ms, expiry_ms, data FROM message
                 WHERE account = ?1 AND ns = ?2 AND seq > ?3 AND expiry_ms > ?4 ORDER BY seq",
            )?
            .query_map(params![account, NS.0, 0, now().0.cast_signed()], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })?
            .collect()
    }
}

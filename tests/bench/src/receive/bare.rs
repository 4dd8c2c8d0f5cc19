//! The same messages opened, and their rows inserted, and nothing else.

use std::path::Path;

use tacit_sqlite::rusqlite::{OpenFlags, params};
use tacit_sqlite::{Settings, open_encrypted};
use tacit_wire::envelope;
use tacit_wire::proto::DataMessage;

use super::waiting::{NOW, Waiting};
use super::{KEY, Kept, messages};

const MESSAGE: &str = "INSERT INTO message(conversation, author, kind, outgoing, sent_ms, sort_ms, received_ms, body,
        state, hash)
    SELECT c.id, p.id, 0, 0, ?2, ?2, ?3, ?4, 0, ?5 FROM contact p JOIN conversation c ON c.kind = 0 AND c.peer = ?1
    WHERE p.account = ?1";
const WORDS: &str = "INSERT INTO message_text(rowid, body) VALUES(?1, ?2)";
const SEEN: &str = "INSERT INTO seen_hash(account, namespace, hash, expires_ms) VALUES(?1, 0, ?2, ?3)";

pub fn receive(waiting: &Waiting, path: &Path) -> Kept {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open_encrypted(path, &KEY, flags, &Settings::account())?;
    let me = waiting.me.x25519_public();
    let mut kept = 0;
    for answer in &waiting.answers {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        for stored in messages(answer)? {
            let opened = envelope::decode_direct(&stored.data, &waiting.me)?;
            let text = opened.content.data_message.as_ref().map(DataMessage::body).unwrap_or_default();
            let (sent_at, hash) = (opened.timestamp.0.cast_signed(), stored.hash.as_str());
            connection.prepare_cached(SEEN)?.execute(params![me, hash, NOW.0.cast_signed()])?;
            let row = params![opened.sender.as_bytes(), sent_at, NOW.0.cast_signed(), text, hash];
            kept += connection.prepare_cached(MESSAGE)?.execute(row)?;
            connection.prepare_cached(WORDS)?.execute(params![connection.last_insert_rowid(), text])?;
        }
        connection.execute_batch("COMMIT")?;
    }
    connection.close().map_err(|(_, error)| error)?;
    Ok(kept)
}

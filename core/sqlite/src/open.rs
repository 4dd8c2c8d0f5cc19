//! Opening a connection, with a key or without.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, Result};
use zeroize::Zeroizing;

use crate::Settings;

/// Opens an encrypted database with a raw 256-bit key, applies the settings and reads from it
/// once, so that a wrong key and a lock of another show here and not later.
///
/// A new file gets a random salt; no key derivation takes place, `key` must be uniformly random
/// or well derived.
///
/// # Errors
/// What SQLite says; sort it by [`crate::fault`]. A wrong key is
/// [`crate::Fault::NotADatabase`]. The file is never changed by a failure.
pub fn open_encrypted(path: &Path, key: &[u8; 32], flags: OpenFlags, settings: &Settings) -> Result<Connection> {
    let connection = Connection::open_with_flags(path, flags)?;
    silence_log(&connection)?;
    // SQLCipher takes bytes of the form x'…' as the raw key. Handed over by the C function
    // rather than by PRAGMA, it enters no statement text.
    let mut literal = Zeroizing::new([0_u8; 67]);
    literal[..2].copy_from_slice(b"x'");
    if hex::encode_to_slice(key, &mut literal[2..66]).is_err() {
        return Err(rusqlite::Error::InvalidQuery);
    }
    literal[66] = b'\'';
    connection.key(None::<&str>, literal.as_slice(), false)?;
    settings.apply(&connection)?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}

/// Opens a database without encryption, as the servers do.
///
/// # Errors
/// What SQLite says; sort it by [`crate::fault`].
pub fn open_plain(path: &Path, flags: OpenFlags, settings: &Settings) -> Result<Connection> {
    let connection = Connection::open_with_flags(path, flags)?;
    settings.apply(&connection)?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}

/// SQLCipher writes its own lines to standard error by default, where programs of ours promise
/// their own format. What it would say there reaches us as an error anyway.
fn silence_log(connection: &Connection) -> Result<()> {
    connection
        .query_row("PRAGMA cipher_log_level = NONE", [], |_| Ok(()))
        .or_else(|error| if error == rusqlite::Error::QueryReturnedNoRows { Ok(()) } else { Err(error) })
}

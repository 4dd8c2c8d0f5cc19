//! Versions of the schema. Version n is what the first n files make; each runs in a
//! transaction of its own that also raises `user_version`.

use tacit_sqlite::rusqlite::Connection;

use crate::Error;

const FILES: [&str; 2] =
    [include_str!("../migrations/0001_first.sql"), include_str!("../migrations/0002_messenger.sql")];

/// "TACI": marks the file as ours for tools that look at SQLite headers.
const APPLICATION: i32 = 0x5441_4349;

/// The newest version that this program knows.
pub(crate) fn known() -> u32 {
    FILES.iter().map(|_| 1).sum()
}

fn version(connection: &Connection) -> Result<u32, Error> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Refuses files of the future, and files that no finished creation left behind.
pub(crate) fn check_version(connection: &Connection) -> Result<(), Error> {
    match version(connection)? {
        0 => Err(Error::damaged("it has no tables")),
        found if found > known() => Err(Error::NewerVersion { found, known: known() }),
        _ => Ok(()),
    }
}

/// Brings the file to the newest version.
pub(crate) fn run(connection: &Connection) -> Result<(), Error> {
    let found = version(connection)?;
    for (number, sql) in (1_u32..).zip(FILES).skip_while(|(number, _)| *number <= found) {
        let transaction = connection.unchecked_transaction()?;
        if number == 1 {
            connection.pragma_update(None, "application_id", APPLICATION)?;
        }
        connection.execute_batch(sql)?;
        connection.pragma_update(None, "user_version", number)?;
        transaction.commit()?;
    }
    Ok(())
}

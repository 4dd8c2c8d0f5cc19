//! What an error of SQLite means for the one who has to act on it.

use rusqlite::ErrorCode;
use rusqlite::ffi::SQLITE_ERROR;

/// Kinds of failure that call for different sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The file is not a database under this key: wrong key, no database, or a damaged first
    /// page ([`crate::any_page_verifies`] tells them apart).
    NotADatabase,
    /// Another connection or process holds the lock.
    Busy,
    /// The file, its folder or the file system can't be written.
    ReadOnly,
    /// No space left on the device, or the size limit of the database is reached.
    Full,
    /// What is in the file contradicts itself.
    Corrupt,
    /// Reading or writing failed in the operating system.
    Io,
    /// The file can't be opened: missing, no permission, or a folder stands in its place.
    CannotOpen,
    /// A unique, check, not-null or foreign key rule refused the row.
    Constraint,
    /// SQLite's general failure. From an encrypted database under statements known to be good
    /// it means that a page failed its authentication; else it is a mistake in the program.
    General,
    /// Anything else: out of memory, misuse, a value that could not be converted, …
    Other,
}

/// Sorts an error.
#[must_use]
pub fn fault(error: &rusqlite::Error) -> Fault {
    let failure = match error {
        rusqlite::Error::SqliteFailure(failure, _) => failure,
        rusqlite::Error::SqlInputError { error, .. } => error,
        _ => return Fault::Other,
    };
    match failure.code {
        ErrorCode::NotADatabase => Fault::NotADatabase,
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Fault::Busy,
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => Fault::ReadOnly,
        ErrorCode::DiskFull => Fault::Full,
        ErrorCode::DatabaseCorrupt => Fault::Corrupt,
        ErrorCode::SystemIoFailure | ErrorCode::FileLockingProtocolFailed => Fault::Io,
        ErrorCode::CannotOpen => Fault::CannotOpen,
        ErrorCode::ConstraintViolation => Fault::Constraint,
        ErrorCode::Unknown if failure.extended_code == SQLITE_ERROR => Fault::General,
        _ => Fault::Other,
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::{Connection, Error, OpenFlags, ffi};

    use super::*;

    fn of_code(code: i32) -> Fault {
        fault(&Error::SqliteFailure(ffi::Error::new(code), None))
    }

    #[test]
    fn codes_are_sorted_by_what_they_mean() {
        for (code, expected) in [
            (ffi::SQLITE_NOTADB, Fault::NotADatabase),
            (ffi::SQLITE_BUSY, Fault::Busy),
            (ffi::SQLITE_BUSY_SNAPSHOT, Fault::Busy),
            (ffi::SQLITE_LOCKED, Fault::Busy),
            (ffi::SQLITE_READONLY, Fault::ReadOnly),
            (ffi::SQLITE_READONLY_DIRECTORY, Fault::ReadOnly),
            (ffi::SQLITE_PERM, Fault::ReadOnly),
            (ffi::SQLITE_FULL, Fault::Full),
            (ffi::SQLITE_CORRUPT, Fault::Corrupt),
            (ffi::SQLITE_CORRUPT_INDEX, Fault::Corrupt),
            (ffi::SQLITE_IOERR, Fault::Io),
            (ffi::SQLITE_IOERR_FSYNC, Fault::Io),
            (ffi::SQLITE_CANTOPEN, Fault::CannotOpen),
            (ffi::SQLITE_CONSTRAINT_UNIQUE, Fault::Constraint),
            (ffi::SQLITE_ERROR, Fault::General),
            (ffi::SQLITE_NOMEM, Fault::Other),
            (ffi::SQLITE_MISUSE, Fault::Other),
        ] {
            assert_eq!(of_code(code), expected, "code {code}");
        }
        assert_eq!(fault(&Error::QueryReturnedNoRows), Fault::Other);
    }

    #[test]
    fn real_failures_are_told_apart() {
        let missing = Connection::open_with_flags("/nowhere/at/all.db", OpenFlags::SQLITE_OPEN_READ_WRITE);
        assert_eq!(fault(&missing.unwrap_err()), Fault::CannotOpen);

        let memory = Connection::open_in_memory().unwrap();
        memory.execute_batch("CREATE TABLE t(a UNIQUE); INSERT INTO t VALUES(1)").unwrap();
        let again = memory.execute("INSERT INTO t VALUES(1)", []).unwrap_err();
        assert_eq!(fault(&again), Fault::Constraint);
        let nonsense = memory.prepare("SELEKT").unwrap_err();
        assert_eq!(fault(&nonsense), Fault::General);
        memory.execute_batch("PRAGMA query_only=1").unwrap();
        let refused = memory.execute("INSERT INTO t VALUES(2)", []).unwrap_err();
        assert_eq!(fault(&refused), Fault::ReadOnly);
    }
}

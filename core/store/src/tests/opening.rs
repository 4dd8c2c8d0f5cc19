//! Creating and opening, and everything that can be wrong with the file.

use std::fs;
use std::path::Path;

use tacit_sqlite::rusqlite::{Connection, OpenFlags};
use tacit_sqlite::{Settings, open_encrypted};

use super::*;
use crate::{Error, Folder, Page};

fn raw(path: &Path) -> Connection {
    open_encrypted(path, &[1; 32], OpenFlags::SQLITE_OPEN_READ_WRITE, &Settings::account()).unwrap()
}

fn error_of(result: Result<Store, Error>) -> Error {
    match result {
        Ok(_) => panic!("it opened"),
        Err(error) => error,
    }
}

#[test]
fn an_account_is_there_again_after_closing() {
    let home = Home::new().reopened();
    let account = home.store.account().unwrap().unwrap();
    assert_eq!(account.seed.as_bytes(), &[7; 16]);
    assert_eq!((account.display_name.as_str(), account.created), ("Ada", NOW));
    let names: Vec<_> = fs::read_dir(home.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| !name.to_string_lossy().contains("creating")), "{names:?}");
    let Home { folder, store } = home;
    store.close().unwrap();
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["account.db"], "nothing to replay at the next opening");
}

#[test]
fn a_second_account_in_the_same_file_is_refused() {
    let mut home = Home::new();
    let error = home.store.write(|tx| tx.create_account(&Seed::from_bytes([8; 16]), "Eve", NOW)).unwrap_err();
    assert!(matches!(error, Error::Refused { .. }));
    assert_eq!(home.store.account().unwrap().unwrap().display_name, "Ada");
}

#[cfg(unix)]
#[test]
fn others_on_the_machine_may_not_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    for entry in fs::read_dir(home.folder.path()).unwrap() {
        let mode = entry.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn creating_over_a_file_is_refused_and_leaves_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.db");
    fs::write(&path, "something else").unwrap();
    assert!(matches!(error_of(Store::create(&path, &key(1))), Error::Exists));
    assert_eq!(fs::read(&path).unwrap(), b"something else");
}

#[test]
fn what_a_killed_creation_left_behind_is_in_nobodys_way() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.db");
    fs::write(folder.path().join("account.db.creating"), [3; 5000]).unwrap();
    fs::write(folder.path().join("account.db.creating-wal"), [3; 5000]).unwrap();
    assert!(matches!(error_of(Store::open(&path, &key(1))), Error::Missing));
    Store::create(&path, &key(1)).unwrap().close().unwrap();
    Store::open(&path, &key(1)).unwrap();
}

#[test]
fn a_missing_file_and_a_missing_folder_are_said() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(error_of(Store::open(&folder.path().join("a.db"), &key(1))), Error::Missing));
    assert!(matches!(error_of(Store::create(&folder.path().join("no/a.db"), &key(1))), Error::Missing));
}

#[test]
fn a_wrong_key_is_said_and_changes_nothing() {
    let home = Home::new();
    let path = home.path();
    home.store.close().unwrap();
    let before = fs::read(&path).unwrap();
    let error = error_of(Store::open(&path, &key(2)));
    assert!(matches!(error, Error::WrongKey), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
    Store::open(&path, &key(1)).unwrap();
}

#[test]
fn a_file_that_is_no_database_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    fs::write(&path, "x".repeat(20_000)).unwrap();
    assert!(matches!(error_of(Store::open(&path, &key(1))), Error::WrongKey));
    fs::write(&path, "").unwrap();
    assert!(matches!(error_of(Store::open(&path, &key(1))), Error::Damaged { .. }));
    assert_eq!(fs::read(&path).unwrap(), b"", "an empty file is no invitation to fill it");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(matches!(error_of(Store::open(&path, &key(1))), Error::Io { .. } | Error::ReadOnly));
}

#[test]
fn a_database_of_the_future_is_left_alone() {
    let home = Home::new();
    let path = home.path();
    home.store.close().unwrap();
    raw(&path).pragma_update(None, "user_version", 9).unwrap();
    let before = fs::read(&path).unwrap();
    assert!(matches!(error_of(Store::open(&path, &key(1))), Error::NewerVersion { found: 9, known: 2 }));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_database_without_tables_is_not_taken_for_an_empty_account() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let connection = open_encrypted(&path, &[1; 32], flags, &Settings::account()).unwrap();
    connection.execute_batch("CREATE TABLE t(a); DROP TABLE t").unwrap();
    drop(connection);
    assert!(matches!(error_of(Store::open(&path, &key(1))), Error::Damaged { .. }));
}

#[test]
fn a_second_program_is_told_that_the_first_has_it() {
    let home = Home::new();
    let error = error_of(Store::open(&home.path(), &key(1)));
    assert!(matches!(error, Error::Locked), "{error}");
    // The first goes on.
    assert!(home.store.account().unwrap().is_some());
    home.reopened();
}

/// A conversation long enough that its pages are spread over the file.
fn filled() -> Home {
    let mut home = Home::new();
    let conversation = home.conversation(2);
    home.store
        .write(|tx| {
            for number in 0..400 {
                let text = "some words that fill the pages ".repeat(8);
                tx.insert_message(&incoming(conversation, person(2), after(number), &text), after(number))?;
            }
            Ok::<_, Error>(())
        })
        .unwrap();
    home
}

/// Reads everything there is.
fn read_all(store: &Store) -> Result<usize, Error> {
    let mut read = 0;
    for row in store.conversations(Folder::Inbox, 100)? {
        read += store.messages(row.conversation.id, Page::Newest, 100_000)?.len();
    }
    Ok(read)
}

#[test]
fn a_flipped_byte_anywhere_is_an_error_and_never_a_shorter_history() {
    let home = filled();
    let (path, folder) = (home.path(), home.folder);
    home.store.close().unwrap();
    let sound = fs::read(&path).unwrap();
    let (mut at_opening, mut at_reading, mut by_check) = (0, 0, 0);
    for page in 0..sound.len() / 4096 {
        // Byte 0 of page 1 is salt: flipped, every page looks like another key's.
        let mut damaged = sound.clone();
        damaged[page * 4096 + 16 + (page * 131) % 4080] ^= 0x20;
        fs::write(&path, &damaged).unwrap();
        match Store::open(&path, &key(1)) {
            Err(Error::Damaged { .. }) => at_opening += 1,
            Err(error) => panic!("page {page}: {error}"),
            Ok(store) => match read_all(&store) {
                Err(Error::Damaged { .. }) => at_reading += 1,
                Err(error) => panic!("page {page}: {error}"),
                Ok(read) => {
                    assert_eq!(read, 400, "page {page}");
                    assert!(!store.check().is_ok_and(|found| found.is_empty()), "page {page}");
                    by_check += 1;
                }
            },
        }
        // What could be read before stays in the file.
        let now = fs::read(&path).unwrap();
        assert_eq!(now.len(), sound.len(), "page {page}");
    }
    println!("damage found at opening {at_opening}, when read {at_reading}, by the check {by_check}");
    assert!(at_opening > 0 && at_reading > 0);
    drop(folder);
}

#[test]
fn a_file_that_was_cut_is_damaged() {
    let home = filled();
    let (path, folder) = (home.path(), home.folder);
    home.store.close().unwrap();
    let sound = fs::read(&path).unwrap();
    for length in [4096, 4096 * 3, sound.len() - 4096, sound.len() - 100] {
        fs::write(&path, &sound[..length]).unwrap();
        let opened = Store::open(&path, &key(1)).and_then(|store| read_all(&store));
        assert!(matches!(opened, Err(Error::Damaged { .. })), "{length}: {opened:?}");
    }
    drop(folder);
}

/// A copy of the files as a killed process would leave them: the log not yet taken over.
fn killed_copy(home: &Home, folder: &Path) -> std::path::PathBuf {
    let copy = folder.join("copy.db");
    fs::copy(home.path(), &copy).unwrap();
    fs::copy(home.folder.path().join("account.db-wal"), folder.join("copy.db-wal")).unwrap();
    copy
}

#[test]
fn after_a_kill_everything_acknowledged_is_there() {
    let home = filled();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&killed_copy(&home, folder.path()), &key(1)).unwrap();
    assert_eq!(read_all(&store).unwrap(), 400);
    assert!(store.check().unwrap().is_empty());
}

#[test]
fn damage_found_after_a_kill_is_said_at_opening() {
    let home = filled().reopened();
    let folder = tempfile::tempdir().unwrap();
    let mut home = home;
    home.store.write(|tx| tx.set_setting("appearance", "dark")).unwrap();
    let copy = killed_copy(&home, folder.path());
    let mut bytes = fs::read(&copy).unwrap();
    // A page that a later look at the first screen would not touch.
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    fs::write(&copy, bytes).unwrap();
    assert!(matches!(error_of(Store::open(&copy, &key(1))), Error::Damaged { .. }));
}

#[test]
fn a_damaged_log_is_said_and_not_cut_short_in_silence() {
    let mut home = Home::new();
    let conversation = home.conversation(2);
    for number in 0..6 {
        let message = incoming(conversation, person(2), after(number), "hello");
        home.store.write(|tx| tx.insert_message(&message, after(number))).unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let copy = killed_copy(&home, folder.path());
    let log = folder.path().join("copy.db-wal");
    let mut bytes = fs::read(&log).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&log, &bytes).unwrap();
    let before = fs::read(&copy).unwrap();
    assert!(matches!(error_of(Store::open(&copy, &key(1))), Error::Damaged { .. }));
    assert_eq!((fs::read(&copy).unwrap(), fs::read(&log).unwrap()), (before, bytes), "nothing is touched");
}

#[test]
fn a_full_disk_is_said_and_loses_nothing() {
    let mut home = filled();
    let pages: i64 = home.store.connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    let limit = format!("PRAGMA max_page_count = {pages}");
    home.store.connection.query_row(&limit, [], |_| Ok(())).unwrap();
    let conversation = home.conversation(2);
    let own = home.own();
    let data = vec![5; 70_000];
    let sent = home
        .store
        .write(|tx| tx.send_message(&outgoing(conversation, own, NOW, "hi"), &[to(person(2), NOW, &data)], NOW));
    assert!(matches!(sent, Err(Error::DiskFull)), "{sent:?}");
    assert_eq!(read_all(&home.store).unwrap(), 400, "neither the message nor half of it");
    assert_eq!(home.store.counts().unwrap().outbox_waiting, 0);

    home.store.connection.query_row("PRAGMA max_page_count = 100000", [], |_| Ok(())).unwrap();
    home.store
        .write(|tx| tx.send_message(&outgoing(conversation, own, NOW, "hi"), &[to(person(2), NOW, &data)], NOW))
        .unwrap();
    assert_eq!(read_all(&home.reopened().store).unwrap(), 401);
}

#[test]
fn an_error_that_ended_the_transaction_cannot_be_passed_over() {
    let mut home = filled();
    let conversation = home.conversation(2);
    let pages: i64 = home.store.connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    home.store.connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(())).unwrap();
    let text = "x".repeat(60_000);
    let written = home.store.write(|tx| {
        tx.set_setting("before", "yes")?;
        let _ = tx.insert_message(&incoming(conversation, person(2), after(9000), &text), NOW);
        Ok::<_, Error>(())
    });
    // SQLite undoes either the statement or the whole transaction: then the commit says so.
    let kept = home.store.setting("before").unwrap().is_some();
    assert_eq!(written.is_ok(), kept);
    assert_eq!(read_all(&home.store).unwrap(), 400);
}

#[test]
fn every_error_comes_with_advice() {
    let errors = [
        Error::Missing,
        Error::Exists,
        Error::WrongKey,
        Error::NewerVersion { found: 2, known: 1 },
        Error::damaged("page 3"),
        Error::Locked,
        Error::ReadOnly,
        Error::DiskFull,
        Error::Io { detail: "input/output error".to_owned() },
        Error::Unknown { what: "message" },
        Error::Refused { detail: "constraint".to_owned() },
    ];
    for error in errors {
        assert!(error.advice().ends_with('.'), "{error}");
        assert!(!error.to_string().is_empty());
    }
}

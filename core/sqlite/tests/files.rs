//! Files on disk: one written by the reference flavour of SQLCipher, and ours given to it.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tacit_sqlite::rusqlite::{Connection, Error, OpenFlags};
use tacit_sqlite::{Fault, Settings, any_page_verifies, fault};

const KEY: &str = "2dd29ca851e7b56e4697b0e1f08507293d761a05ce4d1b628663f411a8086d99";
const READ_WRITE: OpenFlags = OpenFlags::SQLITE_OPEN_READ_WRITE;

fn open_encrypted(path: &Path, key: &[u8; 32], flags: OpenFlags) -> Result<Connection, Error> {
    let settings = Settings { busy_timeout: Duration::ZERO, ..Settings::account() };
    tacit_sqlite::open_encrypted(path, key, flags, &settings)
}

fn open_plain(path: &Path, flags: OpenFlags) -> Result<Connection, Error> {
    tacit_sqlite::open_plain(path, flags, &Settings::server())
}

fn key() -> [u8; 32] {
    hex::decode(KEY).unwrap().try_into().unwrap()
}

/// A copy of the checked-in file, which SQLCipher 4.12.0 with OpenSSL 3.6 wrote.
fn reference_copy(folder: &Path) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sqlcipher4.db");
    let copy = folder.join("copy.db");
    fs::copy(source, &copy).unwrap();
    copy
}

fn create(path: &Path) -> Connection {
    let flags = READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let connection = open_encrypted(path, &key(), flags).unwrap();
    connection.execute_batch("CREATE TABLE letter(id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT").unwrap();
    for number in 0..100 {
        let body = format!("letter {number} {}", "words ".repeat(20));
        connection.execute("INSERT INTO letter(body) VALUES(?1)", [body]).unwrap();
    }
    connection
}

fn text(connection: &Connection, sql: &str) -> String {
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Rows of `cipher_integrity_check`: one per page that fails.
fn failing_pages(connection: &Connection) -> Vec<String> {
    let mut statement = connection.prepare("PRAGMA cipher_integrity_check").unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn the_cryptography_is_ours() {
    let folder = tempfile::tempdir().unwrap();
    let connection = create(&folder.path().join("a.db"));
    assert_eq!(text(&connection, "PRAGMA cipher_provider"), "rustcrypto");
    assert!(text(&connection, "PRAGMA cipher_version").starts_with("4."));
}

#[test]
fn a_file_of_the_reference_flavour_opens_whole() {
    let folder = tempfile::tempdir().unwrap();
    let connection = open_encrypted(&reference_copy(folder.path()), &key(), READ_WRITE).unwrap();
    assert_eq!(text(&connection, "PRAGMA integrity_check"), "ok");
    assert_eq!(failing_pages(&connection), Vec::<String>::new());
    assert_eq!(text(&connection, "SELECT count(*) || '' FROM letter"), "200");
    let body = text(&connection, "SELECT body FROM letter WHERE id = 43");
    assert_eq!(body, format!("letter 042 {}", "àé漢🙂".repeat(5)));
    // And can be written on.
    connection.execute("UPDATE letter SET body = 'changed' WHERE id = 43", []).unwrap();
    drop(connection);
    let again = open_encrypted(&folder.path().join("copy.db"), &key(), READ_WRITE).unwrap();
    assert_eq!(text(&again, "SELECT body FROM letter WHERE id = 43"), "changed");
    assert_eq!(text(&again, "PRAGMA integrity_check"), "ok");
}

#[test]
fn a_file_of_ours_shows_nothing_and_opens_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    drop(create(&path));
    let bytes = fs::read(&path).unwrap();
    assert!(!bytes.windows(6).any(|window| window == b"letter" || window == b"SQLite"));
    let connection = open_encrypted(&path, &key(), READ_WRITE).unwrap();
    assert_eq!(text(&connection, "PRAGMA integrity_check"), "ok");
    assert_eq!(failing_pages(&connection), Vec::<String>::new());
}

#[test]
fn a_wrong_key_is_told_from_a_damaged_first_page() {
    let folder = tempfile::tempdir().unwrap();
    let path = reference_copy(folder.path());
    let before = fs::read(&path).unwrap();
    let mut wrong = key();
    wrong[31] ^= 1;
    let error = open_encrypted(&path, &wrong, READ_WRITE).unwrap_err();
    assert_eq!(fault(&error), Fault::NotADatabase);
    assert!(!any_page_verifies(&path, &wrong).unwrap());
    assert!(any_page_verifies(&path, &key()).unwrap());
    assert_eq!(fs::read(&path).unwrap(), before, "a wrong key changes nothing");

    let mut damaged = before;
    damaged[100] ^= 1;
    fs::write(&path, &damaged).unwrap();
    let error = open_encrypted(&path, &key(), READ_WRITE).unwrap_err();
    assert_eq!(fault(&error), Fault::NotADatabase);
    assert!(any_page_verifies(&path, &key()).unwrap(), "the other pages are sound");
}

#[test]
fn a_flipped_byte_in_any_page_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = reference_copy(folder.path());
    let sound = fs::read(&path).unwrap();
    for page in 1..sound.len() / 4096 {
        let mut damaged = sound.clone();
        damaged[page * 4096 + 77] ^= 0x10;
        fs::write(&path, &damaged).unwrap();
        let connection = open_encrypted(&path, &key(), READ_WRITE).unwrap();
        assert_eq!(failing_pages(&connection).len(), 1, "page {}", page + 1);
        let read = connection.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0));
        assert_ne!(read.ok().as_deref(), Some("ok"), "page {}", page + 1);
    }
}

#[test]
fn without_a_key_it_is_plain_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plain.db");
    let flags = READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let connection = open_plain(&path, flags).unwrap();
    connection.execute_batch("CREATE TABLE letter(body TEXT); INSERT INTO letter VALUES('x')").unwrap();
    // Servers have several connections; the account's exclusive lock is not theirs.
    let other = open_plain(&path, READ_WRITE).unwrap();
    assert_eq!(text(&other, "SELECT body FROM letter"), "x");
    drop((connection, other));
    assert!(fs::read(&path).unwrap().starts_with(b"SQLite format 3\0"));
    // Nor does an encrypted file open without its key.
    let encrypted = reference_copy(folder.path());
    assert_eq!(fault(&open_plain(&encrypted, READ_WRITE).unwrap_err()), Fault::NotADatabase);
}

#[test]
fn one_connection_alone_holds_an_account() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let first = create(&path);
    let second = open_encrypted(&path, &key(), READ_WRITE);
    assert_eq!(fault(&second.unwrap_err()), Fault::Busy);
    assert!(!folder.path().join("a.db-shm").exists(), "nothing is shared");
    drop(first);
    let second = open_encrypted(&path, &key(), READ_WRITE).unwrap();
    assert_eq!(text(&second, "SELECT count(*) || '' FROM letter"), "100");
}

#[test]
fn a_full_database_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let connection = create(&folder.path().join("a.db"));
    let pages: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(())).unwrap();
    let grown = connection.execute("INSERT INTO letter(body) VALUES(?1)", ["x".repeat(9000)]);
    assert_eq!(fault(&grown.unwrap_err()), Fault::Full);
}

/// Another SQLCipher 4 on this machine: the program `sqlcipher`, or Python's `sqlcipher3` under
/// the interpreter named by `TACIT_SQLCIPHER_PYTHON` (or `python3`). SQLCipher 3, which Debian
/// 12 has, can't read the format of version 4.
fn reads_with_program(path: &Path) -> Option<(String, String)> {
    let version = run_program(Path::new(":memory:"), "PRAGMA cipher_version;")?;
    if !version.trim_start().starts_with('4') {
        println!("the installed sqlcipher is version {}, it can't read version 4", version.trim());
        return None;
    }
    let answer = run_program(
        path,
        &format!("PRAGMA key = \"x'{KEY}'\"; PRAGMA integrity_check; SELECT 'rows ' || count(*) FROM letter;"),
    )?;
    Some((format!("sqlcipher {}", version.trim()), answer))
}

fn run_program(path: &Path, sql: &str) -> Option<String> {
    let output = Command::new("sqlcipher").arg(path).arg(sql).output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn reads_with_python(path: &Path) -> Option<(String, String)> {
    let script = format!(
        "import sqlcipher3, sys\n\
         c = sqlcipher3.connect(sys.argv[1])\n\
         c.execute(\"PRAGMA key = \\\"x'{KEY}'\\\"\")\n\
         print(c.execute('PRAGMA cipher_version').fetchone()[0])\n\
         print(c.execute('PRAGMA integrity_check').fetchone()[0])\n\
         print('rows', c.execute('SELECT count(*) FROM letter').fetchone()[0])\n"
    );
    let python = std::env::var("TACIT_SQLCIPHER_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let output = Command::new(python).arg("-c").arg(script).arg(path).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if String::from_utf8_lossy(&output.stderr).contains("No module named") {
        return None;
    }
    Some((format!("sqlcipher3 {}", text.lines().next().unwrap_or("failed")), text))
}

#[test]
fn a_file_of_ours_opens_in_the_reference_flavour() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    drop(create(&path));
    let mut ran = 0;
    for (name, answer) in [reads_with_program(&path), reads_with_python(&path)].into_iter().flatten() {
        assert!(answer.contains("ok") && answer.contains("rows 100"), "{name}: {answer}");
        println!("{name} opened a file of ours: integrity ok, all rows");
        ran += 1;
    }
    if ran == 0 {
        println!("no other SQLCipher 4 on this machine: our file was not shown to it");
    }
}

//! The folder of an account: its key, its lock, its rights.

use super::*;

fn key(folder: &ProfileFolder) -> [u8; 32] {
    *folder.key(KeySource::File).unwrap().as_bytes()
}

#[test]
fn the_same_folder_gives_the_same_key_and_no_second_owner() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("alice");
    let folder = ProfileFolder::open(&path).unwrap();
    let first = key(&folder);
    assert!(matches!(ProfileFolder::open(&path), Err(Error::InUse { .. })));
    drop(folder);
    assert_eq!(key(&ProfileFolder::open(&path).unwrap()), first);
}

#[test]
fn a_folder_that_was_released_is_free() {
    let dir = tempfile::tempdir().unwrap();
    let folder = ProfileFolder::open(dir.path()).unwrap();
    folder.release();
    assert!(ProfileFolder::open(dir.path()).is_ok());
}

#[test]
fn a_lost_key_file_is_said_and_never_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let folder = ProfileFolder::open(dir.path()).unwrap();
    fs::write(folder.database(), "an account").unwrap();
    assert!(matches!(folder.key(KeySource::File), Err(Error::KeyFile { .. })));
    let passphrase = KeySource::from_text("correct horse");
    assert!(matches!(folder.key(passphrase), Err(Error::KeyFile { .. })), "nor a lost salt");
    assert!(!dir.path().join(KEY).exists() && !dir.path().join(SALT).exists());
}

#[test]
fn a_key_file_that_holds_something_else_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let folder = ProfileFolder::open(dir.path()).unwrap();
    for other in ["", "not hex", "abcd", &"ab".repeat(33)] {
        fs::write(dir.path().join(KEY), other).unwrap();
        assert!(matches!(folder.key(KeySource::File), Err(Error::KeyFile { .. })), "{other:?}");
        assert_eq!(fs::read_to_string(dir.path().join(KEY)).unwrap(), other);
    }
}

#[test]
fn a_program_that_died_while_it_made_the_key_leaves_nothing_that_stops_the_next() {
    let dir = tempfile::tempdir().unwrap();
    let folder = ProfileFolder::open(dir.path()).unwrap();
    fs::write(dir.path().join("key.new"), "ab").unwrap();
    let made = key(&folder);
    assert_eq!(key(&folder), made);
    assert!(!dir.path().join("key.new").exists());
}

#[test]
fn a_passphrase_gives_the_same_key_in_the_same_folder_only() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (one, two) = (ProfileFolder::open(one.path()).unwrap(), ProfileFolder::open(two.path()).unwrap());
    let key = |folder: &ProfileFolder, text: &str| *folder.key(KeySource::from_text(text)).unwrap().as_bytes();
    assert_eq!(key(&one, "correct horse"), key(&one, "correct horse"));
    assert_ne!(key(&one, "correct horse"), key(&one, "correct house"));
    assert_ne!(key(&one, "correct horse"), key(&two, "correct horse"));
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_look_inside() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let folder = ProfileFolder::open(&dir.path().join("deep/alice")).unwrap();
    key(&folder);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(folder.path()), 0o700);
    assert_eq!(mode(&folder.path().join(KEY)), 0o600);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let Err(Error::Folder { path, .. }) = ProfileFolder::open(&file.join("alice")) else { panic!("it is no folder") };
    assert_eq!(path, file.join("alice"));
}

#[test]
fn a_key_is_hex_or_a_passphrase() {
    assert!(matches!(KeySource::from_text(&"ab".repeat(32)), KeySource::Raw(_)));
    assert!(matches!(KeySource::from_text(&format!(" {}\n", "AB".repeat(32))), KeySource::Raw(_)));
    for text in ["correct horse", "", &"ab".repeat(31), &"xy".repeat(32)] {
        assert!(matches!(KeySource::from_text(text), KeySource::Passphrase(_)));
    }
}

#[test]
fn what_is_erased_is_gone_even_if_the_program_ended_in_between() {
    let dir = tempfile::tempdir().unwrap();
    let fill = |folder: &ProfileFolder| {
        for name in [KEY, "key.lock", SALT, DATABASE, "tacit.db-wal"] {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        fs::create_dir_all(folder.path().join(FILES)).unwrap();
        fs::write(folder.path().join(FILES).join("ab"), "x").unwrap();
        fs::write(folder.path().join("holiday.txt"), "not ours").unwrap();
    };
    let left = || {
        let mut names: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let folder = ProfileFolder::open(dir.path()).unwrap();
    fill(&folder);
    folder.erase().unwrap();
    assert_eq!(left(), ["holiday.txt", LOCK]);

    fill(&folder);
    fs::remove_file(dir.path().join(KEY)).unwrap();
    fs::write(dir.path().join(ERASING), "").unwrap();
    drop(folder);
    let folder = ProfileFolder::open(dir.path()).unwrap();
    assert_eq!(left(), ["holiday.txt", LOCK]);
    assert!(!folder.has_account());
    assert_ne!(key(&folder), [0; 32], "a new account can be made here");
}

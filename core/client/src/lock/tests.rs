//! The lock: what opens it, and that a program that ends at any point leaves something that opens.

use std::fs;

use super::*;
use crate::KeySource;
use crate::testing::{NOW, after};

const CHEAP: Cost = Cost { memory_kib: 64, passes: 1 };

struct Fake;

impl Keystore for Fake {
    fn wrap(&self, key: &[u8; 32]) -> Result<Vec<u8>, LockError> {
        Ok(key.iter().map(|byte| byte ^ 0x5a).collect())
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<SecretKey, LockError> {
        let key: Vec<u8> = wrapped.iter().map(|byte| byte ^ 0x5a).collect();
        key.try_into().map(Zeroizing::new).map_err(|_| LockError::Keystore { reason: "no key".to_owned() })
    }
}

fn folder(dir: &tempfile::TempDir) -> ProfileFolder {
    ProfileFolder::open(dir.path()).unwrap()
}

fn secret(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.to_owned())
}

fn code<T>(result: Result<T, Error>) -> &'static str {
    result.err().unwrap().code()
}

/// A folder whose key is made, with a lock.
fn locked() -> (tempfile::TempDir, ProfileFolder, [u8; 32]) {
    let dir = tempfile::tempdir().unwrap();
    let folder = folder(&dir);
    let key = *folder.key(KeySource::File).unwrap().as_bytes();
    folder.set_lock(None, "open sesame", CHEAP, NOW).unwrap();
    (dir, folder, key)
}

#[test]
fn only_the_passphrase_gives_the_key_back() {
    let (dir, folder, key) = locked();
    assert!(folder.is_locked() && !dir.path().join("key").exists());
    assert_eq!(code(folder.key(KeySource::File).map(drop)), "locked");
    assert_eq!(code(folder.unlock("open says me", NOW)), "wrong_passphrase");
    assert_eq!(*folder.unlock("open sesame", NOW).unwrap(), key);
    let source = KeySource::Passphrase(secret("open sesame"));
    assert_eq!(*folder.key(source).unwrap().as_bytes(), key);
    let text = fs::read_to_string(dir.path().join("key.lock")).unwrap();
    assert!(!text.contains(&hex::encode(key)));
}

#[test]
fn the_passphrase_can_be_changed_and_taken_away() {
    let (_dir, folder, key) = locked();
    assert_eq!(code(folder.set_lock(None, "another one", CHEAP, NOW)), "locked");
    assert_eq!(code(folder.set_lock(Some("wrong one"), "another one", CHEAP, NOW)), "wrong_passphrase");
    folder.set_lock(Some("open sesame"), "another one", CHEAP, NOW).unwrap();
    assert_eq!(code(folder.unlock("open sesame", NOW)), "wrong_passphrase");
    assert_eq!(*folder.unlock("another one", NOW).unwrap(), key);
    folder.remove_lock("another one", NOW).unwrap();
    assert!(!folder.is_locked());
    assert_eq!(*folder.key(KeySource::File).unwrap().as_bytes(), key);
    assert_eq!(code(folder.unlock("another one", NOW)), "not_locked");
}

#[test]
fn wrong_passphrases_must_wait_even_after_a_new_start() {
    let (dir, first, key) = locked();
    for _ in 0..4 {
        assert_eq!(code(first.unlock("wrong one", NOW)), "wrong_passphrase");
    }
    drop(first);
    let second = folder(&dir);
    assert_eq!((second.lock_wait(NOW), second.failed_tries()), (5, 4));
    assert_eq!(code(second.unlock("open sesame", after(4_000))), "wait");
    assert_eq!(*second.unlock("open sesame", after(5_000)).unwrap(), key);
    assert_eq!(second.failed_tries(), 0);
}

#[test]
fn a_passphrase_has_6_to_256_characters() {
    let dir = tempfile::tempdir().unwrap();
    let folder = folder(&dir);
    folder.key(KeySource::File).unwrap();
    for refused in ["", "12345", &"é".repeat(257)] {
        assert_eq!(code(folder.set_lock(None, refused, CHEAP, NOW)), "passphrase_length");
    }
    assert!(!folder.is_locked());
    folder.set_lock(None, &"é".repeat(256), CHEAP, NOW).unwrap();
    assert!(folder.is_locked());
}

/// Every state of the two files that a death between two steps leaves behind.
#[test]
fn whatever_step_was_the_last_the_account_opens_with_what_its_owner_knows() {
    let (dir, folder, key) = locked();
    let locked = fs::read(dir.path().join("key.lock")).unwrap();
    let bare = hex::encode(key);

    // Putting it on: the lock is written, the key not yet gone. Taking it away: the key is
    // written, the lock not yet gone. The bare key counts.
    fs::write(dir.path().join("key"), &bare).unwrap();
    assert!(!folder.is_locked());
    assert_eq!(*folder.key(KeySource::File).unwrap().as_bytes(), key);
    // And what was begun can be done again.
    folder.set_lock(None, "second try", CHEAP, NOW).unwrap();
    assert_eq!(*folder.unlock("second try", NOW).unwrap(), key);

    // Half of a new file beside the old one.
    fs::write(dir.path().join("key.lock"), &locked).unwrap();
    fs::write(dir.path().join("key.new"), &locked[..10]).unwrap();
    assert_eq!(*folder.unlock("open sesame", NOW).unwrap(), key);
    folder.set_lock(Some("open sesame"), "third try", CHEAP, NOW).unwrap();
    assert_eq!(*folder.unlock("third try", NOW).unwrap(), key);

    // Before a try was judged it counts as failed.
    fs::write(dir.path().join("key.tries"), br#"{"failed":9,"last_ms":0}"#).unwrap();
    assert_eq!(*folder.unlock("third try", NOW).unwrap(), key);
}

#[test]
fn a_damaged_lock_is_said_and_left_alone() {
    let (dir, folder, _) = locked();
    let path = dir.path().join("key.lock");
    let good = fs::read_to_string(&path).unwrap();
    let newer = good.replace("\"version\":1", "\"version\":2");
    let costly = good.replace("\"memory_kib\":64", "\"memory_kib\":4294967295");
    for bad in ["", "{}", &newer, &good[..good.len() / 2]] {
        fs::write(&path, bad).unwrap();
        assert_eq!(code(folder.unlock("open sesame", NOW)), "lock_damaged", "{bad}");
        assert_eq!(fs::read_to_string(&path).unwrap(), bad);
    }
    fs::write(&path, costly).unwrap();
    assert_eq!(code(folder.unlock("open sesame", NOW)), "crypto", "out of all reason");
}

#[test]
fn the_platform_opens_it_too_until_it_is_told_not_to() {
    let (_dir, folder, key) = locked();
    assert!(!folder.has_biometrics());
    folder.set_biometrics("open sesame", Some(&Fake), NOW).unwrap();
    assert!(folder.has_biometrics());
    assert_eq!(*folder.key(KeySource::Keystore(Arc::new(Fake))).unwrap().as_bytes(), key);
    folder.set_lock(Some("open sesame"), "another one", CHEAP, NOW).unwrap();
    assert_eq!(*folder.unlock_by(&Fake).unwrap(), key, "it wraps the key, not the passphrase");
    folder.set_biometrics("another one", None, NOW).unwrap();
    assert_eq!(code(folder.unlock_by(&Fake)), "not_locked");
}

//! The files of the lock and of the bare key, each replaced as a whole.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use tacit_crypto::{Cost, derive_key_at, unwrap_key, wrap_key};
use zeroize::Zeroizing;

use super::{LockError, SecretKey};
use crate::Error;
use crate::profile::write_private;

/// The bare key, as hex.
pub(super) const KEY: &str = "key";
/// The wrapped key.
pub(super) const LOCK: &str = "key.lock";
/// Longest lock that is read, in bytes.
const LONGEST: u64 = 64 * 1024;
const VERSION: u32 = 1;

/// A wrapped key.
pub(super) struct Lock {
    cost: Cost,
    salt: [u8; 16],
    /// Nonce and ciphertext of the key.
    wrapped: Vec<u8>,
    /// Whether the passphrase has digits only.
    pub(super) digits: bool,
    /// The same key as the platform's keystore wrapped it.
    pub(super) platform: Option<Vec<u8>>,
}

/// As it stands in the file; bytes are hex.
#[derive(Serialize, Deserialize)]
struct Stored {
    version: u32,
    kdf: String,
    memory_kib: u32,
    passes: u32,
    salt: String,
    wrapped: String,
    #[serde(default)]
    digits: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    platform: Option<String>,
}

impl Lock {
    /// Wraps a key.
    pub(super) fn wrap(key: &[u8; 32], passphrase: &str, cost: Cost, platform: Option<Vec<u8>>) -> Result<Self, Error> {
        let (mut salt, mut nonce) = ([0; 16], [0; 24]);
        getrandom::fill(&mut salt).and_then(|()| getrandom::fill(&mut nonce)).map_err(|_| Error::NoRandomness)?;
        let wrapping = derive_key_at(passphrase.as_bytes(), &salt, cost)?;
        let digits = passphrase.bytes().all(|letter| letter.is_ascii_digit());
        Ok(Self { cost, salt, wrapped: wrap_key(key, &wrapping, &nonce)?, digits, platform })
    }

    /// The key, or `None` for a wrong passphrase.
    pub(super) fn unwrap(&self, passphrase: &str) -> Result<Option<SecretKey>, Error> {
        let wrapping = derive_key_at(passphrase.as_bytes(), &self.salt, self.cost)?;
        match unwrap_key(&self.wrapped, &wrapping) {
            Ok(key) => Ok(Some(key)),
            Err(tacit_crypto::Error::Decrypt) => Ok(None),
            Err(_) => Err(LockError::Damaged.into()),
        }
    }

    /// The same lock, with another key of the platform's.
    pub(super) fn with_platform(self, platform: Option<Vec<u8>>) -> Self {
        Self { platform, ..self }
    }

    fn stored(&self) -> Stored {
        Stored {
            version: VERSION,
            kdf: "argon2id".to_owned(),
            memory_kib: self.cost.memory_kib,
            passes: self.cost.passes,
            salt: hex::encode(self.salt),
            wrapped: hex::encode(&self.wrapped),
            digits: self.digits,
            platform: self.platform.as_ref().map(hex::encode),
        }
    }
}

impl Stored {
    fn lock(self) -> Option<Lock> {
        if self.version != VERSION || self.kdf != "argon2id" {
            return None;
        }
        let mut salt = [0; 16];
        hex::decode_to_slice(self.salt, &mut salt).ok()?;
        Some(Lock {
            cost: Cost { memory_kib: self.memory_kib, passes: self.passes },
            salt,
            wrapped: hex::decode(self.wrapped).ok()?,
            digits: self.digits,
            platform: self.platform.map(hex::decode).transpose().ok()?,
        })
    }
}

/// The lock of a folder.
pub(super) fn read(folder: &Path) -> Result<Lock, Error> {
    let path = folder.join(LOCK);
    match fs::metadata(&path) {
        Ok(found) if found.len() > LONGEST => return Err(LockError::Damaged.into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(LockError::NotLocked.into()),
        _ => {}
    }
    let text = fs::read(&path).map_err(|source| Error::Folder { path, source })?;
    let stored: Stored = serde_json::from_slice(&text).map_err(|_| LockError::Damaged)?;
    Ok(stored.lock().ok_or(LockError::Damaged)?)
}

/// Puts the lock in place of the one that is there, durably.
pub(super) fn write(folder: &Path, lock: &Lock) -> Result<(), Error> {
    let text = serde_json::to_vec(&lock.stored()).map_err(|_| LockError::Damaged)?;
    put(folder, LOCK, &text)
}

/// Takes the lock away.
pub(super) fn remove(folder: &Path) -> Result<(), Error> {
    take_away(folder, LOCK)
}

/// The bare key.
pub(super) fn read_key(folder: &Path) -> Result<SecretKey, Error> {
    let path = folder.join(KEY);
    let mut key = Zeroizing::new([0; 32]);
    let text = fs::read_to_string(&path).map(Zeroizing::new).map_err(|_| Error::KeyFile { path: path.clone() })?;
    hex::decode_to_slice(text.trim(), key.as_mut_slice()).map_err(|_| Error::KeyFile { path })?;
    Ok(key)
}

/// Puts the bare key there, durably.
pub(super) fn write_key(folder: &Path, key: &SecretKey) -> Result<(), Error> {
    put(folder, KEY, Zeroizing::new(hex::encode(key.as_slice())).as_bytes())
}

/// Takes the bare key away.
pub(super) fn remove_key(folder: &Path) -> Result<(), Error> {
    take_away(folder, KEY)
}

fn put(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), Error> {
    let path = folder.join(name);
    write_private(&path, bytes).map_err(|source| Error::Folder { path, source })?;
    sync(folder);
    Ok(())
}

fn take_away(folder: &Path, name: &str) -> Result<(), Error> {
    let path = folder.join(name);
    match fs::remove_file(&path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => return Err(Error::Folder { path, source }),
        _ => {}
    }
    sync(folder);
    Ok(())
}

/// Makes names durable, where a folder can be opened for that.
fn sync(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

//! The app lock: the random key of the database, wrapped by a passphrase.
//!
//! Without a lock the key stands in the file `key`. With one it stands wrapped in `key.lock`, and
//! `key` is gone. Where a program ended in between and both are there, `key` counts: what was not
//! finished was not done. So the account opens at every moment, and with what its owner knows.

mod file;
mod tries;

use std::sync::Arc;

use tacit_crypto::Cost;
use tacit_wire::TimestampMs;
use zeroize::Zeroizing;

use crate::Error;
use crate::client::Client;
use crate::clock::device_now;
use crate::profile::ProfileFolder;

pub use tries::wait_after;

/// Characters of a passphrase, at the least and at the most.
const LENGTH: std::ops::RangeInclusive<usize> = 6..=256;

/// A key of 32 bytes, wiped when dropped.
pub type SecretKey = Zeroizing<[u8; 32]>;

/// The platform's keystore, which wraps a key so that a fingerprint or a face opens it.
pub trait Keystore: Send + Sync {
    /// Wraps a key; what comes back is of use on this device only.
    ///
    /// # Errors
    /// [`LockError::Keystore`].
    fn wrap(&self, key: &[u8; 32]) -> Result<Vec<u8>, LockError>;

    /// Asks the person and unwraps the key.
    ///
    /// # Errors
    /// [`LockError::Keystore`] when the person is not recognised or the key is gone for good,
    /// such as after a new finger was enrolled.
    fn unwrap(&self, wrapped: &[u8]) -> Result<SecretKey, LockError>;
}

/// What a lock shows before it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockFace {
    /// The passphrase has digits only: a pad is enough to type it.
    pub digits: bool,
    /// The platform's keystore opens it too.
    pub biometrics: bool,
    /// Seconds until the next passphrase is tried.
    pub wait: u64,
    /// Wrong passphrases since the last right one.
    pub failed: u32,
}

/// What stands between a person and the account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// A lock is on: a passphrase or the keystore is needed.
    #[error("Tacit is locked.")]
    Locked,
    /// No lock is on, or the key is kept by somebody else.
    #[error("This account has no app lock.")]
    NotLocked,
    /// The passphrase is not the right one.
    #[error("That's not the passphrase.")]
    Wrong,
    /// Too many wrong ones: wait.
    #[error("Wait {seconds} s before the next try.")]
    Wait {
        /// From now.
        seconds: u64,
    },
    /// Too short or too long.
    #[error("A passphrase has 6 to 256 characters.")]
    Length,
    /// `key.lock` holds something else, or was made by a newer version.
    #[error("The file of the app lock can't be read. Use the recovery phrase instead.")]
    Damaged,
    /// The platform's keystore refused.
    #[error("The device didn't unlock it: {reason}")]
    Keystore {
        /// As the platform says.
        reason: String,
    },
}

impl LockError {
    /// A short stable name, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Locked => "locked",
            Self::NotLocked => "not_locked",
            Self::Wrong => "wrong_passphrase",
            Self::Wait { .. } => "wait",
            Self::Length => "passphrase_length",
            Self::Damaged => "lock_damaged",
            Self::Keystore { .. } => "keystore",
        }
    }
}

impl ProfileFolder {
    /// Whether a lock is on.
    pub fn is_locked(&self) -> bool {
        !self.path().join(file::KEY).exists() && self.path().join(file::LOCK).exists()
    }

    /// Whether the lock opens by the platform's keystore too.
    pub fn has_biometrics(&self) -> bool {
        file::read(self.path()).is_ok_and(|lock| lock.platform.is_some())
    }

    /// Seconds until the next passphrase is tried; 0 if it may be now.
    pub fn lock_wait(&self, now: TimestampMs) -> u64 {
        tries::read(self.path()).wait(now)
    }

    /// Wrong passphrases since the last right one.
    pub fn failed_tries(&self) -> u32 {
        tries::read(self.path()).failed
    }

    /// What the lock shows; `None` when there is none.
    pub fn lock_face(&self) -> Option<LockFace> {
        if !self.is_locked() {
            return None;
        }
        let (lock, now) = (file::read(self.path()).ok(), device_now());
        Some(LockFace {
            digits: lock.as_ref().is_some_and(|lock| lock.digits),
            biometrics: lock.is_some_and(|lock| lock.platform.is_some()),
            wait: self.lock_wait(now),
            failed: self.failed_tries(),
        })
    }

    /// The key behind the lock. A try counts as failed until it has succeeded, so that ending the
    /// program in between is no way around the waits. Takes some tenths of a second.
    pub(crate) fn unlock(&self, passphrase: &str, now: TimestampMs) -> Result<SecretKey, Error> {
        let lock = file::read(self.path())?;
        let tries = tries::read(self.path());
        match tries.wait(now) {
            0 => {}
            seconds => return Err(LockError::Wait { seconds }.into()),
        }
        tries::write(self.path(), tries.failed_once_more(now))?;
        let key = lock.unwrap(passphrase)?.ok_or(LockError::Wrong)?;
        tries::clear(self.path())?;
        Ok(key)
    }

    /// The key by the platform's keystore.
    pub(crate) fn unlock_by(&self, keystore: &dyn Keystore) -> Result<SecretKey, Error> {
        let lock = file::read(self.path())?;
        let key = keystore.unwrap(&lock.platform.ok_or(LockError::NotLocked)?)?;
        tries::clear(self.path())?;
        Ok(key)
    }

    /// Puts a lock on, or another passphrase in place of the one that `old` names.
    fn set_lock(&self, old: Option<&str>, new: &str, cost: Cost, now: TimestampMs) -> Result<(), Error> {
        if !LENGTH.contains(&new.chars().count()) {
            return Err(LockError::Length.into());
        }
        let key = match old {
            Some(old) => self.unlock(old, now)?,
            None if self.is_locked() => return Err(LockError::Locked.into()),
            None => file::read_key(self.path())?,
        };
        // What the platform wrapped is the same key.
        let platform = if old.is_some() { file::read(self.path())?.platform } else { None };
        file::write(self.path(), &file::Lock::wrap(&key, new, cost, platform)?)?;
        tries::clear(self.path())?;
        file::remove_key(self.path())
    }

    fn remove_lock(&self, passphrase: &str, now: TimestampMs) -> Result<(), Error> {
        let key = self.unlock(passphrase, now)?;
        file::write_key(self.path(), &key)?;
        file::remove(self.path())
    }

    fn set_biometrics(&self, passphrase: &str, keystore: Option<&dyn Keystore>, now: TimestampMs) -> Result<(), Error> {
        let key = self.unlock(passphrase, now)?;
        let platform = keystore.map(|keystore| keystore.wrap(&key)).transpose()?;
        file::write(self.path(), &file::read(self.path())?.with_platform(platform))
    }
}

impl Client {
    /// Whether a lock is on.
    pub fn is_locked(&self) -> bool {
        self.inner.folder.is_locked()
    }

    /// What the lock shows; `None` when there is none.
    pub fn lock_face(&self) -> Option<LockFace> {
        self.inner.folder.lock_face()
    }

    /// Puts the app lock on.
    ///
    /// # Errors
    /// [`LockError::Length`], [`LockError::Locked`] when there is one, [`Error::KeyFile`] when the
    /// key is not kept in the folder.
    pub async fn set_lock(&self, passphrase: Zeroizing<String>) -> Result<(), Error> {
        self.with_folder(move |folder, now| folder.set_lock(None, &passphrase, Cost::DEFAULT, now)).await
    }

    /// Changes the passphrase.
    ///
    /// # Errors
    /// [`LockError::Wrong`], [`LockError::Wait`], [`LockError::Length`].
    pub async fn change_lock(&self, old: Zeroizing<String>, new: Zeroizing<String>) -> Result<(), Error> {
        self.with_folder(move |folder, now| folder.set_lock(Some(&old), &new, Cost::DEFAULT, now)).await
    }

    /// Takes the lock away.
    ///
    /// # Errors
    /// [`LockError::Wrong`], [`LockError::Wait`].
    pub async fn remove_lock(&self, passphrase: Zeroizing<String>) -> Result<(), Error> {
        self.with_folder(move |folder, now| folder.remove_lock(&passphrase, now)).await
    }

    /// Whether the passphrase is right, for an app that locked its screen while it stayed open.
    ///
    /// # Errors
    /// [`LockError::Wrong`], [`LockError::Wait`].
    pub async fn check_lock(&self, passphrase: Zeroizing<String>) -> Result<(), Error> {
        self.with_folder(move |folder, now| folder.unlock(&passphrase, now).map(drop)).await
    }

    /// Lets the platform's keystore open the lock too, or no more.
    ///
    /// # Errors
    /// [`LockError::Wrong`], [`LockError::Wait`], [`LockError::Keystore`].
    pub async fn set_biometrics(
        &self,
        passphrase: Zeroizing<String>,
        keystore: Option<Arc<dyn Keystore>>,
    ) -> Result<(), Error> {
        self.with_folder(move |folder, now| folder.set_biometrics(&passphrase, keystore.as_deref(), now)).await
    }

    /// Deriving keys takes a while: it is done beside the runtime's own threads.
    async fn with_folder(
        &self,
        work: impl FnOnce(&ProfileFolder, TimestampMs) -> Result<(), Error> + Send + 'static,
    ) -> Result<(), Error> {
        let inner = Arc::clone(&self.inner);
        tokio::task::spawn_blocking(move || work(&inner.folder, device_now())).await.map_err(|_| Error::Closed)?
    }
}

#[cfg(test)]
mod tests;

//! The folder of one account: its encrypted database, the key of it (or the salt of a passphrase),
//! and a lock that keeps a second program out.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tacit_store::DatabaseKey;
use zeroize::Zeroizing;

use crate::Error;
use crate::clock::device_now;
use crate::lock::LockError;

const DATABASE: &str = "tacit.db";
const KEY: &str = "key";
const SALT: &str = "salt";
const LOCK: &str = "lock";
const FILES: &str = "files";
/// Stands in the folder while everything else is being removed.
const ERASING: &str = "erasing";

/// Where the key of the database comes from.
pub enum KeySource {
    /// 32 random bytes, kept by whoever calls (a phone's keystore).
    Raw(Zeroizing<[u8; 32]>),
    /// A passphrase of the user: of the app lock if there is one, else through Argon2id with a salt
    /// that is kept in the folder.
    Passphrase(Zeroizing<String>),
    /// A file of mode 600 in the folder, made at the first use; refused while a lock is on.
    File,
    /// The platform's keystore, which opens the app lock by a fingerprint or a face.
    Keystore(std::sync::Arc<dyn crate::lock::Keystore>),
}

impl KeySource {
    /// 64 hex digits are a raw key, any other text is a passphrase.
    pub fn from_text(text: &str) -> Self {
        let mut key = Zeroizing::new([0_u8; 32]);
        match hex::decode_to_slice(text.trim(), key.as_mut_slice()) {
            Ok(()) => Self::Raw(key),
            Err(_) => Self::Passphrase(Zeroizing::new(text.to_owned())),
        }
    }
}

/// An account's folder, locked for this process as long as the value lives and was not released.
pub struct ProfileFolder {
    path: PathBuf,
    lock: File,
}

impl ProfileFolder {
    /// Opens a folder, makes it (mode 700) if it is not there.
    ///
    /// # Errors
    /// [`Error::InUse`] when another program holds it, [`Error::Folder`] when it cannot be written.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let fail = |source| Error::Folder { path: path.to_owned(), source };
        make_private_folder(path).map_err(fail)?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(path.join(LOCK)).map_err(fail)?;
        match lock.try_lock() {
            Ok(()) => Self { path: path.to_owned(), lock }.without_erased(),
            Err(TryLockError::WouldBlock) => Err(Error::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => Err(fail(source)),
        }
    }

    /// Goes on with what [`ProfileFolder::erase`] did not finish.
    fn without_erased(self) -> Result<Self, Error> {
        if self.path.join(ERASING).exists() {
            self.erase()?;
        }
        Ok(self)
    }

    /// Lets others have the folder; whoever holds this value must be done with it.
    pub(crate) fn release(&self) {
        if let Err(error) = self.lock.unlock() {
            tracing::warn!(%error, "the folder stays locked until the program ends");
        }
    }

    /// The path of the folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path of the database.
    pub fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }

    /// Removes the account: what opens it first, so that the rest is of no use to anybody. A
    /// program that ends in between goes on with it when it opens the folder again.
    ///
    /// # Errors
    /// [`Error::Folder`] when something can't be removed.
    pub fn erase(&self) -> Result<(), Error> {
        let fail = |path: &Path| {
            let path = path.to_owned();
            move |source| Error::Folder { path: path.clone(), source }
        };
        let marker = self.path.join(ERASING);
        File::create(&marker).and_then(|file| file.sync_all()).map_err(fail(&marker))?;
        for name in
            [KEY, "key.lock", "key.new", "key.tries", SALT, "salt.new", DATABASE, "tacit.db-wal", "tacit.db-shm"]
        {
            let path = self.path.join(name);
            gone(fs::remove_file(&path)).map_err(fail(&path))?;
        }
        let files = self.path.join(FILES);
        gone(fs::remove_dir_all(&files)).map_err(fail(&files))?;
        gone(fs::remove_file(&marker)).map_err(fail(&marker))
    }

    /// Whether an account lives here.
    pub fn has_account(&self) -> bool {
        self.database().exists()
    }

    /// The key of the database.
    ///
    /// # Errors
    /// [`Error::Lock`] with what the app lock says, [`Error::Folder`] when a key or salt file cannot be read or made, [`Error::KeyFile`] when it
    /// holds something else, [`Error::NoRandomness`] when the system gives no random numbers.
    pub fn key(&self, source: KeySource) -> Result<DatabaseKey, Error> {
        match source {
            KeySource::Raw(key) => Ok(DatabaseKey::new(&key)),
            KeySource::Passphrase(text) if self.is_locked() => Ok(DatabaseKey::new(&self.unlock(&text, device_now())?)),
            KeySource::Passphrase(text) => {
                let salt = self.secret_file::<16>(SALT)?;
                let key = tacit_crypto::derive_key(text.as_bytes(), salt.as_slice())?;
                Ok(DatabaseKey::new(&key))
            }
            KeySource::Keystore(keystore) => Ok(DatabaseKey::new(&self.unlock_by(&*keystore)?)),
            KeySource::File if self.is_locked() => Err(LockError::Locked.into()),
            KeySource::File => Ok(DatabaseKey::new(&self.secret_file::<32>(KEY)?)),
        }
    }

    /// Reads N bytes as hex from a file; makes it from random bytes if there is neither a file nor
    /// an account that it would belong to.
    fn secret_file<const N: usize>(&self, name: &str) -> Result<Zeroizing<[u8; N]>, Error> {
        let path = self.path.join(name);
        let mut secret = Zeroizing::new([0_u8; N]);
        match fs::read_to_string(&path).map(Zeroizing::new) {
            Ok(text) => {
                hex::decode_to_slice(text.trim(), secret.as_mut_slice()).map_err(|_| Error::KeyFile { path })?;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound && !self.has_account() => {
                getrandom::fill(secret.as_mut_slice()).map_err(|_| Error::NoRandomness)?;
                let text = Zeroizing::new(hex::encode(secret.as_slice()));
                write_private(&path, text.as_bytes()).map_err(|source| Error::Folder { path, source })?;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Error::KeyFile { path }),
            Err(source) => return Err(Error::Folder { path, source }),
        }
        Ok(secret)
    }
}

/// What is gone already is gone.
fn gone(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn make_private_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Writes a new file that only its owner reads. It has its name only once it is whole and durable:
/// a program that ends in between leaves no half of a key that later openings would stumble over.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let draft = path.with_extension("new");
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&draft, path)
}

#[cfg(test)]
mod tests;

//! An attachment goes out: encrypted from the cache into the one body of its upload, in the form
//! that all clients read (protocol: messages 6.1, 6.2).

use std::io::{self, Read as _};
use std::sync::{Arc, Mutex, PoisonError};

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tacit_crypto::attachment::legacy;
use tacit_network::{Progress, UploadBody};
use tacit_store::{Attachment, Pointer, Store, StoredFile};
use tacit_wire::TimestampMs;
use zeroize::Zeroizing;

use super::FileError;
use super::cache::Cache;
use super::moving::Fault;
use super::progress::Meter;
use crate::client::Inner;

/// Read at once.
const BUFFER: usize = 64 << 10;

pub(super) async fn run(inner: &Inner, attachment: &Attachment, meter: Arc<Meter>) -> Result<(), Fault> {
    let file = attachment.file.ok_or(FileError::NotHere)?;
    let stored = inner.database.call(move |store| store.file(file)).await?;
    let encryption = Arc::new(Encryption::of(inner.files.cache.clone(), stored)?);
    let writer = Arc::clone(&encryption);
    let body = UploadBody::made(encryption.size()?, move |out| writer.write(out));
    let progress: Progress = Arc::new(move |done, total| meter.at(done, total));
    let uploaded = inner.network.upload(body, false, Some(progress)).await?;
    let secrets = encryption.secrets().ok_or(FileError::Interrupted)?;
    let pointer = Pointer { url: uploaded.url.to_string(), key: secrets.key.to_vec(), digest: secrets.digest.to_vec() };
    let (id, message, now, sealer) = (attachment.id, attachment.message, inner.now(), inner.sealer());
    let expires_at = uploaded.expires_ms.map(TimestampMs);
    let keep = move |store: &mut Store| {
        store.write::<_, crate::Error>(|tx| {
            // The last upload and the message it completes stand or fall together.
            let complete = tx.set_uploaded(id, &pointer, expires_at)?;
            if !complete {
                return Ok(false);
            }
            match sealer.seal_assembled(tx, message, now) {
                Err(crate::Error::Blocked) => {
                    let reason = crate::Error::Blocked.to_string();
                    tx.set_state(message, &tacit_store::State::Failed { reason })?;
                    Ok(false)
                }
                sealed => sealed,
            }
        })
    };
    if inner.database.call(keep).await? {
        inner.outbox_wake.notify_one();
    }
    Ok(())
}

/// A file and the randomness with which it is encrypted: the same bytes come out at each try, and
/// none of them is held in between.
struct Encryption {
    cache: Cache,
    file: StoredFile,
    seed: Zeroizing<[u8; 32]>,
    secrets: Mutex<Option<legacy::Secrets>>,
}

impl Encryption {
    fn of(cache: Cache, file: StoredFile) -> Result<Self, FileError> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut_slice()).map_err(|_| FileError::Interrupted)?;
        Ok(Self { cache, file, seed, secrets: Mutex::default() })
    }

    /// Bytes of the upload.
    fn size(&self) -> Result<usize, FileError> {
        match usize::try_from(self.file.size) {
            Ok(0) => Err(FileError::Empty),
            Ok(size) if size <= legacy::MAX_DATA => Ok(legacy::encrypted_size(size)),
            _ => Err(FileError::TooLarge),
        }
    }

    fn write(&self, out: &mut Vec<u8>) -> io::Result<()> {
        let mut reader = self.cache.open(&self.file)?;
        let mut encoder = legacy::Encoder::new(&mut StdRng::from_seed(*self.seed));
        let mut buffer = Zeroizing::new(vec![0; BUFFER]);
        loop {
            let count = reader.read(&mut buffer)?;
            if count == 0 {
                break;
            }
            encoder.push(&buffer[..count], out).map_err(io::Error::other)?;
        }
        let secrets = encoder.finish(out).map_err(io::Error::other)?;
        *self.secrets.lock().unwrap_or_else(PoisonError::into_inner) = Some(secrets);
        Ok(())
    }

    /// What the message needs, once the file was encrypted.
    fn secrets(&self) -> Option<legacy::Secrets> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use tacit_store::FileId;

    use super::*;

    #[test]
    fn each_try_sends_the_same_bytes_and_they_are_as_many_as_was_said() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::of(dir.path());
        for size in [1, 541, 542, 15_000, 200_000] {
            let data: Vec<u8> = (0..size).map(|n| (n / 5) as u8).collect();
            let mut writer = cache.create().unwrap();
            writer.write_all(&data).unwrap();
            let new = writer.finish().unwrap();
            let file = StoredFile { id: FileId(1), name: new.name, key: new.key, size: new.size };
            let encryption = Encryption::of(cache.clone(), file).unwrap();
            let (mut first, mut second) = (Vec::new(), Vec::new());
            encryption.write(&mut first).unwrap();
            encryption.write(&mut second).unwrap();
            assert!(first == second && first.len() == encryption.size().unwrap(), "{size}");
            let secrets = encryption.secrets().unwrap();
            assert!(legacy::decrypt(&first, secrets.key.as_slice(), Some(&secrets.digest), size).unwrap() == data);
        }
    }
}

//! An attachment goes out: encrypted from the cache into the one body of its upload, in the form
//! that all clients read (protocol: messages 6.1, 6.2).

use std::io::Read as _;
use std::sync::Arc;

use tacit_crypto::attachment::legacy;
use tacit_network::Progress;
use tacit_store::{Attachment, Pointer, Store};
use tacit_wire::TimestampMs;

use super::moving::Fault;
use super::progress::Meter;
use super::{FileError, FileReader, blocking};
use crate::client::Inner;

/// Read at once.
const BUFFER: usize = 64 << 10;
/// What an upload has beside its padded data.
const OVERHEAD: usize = 64;

pub(super) async fn run(inner: &Inner, attachment: &Attachment, meter: Arc<Meter>) -> Result<(), Fault> {
    let file = attachment.file.ok_or(FileError::NotHere)?;
    let reader = inner.open_file(file).await?;
    let (body, secrets) = blocking(move || encrypt(reader)).await?;
    let progress: Progress = Arc::new(move |done, total| meter.at(done, total));
    let uploaded = inner.network.upload(body, false, Some(progress)).await?;
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

fn encrypt(mut reader: FileReader) -> Result<(Vec<u8>, legacy::Secrets), FileError> {
    let size = usize::try_from(reader.size()).unwrap_or(usize::MAX);
    if size > legacy::MAX_DATA {
        return Err(FileError::TooLarge);
    }
    let mut body = Vec::with_capacity(legacy::padded_size(size) + OVERHEAD);
    let mut encoder = legacy::Encoder::new(&mut rand::rng());
    let mut buffer = zeroize::Zeroizing::new(vec![0; BUFFER]);
    loop {
        let count = reader.read(&mut buffer).map_err(FileError::Read)?;
        if count == 0 {
            break;
        }
        encoder.push(&buffer[..count], &mut body).map_err(|_| FileError::TooLarge)?;
    }
    let secrets = encoder.finish(&mut body).map_err(|_| FileError::Empty)?;
    Ok((body, secrets))
}

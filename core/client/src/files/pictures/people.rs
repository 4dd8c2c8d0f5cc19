//! The pictures of people, fetched and made small: nothing else of what they sent is kept.

use std::io::Cursor;

use tacit_crypto::attachment::stream;
use tacit_media::picture::profile_picture;
use tacit_network::{NextTry, next_try};
use tacit_store::{AttachmentState, PictureDue, PicturePointer, Store};
use tacit_wire::file_url::FileUrl;

use crate::client::Inner;
use crate::events::Event;
use crate::files::attach::write;
use crate::files::cache::NewFile;
use crate::files::moving::{self, FULL, Fault, RECONNECTED};
use crate::files::task::report;
use crate::files::{FileError, blocking};

/// Most bytes of a picture at its server: what it may have before encryption, and some padding.
const UPLOAD_MAX: u64 = tacit_crypto::picture::MAX_DATA as u64 + (1 << 20);
/// Fetched within one look.
const LOOK: u32 = 32;

/// Fetches what is due, one after the other: pictures are small and nobody waits for them.
pub(super) async fn fetch_all(inner: &Inner) {
    let now = inner.now();
    let due = move |store: &mut Store| {
        store.write::<_, tacit_store::Error>(|tx| {
            tx.want_pictures(now)?;
            tx.pictures_due(now, LOOK)
        })
    };
    let mut any = false;
    for due in report(inner.database.call(due).await).unwrap_or_default() {
        match fetch(inner, &due.pointer).await {
            Ok(()) => any = true,
            Err(fault) => failed(inner, due, fault).await,
        }
    }
    if any {
        inner.events.tell(Event::Conversations);
        report(inner.remove_unused_files().await);
    }
}

async fn fetch(inner: &Inner, pointer: &PicturePointer) -> Result<(), Fault> {
    let url = FileUrl::parse(&pointer.url).map_err(|_| FileError::Address)?;
    let mut download = inner.network.download(&url, 0)?;
    let mut upload = Vec::new();
    while let Some(piece) = download.next().await? {
        if download.total().is_some_and(|total| total > UPLOAD_MAX) {
            return Err(tacit_network::Error::FileTooLarge.into());
        }
        upload.extend_from_slice(&piece);
    }
    let (cache, key) = (inner.files.cache.clone(), pointer.key.clone());
    let new = blocking(move || {
        let bytes = decrypt(&upload, &key, url.stream).map_err(FileError::Damaged)?;
        let small = profile_picture(&bytes).map_err(FileError::Picture)?;
        write(&cache, Cursor::new(small.bytes))
    })
    .await?;
    keep(inner, pointer, new).await
}

fn decrypt(upload: &[u8], key: &[u8], is_stream: bool) -> Result<Vec<u8>, tacit_crypto::Error> {
    if !is_stream {
        return tacit_crypto::picture::decrypt(upload, key);
    }
    stream::decrypt(upload, key.try_into().map_err(|_| tacit_crypto::Error::KeySize)?)
}

async fn keep(inner: &Inner, pointer: &PicturePointer, new: NewFile) -> Result<(), Fault> {
    let (pointer, now, name) = (pointer.clone(), inner.now(), new.name.clone());
    let keep = move |store: &mut Store| {
        store.write::<_, tacit_store::Error>(|tx| {
            let file = tx.insert_file(&new.name, &new.key, new.size, now)?;
            tx.set_picture_here(&pointer, file)
        })
    };
    inner.database.call(keep).await.inspect_err(|_| inner.files.cache.remove(&[name]))?;
    Ok(())
}

async fn failed(inner: &Inner, due: PictureDue, fault: Fault) {
    let now = inner.now();
    let after = |wait| moving::after(now, wait);
    let PictureDue { pointer, attempts } = due;
    let (again, state, failure) = match fault {
        // Else it would never be asked for again.
        fault if fault.is_full() => (Some((attempts, after(FULL))), AttachmentState::Moving, fault.to_string()),
        Fault::Network(error) => {
            let gone = error == tacit_network::Error::Gone;
            let again = match next_try(&error, attempts) {
                NextTry::After(wait) => Some((attempts + 1, after(wait))),
                NextTry::WhenConnected => Some((attempts, after(RECONNECTED))),
                NextTry::Never => None,
            };
            (again, if gone { AttachmentState::Gone } else { AttachmentState::Failed }, error.to_string())
        }
        Fault::File(FileError::Interrupted) => return,
        Fault::File(error) => (None, AttachmentState::Failed, error.to_string()),
        Fault::Store(error) => (None, AttachmentState::Failed, error.to_string()),
    };
    let keep = move |store: &mut Store| {
        store.write(|tx| match again {
            Some((attempts, at)) => tx.postpone_picture(&pointer, attempts, at, &failure),
            None => tx.end_picture(&pointer, state, &failure),
        })
    };
    report(inner.database.insist(keep).await);
}

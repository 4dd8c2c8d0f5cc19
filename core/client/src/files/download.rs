//! An attachment comes in. First it is gathered as its server keeps it, encrypted, so that it can be
//! gone on with at any time; then it is checked as a whole while it is decrypted into the cache,
//! where it has a name only once everything about it is right.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use tacit_crypto::Error as CryptoError;
use tacit_crypto::attachment::{legacy, stream};
use tacit_network::Error as NetworkError;
use tacit_store::{Arrived, Attachment, Store};
use tacit_wire::file_url::FileUrl;

use super::cache::{NewFile, append};
use super::look::{Look, look};
use super::moving::Fault;
use super::progress::Meter;
use super::{FileError, blocking};
use crate::client::Inner;

/// Decrypted at once.
const BUFFER: usize = 64 << 10;

pub(super) async fn run(inner: &Inner, attachment: &Attachment, meter: &Meter) -> Result<(), Fault> {
    let url = FileUrl::parse(&attachment.pointer.url).map_err(|_| FileError::Address)?;
    let path = inner.files.cache.fetched(attachment.id).map_err(FileError::Write)?;
    let resumed = gather(inner, &url, &path, meter).await.inspect_err(|fault| {
        // What will never be whole is of no use.
        if matches!(fault, Fault::Network(NetworkError::Gone | NetworkError::FileTooLarge)) {
            remove(&path);
        }
    })?;
    let new = match open(inner, attachment, &url, &path).await {
        // What lay here may have suffered when the program ended.
        Err(FileError::Damaged(_)) if resumed => {
            remove(&path);
            gather(inner, &url, &path, meter).await?;
            open(inner, attachment, &url, &path).await
        }
        other => other,
    };
    // What only lacks room is gone on with when there is some.
    let new = new.inspect_err(|error| {
        if !error.is_full() {
            remove(&path);
        }
    })?;
    take(inner, attachment, new).await?;
    remove(&path);
    Ok(())
}

/// Fetches what is missing; says whether something was there before.
async fn gather(inner: &Inner, url: &FileUrl, path: &Path, meter: &Meter) -> Result<bool, Fault> {
    let mut file = append(path).map_err(FileError::Write)?;
    let offset = file.metadata().map_err(FileError::Write)?.len();
    let mut download = inner.network.download(url, offset)?;
    while let Some(piece) = download.next().await? {
        file = blocking(move || {
            file.write_all(&piece).map_err(FileError::Write)?;
            Ok(file)
        })
        .await?;
        meter.at(download.done(), download.total().unwrap_or_default());
    }
    Ok(offset > 0)
}

/// Checks and decrypts what was gathered.
async fn open(inner: &Inner, attachment: &Attachment, url: &FileUrl, path: &Path) -> Result<NewFile, FileError> {
    let writer = inner.files.cache.create().map_err(FileError::Write)?;
    let decoder = Decoder::new(attachment, url.stream).map_err(FileError::Damaged)?;
    let (path, size): (PathBuf, u64) = (path.to_owned(), attachment.size);
    blocking(move || {
        let mut writer = writer;
        decrypt(decoder, File::open(path).map_err(FileError::Read)?, &mut writer)?;
        let new = writer.finish().map_err(FileError::Write)?;
        Ok(new)
    })
    .await
    .and_then(|new| {
        if new.size == size {
            return Ok(new);
        }
        inner.files.cache.remove(std::slice::from_ref(&new.name));
        Err(FileError::Damaged(CryptoError::Size))
    })
}

fn decrypt(mut decoder: Decoder, mut from: File, to: &mut impl io::Write) -> Result<(), FileError> {
    let mut buffer = vec![0; BUFFER];
    let mut data = zeroize::Zeroizing::new(Vec::with_capacity(2 * BUFFER));
    loop {
        let count = from.read(&mut buffer).map_err(FileError::Read)?;
        if count == 0 {
            break;
        }
        decoder.push(&buffer[..count], &mut data).map_err(FileError::Damaged)?;
        to.write_all(&data).map_err(FileError::Write)?;
        data.clear();
    }
    decoder.finish(&mut data).map_err(FileError::Damaged)?;
    to.write_all(&data).map_err(FileError::Write)
}

/// Both forms in which files come (protocol: messages 6.2, 6.3).
enum Decoder {
    Legacy(Box<legacy::Decoder>),
    Stream(Box<stream::Decoder>),
}

impl Decoder {
    fn new(attachment: &Attachment, stream: bool) -> Result<Self, CryptoError> {
        let (key, digest) = (&attachment.pointer.key, &attachment.pointer.digest);
        if stream {
            let key = key.as_slice().try_into().map_err(|_| CryptoError::KeySize)?;
            return Ok(Self::Stream(Box::new(stream::Decoder::new(key))));
        }
        let size = usize::try_from(attachment.size).unwrap_or(usize::MAX);
        let decoder = legacy::Decoder::new(key, Some(digest), size)?;
        Ok(Self::Legacy(Box::new(decoder)))
    }

    fn push(&mut self, upload: &[u8], data: &mut Vec<u8>) -> Result<(), CryptoError> {
        match self {
            Self::Legacy(decoder) => {
                decoder.push(upload, data);
                Ok(())
            }
            Self::Stream(decoder) => decoder.push(upload, data),
        }
    }

    fn finish(self, data: &mut Vec<u8>) -> Result<(), CryptoError> {
        match self {
            Self::Legacy(decoder) => decoder.finish(data),
            Self::Stream(decoder) => decoder.finish(data),
        }
    }
}

/// Looks at the file and gives it, and what was made of it, to the attachment.
async fn take(inner: &Inner, attachment: &Attachment, new: NewFile) -> Result<(), Fault> {
    let (cache, name, role) = (inner.files.cache.clone(), attachment.file_name.clone(), attachment.role);
    let (new, look) = blocking(move || {
        let look = look(&cache, &new, &name, role);
        Ok((new, look))
    })
    .await?;
    let Look { content_type, width, height, duration_ms, waveform, thumbnail } = look;
    let names: Vec<String> = [Some(&new), thumbnail.as_ref()].into_iter().flatten().map(|f| f.name.clone()).collect();
    let (id, now) = (attachment.id, inner.now());
    let keep = move |store: &mut Store| {
        store.write::<_, tacit_store::Error>(|tx| {
            let insert = |file: &NewFile| tx.insert_file(&file.name, &file.key, file.size, now);
            let thumbnail = thumbnail.as_ref().map(insert).transpose()?;
            let content_type = content_type.to_owned();
            let file = insert(&new)?;
            let arrived = Arrived { file, content_type, width, height, duration_ms, thumbnail, waveform };
            tx.set_arrived(id, &arrived)
        })
    };
    inner.database.call(keep).await.inspect_err(|_| inner.files.cache.remove(&names))?;
    Ok(())
}

fn remove(path: &Path) {
    let _ = fs::remove_file(path); // else it is swept away at the next start
}

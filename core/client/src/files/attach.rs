//! Taking a file over before it is sent: freed of what it tells of its maker, within the limits,
//! into the account's folder (protocol: messages 6.6).

use std::fs::File;
use std::io::{self, Cursor, Read, Write as _};
use std::path::PathBuf;

use tacit_crypto::attachment::legacy::MAX_DATA;
use tacit_media::picture::{self, Quality};
use tacit_media::{Kind, kind, video};
use tacit_store::AttachmentRole;

use super::cache::{Cache, NewFile};
use super::look::{Look, look};
use super::{FileError, blocking};
use crate::Error;
use crate::client::{Client, Inner};
use crate::sending::OutgoingFile;
use crate::text::safe_file_name;

/// Most bytes of a picture before it is scaled down.
const PICTURE_MAX: u64 = 64 << 20;
/// Most bytes of a sound before it is encoded as a voice message.
pub(super) const SOUND_MAX: u64 = 64 << 20;
const START: u64 = 4096;

/// Where a file to send comes from.
#[derive(Debug, Clone)]
pub enum Source {
    /// A file of this device.
    Path(PathBuf),
    /// Bytes, and how they are to be called.
    Bytes {
        /// A file name.
        name: String,
        /// All of them.
        bytes: Vec<u8>,
    },
}

/// How a file is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendAs {
    /// Pictures as such, scaled as the quality says.
    Picture(Quality),
    /// As a file; pictures that can be are cleaned nevertheless.
    File,
}

impl Default for SendAs {
    fn default() -> Self {
        Self::Picture(Quality::default())
    }
}

/// What a person should know before they send a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warning {
    /// Place, device or author may stand in it: nothing here can take them out of this kind of file.
    MayTellPlace,
}

/// A file that can be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// For the draft.
    pub file: OutgoingFile,
    /// What should be known before.
    pub warning: Option<Warning>,
}

impl Client {
    /// Takes a file over, to be sent with a draft. One that no message names is removed at the next
    /// start.
    ///
    /// # Errors
    /// [`FileError::TooLarge`], [`FileError::Empty`], [`FileError::Uncleanable`],
    /// [`FileError::Picture`], [`FileError::Read`], [`FileError::Write`], those of the database.
    pub async fn attach(&self, source: Source, how: SendAs) -> Result<Attached, Error> {
        let cache = self.inner.files.cache.clone();
        let (taken, look) = blocking(move || {
            let taken = take(&cache, &source, how)?;
            let look = look(&cache, &taken.new, &taken.name, AttachmentRole::File);
            Ok((taken, look))
        })
        .await?;
        let file = self.inner.outgoing(taken.new, taken.name, look, AttachmentRole::File).await?;
        Ok(Attached { file, warning: taken.warning })
    }
}

impl Inner {
    /// Gives a new file its row, and describes it for a draft.
    pub(super) async fn outgoing(
        &self,
        new: NewFile,
        file_name: String,
        look: Look,
        role: AttachmentRole,
    ) -> Result<OutgoingFile, Error> {
        let Look { content_type, width, height, duration_ms, waveform, thumbnail } = look;
        let kept = self.keep([Some(new), thumbnail].into_iter().flatten().collect()).await?;
        let mut kept = kept.into_iter();
        let file = kept.next().ok_or(FileError::NotHere)?;
        Ok(OutgoingFile {
            file,
            role,
            content_type: content_type.to_owned(),
            file_name,
            width,
            height,
            duration_ms,
            caption: String::new(),
            thumbnail: kept.next(),
            waveform,
        })
    }
}

/// A file that was taken over.
struct Taken {
    new: NewFile,
    name: String,
    warning: Option<Warning>,
}

fn take(cache: &Cache, source: &Source, how: SendAs) -> Result<Taken, FileError> {
    let (name, size) = (source.name(), source.size()?);
    let mut start = Vec::new();
    source.open()?.take(START).read_to_end(&mut start).map_err(FileError::Read)?;
    let found = kind(&start, &name);
    let tells = matches!(found.content_type, "image/heic" | "image/avif" | "image/tiff");
    let limit = if found.kind == Kind::Picture { PICTURE_MAX } else { MAX_DATA as u64 };
    if size == 0 {
        return Err(FileError::Empty);
    }
    if size > limit {
        return Err(FileError::TooLarge);
    }
    let taken = |new, name, warning| Ok(Taken { new, name, warning });
    match found.kind {
        Kind::Picture => {
            let quality = match how {
                SendAs::Picture(quality) => quality,
                SendAs::File => Quality::Original,
            };
            let clean = picture::prepare(&source.bytes(limit)?, quality).map_err(FileError::Picture)?;
            taken(write(cache, Cursor::new(clean.bytes))?, renamed(&name, clean.content_type), None)
        }
        Kind::OtherPicture if tells && how != SendAs::File => Err(FileError::Uncleanable),
        Kind::OtherPicture => taken(write(cache, source.open()?)?, name, tells.then_some(Warning::MayTellPlace)),
        // Sound, too, comes in containers of video.
        Kind::Video | Kind::Audio => match video::strip(source.bytes(limit)?) {
            Ok(clean) => taken(write(cache, Cursor::new(clean))?, name, None),
            Err(_) => {
                let warning = (found.kind == Kind::Video).then_some(Warning::MayTellPlace);
                taken(write(cache, source.open()?)?, name, warning)
            }
        },
        _ => taken(write(cache, source.open()?)?, name, None),
    }
}

/// Copies into the cache, never more than a message carries, whatever the size was said to be.
pub(super) fn write(cache: &Cache, source: impl Read) -> Result<NewFile, FileError> {
    let mut writer = cache.create().map_err(FileError::Write)?;
    let mut source = source.take(MAX_DATA as u64 + 1);
    let mut buffer = zeroize::Zeroizing::new(vec![0; 64 << 10]);
    loop {
        let count = source.read(&mut buffer).map_err(FileError::Read)?;
        if count == 0 {
            break;
        }
        writer.write_all(&buffer[..count]).map_err(FileError::Write)?;
    }
    if source.limit() == 0 {
        return Err(FileError::TooLarge);
    }
    writer.finish().map_err(FileError::Write)
}

/// The name with the ending that its content now has.
fn renamed(name: &str, content_type: &str) -> String {
    let endings: &[&str] = match content_type {
        "image/jpeg" => &["jpg", "jpeg"],
        "image/png" => &["png"],
        "image/webp" => &["webp"],
        "image/gif" => &["gif"],
        _ => return name.to_owned(),
    };
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    if endings.iter().any(|known| ending.eq_ignore_ascii_case(known)) {
        return name.to_owned();
    }
    safe_file_name(&format!("{stem}.{}", endings[0]))
}

impl Source {
    fn name(&self) -> String {
        match self {
            Self::Path(path) => safe_file_name(&path.file_name().unwrap_or_default().to_string_lossy()),
            Self::Bytes { name, .. } => safe_file_name(name),
        }
    }

    fn size(&self) -> Result<u64, FileError> {
        match self {
            Self::Path(path) => {
                let about = std::fs::metadata(path).map_err(FileError::Read)?;
                if about.is_file() { Ok(about.len()) } else { Err(FileError::Read(io::ErrorKind::InvalidInput.into())) }
            }
            Self::Bytes { bytes, .. } => Ok(bytes.len() as u64),
        }
    }

    fn open(&self) -> Result<Box<dyn Read + '_>, FileError> {
        match self {
            Self::Path(path) => Ok(Box::new(File::open(path).map_err(FileError::Read)?)),
            Self::Bytes { bytes, .. } => Ok(Box::new(bytes.as_slice())),
        }
    }

    pub(super) fn bytes(&self, limit: u64) -> Result<Vec<u8>, FileError> {
        let mut bytes = Vec::with_capacity(usize::try_from(self.size()?.min(limit)).unwrap_or_default());
        self.open()?.take(limit + 1).read_to_end(&mut bytes).map_err(FileError::Read)?;
        if bytes.len() as u64 > limit { Err(FileError::TooLarge) } else { Ok(bytes) }
    }
}

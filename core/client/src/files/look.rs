//! What a file is, by its content alone: nobody's word on its type is taken.

use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::time::Duration;

use tacit_media::{Kind, audio, kind, picture, video};
use tacit_store::{AttachmentRole, StoredFile};

use super::cache::{Cache, FileReader, NewFile};

/// First bytes that are looked at.
const START: u64 = 4096;
/// Longer side of a thumbnail, in pixels.
const THUMBNAIL_SIDE: u32 = 640;
/// Most bytes that a video's description may have.
const DESCRIPTION: u64 = 2 << 20;
const UNKNOWN: &str = "application/octet-stream";

/// What is known of a file.
#[derive(Default)]
pub(super) struct Look {
    /// MIME type by the content. A picture's or video's only if it can be shown.
    pub(super) content_type: &'static str,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) duration_ms: u32,
    pub(super) waveform: Vec<u8>,
    pub(super) thumbnail: Option<NewFile>,
}

/// Looks at a file of the cache. Whatever is odd about it makes it a plain file, never an error.
pub(super) fn look(cache: &Cache, file: &NewFile, name: &str, role: AttachmentRole) -> Look {
    let stored =
        StoredFile { id: tacit_store::FileId(0), name: file.name.clone(), key: file.key.clone(), size: file.size };
    let Ok(mut reader) = cache.open(&stored) else { return Look { content_type: UNKNOWN, ..Look::default() } };
    let mut start = Vec::new();
    let _ = (&mut reader).take(START).read_to_end(&mut start);
    let found = kind(&start, name);
    let look = Look { content_type: found.content_type, ..Look::default() };
    match found.kind {
        Kind::Picture => look_at_picture(cache, reader, look),
        Kind::Audio => look_at_sound(reader, look),
        // Sound alone, in a container that mostly holds video.
        Kind::Video if role == AttachmentRole::Voice => {
            let content_type = if found.content_type == "video/mp4" { "audio/mp4" } else { found.content_type };
            look_at_sound(reader, Look { content_type, ..look })
        }
        Kind::Video => look_at_video(reader, look),
        _ => look,
    }
}

/// One that cannot be decoded, also for its size, is a file like any other.
fn look_at_picture(cache: &Cache, reader: FileReader, look: Look) -> Look {
    let unknown = Look { content_type: UNKNOWN, ..Look::default() };
    let Ok(bytes) = reader.bytes() else { return unknown };
    let Ok((width, height)) = picture::dimensions(&bytes) else { return unknown };
    let Ok(small) = picture::reduced(&bytes, THUMBNAIL_SIDE) else { return unknown };
    let needed = width.max(height) > THUMBNAIL_SIDE;
    let thumbnail = needed.then(|| write(cache, &small.bytes)).flatten();
    Look { width, height, thumbnail, ..look }
}

fn look_at_sound(mut reader: FileReader, look: Look) -> Look {
    if reader.rewind().is_err() {
        return look;
    }
    match audio::summary(reader) {
        Ok(summary) => {
            Look { duration_ms: milliseconds(summary.duration), waveform: summary.waveform.to_vec(), ..look }
        }
        Err(_) => look,
    }
}

fn look_at_video(mut reader: FileReader, look: Look) -> Look {
    match description(&mut reader).and_then(|head| video::info(&head).ok()) {
        Some(info) => Look {
            width: info.width,
            height: info.height,
            duration_ms: info.duration.map(milliseconds).unwrap_or_default(),
            ..look
        },
        None => look,
    }
}

/// The part of a video that describes it: the beginning, and of MP4 all boxes but those of samples,
/// so that a long video needs no more memory than a short one.
fn description(reader: &mut FileReader) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    let mut at = 0_u64;
    while at < reader.size() {
        let mut sizes = [0_u8; 16];
        reader.seek(SeekFrom::Start(at)).ok()?;
        reader.read_exact(&mut sizes[..8]).ok()?;
        if at == 0 && sizes[..4] == [0x1a, 0x45, 0xdf, 0xa3] {
            reader.rewind().ok()?;
            reader.by_ref().take(DESCRIPTION).read_to_end(&mut head).ok()?;
            return Some(head);
        }
        let size = match u32::from_be_bytes(sizes[..4].try_into().ok()?) {
            0 => reader.size() - at,
            1 => {
                reader.read_exact(&mut sizes[8..]).ok()?;
                u64::from_be_bytes(sizes[8..].try_into().ok()?)
            }
            size => u64::from(size),
        };
        if size < 8 {
            return None;
        }
        if !matches!(&sizes[4..8], b"mdat" | b"free" | b"skip" | b"wide") {
            if head.len() as u64 + size > DESCRIPTION {
                return None;
            }
            reader.seek(SeekFrom::Start(at)).ok()?;
            reader.by_ref().take(size).read_to_end(&mut head).ok()?;
        }
        at = at.checked_add(size)?;
    }
    Some(head)
}

fn milliseconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}

/// Writes a small file that was made here; without it goes too.
fn write(cache: &Cache, bytes: &[u8]) -> Option<NewFile> {
    let mut writer = cache.create().ok()?;
    writer.write_all(bytes).ok()?;
    writer.finish().ok()
}

#[cfg(test)]
mod tests;

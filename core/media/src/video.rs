//! Video files, by their containers alone: MP4 and MOV, WebM and Matroska. Nothing is decoded.

mod atom;
mod ebml;
mod matroska;
mod mp4;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::time::Duration;

use crate::Error;

/// What the container of a video says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Info {
    /// Width in pixels as it is shown, rotation applied.
    pub width: u32,
    /// Height in pixels as it is shown, rotation applied.
    pub height: u32,
    /// How it is turned before it is shown, clockwise: 0, 90, 180 or 270 degrees.
    pub rotation: u16,
    /// How long it is, if its header says so.
    pub duration: Option<Duration>,
}

/// Reads what the container says. Fails for other files and for those without a picture track.
pub fn info(bytes: &[u8]) -> Result<Info, Error> {
    match form(bytes)? {
        Form::Mp4 => mp4::info(bytes),
        Form::Matroska => matroska::info(bytes),
    }
}

/// Blanks places, devices, times, titles and whatever else is not needed to play, and the samples of tracks that are
/// neither picture, sound nor subtitles (cameras keep positions there). All sizes and places stay, and so does the
/// quality. Works for sound in these containers as well (protocol: messages 6.6).
pub fn strip(mut bytes: Vec<u8>) -> Result<Vec<u8>, Error> {
    match form(&bytes)? {
        Form::Mp4 => mp4::strip(&mut bytes)?,
        Form::Matroska => matroska::strip(&mut bytes),
    }
    Ok(bytes)
}

enum Form {
    Mp4,
    Matroska,
}

fn form(bytes: &[u8]) -> Result<Form, Error> {
    match bytes {
        [0x1a, 0x45, 0xdf, 0xa3, ..] => Ok(Form::Matroska),
        // Old MOV files begin without a file type.
        [_, _, _, _, b'f', b't', b'y', b'p', ..]
        | [_, _, _, _, b'm', b'o', b'o', b'v', ..]
        | [_, _, _, _, b'w', b'i', b'd', b'e', ..]
        | [_, _, _, _, b'm', b'd', b'a', b't', ..] => Ok(Form::Mp4),
        _ => Err(Error::Unknown("video")),
    }
}

/// Overwrites with zeros what of `range` lies within `bytes`.
fn blank(bytes: &mut [u8], range: Range<usize>) {
    let end = range.end.min(bytes.len());
    if let Some(part) = bytes.get_mut(range.start..end) {
        part.fill(0);
    }
}

/// Big-endian number of at most 8 bytes at `at`.
fn number(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    let digits = bytes.get(at..at.checked_add(length)?)?;
    Some(digits.iter().fold(0, |number, &byte| (number << 8) | u64::from(byte)))
}

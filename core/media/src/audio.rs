//! Sound: decoding of what arrives, recording of voice messages, what the player shows and hears.

mod codec;
mod decoder;
mod encode;
#[cfg(feature = "mp3")]
mod mp3;
mod opus;
mod playback;
mod resample;
mod source;
mod stretch;
#[cfg(test)]
mod tests;
mod waveform;

use std::io::Cursor;
use std::time::Duration;

pub use self::decoder::{Decoder, MAX_DURATION, Source};
#[cfg(feature = "mp3")]
pub use self::encode::encode_mp3;
pub use self::encode::{Form, MAX_VOICE, Recording, VOICE_RATE, VoiceEncoder, encode_wav};
pub use self::playback::Playback;
pub use self::resample::Resampler;
pub use self::stretch::Stretch;
pub use self::waveform::{BARS, Summary, summary, waveform};
use crate::Error;

/// Longest sound that [`decode`] holds whole; longer ones are read by [`Decoder`].
pub const MAX_WHOLE: Duration = Duration::from_mins(10);

/// Decoded sound.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pcm {
    /// Frames a second.
    pub rate: u32,
    /// 1 or 2.
    pub channels: u16,
    /// Samples from -1 to 1, channels interleaved.
    pub samples: Vec<f32>,
}

impl Pcm {
    /// How long it plays.
    pub fn duration(&self) -> Duration {
        duration((self.samples.len() / usize::from(self.channels.max(1))) as u64, self.rate)
    }
}

/// Decodes AAC (in MP4 or ADTS), MP3, Opus in Ogg, WAV or FLAC. A cut or damaged file gives what could be decoded
/// and why it ends there; so does one longer than [`MAX_WHOLE`], by [`Error::TooLong`].
pub fn decode(bytes: Vec<u8>) -> Result<(Pcm, Option<Error>), Error> {
    let mut decoder = Decoder::new(Cursor::new(bytes))?;
    let mut pcm = Pcm { rate: decoder.rate(), channels: decoder.channels(), samples: Vec::new() };
    loop {
        match decoder.block() {
            Ok(Some(block)) => pcm.samples.extend_from_slice(block),
            Ok(None) => return Ok((pcm, None)),
            Err(error) if pcm.samples.is_empty() => return Err(error),
            Err(error) => return Ok((pcm, Some(error))),
        }
        if pcm.duration() > MAX_WHOLE {
            return Ok((pcm, Some(Error::TooLong)));
        }
    }
}

fn duration(frames: u64, rate: u32) -> Duration {
    Duration::from_micros(frames.saturating_mul(1_000_000) / u64::from(rate.max(1)))
}

fn frames(duration: Duration, rate: u32) -> u64 {
    (duration.as_secs_f64() * f64::from(rate)).round() as u64
}

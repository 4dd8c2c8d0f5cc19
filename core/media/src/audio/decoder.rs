use std::io::{ErrorKind, Read, Seek};
use std::time::Duration;

use symphonia::core::codecs::CodecParameters;
use symphonia::core::errors::{Error as Fault, SeekErrorKind};
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, SeekMode, SeekTo, Track, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;
use symphonia::core::units::{Time, TimeBase};

use super::codec::{Codec, Layout};
use super::source::Sized;
use super::{duration, frames};
use crate::Error;
use crate::guard::guarded;

/// Longest sound that is played.
pub const MAX_DURATION: Duration = Duration::from_hours(2);
/// Packets in a row that may be damaged before the rest is given up.
const MAX_DAMAGED: u32 = 50;
/// Decoded and thrown away before the place that was sought, so that the decoder has settled.
const PREROLL: Duration = Duration::from_millis(80);

/// Where encoded sound is read from.
pub trait Source: Read + Seek + Send + Sync + 'static {}
impl<T: Read + Seek + Send + Sync + 'static> Source for T {}

/// Decodes sound block by block; beside the block it holds little.
pub struct Decoder {
    /// None after it could not be opened again.
    format: Option<Box<dyn FormatReader>>,
    codec: Codec,
    track: u32,
    time_base: TimeBase,
    layout: Layout,
    length: Option<Duration>,
    /// The frame after `block`, counted from the start of the sound.
    position: u64,
    /// Frames before this one are thrown away.
    wanted: u64,
    block: Vec<f32>,
    /// `block` was decoded ahead and not given yet.
    held: bool,
    ended: bool,
}

impl Decoder {
    /// Opens AAC (in MP4 or ADTS), MP3, Opus in Ogg, WAV or FLAC, told by content.
    pub fn new(source: impl Source) -> Result<Self, Error> {
        let stream = MediaSourceStream::new(Box::new(Sized::new(source)?), Default::default());
        let format = open(stream)?;
        let track = format.default_track(TrackType::Audio).ok_or(Error::Unknown("sound"))?;
        let Some(CodecParameters::Audio(parameters)) = &track.codec_params else {
            return Err(Error::Unknown("sound"));
        };
        let (codec, layout) = Codec::new(parameters)?;
        let time_base = track.time_base.or_else(|| TimeBase::try_from_recip(layout.rate));
        let time_base = time_base.ok_or(Error::Unknown("sound"))?;
        let (track, length) = (track.id, length(track, time_base));
        let (position, wanted, block) = (0, 0, Vec::new());
        let (format, held, ended) = (Some(format), false, false);
        let mut decoder =
            Self { format, codec, track, time_base, layout, length, position, wanted, block, held, ended };
        decoder.held = decoder.fill()?;
        Ok(decoder)
    }

    /// Frames a second.
    pub fn rate(&self) -> u32 {
        self.layout.rate
    }

    /// Channels of each frame: 1 or 2; more are mixed to one.
    pub fn channels(&self) -> u16 {
        self.layout.channels
    }

    /// How long the file says it is: a claim, not a measure.
    pub fn duration(&self) -> Option<Duration> {
        self.length
    }

    /// Where the sound stands: the end of the last block that was given, or what was sought.
    pub fn position(&self) -> Duration {
        let ahead = if self.held { self.block_frames() } else { 0 };
        duration(self.position.saturating_sub(ahead).max(self.wanted), self.rate())
    }

    /// The next samples, channels interleaved; none at the end. Single damaged packets are left out; a file that is
    /// cut, damaged for long, or longer than [`MAX_DURATION`] gives one error after what could be decoded.
    pub fn block(&mut self) -> Result<Option<&[f32]>, Error> {
        let has = std::mem::take(&mut self.held) || self.fill()?;
        Ok(has.then_some(self.block.as_slice()))
    }

    /// Continues at `to`; past the end there are no more blocks.
    pub fn seek(&mut self, to: Duration) -> Result<(), Error> {
        guarded(|| self.seek_now(to))
    }

    fn seek_now(&mut self, to: Duration) -> Result<(), Error> {
        (self.held, self.ended) = (false, true);
        self.block.clear();
        let time = Time::from_micros_u64(u64::try_from(to.saturating_sub(PREROLL).as_micros()).unwrap_or(u64::MAX));
        let target = SeekTo::Time { time, track_id: Some(self.track) };
        match self.reopened()?.seek(SeekMode::Accurate, target) {
            Ok(reached) => {
                self.codec.reset();
                let reached = self.time_base.calc_time_saturating(reached.actual_ts).as_secs_f64().max(0.0);
                self.position = frames(Duration::try_from_secs_f64(reached).unwrap_or(to), self.rate());
                self.wanted = frames(to, self.rate());
                self.ended = false;
                Ok(())
            }
            Err(Fault::SeekError(SeekErrorKind::OutOfRange)) => Ok(()),
            Err(error) => Err(damaged(&error)),
        }
    }

    /// The container, read from its beginning: readers do not always find back after their end.
    fn reopened(&mut self) -> Result<&mut Box<dyn FormatReader>, Error> {
        let format = self.format.take().ok_or(Error::Unknown("sound"))?;
        let mut stream = format.into_inner();
        stream.rewind().map_err(|e| Error::Damaged(e.to_string()))?;
        Ok(self.format.insert(open(stream)?))
    }

    fn block_frames(&self) -> u64 {
        (self.block.len() / usize::from(self.channels())) as u64
    }

    /// Decodes the next block that is not empty; false at the end.
    fn fill(&mut self) -> Result<bool, Error> {
        let result = guarded(|| self.fill_unless_ended());
        self.ended |= !matches!(result, Ok(true));
        result
    }

    fn fill_unless_ended(&mut self) -> Result<bool, Error> {
        let mut damaged_packets = 0;
        while !self.ended {
            let Some(format) = &mut self.format else {
                return Ok(false);
            };
            let Some(packet) = format.next_packet().map_err(|e| damaged(&e))? else {
                return Ok(false);
            };
            if packet.track_id != self.track {
                continue;
            }
            match self.codec.decode(&packet, &mut self.layout, &mut self.block) {
                Ok(()) => damaged_packets = 0,
                Err(error) if damaged_packets >= MAX_DAMAGED => return Err(error),
                Err(_) => {
                    damaged_packets += 1;
                    continue;
                }
            }
            let start = self.position;
            self.position += self.block_frames();
            if self.position > frames(MAX_DURATION, self.rate()) {
                return Err(Error::TooLong);
            }
            self.drop_before_wanted(start);
            if !self.block.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn drop_before_wanted(&mut self, start: u64) {
        let early = self.wanted.saturating_sub(start).min(self.block_frames());
        self.block.drain(..early as usize * usize::from(self.layout.channels));
    }
}

fn open(stream: MediaSourceStream<'static>) -> Result<Box<dyn FormatReader>, Error> {
    guarded(|| {
        symphonia::default::get_probe()
            .probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default())
            .map_err(|_| Error::Unknown("sound"))
    })
}

fn length(track: &Track, time_base: TimeBase) -> Option<Duration> {
    let length = track.duration.or_else(|| track.num_frames.map(Into::into))?;
    Duration::try_from_secs_f64(time_base.calc_duration_saturating(length).as_secs_f64()).ok()
}

fn damaged(error: &Fault) -> Error {
    match error {
        Fault::IoError(e) if e.kind() == ErrorKind::UnexpectedEof => Error::Damaged("cut short".to_owned()),
        other => Error::Damaged(other.to_string()),
    }
}

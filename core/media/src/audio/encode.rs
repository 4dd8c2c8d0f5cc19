use std::time::Duration;

use super::waveform::Meter;
use super::{BARS, Pcm, Resampler, duration};
use crate::Error;

/// Rate of a voice message (protocol: messages 4.5).
pub const VOICE_RATE: u32 = 16_000;
/// Longest voice message (protocol: messages 4.5).
pub const MAX_VOICE: Duration = Duration::from_mins(5);
const WAV_HEADER: usize = 44;

/// Encodings of a voice message, 16 kHz mono (protocol: messages 4.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// 32 kbit/s, `audio/mpeg`.
    #[cfg(feature = "mp3")]
    Mp3,
    /// 16 bit PCM, `audio/wav`.
    Wav,
}

impl Default for Form {
    /// MP3 where there is an encoder for it.
    fn default() -> Self {
        #[cfg(feature = "mp3")]
        return Self::Mp3;
        #[cfg(not(feature = "mp3"))]
        return Self::Wav;
    }
}

/// A recorded voice message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// The encoded file.
    pub bytes: Vec<u8>,
    /// MIME type of `bytes`.
    pub content_type: &'static str,
    /// Ending of its file name.
    pub extension: &'static str,
    /// How long it plays.
    pub duration: Duration,
    /// Loudness, 255 for the loudest part.
    pub waveform: [u8; BARS],
}

/// Encodes a voice message while it is recorded.
pub struct VoiceEncoder {
    resampler: Resampler,
    resampled: Vec<f32>,
    meter: Meter,
    encoder: Encoder,
    bytes: Vec<u8>,
}

enum Encoder {
    #[cfg(feature = "mp3")]
    Mp3(super::mp3::Mp3),
    Wav,
}

impl VoiceEncoder {
    /// Takes mono samples at `rate` a second.
    pub fn new(rate: u32, form: Form) -> Result<Self, Error> {
        let (encoder, bytes) = match form {
            #[cfg(feature = "mp3")]
            Form::Mp3 => (Encoder::Mp3(super::mp3::Mp3::new()?), Vec::new()),
            Form::Wav => (Encoder::Wav, vec![0; WAV_HEADER]),
        };
        let (resampler, meter) = (Resampler::new(rate, VOICE_RATE), Meter::new(VOICE_RATE, 1));
        Ok(Self { resampler, resampled: Vec::new(), meter, encoder, bytes })
    }

    /// Takes mono samples. At [`MAX_VOICE`] it fails and takes no more; what it has can still be finished.
    pub fn push(&mut self, samples: &[f32]) -> Result<(), Error> {
        self.resampler.push(samples, &mut self.resampled);
        self.encode()
    }

    /// How long it is so far.
    pub fn duration(&self) -> Duration {
        duration(self.meter.frames, VOICE_RATE)
    }

    /// The whole recording.
    pub fn finish(mut self) -> Result<Recording, Error> {
        self.resampler.finish(&mut self.resampled);
        match self.encode() {
            Ok(()) | Err(Error::TooLong) => {}
            Err(error) => return Err(error),
        }
        let (content_type, extension) = match &mut self.encoder {
            #[cfg(feature = "mp3")]
            Encoder::Mp3(mp3) => {
                mp3.finish(&mut self.bytes)?;
                ("audio/mpeg", "mp3")
            }
            Encoder::Wav => {
                let header = wav_header((self.bytes.len() - WAV_HEADER) as u32);
                self.bytes[..WAV_HEADER].copy_from_slice(&header);
                ("audio/wav", "wav")
            }
        };
        let (duration, waveform) = (self.duration(), self.meter.bars());
        Ok(Recording { bytes: self.bytes, content_type, extension, duration, waveform })
    }

    fn encode(&mut self) -> Result<(), Error> {
        let left = (super::frames(MAX_VOICE, VOICE_RATE) - self.meter.frames) as usize;
        let full = self.resampled.len() > left;
        self.resampled.truncate(left);
        self.meter.push(&self.resampled);
        let samples: Vec<i16> = self.resampled.drain(..).map(to_i16).collect();
        match &mut self.encoder {
            #[cfg(feature = "mp3")]
            Encoder::Mp3(mp3) => mp3.push(&samples, &mut self.bytes)?,
            Encoder::Wav => self.bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes())),
        }
        if full { Err(Error::TooLong) } else { Ok(()) }
    }
}

/// A voice message as MP3. What lies after [`MAX_VOICE`] is left out.
#[cfg(feature = "mp3")]
pub fn encode_mp3(pcm: &Pcm) -> Result<Recording, Error> {
    encode(pcm, Form::Mp3)
}

/// A voice message as WAV. What lies after [`MAX_VOICE`] is left out.
pub fn encode_wav(pcm: &Pcm) -> Result<Recording, Error> {
    encode(pcm, Form::Wav)
}

fn encode(pcm: &Pcm, form: Form) -> Result<Recording, Error> {
    let channels = usize::from(pcm.channels.max(1));
    let mono: Vec<f32> = pcm.samples.chunks_exact(channels).map(|f| f.iter().sum::<f32>() / channels as f32).collect();
    let mut encoder = VoiceEncoder::new(pcm.rate, form)?;
    match encoder.push(&mono) {
        Ok(()) | Err(Error::TooLong) => encoder.finish(),
        Err(error) => Err(error),
    }
}

fn to_i16(sample: f32) -> i16 {
    (sample.clamp(-1.0, 1.0) * f32::from(i16::MAX)).round() as i16
}

fn wav_header(length: u32) -> [u8; WAV_HEADER] {
    let mut header = [0; WAV_HEADER];
    let mut at = 0;
    let mut put = |bytes: &[u8]| {
        header[at..at + bytes.len()].copy_from_slice(bytes);
        at += bytes.len();
    };
    put(b"RIFF");
    put(&(length + WAV_HEADER as u32 - 8).to_le_bytes());
    put(b"WAVEfmt ");
    put(&16_u32.to_le_bytes());
    // PCM, one channel.
    put(&[1, 0, 1, 0]);
    put(&VOICE_RATE.to_le_bytes());
    put(&(VOICE_RATE * 2).to_le_bytes());
    put(&[2, 0, 16, 0]);
    put(b"data");
    put(&length.to_le_bytes());
    header
}

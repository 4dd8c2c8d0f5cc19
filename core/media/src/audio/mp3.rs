use mp3lame_encoder::{Bitrate, Builder, Encoder, FlushNoGap, Mode, MonoPcm, Quality, max_required_buffer_size};

use super::VOICE_RATE;
use crate::Error;

/// Samples given to the encoder at once.
const CHUNK: usize = 16_000;

/// MP3 at 16 kHz mono, 32 kbit/s (protocol: messages 4.5).
pub(super) struct Mp3(Encoder);

impl Mp3 {
    pub fn new() -> Result<Self, Error> {
        let build = || {
            let mut builder = Builder::new()?;
            builder.set_num_channels(1).ok()?;
            builder.set_mode(Mode::Mono).ok()?;
            builder.set_sample_rate(VOICE_RATE).ok()?;
            builder.set_brate(Bitrate::Kbps32).ok()?;
            builder.set_quality(Quality::Good).ok()?;
            builder.build().ok()
        };
        build().map(Self).ok_or(Error::Encoder("MP3"))
    }

    pub fn push(&mut self, samples: &[i16], out: &mut Vec<u8>) -> Result<(), Error> {
        for chunk in samples.chunks(CHUNK) {
            out.reserve(max_required_buffer_size(chunk.len()));
            self.0.encode_to_vec(MonoPcm(chunk), out).map_err(|_| Error::Encoder("MP3"))?;
        }
        Ok(())
    }

    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        out.reserve(max_required_buffer_size(0));
        self.0.flush_to_vec::<FlushNoGap>(out).map_err(|_| Error::Encoder("MP3"))?;
        Ok(())
    }
}

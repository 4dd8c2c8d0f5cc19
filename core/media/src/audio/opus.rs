use opus::{Channels, Decoder};

use crate::Error;

/// Rate that Opus is always decoded at.
pub(super) const RATE: u32 = 48_000;
/// Frames of the longest packet, 120 ms.
const LONGEST: usize = 5760;

/// Decodes Opus packets as Ogg carries them, for which symphonia has no decoder.
pub(super) struct OpusDecoder {
    decoder: Decoder,
    channels: u16,
    block: Vec<f32>,
}

impl OpusDecoder {
    /// `head`: the identification header, RFC 7845 5.1.
    pub fn new(head: &[u8]) -> Result<Self, Error> {
        let (&channels, &family) = head.get(9).zip(head.get(18)).ok_or_else(|| damaged("header"))?;
        let layout = match (channels, family) {
            (1, 0) => Channels::Mono,
            (2, 0) => Channels::Stereo,
            _ => return Err(Error::Unsupported("Opus with more than two channels")),
        };
        let gain = head.get(16..18).map_or(0, |g| i16::from_le_bytes([g[0], g[1]]));
        let mut decoder = Decoder::new(RATE, layout).map_err(|_| Error::Unsupported("Opus"))?;
        decoder.set_gain(i32::from(gain)).map_err(|_| damaged("gain"))?;
        Ok(Self { decoder, channels: channels.into(), block: vec![0.0; LONGEST * usize::from(channels)] })
    }

    pub fn channels(&self) -> u16 {
        self.channels
    }

    pub fn decode(&mut self, packet: &[u8]) -> Result<&[f32], Error> {
        if packet.is_empty() {
            return Err(damaged("packet"));
        }
        let frames = self.decoder.decode_float(packet, &mut self.block, false).map_err(|_| damaged("packet"))?;
        Ok(&self.block[..(frames * usize::from(self.channels)).min(self.block.len())])
    }

    pub fn reset(&mut self) {
        // It fails for a null pointer only.
        let _ = self.decoder.reset_state();
    }
}

fn damaged(what: &str) -> Error {
    Error::Damaged(format!("Opus {what}"))
}

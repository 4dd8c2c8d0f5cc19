use symphonia::core::codecs::audio::well_known::{CODEC_ID_AAC, CODEC_ID_OPUS, CODEC_ID_VORBIS};
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::packet::Packet;

use super::opus::OpusDecoder;
use crate::Error;

const RATES: std::ops::RangeInclusive<u32> = 1000..=192_000;

/// How the samples of one sound lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    pub rate: u32,
    /// 1 or 2; 0 until the first packet has told.
    pub channels: u16,
}

/// Decodes the packets of one track.
pub(super) enum Codec {
    Other(Box<dyn AudioDecoder>),
    Opus(Box<OpusDecoder>),
}

impl Codec {
    pub fn new(parameters: &AudioCodecParameters) -> Result<(Self, Layout), Error> {
        if parameters.codec == CODEC_ID_OPUS {
            let decoder = OpusDecoder::new(parameters.extra_data.as_deref().unwrap_or_default())?;
            let layout = Layout { rate: super::opus::RATE, channels: decoder.channels() };
            return Ok((Self::Opus(Box::new(decoder)), layout));
        }
        let name = match parameters.codec {
            CODEC_ID_VORBIS => "Vorbis",
            CODEC_ID_AAC => "this kind of AAC",
            _ => "this kind of sound",
        };
        let rate = parameters.sample_rate.filter(|rate| RATES.contains(rate));
        let rate = rate.ok_or_else(|| Error::Damaged("sample rate".to_owned()))?;
        let decoder = symphonia::default::get_codecs()
            .make_audio_decoder(parameters, &AudioDecoderOptions::default())
            .map_err(|_| Error::Unsupported(name))?;
        Ok((Self::Other(decoder), Layout { rate, channels: 0 }))
    }

    /// Replaces `block` by the samples of a packet. The first packet settles the layout.
    pub fn decode(&mut self, packet: &Packet, layout: &mut Layout, block: &mut Vec<f32>) -> Result<(), Error> {
        block.clear();
        match self {
            Self::Opus(decoder) => {
                let channels = usize::from(decoder.channels());
                let samples = decoder.decode(&packet.data)?;
                // What lies before time 0 only lets the decoder settle; what lies after the end fills the packet.
                let early = packet.trim_start.get().max((-packet.pts.get().min(0)) as u64);
                let frames = (samples.len() / channels) as u64;
                let start = early.min(frames);
                let end = frames.saturating_sub(packet.trim_end.get()).max(start);
                block.extend_from_slice(&samples[start as usize * channels..end as usize * channels]);
            }
            Self::Other(decoder) => {
                let samples = decoder.decode(packet).map_err(|e| Error::Damaged(e.to_string()))?;
                let (rate, channels) = (samples.spec().rate(), samples.spec().channels().count());
                samples.copy_to_vec_interleaved::<f32>(block);
                if layout.channels == 0 && RATES.contains(&rate) {
                    *layout = Layout { rate, channels: if channels == 2 { 2 } else { 1 } };
                }
                if layout.rate != rate {
                    return Err(Error::Damaged("the sample rate changes".to_owned()));
                }
                remix(block, channels, usize::from(layout.channels));
            }
        }
        block.iter_mut().filter(|sample| !sample.is_finite()).for_each(|sample| *sample = 0.0);
        Ok(())
    }

    pub fn reset(&mut self) {
        match self {
            Self::Opus(decoder) => decoder.reset(),
            Self::Other(decoder) => decoder.reset(),
        }
    }
}

/// From any number of channels to one or two.
fn remix(block: &mut Vec<f32>, from: usize, to: usize) {
    if from == to || from == 0 {
        return;
    }
    let mono = block.chunks_exact(from).map(|frame| frame.iter().sum::<f32>() / from as f32);
    *block = mono.flat_map(|sample| std::iter::repeat_n(sample, to)).collect();
}

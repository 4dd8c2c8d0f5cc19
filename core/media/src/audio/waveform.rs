use std::time::Duration;

use super::{Decoder, Pcm, Source, duration};
use crate::Error;

/// Bars of a waveform.
pub const BARS: usize = 40;
/// Loudness is first measured in steps of this many to the second.
const STEPS_A_SECOND: u32 = 50;

/// What is shown of a sound before it plays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Measured by decoding, not claimed by the file.
    pub duration: Duration,
    /// See [`waveform`].
    pub waveform: [u8; BARS],
    /// Why it ends early, if it does.
    pub error: Option<Error>,
}

/// The loudness of a sound in [`BARS`] equal parts, 255 for the loudest.
pub fn waveform(pcm: &Pcm) -> [u8; BARS] {
    let mut meter = Meter::new(pcm.rate, pcm.channels);
    meter.push(&pcm.samples);
    meter.bars()
}

/// Length and waveform of an encoded sound, in little memory however long it is.
pub fn summary(source: impl Source) -> Result<Summary, Error> {
    let mut decoder = Decoder::new(source)?;
    let mut meter = Meter::new(decoder.rate(), decoder.channels());
    let error = loop {
        match decoder.block() {
            Ok(Some(block)) => meter.push(block),
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
    };
    Ok(Summary { duration: duration(meter.frames, decoder.rate()), waveform: meter.bars(), error })
}

/// Measures loudness as sound passes.
pub(super) struct Meter {
    channels: usize,
    /// Samples of a step.
    step: usize,
    steps: Vec<f32>,
    sum: f32,
    count: usize,
    pub frames: u64,
}

impl Meter {
    pub fn new(rate: u32, channels: u16) -> Self {
        let channels = usize::from(channels.max(1));
        let step = (rate / STEPS_A_SECOND).max(1) as usize * channels;
        Self { channels, step, steps: Vec::new(), sum: 0.0, count: 0, frames: 0 }
    }

    pub fn push(&mut self, samples: &[f32]) {
        self.frames += (samples.len() / self.channels) as u64;
        for sample in samples {
            self.sum += sample * sample;
            self.count += 1;
            if self.count == self.step {
                self.end_step();
            }
        }
    }

    fn end_step(&mut self) {
        self.steps.push((self.sum / self.count as f32).sqrt());
        (self.sum, self.count) = (0.0, 0);
    }

    pub fn bars(&mut self) -> [u8; BARS] {
        if self.count > 0 {
            self.end_step();
        }
        let mean = |bar: usize| {
            let start = bar * self.steps.len() / BARS;
            let end = ((bar + 1) * self.steps.len() / BARS).max(start + 1).min(self.steps.len());
            let steps = self.steps.get(start..end).unwrap_or_default();
            steps.iter().sum::<f32>() / steps.len().max(1) as f32
        };
        let bars: [f32; BARS] = std::array::from_fn(mean);
        let loudest = bars.iter().copied().fold(0.0, f32::max);
        // Below this there is only noise to be seen.
        bars.map(|bar| if loudest < 1e-4 { 0 } else { (bar / loudest * 255.0).round() as u8 })
    }
}

use std::time::Duration;

use super::{Decoder, Source, Stretch, duration};
use crate::Error;

/// A sound as a player wants it: samples on demand, at 1×, 1.5× or 2× of its speed and at its own pitch.
pub struct Playback {
    decoder: Decoder,
    stretch: Stretch,
    speed: f32,
    /// Samples made and not given yet, from `given` on.
    ready: Vec<f32>,
    given: usize,
    ended: bool,
    error: Option<Error>,
}

impl Playback {
    /// Opens what [`Decoder`] opens.
    pub fn new(source: impl Source) -> Result<Self, Error> {
        let decoder = Decoder::new(source)?;
        let stretch = Stretch::new(decoder.rate(), decoder.channels(), 1.0);
        Ok(Self { decoder, stretch, speed: 1.0, ready: Vec::new(), given: 0, ended: false, error: None })
    }

    /// Frames a second.
    pub fn rate(&self) -> u32 {
        self.decoder.rate()
    }

    /// 1 or 2.
    pub fn channels(&self) -> u16 {
        self.decoder.channels()
    }

    /// How long the file says it is.
    pub fn duration(&self) -> Option<Duration> {
        self.decoder.duration()
    }

    /// Changes the speed from the next samples on; kept within 0.5 to 4.
    pub fn set_speed(&mut self, speed: f32) {
        self.speed = if speed.is_finite() { speed.clamp(0.5, 4.0) } else { 1.0 };
        self.stretch.set_speed(speed);
    }

    /// Where in the sound the next sample lies.
    pub fn position(&self) -> Duration {
        let ready = (self.ready.len() - self.given) / usize::from(self.channels());
        let held = self.stretch.held_frames() as f32 + ready as f32 * self.speed;
        self.decoder.position().saturating_sub(duration(held as u64, self.rate()))
    }

    /// Continues at `to`.
    pub fn seek(&mut self, to: Duration) -> Result<(), Error> {
        self.stretch.clear();
        self.ready.clear();
        (self.given, self.ended, self.error) = (0, false, None);
        self.decoder.seek(to)
    }

    /// Fills `out` with interleaved samples; gives how many, fewer only at the end.
    pub fn fill(&mut self, out: &mut [f32]) -> usize {
        let mut filled = 0;
        while filled < out.len() {
            if self.given == self.ready.len() && !self.make() {
                break;
            }
            let ready = &self.ready[self.given..];
            let count = ready.len().min(out.len() - filled);
            out[filled..filled + count].copy_from_slice(&ready[..count]);
            self.given += count;
            filled += count;
        }
        filled
    }

    /// Why the sound ended early, if it did.
    pub fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    /// Makes more samples ready; false at the end.
    fn make(&mut self) -> bool {
        self.ready.clear();
        self.given = 0;
        while self.ready.is_empty() && !self.ended {
            match self.decoder.block() {
                Ok(Some(block)) => self.stretch.push(block, &mut self.ready),
                end => {
                    self.error = end.err();
                    self.ended = true;
                    self.stretch.finish(&mut self.ready);
                }
            }
        }
        !self.ready.is_empty()
    }
}

//! A sound as the loudspeaker takes it.

use std::time::Duration;

use tacit_client::media::audio::Playback;
use tacit_sound::Source;

/// A sound that is decoded while it is heard.
pub(super) struct Sound(pub(super) Playback);

impl Source for Sound {
    fn rate(&self) -> u32 {
        self.0.rate()
    }

    fn channels(&self) -> u16 {
        self.0.channels()
    }

    fn fill(&mut self, out: &mut [f32]) -> usize {
        self.0.fill(out)
    }

    fn position(&self) -> Duration {
        self.0.position()
    }

    fn seek(&mut self, to: Duration) {
        // A place that cannot be found ends the sound.
        if let Err(error) = self.0.seek(to) {
            tracing::debug!(%error, "a sound cannot be sought");
        }
    }
}

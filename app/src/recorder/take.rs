//! One recording: what the microphone gives is encoded at once, beside the UI thread.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tacit_client::media::audio::{Form, Recording, VoiceEncoder};
use tacit_sound::{Device, Error, Recorded, Recorder};

/// Levels that are shown.
const LEVELS: usize = 40;

/// What the microphone's thread and the screen share.
#[derive(Default)]
struct Heard {
    /// Samples that came before the rate was known.
    early: Vec<f32>,
    encoder: Option<VoiceEncoder>,
    levels: VecDeque<f32>,
    failure: Option<Error>,
}

impl Heard {
    fn take(&mut self, samples: &[f32], level: f32) {
        self.levels.push_back(level.clamp(0., 1.));
        while self.levels.len() > LEVELS {
            self.levels.pop_front();
        }
        match &mut self.encoder {
            // At the longest time it takes no more; the screen ends it.
            Some(encoder) => drop(encoder.push(samples)),
            None => self.early.extend_from_slice(samples),
        }
    }
}

/// A recording that is being made.
pub(super) struct Take {
    recorder: Recorder,
    heard: Arc<Mutex<Heard>>,
}

fn lock(heard: &Mutex<Heard>) -> MutexGuard<'_, Heard> {
    heard.lock().unwrap_or_else(PoisonError::into_inner)
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Failed(Device::Microphone, error.to_string())
}

impl Take {
    /// Opens the microphone and records.
    pub(super) async fn open() -> Result<Self, Error> {
        let open = || {
            let heard = Arc::new(Mutex::new(Heard::default()));
            let shared = Arc::clone(&heard);
            let recorder = Recorder::open(move |what| match what {
                Recorded::Block(samples, level) => lock(&shared).take(samples, level),
                Recorded::Full => {}
                Recorded::Failed(error) => lock(&shared).failure = Some(error),
            })?;
            let mut encoder = VoiceEncoder::new(recorder.rate(), Form::default()).map_err(failed)?;
            {
                let mut heard = lock(&heard);
                let early = std::mem::take(&mut heard.early);
                encoder.push(&early).map_err(failed)?;
                heard.encoder = Some(encoder);
            }
            Ok(Self { recorder, heard })
        };
        tokio::task::spawn_blocking(open).await.unwrap_or_else(|error| Err(failed(error)))
    }

    pub(super) fn duration(&self) -> Duration {
        lock(&self.heard).encoder.as_ref().map(VoiceEncoder::duration).unwrap_or_default()
    }

    /// The last levels, 0 to 1.
    pub(super) fn levels(&self) -> Vec<f32> {
        lock(&self.heard).levels.iter().copied().collect()
    }

    /// Why the microphone is gone, if it is.
    pub(super) fn failure(&self) -> Option<Error> {
        lock(&self.heard).failure.clone()
    }

    pub(super) fn pause(&self) {
        self.recorder.pause();
    }

    pub(super) fn resume(&self) {
        self.recorder.resume();
    }

    /// Ends it and gives what was recorded.
    pub(super) async fn finish(self) -> Result<Recording, Error> {
        let finish = move || {
            let Self { recorder, heard } = self;
            // It gives what it still has before it ends.
            drop(recorder);
            let encoder = lock(&heard).encoder.take().ok_or_else(|| failed("nothing was recorded"))?;
            encoder.finish().map_err(failed)
        };
        tokio::task::spawn_blocking(finish).await.unwrap_or_else(|error| Err(failed(error)))
    }

    /// Ends it for nothing.
    pub(super) async fn discard(self) {
        drop(tokio::task::spawn_blocking(move || drop(self)).await);
    }
}

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use cpal::traits::StreamTrait;

use crate::device::{self, Opened};
use crate::ring::Ring;
use crate::{Device, Error};

/// Longest recording.
pub const MAX_RECORDING: Duration = Duration::from_mins(5);
/// How often a block is given.
const TICK: Duration = Duration::from_millis(50);

/// What a recorder gives, on its own thread.
#[derive(Debug)]
pub enum Recorded<'a> {
    /// Samples from -1 to 1 of one channel, at [`Recorder::rate`] a second, and their loudness from 0 to 1.
    Block(&'a [f32], f32),
    /// [`MAX_RECORDING`] is reached; no more is recorded.
    Full,
    /// The microphone is gone; no more is recorded.
    Failed(Error),
}

/// Records from the default microphone. It stops when dropped, after it has given what it had.
pub struct Recorder {
    commands: Sender<Command>,
    rate: u32,
    thread: Option<JoinHandle<()>>,
}

enum Command {
    Pause,
    Resume,
    Failed(Error),
    Stop,
}

impl Recorder {
    /// Opens the microphone and records. Fails where there is none, or where the system does not permit it.
    pub fn open(sink: impl FnMut(Recorded<'_>) + Send + 'static) -> Result<Self, Error> {
        let (commands, inbox) = channel();
        let (ready, opened) = channel();
        let failed = commands.clone();
        // Streams of some systems must stay on the thread that opened them.
        let run = move || match Taker::open(failed) {
            Ok(mut taker) => {
                let _ = ready.send(Ok(taker.device.rate));
                taker.run(&inbox, sink);
            }
            Err(error) => {
                let _ = ready.send(Err(error));
            }
        };
        let failure = |error: String| Error::Failed(Device::Microphone, error);
        let thread = std::thread::Builder::new().name("recorder".to_owned()).spawn(run);
        let thread = thread.map_err(|error| failure(error.to_string()))?;
        let rate = opened.recv().unwrap_or_else(|_| Err(failure("its driver failed".to_owned())))?;
        Ok(Self { commands, rate, thread: Some(thread) })
    }

    /// Samples a second.
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// Takes nothing for now.
    pub fn pause(&self) {
        self.command(Command::Pause);
    }

    /// Records on.
    pub fn resume(&self) {
        self.command(Command::Resume);
    }

    fn command(&self, command: Command) {
        // After a failure there is nobody who could obey.
        let _ = self.commands.send(command);
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.command(Command::Stop);
        if let Some(thread) = self.thread.take().filter(|thread| thread.thread().id() != std::thread::current().id()) {
            let _ = thread.join();
        }
    }
}

/// Takes samples from the microphone.
struct Taker {
    device: Opened,
    /// Interleaved as the device gives them.
    ring: Arc<Ring>,
    left: u64,
    paused: bool,
}

impl Taker {
    fn open(failed: Sender<Command>) -> Result<Self, Error> {
        // A second of the highest rate and of more channels than microphones have.
        let ring = Arc::new(Ring::new(192_000 * 4));
        let writer = Arc::clone(&ring);
        let take = move |samples: &[f32]| {
            writer.write(samples);
        };
        let device = device::microphone(take, move |error| {
            let _ = failed.send(Command::Failed(error));
        })?;
        device.stream.play().map_err(|error| device::wrap(Device::Microphone, &error))?;
        let left = MAX_RECORDING.as_secs() * u64::from(device.rate);
        Ok(Self { device, ring, left, paused: false })
    }

    fn run(&mut self, inbox: &Receiver<Command>, mut sink: impl FnMut(Recorded<'_>)) {
        loop {
            let command = inbox.recv_timeout(TICK);
            if !self.give(&mut sink) {
                return sink(Recorded::Full);
            }
            match command {
                Ok(Command::Pause) => self.paused = true,
                Ok(Command::Resume) => self.paused = false,
                Ok(Command::Failed(error)) => return sink(Recorded::Failed(error)),
                Ok(Command::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// Gives what has come; false when it is full.
    fn give(&mut self, sink: &mut impl FnMut(Recorded<'_>)) -> bool {
        let channels = usize::from(self.device.channels.max(1));
        let mut samples = vec![0.0; self.ring.waiting() / channels * channels];
        let count = self.ring.read(&mut samples);
        let frames = samples[..count].chunks_exact(channels);
        let mono: Vec<f32> = frames.map(|frame| frame.iter().sum::<f32>() / channels as f32).collect();
        if mono.is_empty() || self.paused {
            return true;
        }
        let mono = &mono[..mono.len().min(usize::try_from(self.left).unwrap_or(usize::MAX))];
        self.left -= mono.len() as u64;
        sink(Recorded::Block(mono, loudness(mono)));
        self.left > 0
    }
}

/// From silence, 60 dB below the loudest sound there is, to that: as loudness is felt.
fn loudness(samples: &[f32]) -> f32 {
    let mean = samples.iter().map(|s| s * s).sum::<f32>() / samples.len().max(1) as f32;
    (1.0 + mean.max(1e-9).log10() * 10.0 / 60.0).clamp(0.0, 1.0)
}

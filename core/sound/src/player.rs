use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use cpal::traits::StreamTrait;

use crate::device::{self, Opened};
use crate::interpolate::Interpolate;
use crate::ring::Ring;
use crate::{Device, Error};

/// How far ahead of the loudspeaker samples are made: enough for a busy phone, short enough to seek at once.
const AHEAD: Duration = Duration::from_millis(200);
/// How often more are made.
const TICK: Duration = Duration::from_millis(20);

/// Something that can be played. It is used on the player's own thread.
pub trait Source: Send + 'static {
    /// Frames a second.
    fn rate(&self) -> u32;
    /// Channels of each frame: 1 or 2.
    fn channels(&self) -> u16;
    /// Fills `out` with interleaved samples and gives how many; fewer only at the end.
    fn fill(&mut self, out: &mut [f32]) -> usize;
    /// Where the next sample lies.
    fn position(&self) -> Duration;
    /// Continues at `to`.
    fn seek(&mut self, to: Duration);
}

/// What a player tells, on its own thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// All was heard. It is paused and can be sought and played again.
    Ended,
    /// The loudspeaker is gone; nothing more will be heard.
    Failed(Error),
}

/// Plays one source on the default loudspeaker. It stops when dropped.
pub struct Player<S: Source> {
    commands: Sender<Command<S>>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

type Change<S> = Box<dyn FnOnce(&mut S) + Send>;

enum Command<S> {
    Play,
    Pause,
    Change(Change<S>),
    Failed(Error),
    Stop,
}

#[derive(Default)]
struct Shared {
    playing: AtomicBool,
    /// What is heard now, in microseconds of the source.
    heard: AtomicU64,
}

impl<S: Source> Player<S> {
    /// Opens the loudspeaker, paused. Fails where there is none.
    pub fn open(source: S, notice: impl FnMut(Notice) + Send + 'static) -> Result<Self, Error> {
        let (commands, inbox) = channel();
        let (ready, opened) = channel();
        let shared = Arc::new(Shared::default());
        let failed = commands.clone();
        let of_thread = Arc::clone(&shared);
        // Streams of some systems must stay on the thread that opened them.
        let run = move || match Feeder::open(source, of_thread, failed) {
            Ok(mut feeder) => {
                let _ = ready.send(Ok(()));
                feeder.run(&inbox, notice);
            }
            Err(error) => {
                let _ = ready.send(Err(error));
            }
        };
        let failure = |error: String| Error::Failed(Device::Loudspeaker, error);
        let thread = std::thread::Builder::new().name("player".to_owned()).spawn(run);
        let thread = thread.map_err(|error| failure(error.to_string()))?;
        opened.recv().unwrap_or_else(|_| Err(failure("its driver failed".to_owned())))?;
        Ok(Self { commands, shared, thread: Some(thread) })
    }

    /// Plays on.
    pub fn play(&self) {
        self.shared.playing.store(true, Ordering::Relaxed);
        self.command(Command::Play);
    }

    /// Stops for now; the position stays.
    pub fn pause(&self) {
        self.shared.playing.store(false, Ordering::Relaxed);
        self.command(Command::Pause);
    }

    /// Whether it plays.
    pub fn is_playing(&self) -> bool {
        self.shared.playing.load(Ordering::Relaxed)
    }

    /// Continues at `to`.
    pub fn seek(&self, to: Duration) {
        self.shared.heard.store(micros(to), Ordering::Relaxed);
        self.command(Command::Change(Box::new(move |source: &mut S| source.seek(to))));
    }

    /// Changes the source, its speed for instance, from what is heard now on.
    pub fn change(&self, change: impl FnOnce(&mut S) + Send + 'static) {
        self.command(Command::Change(Box::new(change)));
    }

    /// Where in the source what is heard now lies, to some 20 ms.
    pub fn position(&self) -> Duration {
        Duration::from_micros(self.shared.heard.load(Ordering::Relaxed))
    }

    fn command(&self, command: Command<S>) {
        // After a failure there is nobody who could obey.
        let _ = self.commands.send(command);
    }
}

impl<S: Source> Drop for Player<S> {
    fn drop(&mut self) {
        self.command(Command::Stop);
        if let Some(thread) = self.thread.take().filter(|thread| thread.thread().id() != std::thread::current().id()) {
            let _ = thread.join();
        }
    }
}

/// Makes samples ahead of the loudspeaker.
struct Feeder<S> {
    source: S,
    device: Opened,
    ring: Arc<Ring>,
    interpolate: Interpolate,
    shared: Arc<Shared>,
    /// Interleaved samples as the device wants them that did not fit yet.
    made: Vec<f32>,
    block: Vec<f32>,
    /// Frames ever made for the device, and what of the source each mark of them stands for.
    frames: u64,
    marks: VecDeque<(u64, Duration)>,
    playing: bool,
    ended: bool,
}

impl<S: Source> Feeder<S> {
    fn open(source: S, shared: Arc<Shared>, failed: Sender<Command<S>>) -> Result<Self, Error> {
        let (rate, channels) = (source.rate(), source.channels().clamp(1, 2));
        // As long as it needs to be at the highest rate and number of channels that devices have.
        let ring = Arc::new(Ring::new(192_000 * 8 / 5));
        let reader = Arc::clone(&ring);
        let fill = move |out: &mut [f32]| {
            let count = reader.read(out);
            out[count..].fill(0.0);
        };
        let device = device::loudspeaker(rate, channels, fill, move |error| {
            let _ = failed.send(Command::Failed(error));
        })?;
        let interpolate = Interpolate::new(rate, device.rate, channels);
        let block = vec![0.0; (rate as usize / 50).max(1) * usize::from(channels)];
        let (made, marks) = (Vec::new(), VecDeque::new());
        let (frames, playing, ended) = (0, false, false);
        Ok(Self { source, device, ring, interpolate, shared, made, block, frames, marks, playing, ended })
    }

    fn run(&mut self, inbox: &Receiver<Command<S>>, mut notice: impl FnMut(Notice)) {
        loop {
            let command = if self.playing {
                inbox.recv_timeout(TICK)
            } else {
                inbox.recv().map_err(|_| RecvTimeoutError::Disconnected)
            };
            let done = match command {
                Ok(Command::Play) => self.play(),
                Ok(Command::Pause) => self.pause(),
                Ok(Command::Change(change)) => {
                    self.change(change);
                    Ok(())
                }
                Ok(Command::Failed(error)) => Err(error),
                Ok(Command::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => Ok(()),
            };
            if let Err(error) = done {
                self.shared.playing.store(false, Ordering::Relaxed);
                return notice(Notice::Failed(error));
            }
            if self.playing && self.feed() {
                self.playing = false;
                self.shared.playing.store(false, Ordering::Relaxed);
                let _ = self.device.stream.pause();
                notice(Notice::Ended);
            }
        }
    }

    fn play(&mut self) -> Result<(), Error> {
        self.playing = true;
        self.feed();
        self.device.stream.play().map_err(|error| device::wrap(Device::Loudspeaker, &error))
    }

    fn pause(&mut self) -> Result<(), Error> {
        self.playing = false;
        // Devices that cannot pause get silence.
        if self.device.stream.pause().is_err() {
            self.rewind_to_heard();
        }
        Ok(())
    }

    /// What was made and not heard is made anew after the change.
    fn change(&mut self, change: Change<S>) {
        self.rewind_to_heard();
        change(&mut self.source);
        self.shared.heard.store(micros(self.source.position()), Ordering::Relaxed);
    }

    fn rewind_to_heard(&mut self) {
        let heard = self.heard();
        self.source.seek(heard);
        self.ended = false;
        self.ring.drop_written();
        self.made.clear();
        self.marks.clear();
        self.interpolate = Interpolate::new(self.source.rate(), self.device.rate, self.channels());
    }

    fn channels(&self) -> u16 {
        self.source.channels().clamp(1, 2)
    }

    /// Fills the ring; true when all was heard.
    fn feed(&mut self) -> bool {
        let to_device = usize::from(self.device.channels.max(1));
        let ahead = (AHEAD.as_secs_f64() * f64::from(self.device.rate)) as usize * to_device;
        loop {
            let written = self.ring.write(&self.made);
            self.made.drain(..written);
            if self.ended || self.ring.waiting() >= ahead || !self.made.is_empty() {
                break;
            }
            self.make(to_device);
        }
        let heard = self.heard();
        self.shared.heard.store(micros(heard), Ordering::Relaxed);
        self.ended && self.made.is_empty() && self.ring.waiting() == 0
    }

    /// Takes a block of the source and turns it into what the device wants.
    fn make(&mut self, to_device: usize) {
        self.marks.push_back((self.frames, self.source.position()));
        let count = self.source.fill(&mut self.block);
        self.ended = count < self.block.len();
        let mut samples = Vec::new();
        self.interpolate.push(&self.block[..count], &mut samples);
        let channels = usize::from(self.channels());
        for frame in samples.chunks_exact(channels) {
            let mono = frame.iter().sum::<f32>() / channels as f32;
            let of = |channel: usize| match to_device {
                1 => mono,
                _ => frame.get(channel % 2).or(frame.first()).copied().unwrap_or(0.0),
            };
            self.made.extend((0..to_device).map(of));
        }
        self.frames += (samples.len() / channels) as u64;
    }

    /// Where in the source the sample lies that the device takes next.
    fn heard(&mut self) -> Duration {
        let waiting = (self.ring.waiting() + self.made.len()) / usize::from(self.device.channels.max(1));
        let next = self.frames - (waiting as u64).min(self.frames);
        while self.marks.get(1).is_some_and(|&(frame, _)| frame <= next) {
            self.marks.pop_front();
        }
        match self.marks.front() {
            Some(&(_, position)) if waiting > 0 => position,
            _ => self.source.position(),
        }
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

//! With devices that ALSA imitates, and without any. Each story runs in a process of its own, since ALSA reads its
//! configuration once.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use tacit_sound::{Device, Error, Notice, Player, Recorded, Recorder, Source};

/// A tone with an end.
struct Tone {
    at: u32,
    frames: u32,
    step: u32,
}

impl Tone {
    const RATE: u32 = 16_000;

    fn new(frames: u32) -> Self {
        Self { at: 0, frames, step: 1 }
    }
}

impl Source for Tone {
    fn rate(&self) -> u32 {
        Self::RATE
    }

    fn channels(&self) -> u16 {
        1
    }

    fn fill(&mut self, out: &mut [f32]) -> usize {
        let mut count = 0;
        while count < out.len() && self.at < self.frames {
            out[count] = (self.at as f32 * 0.1).sin() * 0.5;
            self.at += self.step;
            count += 1;
        }
        count
    }

    fn position(&self) -> Duration {
        Duration::from_secs_f64(f64::from(self.at) / f64::from(Self::RATE))
    }

    fn seek(&mut self, to: Duration) {
        self.at = (to.as_secs_f64() * f64::from(Self::RATE)).round() as u32;
    }
}

/// Runs one of the stories below with a sound configuration of its own.
fn story(name: &str, configuration: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("asound.conf");
    fs::write(&path, configuration.replace("FOLDER", &folder.path().display().to_string())).unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact", "--ignored", "--nocapture"])
        .env("ALSA_CONFIG_PATH", &path)
        .env("STORY_FOLDER", folder.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn without_devices_there_is_a_clear_error() {
    story("silent", "");
}

#[test]
#[ignore = "run by the test above it"]
fn silent() {
    let error = Player::open(Tone::new(1), |_| {}).err().unwrap();
    assert_eq!(error, Error::NoDevice(Device::Loudspeaker));
    let error = Recorder::open(|_| {}).err().unwrap();
    assert_eq!(error, Error::NoDevice(Device::Microphone));
}

/// What is played goes to a file; what is recorded comes from one, or is silence.
const IMITATION: &str = r#"
pcm.nothing { type null }
pcm.!default {
    type plug
    slave.pcm {
        type file
        slave.pcm nothing
        file "FOLDER/played"
        infile "FOLDER/spoken"
        format "raw"
    }
}
ctl.!default { type hw card 0 }
"#;

#[test]
fn what_is_played_reaches_the_device() {
    story("played", IMITATION);
}

#[test]
#[ignore = "run by the test above it"]
fn played() {
    let (notices, inbox) = channel();
    let player = Player::open(Tone::new(Tone::RATE / 2), move |notice| notices.send(notice).unwrap()).unwrap();
    assert!(!player.is_playing());
    player.play();
    assert!(player.is_playing());
    assert_eq!(inbox.recv_timeout(Duration::from_secs(20)), Ok(Notice::Ended));
    assert_eq!(player.position(), Duration::from_millis(500));
    assert!(!player.is_playing());
    // Again from the middle, at twice the speed.
    player.seek(Duration::from_millis(250));
    player.change(|tone| tone.step = 2);
    player.play();
    assert_eq!(inbox.recv_timeout(Duration::from_secs(20)), Ok(Notice::Ended));
    drop(player);
    let heard = fs::read(Path::new(&std::env::var("STORY_FOLDER").unwrap()).join("played")).unwrap();
    assert!(heard.iter().any(|&byte| byte != 0));
}

#[test]
fn what_is_spoken_is_recorded() {
    story("recorded", IMITATION);
}

#[test]
#[ignore = "run by the test above it"]
fn recorded() {
    let spoken = Path::new(&std::env::var("STORY_FOLDER").unwrap()).join("spoken");
    fs::write(spoken, [0x55, 0x15].repeat(4_000_000)).unwrap();
    let (blocks, inbox) = channel();
    let recorder = Recorder::open(move |recorded| {
        if let Recorded::Block(samples, loudness) = recorded {
            let _ = blocks.send((samples.len(), loudness));
        }
    })
    .unwrap();
    assert!(recorder.rate() >= 8000);
    let start = Instant::now();
    let (count, loudness) = inbox.recv_timeout(Duration::from_secs(20)).unwrap();
    assert!(count > 0 && (0.0..=1.0).contains(&loudness), "{count} {loudness}");
    drop(recorder);
    assert!(start.elapsed() < Duration::from_secs(20));
}

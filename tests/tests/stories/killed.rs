//! Programs that are killed at any moment: nothing is lost, nothing is doubled. `TACIT_KILLS` says
//! how often each is, 100 when it must be shown; each prints what the kills fell into.

mod downloads;
mod phone;
mod settings;
mod uploads;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io::{Read as _, Seek as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tacit_crypto::{AccountKeys, phrase};

const PATIENCE: Duration = Duration::from_secs(60);

/// How often a program is killed.
fn kills() -> usize {
    std::env::var("TACIT_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(10)
}

/// A moment between the beginning of what usually takes so long, and a little after its end.
fn any_moment(usual: Duration) -> Duration {
    usual.mul_f64(rand::random_range(0.0..1.15))
}

/// A program's life.
struct Life {
    /// The lines that it printed, without one that was cut: that is no promise.
    said: Vec<String>,
    /// It came to its end before it was killed.
    finished: bool,
    took: Duration,
}

/// Lets a program live for some time at the most.
fn live(command: &mut Command, at_most: Duration) -> Life {
    let mut output = tempfile::tempfile().unwrap();
    let start = Instant::now();
    let mut program = command.stdout(output.try_clone().unwrap()).stderr(Stdio::inherit()).spawn().unwrap();
    let finished = loop {
        if let Some(status) = program.try_wait().unwrap() {
            assert!(status.success(), "it failed by itself: {command:?}");
            break true;
        }
        if start.elapsed() >= at_most {
            program.kill().unwrap(); // SIGKILL
            program.wait().unwrap();
            break false;
        }
        // The moment is the point of the story, not a condition to wait for.
        std::thread::sleep(Duration::from_millis(1));
    };
    let (mut text, took) = (String::new(), start.elapsed());
    output.rewind().unwrap();
    output.read_to_string(&mut text).unwrap();
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    Life { said: whole.lines().map(str::to_owned).collect(), finished, took }
}

/// What the kills fell into.
struct Tally<P: Debug>(BTreeMap<P, usize>);

impl<P: Ord + Debug> Tally<P> {
    fn new() -> Self {
        Self(BTreeMap::new())
    }

    fn count(&mut self, phase: P) {
        *self.0.entry(phase).or_default() += 1;
    }
}

impl<P: Debug> Drop for Tally<P> {
    fn drop(&mut self) {
        println!("killed: {:?}", self.0);
    }
}

fn random(size: usize) -> Vec<u8> {
    let mut bytes = vec![0; size];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

/// Names of what lies in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn keys(words: &str) -> AccountKeys {
    AccountKeys::from_seed(&phrase::parse(words).unwrap().seed)
}

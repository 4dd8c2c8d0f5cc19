//! A person: a profile folder and the `tacit` program.

use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

use super::programs::tacit;

/// Somebody with an account.
pub struct Person {
    folder: TempDir,
    network: PathBuf,
    /// Account ID, 66 hex digits.
    pub id: String,
    /// The 13 words.
    pub phrase: String,
    /// The 12 words.
    pub phrase_bip39: String,
}

/// What `tacit send` prints.
#[derive(Debug, Clone, Deserialize)]
pub struct Sent {
    /// ID of the message in the sender's profile.
    pub message_id: String,
    /// Hash under which the swarm keeps it.
    pub hash: String,
    /// Members that keep it.
    pub stored_on: u32,
    /// Members of the swarm.
    pub swarm_size: u32,
}

/// One line of `tacit receive`.
#[derive(Debug, Clone, Deserialize)]
pub struct Event {
    /// What happened: `message`, `request`, …
    pub event: String,
    /// Text of a message.
    #[serde(default)]
    pub text: String,
    /// Account ID of its sender.
    #[serde(default)]
    pub from: String,
    /// Hash of the message on the swarm.
    #[serde(default)]
    pub hash: String,
    /// The sender's time, ms.
    #[serde(default)]
    pub sent_at: u64,
}

/// An error of the program.
#[derive(Debug, Clone, Deserialize)]
pub struct Refused {
    /// Short stable name.
    pub error: String,
    /// A sentence.
    pub message: String,
}

impl Person {
    /// Somebody who makes an account in the network of `profile`.
    pub fn join(profile: &Path, name: &str) -> Self {
        Self::set_up(profile, &["account", "create", "--name", name])
    }

    /// The same person on a new device.
    pub fn restore(profile: &Path, phrase: &str) -> Self {
        Self::set_up(profile, &["account", "restore", "--phrase", phrase])
    }

    /// A device on which there is no account yet.
    pub fn nobody(profile: &Path) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            network: profile.to_owned(),
            id: String::new(),
            phrase: String::new(),
            phrase_bip39: String::new(),
        }
    }

    fn set_up(profile: &Path, arguments: &[&str]) -> Self {
        let mut person = Self::nobody(profile);
        let account = person.ask(arguments).unwrap().remove(0);
        let text = |key: &str| account[key].as_str().unwrap().to_owned();
        (person.id, person.phrase, person.phrase_bip39) = (text("account_id"), text("phrase"), text("phrase_bip39"));
        person
    }

    /// The profile folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// From now on this person's program uses another network profile.
    pub fn use_network(&mut self, profile: &Path) {
        profile.clone_into(&mut self.network);
    }

    /// The program with this person's profile, ready for arguments.
    pub fn command(&self) -> Command {
        tacit(self.folder.path(), &self.network)
    }

    /// Runs a command to its end: the objects it printed, or its error.
    pub fn ask(&self, arguments: &[&str]) -> Result<Vec<Value>, Refused> {
        answer(&self.command().args(arguments).output().unwrap())
    }

    /// Sends one text.
    pub fn send(&self, to: &str, text: &str) -> Result<Sent, Refused> {
        self.ask(&["send", to, text]).map(|mut lines| serde_json::from_value(lines.remove(0)).unwrap())
    }

    /// Starts the program that sends what is written to it, a message a line.
    pub fn start_sending(&self, to: &str) -> Sending {
        let mut process = self
            .command()
            .args(["send", to, "--lines"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = BufReader::new(process.stdout.take().unwrap()).lines();
        Sending { process, output }
    }

    /// Everything that the swarm has for this person and that was not received before.
    pub fn receive(&self) -> Vec<Event> {
        self.events(&["receive"])
    }

    /// The texts of [`Person::receive`].
    pub fn receive_texts(&self) -> Vec<String> {
        self.receive().into_iter().filter(|e| e.event == "message").map(|e| e.text).collect()
    }

    /// Waits up to `seconds` for `count` events.
    pub fn receive_waiting(&self, count: usize, seconds: u64) -> Vec<Event> {
        self.events(&["receive", "--count", &count.to_string(), "--wait", &seconds.to_string()])
    }

    fn events(&self, arguments: &[&str]) -> Vec<Event> {
        self.ask(arguments).unwrap().into_iter().map(|line| serde_json::from_value(line).unwrap()).collect()
    }

    /// The texts of a conversation, oldest first.
    pub fn history(&self, with: &str) -> Vec<String> {
        let lines = self.ask(&["history", with, "--limit", "1000"]).unwrap();
        let texts = lines.iter().filter(|line| line["kind"] == "text");
        texts.map(|line| line["text"].as_str().unwrap().to_owned()).collect()
    }
}

fn answer(output: &Output) -> Result<Vec<Value>, Refused> {
    let errors = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        let last = errors.lines().rev().find_map(|line| serde_json::from_str(line).ok());
        return Err(last.unwrap_or_else(|| panic!("{} without an error object: {errors}", output.status)));
    }
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    Ok(text.lines().map(|line| serde_json::from_str(line).expect("one JSON object a line")).collect())
}

/// A running program that sends a message a line.
pub struct Sending {
    process: Child,
    output: Lines<BufReader<ChildStdout>>,
}

impl Sending {
    /// Hands it one more text; false when it is gone.
    pub fn say(&mut self, text: &str) -> bool {
        self.process.stdin.as_mut().is_some_and(|input| writeln!(input, "{text}").is_ok())
    }

    /// Waits until it says of the next message that it is stored.
    pub fn stored(&mut self) -> Option<Sent> {
        self.output.next()?.ok().and_then(|line| serde_json::from_str(&line).ok())
    }

    /// Kills it with SIGKILL and returns what it had said until then.
    pub fn kill(mut self) -> Vec<Sent> {
        let _ = self.process.kill();
        let _ = self.process.wait();
        // A line that was cut by the kill is no promise.
        self.output.map_while(Result::ok).filter_map(|line| serde_json::from_str(&line).ok()).collect()
    }

    /// Lets it finish and returns what it said.
    pub fn finish(mut self) -> Vec<Sent> {
        drop(self.process.stdin.take());
        let said = self.output.map_while(Result::ok).map(|line| serde_json::from_str(&line).unwrap()).collect();
        assert!(self.process.wait().unwrap().success());
        said
    }
}

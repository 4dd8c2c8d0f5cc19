//! Backups written and read by a process that is killed at any moment: nothing is lost, nothing is
//! doubled. The second process is this same program, told by its environment which part to play.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]
#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rand::{RngExt as _, SeedableRng as _};
use tacit_client::{BackupControl, BackupKey, Client, Error, Folder, KeySource, Options, ProfileFolder, Restored};
use tacit_wire::AccountId;
use tacit_wire::profile::NetworkProfile;
use zeroize::Zeroizing;

const PART: &str = "TACIT_CLIENT_TEST_PART";
const PLACE: &str = "TACIT_CLIENT_TEST_PATH";
/// How often each is killed; 100 when it must be shown.
const KILLS: &str = "TACIT_KILLS";
const PEOPLE: u8 = 4;
const MESSAGES: usize = 250;

fn options() -> Options {
    let profile = br#"{"name":"nowhere","seeds":[{"url":"https://127.0.0.1:1"}]}"#;
    Options {
        network: Some(NetworkProfile::parse(profile).unwrap()),
        polling: false,
        limits: tacit_client::NetworkLimits::default(),
    }
}

fn key() -> BackupKey {
    BackupKey::Key(Zeroizing::new([7; 32]))
}

fn friend(number: u8) -> AccountId {
    let seed = tacit_crypto::Seed::from_bytes([number; 16]);
    AccountId::from_x25519(&tacit_crypto::AccountKeys::from_seed(&seed).x25519_public())
}

async fn open(folder: &Path) -> Client {
    Client::open(ProfileFolder::open(folder).unwrap(), KeySource::File, options()).await.unwrap()
}

/// Every text of every conversation, in order.
async fn texts(client: &Client) -> Vec<String> {
    let mut all = Vec::new();
    for number in 0..PEOPLE {
        let conversation = client.find_conversation(&friend(100 + number)).await.unwrap().unwrap();
        let messages = client.history(conversation, None, 10_000).await.unwrap();
        all.extend(messages.into_iter().map(|message| format!("{number} {}", message.text)));
    }
    all
}

/// What the second process does.
#[tokio::test]
async fn the_other_process() {
    let (Ok(part), Ok(place)) = (std::env::var(PART), std::env::var(PLACE)) else { return };
    let place = PathBuf::from(place);
    let backup = place.join("history.tacit");
    let control = BackupControl::default();
    match part.as_str() {
        "write" => {
            let client = open(&place.join("ada")).await;
            client.write_backup(&backup, key(), &control).await.unwrap();
            client.shutdown().await;
        }
        _ => {
            let folder = ProfileFolder::open(&place.join("new")).unwrap();
            let client = if folder.has_account() {
                let client = Client::open(folder, KeySource::File, options()).await.unwrap();
                client.read_backup(&backup, key(), &control).await.unwrap();
                client
            } else {
                let restored =
                    Client::restore_backup(folder, KeySource::File, &backup, key(), None, options(), &control);
                let (client, restored) = restored.await.unwrap();
                restored.unwrap();
                client
            };
            client.shutdown().await;
        }
    }
}

/// Runs the other process for a time at the most; says whether it came to its end.
fn run(part: &str, place: &Path, time: Duration) -> bool {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["the_other_process", "--exact", "--nocapture"])
        .env(PART, part)
        .env(PLACE, place)
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let end = Instant::now() + time;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{part} failed by itself");
            return true;
        }
        if Instant::now() >= end {
            child.kill().unwrap(); // SIGKILL
            child.wait().unwrap();
            return false;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn kills() -> u32 {
    std::env::var(KILLS).ok().and_then(|text| text.parse().ok()).unwrap_or(8)
}

async fn lived_in(place: &Path) -> Vec<String> {
    let folder = ProfileFolder::open(&place.join("ada")).unwrap();
    let client = Client::create(folder, KeySource::File, "Ada", options()).await.unwrap();
    for number in 0..PEOPLE {
        let conversation = client.open_conversation(&friend(100 + number)).await.unwrap();
        for count in 0..MESSAGES {
            client.send_text(conversation, &format!("message {count}")).await.unwrap();
        }
    }
    let texts = texts(&client).await;
    client.shutdown().await;
    texts
}

#[tokio::test]
async fn killed_at_any_moment_nothing_is_lost_or_doubled() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path();
    let said = lived_in(place).await;
    assert_eq!(said.len(), usize::from(PEOPLE) * MESSAGES);
    let mut rng = rand::rngs::StdRng::seed_from_u64(7);
    let forever = Duration::from_secs(600);

    let started = Instant::now();
    assert!(run("write", place, forever));
    let whole = started.elapsed();
    let control = BackupControl::default();
    for _ in 0..kills() {
        run("write", place, whole.mul_f64(rng.random()));
        // There is a backup at every moment, the old or the new one, and it is whole.
        let client = open(&place.join("ada")).await;
        let read: Result<Restored, Error> = client.read_backup(&place.join("history.tacit"), key(), &control).await;
        assert_eq!(read.unwrap(), Restored::default());
        assert_eq!(texts(&client).await, said);
        client.shutdown().await;
    }

    let started = Instant::now();
    assert!(run("read", place, forever));
    let whole = started.elapsed();
    std::fs::remove_dir_all(place.join("new")).unwrap();
    for _ in 0..kills() {
        if run("read", place, whole.mul_f64(rng.random())) {
            std::fs::remove_dir_all(place.join("new")).unwrap();
        }
    }
    assert!(run("read", place, forever));
    let client = open(&place.join("new")).await;
    assert_eq!(texts(&client).await, said);
    assert_eq!(client.conversations(Folder::Inbox).await.unwrap().len(), usize::from(PEOPLE));
    client.shutdown().await;
}

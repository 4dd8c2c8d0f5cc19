//! How much memory the largest file takes on its way: the growth of the process's peak above what it
//! held before.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Duration;

use tacit_client::{AttachmentState, ConversationId, Draft, Fetched, SendAs, Source};
use tacit_tests::harness::{Device, LocalNetwork, eventually};

const PATIENCE: Duration = Duration::from_secs(90);
const LARGEST: usize = 9_999_951;
/// The body of an upload: three layers over the encrypted file.
const BODY: u64 = 10_010_000;
/// What may be held beside it.
const BESIDE: u64 = 4 << 20;

/// A number of `/proc/self/status`, in bytes.
fn status(name: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim_matches(|c: char| !c.is_ascii_digit()).parse::<u64>().unwrap() * 1_024
}

/// How far the peak rises above what is held before, while `work` runs.
fn growth(work: impl FnOnce()) -> u64 {
    std::fs::write("/proc/self/clear_refs", "5").unwrap(); // the peak begins anew
    let before = status("VmRSS:");
    work();
    status("VmHWM:").saturating_sub(before)
}

fn send(device: &Device, to: ConversationId, path: &std::path::Path) {
    let path = path.to_owned();
    let message = device.run(|client| async move {
        let file = client.attach(Source::Path(path), SendAs::File).await.unwrap().file;
        client.send(to, Draft { files: vec![file], ..Draft::default() }).await.unwrap()
    });
    eventually("the upload", PATIENCE, || {
        let sent = device.run(|client| async move { client.message(message).await.unwrap() });
        (!sent.assembling).then_some(())
    });
}

fn fetch(device: &Device, from: ConversationId, name: &str) {
    let attachment = eventually("the message", PATIENCE, || {
        let messages = device.run(|client| async move { client.history(from, None, 100).await.unwrap() });
        let mut all = messages.into_iter().flat_map(|message| message.attachments);
        all.find(|file| file.file_name == name && file.state == AttachmentState::Idle).map(|file| file.id)
    });
    let fetched = device.run(|client| async move { client.fetch(attachment).await.unwrap() });
    assert!(matches!(fetched, Fetched::Here(_)), "{fetched:?}");
}

/// Runs the measurement in a process whose allocator keeps nothing that is free, since it would
/// count as held.
#[test]
fn the_largest_file_needs_little_beside_the_body_of_its_upload() {
    let program = std::env::current_exe().unwrap();
    let status = std::process::Command::new(program)
        .args(["--exact", "measure", "--ignored", "--nocapture"])
        .env("MALLOC_MMAP_THRESHOLD_", "65536")
        .env("MALLOC_TRIM_THRESHOLD_", "65536")
        .status();
    assert!(status.unwrap().success());
}

#[test]
#[ignore = "run by the test above, in a process of its own"]
fn measure() {
    let network = LocalNetwork::start(12, 2);
    let (alice, bob) = (Device::create(network.profile(), "Alice"), Device::create(network.profile(), "Bob"));
    let bob_id = bob.client().account_id();
    let to_bob = alice.run(|client| async move { client.open_conversation(&bob_id).await.unwrap() });
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let mut bytes = vec![0; LARGEST];
    getrandom::fill(&mut bytes).unwrap();
    std::fs::write(path("large.dat"), &bytes).unwrap();
    std::fs::write(path("small.dat"), &bytes[..1_000]).unwrap();
    drop(bytes);
    // What is needed once, whatever the size: connections, threads, code that was not used yet.
    send(&alice, to_bob, &path("small.dat"));
    let alice_id = alice.client().account_id();
    let to_alice = eventually("the request", PATIENCE, || {
        bob.run(|client| async move { client.find_conversation(&alice_id).await.unwrap() })
    });
    fetch(&bob, to_alice, "small.dat");

    let up = growth(|| send(&alice, to_bob, &path("large.dat")));
    let down = growth(|| fetch(&bob, to_alice, "large.dat"));
    println!("up {} KiB, of which the body {} KiB; down {} KiB", up >> 10, BODY >> 10, down >> 10);
    assert!(up <= BODY + BESIDE, "an upload took {up} bytes");
    assert!(down <= BESIDE, "a download took {down} bytes");
}

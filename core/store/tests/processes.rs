//! What happens to the file when the process does not end in order, or may not write. A second
//! process is this same program, told by its environment which part to play.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]
#![cfg(unix)]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tacit_crypto::Seed;
use tacit_store::{DatabaseKey, Error, Folder, NewMessage, NewOutbox, Page, Peer, Purpose, State, Store};
use tacit_wire::{AccountId, Namespace, TimestampMs};
use zeroize::Zeroizing;

const PART: &str = "TACIT_STORE_TEST_PART";
const PLACE: &str = "TACIT_STORE_TEST_PATH";
/// Nobody of consequence; only root can become it.
const NOBODY: u32 = 65_534;

fn key() -> DatabaseKey {
    DatabaseKey::new(&Zeroizing::new([1; 32]))
}

fn friend() -> AccountId {
    AccountId::from_x25519(&[2; 32])
}

fn create(folder: &Path) -> PathBuf {
    let path = folder.join("account.db");
    let mut store = Store::create(&path, &key()).unwrap();
    store.write(|tx| tx.create_account(&Seed::from_bytes([7; 16]), "Ada", TimestampMs(1))).unwrap();
    store.close().unwrap();
    path
}

/// Sends one message and returns its T.
fn send(store: &mut Store) -> u64 {
    store
        .write(|tx| {
            let sent_at = tx.next_sent_at(TimestampMs(1000))?;
            let conversation = tx.open_conversation(&Peer::person(&friend()), sent_at)?;
            let author = AccountId::from_x25519(&[9; 32]);
            let message = NewMessage::text(conversation, author, State::Queued, sent_at, "hello");
            let row = NewOutbox {
                recipient: friend(),
                namespace: Namespace::MESSAGES,
                data: &[3; 700],
                ttl_ms: 1000,
                sent_at,
                purpose: Purpose::Deliver,
            };
            tx.send_message(&message, &[row], sent_at)?;
            Ok::<_, Error>(sent_at.0)
        })
        .unwrap()
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "said {line}").unwrap();
    out.flush().unwrap();
}

/// The second process. Does nothing when the tests run it as one of them.
#[test]
fn second_process() {
    let (Ok(part), Ok(path)) = (std::env::var(PART), std::env::var(PLACE)) else { return };
    let path = PathBuf::from(path);
    match part.as_str() {
        "send" => {
            let mut store = Store::open(&path, &key()).unwrap();
            loop {
                say(&send(&mut store).to_string());
            }
        }
        "stay within a transaction" => {
            let mut store = Store::open(&path, &key()).unwrap();
            store
                .write(|tx| {
                    for number in 0..3000 {
                        tx.set_setting(&format!("key {number}"), &"x".repeat(500))?;
                    }
                    say("open");
                    loop {
                        std::thread::park();
                    }
                    #[allow(unreachable_code, reason = "gives the closure its type")]
                    Ok::<_, Error>(())
                })
                .unwrap();
        }
        "hold" => {
            let _store = Store::open(&path, &key()).unwrap();
            say("open");
            loop {
                std::thread::park();
            }
        }
        "open" => say(&describe(Store::open(&path, &key()))),
        "create" => say(&describe(Store::create(&path, &key()))),
        other => panic!("no such part: {other}"),
    }
}

fn describe(result: Result<Store, Error>) -> String {
    match result {
        Ok(_) => "opened".to_owned(),
        Err(error) => format!("{error:?}"),
    }
}

fn start(program: &Path, part: &str, path: &Path, user: Option<u32>) -> (Child, impl Iterator<Item = String> + use<>) {
    let mut command = Command::new(program);
    command.args(["--exact", "second_process", "--nocapture"]).env(PART, part).env(PLACE, path);
    if let Some(user) = user {
        command.uid(user).gid(user);
    }
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    // The runner's own line may stand in front of what was said.
    let said = lines.filter_map(|line| line.split_once("said ").map(|(_, said)| said.to_owned()));
    (child, said)
}

fn this_program() -> PathBuf {
    std::env::current_exe().unwrap()
}

fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn whatever_was_acknowledged_survives_sigkill_in_order_and_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = create(folder.path());
    let mut acknowledged = Vec::new();
    for round in 1..=8 {
        let (child, mut said) = start(&this_program(), "send", &path, None);
        // A different number each time, and then at whatever it happens to be doing.
        for _ in 0..round * 3 {
            acknowledged.push(said.next().unwrap().parse::<u64>().unwrap());
        }
        kill(child);
        // What it said before it died, and we had not read yet.
        acknowledged.extend(said.filter_map(|line| line.parse::<u64>().ok()));

        let store = Store::open(&path, &key()).unwrap();
        let list = store.conversations(Folder::Inbox, 10).unwrap();
        let messages = store.messages(list[0].conversation.id, Page::Newest, 10_000).unwrap();
        let kept: Vec<u64> = messages.iter().map(|message| message.sent_at.0).collect();
        assert!(kept.windows(2).all(|pair| pair[0] < pair[1]), "each T once");
        assert!(acknowledged.iter().all(|sent_at| kept.contains(sent_at)), "round {round}");
        // A message that was kept, but not yet acknowledged, in each round at most.
        assert!(kept.len() <= acknowledged.len() + round, "round {round}");
        for message in &messages {
            assert_eq!(store.outbox_of(message.id).unwrap().len(), 1, "with what is to be sent of it");
        }
        assert!(store.check().unwrap().is_empty());
    }
    assert!(acknowledged.windows(2).all(|pair| pair[0] < pair[1]), "T grows over restarts");
}

#[test]
fn a_process_killed_within_a_transaction_leaves_none_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = create(folder.path());
    let (child, mut said) = start(&this_program(), "stay within a transaction", &path, None);
    assert_eq!(said.next().as_deref(), Some("open"));
    kill(child);
    let mut store = Store::open(&path, &key()).unwrap();
    assert_eq!(store.setting("key 0").unwrap(), None);
    assert_eq!(store.account().unwrap().unwrap().display_name, "Ada");
    assert!(store.check().unwrap().is_empty());
    send(&mut store);
}

#[test]
fn another_process_has_the_file_until_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let path = create(folder.path());
    let (child, mut said) = start(&this_program(), "hold", &path, None);
    assert_eq!(said.next().as_deref(), Some("open"));
    assert!(matches!(Store::open(&path, &key()), Err(Error::Locked)));
    kill(child);
    Store::open(&path, &key()).unwrap();
}

/// What a process without special rights gets when it opens or creates the file.
fn as_nobody(part: &str, path: &Path) -> String {
    let root = fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    // Root may write anywhere, so it sends somebody else, with a copy of the program where
    // anybody can reach it.
    let shared = tempfile::tempdir().unwrap();
    fs::set_permissions(shared.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let program = shared.path().join("program");
    fs::copy(this_program(), &program).unwrap();
    let (mut child, mut said) = start(&program, part, path, root.then_some(NOBODY));
    let line = said.next().unwrap();
    child.wait().unwrap();
    line
}

#[test]
fn a_folder_or_file_that_cannot_be_written_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = create(folder.path());
    let before = fs::read(&path).unwrap();
    let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();

    set(&path, 0o666);
    set(folder.path(), 0o555);
    assert_eq!(as_nobody("open", &path), "ReadOnly", "folder");
    assert_eq!(as_nobody("create", &folder.path().join("new.db")), "ReadOnly", "folder");
    set(&path, 0o444);
    set(folder.path(), 0o777);
    assert_eq!(as_nobody("open", &path), "ReadOnly", "file");
    set(&path, 0o000);
    assert_eq!(as_nobody("open", &path), "ReadOnly", "not even readable");
    set(&path, 0o666);
    assert_eq!(as_nobody("open", &path), "opened");
    set(folder.path(), 0o755);
    set(&path, 0o600);
    assert_eq!(fs::read(&path).unwrap(), before);
}

//! A node that is killed under load serves every message that it acknowledged.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tacit_node::localnet::{self, Localnet};
use tacit_wire::rpc::{Member, Request, Retrieve, RetrieveAnswer, StoreAnswer};
use tacit_wire::{MessageHash, Namespace, ServiceNode};

use crate::harness::{Person, client, eventually, now, post};
use crate::localnet::options;

/// How often the node is killed; more with `TACIT_KILLS=100`.
const KILLS: u32 = 20;
const WRITERS: usize = 16;

#[tokio::test(flavor = "multi_thread")]
async fn every_acknowledged_message_survives_sigkill() {
    let dir = tempfile::tempdir().unwrap();
    let options = options(&dir, 1, &[]);
    let mut net = Localnet::start(options).await.unwrap();
    let node = net.profile().nodes[0].to_node();
    let acknowledged: Arc<Mutex<BTreeSet<MessageHash>>> = Arc::default();
    let counter = Arc::new(AtomicU32::new(0));
    let kills = std::env::var("TACIT_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS);
    let mut wanted = 0;
    for round in 1..=kills {
        let writers: Vec<_> = (0..WRITERS)
            .map(|_| {
                let (node, acknowledged) = (node.clone(), Arc::clone(&acknowledged));
                let counter = Arc::clone(&counter);
                tokio::spawn(async move { write(&node, &counter, &acknowledged).await })
            })
            .collect();
        wanted += rand::random_range(1..80);
        while acknowledged.lock().unwrap().len() < wanted {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // At any moment of a commit.
        tokio::time::sleep(Duration::from_micros(rand::random_range(0..20_000))).await;
        net.kill(0).await;
        for writer in writers {
            writer.await.unwrap();
        }
        net.restart(0).await.unwrap();
        let served = all(&node).await;
        let lost: Vec<_> = acknowledged.lock().unwrap().difference(&served).cloned().collect();
        assert!(lost.is_empty(), "round {round}: lost {} of {}", lost.len(), served.len());
    }
    net.stop().await;
}

/// The kernel refuses to let its files grow, as a full disk does.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_whose_disk_takes_no_more_acknowledges_nothing_and_goes_on_serving() {
    let dir = tempfile::tempdir().unwrap();
    let script = dir.path().join("limited");
    let program = env!("CARGO_BIN_EXE_tacit-node");
    let text = format!("#!/bin/sh\ntrap '' XFSZ\nulimit -f 2000\nexec '{program}' \"$@\"\n");
    std::fs::write(&script, text).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&script, mode).unwrap();
    let limited = localnet::Options { program: script, ..options(&dir, 1, &[]) };
    let net = Localnet::start(limited).await.unwrap();
    let node = net.profile().nodes[0].to_node();
    let http = client();
    let mut acknowledged = BTreeSet::new();
    let refused = loop {
        let text = format!("{:>9000}", acknowledged.len());
        let body = Request::Store(Person::new(1).message(&text)).to_body();
        let (status, answer) = post(&http, &node, "/storage_rpc/v1", body.into()).await;
        if status != 200 {
            break status;
        }
        acknowledged.insert(serde_json::from_slice::<StoreAnswer>(&answer).unwrap().hash);
        assert!(acknowledged.len() < 1000, "its files grow all the same");
    };
    assert_eq!(refused, 500);
    assert!(acknowledged.len() > 10);
    assert_eq!(all(&node).await, acknowledged, "what was there is served");
    net.stop().await;

    let net = Localnet::start(options(&dir, 1, &[])).await.unwrap();
    let node = net.profile().nodes[0].to_node();
    assert_eq!(all(&node).await, acknowledged, "also after a restart");
    let body = Request::Store(Person::new(1).message("there is room again")).to_body();
    assert_eq!(post(&http, &node, "/storage_rpc/v1", body.into()).await.0, 200);
    net.stop().await;
}

/// Stores until the node is gone.
async fn write(node: &ServiceNode, counter: &AtomicU32, acknowledged: &Mutex<BTreeSet<MessageHash>>) {
    let http = client();
    let url = format!("https://{}:{}/storage_rpc/v1", node.ip, node.https_port);
    loop {
        let text = format!("message {}", counter.fetch_add(1, Ordering::Relaxed));
        let request = Request::Store(Person::new(1).message(&text));
        let Ok(answer) = http.post(&url).body(request.to_body()).send().await else { return };
        let Ok(body) = answer.bytes().await else { return };
        let Ok(answer) = serde_json::from_slice::<StoreAnswer>(&body) else { return };
        if answer.receipts().count() == 1 {
            acknowledged.lock().unwrap().insert(answer.hash);
        }
    }
}

/// The whole mailbox, page by page.
async fn all(node: &ServiceNode) -> BTreeSet<MessageHash> {
    let http = client();
    let bob = Person::new(1);
    let mut served = BTreeSet::new();
    let mut last = None;
    loop {
        let request =
            Retrieve { max_count: Some(50), ..Retrieve::signed(&bob.keys, Namespace::MESSAGES, last, None, now()) };
        let body = Request::Retrieve(request).to_body();
        let (_, answer) = post(&http, node, "/storage_rpc/v1", body.into()).await;
        let answer: RetrieveAnswer = serde_json::from_slice(&answer).unwrap();
        last = answer.messages.last().map(|message| message.hash.clone());
        for message in answer.messages {
            assert!(served.insert(message.hash), "a message came twice");
        }
        if !answer.more {
            return served;
        }
    }
}

fn signal(name: &str, pid: u32) {
    let status = std::process::Command::new("kill").arg(name).arg(pid.to_string()).status();
    assert!(status.unwrap().success());
}

#[tokio::test]
async fn a_member_that_hangs_is_reported_and_does_not_hold_the_answer_for_long() {
    let dir = tempfile::tempdir().unwrap();
    let options = options(&dir, 3, &[("limits.replicate_seconds", "1")]);
    let net = Localnet::start(options).await.unwrap();
    let nodes = net.profile().nodes.clone();
    let first = nodes[0].to_node();
    let http = client();
    let store = |text| Request::Store(Person::new(1).message(text)).to_body();
    post(&http, &first, "/storage_rpc/v1", store("before").into()).await;

    signal("-STOP", nodes[1].pid);
    let start = std::time::Instant::now();
    let (status, answer) = post(&http, &first, "/storage_rpc/v1", store("meanwhile").into()).await;
    let took = start.elapsed();
    signal("-CONT", nodes[1].pid);
    assert_eq!(status, 200);
    assert!(took < Duration::from_secs(5), "{took:?}");
    let answer: StoreAnswer = serde_json::from_slice(&answer).unwrap();
    assert_eq!(answer.receipts().count(), 2);
    let Member::Failed(failure) = &answer.swarm[&nodes[1].ed25519] else { panic!("it cannot have confirmed") };
    assert!(failure.timeout);
    net.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_reaches_every_member_though_its_sender_has_gone() {
    let dir = tempfile::tempdir().unwrap();
    let net = Localnet::start(options(&dir, 3, &[])).await.unwrap();
    let nodes = net.profile().nodes.clone();
    let [first, second] = [nodes[0].to_node(), nodes[1].to_node()];
    let store = |text| Request::Store(Person::new(1).message(text)).to_body();
    post(&client(), &first, "/storage_rpc/v1", store("before").into()).await;
    let has_both = async |node: &ServiceNode| all(node).await.len() == 2;

    signal("-STOP", nodes[2].pid);
    let body = store("in haste");
    let sender = tokio::spawn(async move { post(&client(), &first, "/storage_rpc/v1", body.into()).await });
    eventually("the member that answers has it", || has_both(&second)).await;
    sender.abort();
    // Gone, most likely before it had its answer, which waits for the third a little.
    let _ = sender.await;
    signal("-CONT", nodes[2].pid);
    let third = nodes[2].to_node();
    eventually("the third member has it too", || has_both(&third)).await;
    net.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_under_load_ends_in_order_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let options = options(&dir, 1, &[]);
    let mut net = Localnet::start(options).await.unwrap();
    let node = net.profile().nodes[0].clone();
    let acknowledged: Arc<Mutex<BTreeSet<MessageHash>>> = Arc::default();
    let counter = Arc::new(AtomicU32::new(0));
    let writers: Vec<_> = (0..WRITERS)
        .map(|_| {
            let (node, acknowledged) = (node.to_node(), Arc::clone(&acknowledged));
            let counter = Arc::clone(&counter);
            tokio::spawn(async move { write(&node, &counter, &acknowledged).await })
        })
        .collect();
    while acknowledged.lock().unwrap().len() < 100 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    signal("-TERM", node.pid);
    let start = std::time::Instant::now();
    for writer in writers {
        writer.await.unwrap();
    }
    while std::fs::exists(format!("/proc/{}/fd", node.pid)).unwrap()
        && std::fs::read_dir(format!("/proc/{}/fd", node.pid)).is_ok_and(|mut fds| fds.next().is_some())
    {
        assert!(start.elapsed() < Duration::from_secs(10), "it does not end");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let log = std::fs::read_to_string(dir.path().join("node-0/log")).unwrap();
    assert!(log.contains("node has stopped"), "{log}");
    net.restart(0).await.unwrap();
    let served = all(&node.to_node()).await;
    assert!(acknowledged.lock().unwrap().is_subset(&served));
    net.stop().await;
}

//! `tacit-node localnet` and `tacit-node run` as programs.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tacit_node::localnet::{Localnet, Options};
use tacit_wire::node_list;
use tacit_wire::profile::{LocalNode, NetworkProfile};
use tacit_wire::rpc::Request;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::harness::{Person, client, eventually, post};

pub fn program() -> &'static str {
    env!("CARGO_BIN_EXE_tacit-node")
}

async fn localnet(dir: &Path) -> (Child, NetworkProfile) {
    let mut child = Command::new(program())
        .args(["localnet", "--nodes", "4", "--swarms", "2", "--dir"])
        .arg(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let line = first_line(&mut child).await;
    let path = line.trim().strip_prefix("ready ").expect("a ready line").to_owned();
    assert!(path.ends_with("/network.json"));
    let profile = NetworkProfile::parse(&std::fs::read(path).unwrap()).unwrap();
    (child, profile)
}

async fn first_line(child: &mut Child) -> String {
    let mut line = String::new();
    let mut output = BufReader::new(child.stdout.as_mut().unwrap());
    let read = tokio::time::timeout(Duration::from_secs(60), output.read_line(&mut line));
    read.await.unwrap().unwrap();
    line
}

fn runs(pid: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    !status.is_empty() && !status.contains("State:\tZ")
}

#[tokio::test]
async fn a_network_comes_up_again_with_its_data_and_ends_with_its_parent() {
    let dir = tempfile::tempdir().unwrap();
    let http = client();
    let bob = Person::new(1);
    let store = Request::Store(bob.message("kept"));

    let (mut parent, profile) = localnet(dir.path()).await;
    assert_eq!((profile.min_pool, profile.min_common, profile.path_length), (4, 4, 3));
    assert!(profile.testnet && !profile.distinct_subnets);
    let seed = &profile.seeds[0];
    assert!(seed.spki_pin().flatten().is_some() && seed.cert_pin().flatten().is_some());
    let list = http.post(format!("{}/json_rpc", seed.url)).body(node_list::request_body());
    let list = node_list::parse(&list.send().await.unwrap().bytes().await.unwrap()).unwrap();
    assert_eq!(list.nodes.len(), 4);
    let mut stored = 0;
    for node in &list.nodes {
        let (status, _) = post(&http, node, "/storage_rpc/v1", store.to_body().into()).await;
        stored += usize::from(status == 200);
    }
    assert_eq!(stored, 2, "the members of one swarm");

    // End of standard input ends it, and all its children, in order.
    drop(parent.stdin.take());
    let status = tokio::time::timeout(Duration::from_secs(15), parent.wait()).await.unwrap().unwrap();
    assert!(status.success());
    assert!(profile.nodes.iter().all(|node| !runs(node.pid)));

    let (mut parent, again) = localnet(dir.path()).await;
    let keys = |profile: &NetworkProfile| profile.nodes.iter().map(|n| (n.ed25519, n.https_port)).collect::<Vec<_>>();
    assert_eq!(keys(&again), keys(&profile));
    assert_eq!(again.seeds, profile.seeds);
    let mut known = 0;
    for node in &list.nodes {
        let (status, body) = post(&http, node, "/storage_rpc/v1", store.to_body().into()).await;
        known += usize::from(status == 200 && String::from_utf8(body).unwrap().contains("\"already\":true"));
    }
    assert_eq!(known, 2);

    // Even if it is killed nothing survives it.
    parent.start_kill().unwrap();
    parent.wait().await.unwrap();
    eventually("all children are gone", || async { again.nodes.iter().all(|node| !runs(node.pid)) }).await;
}

#[tokio::test]
async fn a_killed_node_can_be_started_again_from_its_file() {
    let dir = tempfile::tempdir().unwrap();
    let options =
        Options { dir: dir.path().to_owned(), nodes: 2, swarms: 1, seed_port: None, program: program().into() };
    let mut net = Localnet::start(options).await.unwrap();
    let nodes: Vec<_> = net.profile().nodes.iter().map(LocalNode::to_node).collect();
    net.kill(1).await;
    let file = dir.path().join("node-1/node.toml");
    let mut child = Command::new(program())
        .arg("run")
        .arg("--config")
        .arg(&file)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let ready: serde_json::Value = serde_json::from_str(&first_line(&mut child).await).unwrap();
    assert_eq!(ready["ready"]["https"], nodes[1].https_port);
    assert_eq!(ready["ready"]["peer"], nodes[1].peer_port);

    // A second one on the same folder says why not.
    let second = Command::new(program()).arg("run").arg("--config").arg(&file).output().await.unwrap();
    assert!(!second.status.success());
    assert!(String::from_utf8_lossy(&second.stderr).contains("another node uses this folder"));

    let status =
        Command::new(program()).args(["status", "--dir"]).arg(dir.path().join("node-1")).output().await.unwrap();
    let status: serde_json::Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!(status["ed25519"], nodes[1].ed25519.to_hex());
    assert_eq!(status["members"], 2);

    // SIGTERM ends it with 0.
    let pid = child.id().unwrap().to_string();
    assert!(Command::new("kill").arg(pid).status().await.unwrap().success());
    let ended = tokio::time::timeout(Duration::from_secs(10), child.wait()).await.unwrap().unwrap();
    assert!(ended.success());
    net.restart(1).await.unwrap();
    assert!(runs(net.profile().nodes[1].pid));
    net.stop().await;
}

#[tokio::test]
async fn mistakes_in_settings_are_named() {
    let run = |arguments: Vec<&'static str>| async move {
        let output = Command::new(program()).args(arguments).stdin(Stdio::null()).output().await.unwrap();
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let error = run(vec!["run", "--data_dir", "/nonexistent/a"]).await;
    assert!(error.contains("missing field `network`"), "{error}");
    let error = run(vec!["run", "--datadir", "x"]).await;
    assert!(error.contains("--data_dir"), "{error}");
    let error = run(vec!["localnet", "--nodes", "2", "--swarms", "3", "--dir", "/tmp"]).await;
    assert!(error.contains("2 nodes in 3 swarms are no network"), "{error}");
    let error = run(vec!["status", "--dir", "/nonexistent"]).await;
    assert!(error.contains("no node answers at /nonexistent/status.sock"), "{error}");
}

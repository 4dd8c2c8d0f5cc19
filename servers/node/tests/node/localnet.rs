//! `tacit-node localnet` and `tacit-node run` as programs.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tacit_node::localnet::{Localnet, Options, Plan};
use tacit_wire::onion::{EncType, ServerTarget, build_to_node, build_to_server};
use tacit_wire::profile::{LocalNode, NetworkProfile};
use tacit_wire::rpc::{Request, Retrieve};
use tacit_wire::{Namespace, base64, node_list};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::harness::{Person, client, eventually, now, post};

pub fn program() -> &'static str {
    env!("CARGO_BIN_EXE_tacit-node")
}

/// A network in one swarm, whose nodes have these settings.
pub fn options(dir: &tempfile::TempDir, nodes: usize, settings: &[(&str, &str)]) -> Options {
    Options {
        dir: dir.path().to_owned(),
        nodes,
        swarms: 1,
        registrars: 0,
        seed_port: None,
        program: program().into(),
        settings: settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
    }
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
    let files = profile.file_server.clone().expect("a file server");
    let uploaded = http.post(format!("{}/file", files.url)).body("kept").send().await.unwrap();
    let uploaded: serde_json::Value = uploaded.json().await.unwrap();
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
    assert_eq!(again.file_server.as_ref(), Some(&files));
    let file = http.get(format!("{}/file/{}", files.url, uploaded["id"].as_str().unwrap())).send().await.unwrap();
    assert_eq!(file.text().await.unwrap(), "kept");
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
async fn a_network_with_registrars_is_ready_when_they_agree_on_all_nodes() {
    let dir = tempfile::tempdir().unwrap();
    let start = || Localnet::start(Options { swarms: 2, registrars: 3, ..options(&dir, 4, &[]) });
    let net = start().await.unwrap();
    let profile = NetworkProfile::parse(&std::fs::read(net.profile_path()).unwrap()).unwrap();
    assert_eq!((profile.registrars.len(), profile.registrar_threshold), (3, 2));
    assert_eq!((profile.seeds.len(), profile.nodes.len()), (3, 4));
    let swarms = |profile: &NetworkProfile| profile.nodes.iter().map(|node| node.swarm_id).collect::<Vec<_>>();
    let distinct: std::collections::BTreeSet<_> = swarms(&profile).into_iter().collect();
    assert_eq!(distinct.len(), 2);
    net.stop().await;

    let again = start().await.unwrap();
    assert_eq!(swarms(again.profile()), swarms(&profile), "the same after a restart");
    assert_eq!(again.profile().registrars, profile.registrars);
    again.stop().await;
}

#[tokio::test]
async fn a_killed_node_can_be_started_again_from_its_file() {
    let dir = tempfile::tempdir().unwrap();
    let options = options(&dir, 2, &[]);
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

#[tokio::test]
async fn a_taken_port_is_replaced_for_good() {
    let dir = tempfile::tempdir().unwrap();
    let first = Plan::open(dir.path(), 2, 1, None).unwrap();
    let port = first.nodes()[0].local(0).https_port;
    let _taken = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    let second = Plan::open(dir.path(), 2, 1, None).unwrap();
    let new = second.nodes()[0].local(0);
    assert_ne!(new.https_port, port);
    assert_eq!(new.ed25519, first.nodes()[0].local(0).ed25519);
    assert_eq!(new.peer_port, first.nodes()[0].local(0).peer_port);
    assert_eq!(second.nodes()[1].local(0), first.nodes()[1].local(0));
    let error = Plan::open(dir.path(), 3, 1, None).err().unwrap().to_string();
    assert!(error.contains("holds a network of 2 nodes in 1 swarms"), "{error}");
}

/// Everything that a node must never write down, looked for in its log at the finest level.
#[tokio::test]
async fn the_finest_log_tells_nothing_of_who_asked_for_what() {
    let dir = tempfile::tempdir().unwrap();
    let options = options(&dir, 4, &[("log.level", "trace")]);
    let net = Localnet::start(options).await.unwrap();
    let nodes: Vec<_> = net.profile().nodes.iter().map(LocalNode::to_node).collect();
    let http = client();
    let bob = Person::new(1);
    let store = bob.message("a secret text");
    let retrieve = Retrieve::signed(&bob.keys, Namespace::MESSAGES, None, None, now());
    for request in [Request::Store(store.clone()), Request::Retrieve(retrieve)] {
        post(&http, &nodes[0], "/storage_rpc/v1", request.to_body().into()).await;
        let path = [nodes[0].hop(), nodes[1].hop()];
        let packet =
            build_to_node(EncType::XChaCha20, &path, &nodes[2].hop(), &request.to_body(), &mut rand::rng()).unwrap();
        assert_eq!(post(&http, &nodes[0], "/onion_req/v2", packet.body.into()).await.0, 200);
    }
    let exit = ServerTarget {
        host: "exit.invalid",
        target: "/oxen/v4/lsrpc",
        protocol: None,
        port: None,
        x25519: &bob.keys.x25519_public(),
    };
    let packet = build_to_server(EncType::XChaCha20, &[nodes[0].hop()], &exit, b"x", &mut rand::rng()).unwrap();
    assert_eq!(post(&http, &nodes[0], "/onion_req/v2", packet.body.into()).await.0, 502);
    net.stop().await;

    let secrets = [
        bob.id().to_hex(),
        hex::encode(bob.keys.ed25519_public()),
        hex::encode(bob.keys.x25519_public()),
        store.hash().to_string(),
        base64::encode(&store.data),
        "a secret text".to_owned(),
        "exit.invalid".to_owned(),
    ];
    for index in 0..4 {
        let log = std::fs::read_to_string(dir.path().join(format!("node-{index}/log"))).unwrap();
        assert!(log.contains("TRACE") || log.contains("DEBUG"), "the level was set");
        for secret in &secrets {
            assert!(!log.contains(secret), "node {index} wrote {secret}");
        }
    }
}

//! What operators do with a node: start, ask, measure, stop.

use std::pin::Pin;
use std::process::Stdio;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::body::{Body, Frame};
use tacit_node::localnet::Plan;
use tacit_node::store::{Settings, Store};
use tacit_node::{Config, Node, status};
use tacit_wire::rpc::Request;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;

use crate::harness::{Net, Person, client, eventually};
use crate::localnet::program;

#[tokio::test]
async fn a_second_node_on_the_same_folder_is_refused() {
    let net = Net::start(1, 1).await;
    let mut config = Config::load(Some(&net.plan.nodes()[0].config()), Vec::new(), Vec::new()).unwrap();
    config.listen.set_port(0);
    config.peer_listen.set_port(0);
    let error = Node::start(config).await.err().unwrap().to_string();
    assert!(error.contains("another node uses this folder"), "{error}");
}

#[tokio::test]
async fn metrics_count_what_happened_and_name_nobody() {
    let net = Net::with(3, 1, |config| config.metrics.listen = Some(([127, 0, 0, 1], 0).into())).await;
    let bob = Person::new(1);
    let mut hashes = Vec::new();
    for _ in 0..3 {
        hashes.push(net.store(0, &bob, "a secret text").await.to_string());
    }
    net.retrieve(0, &bob, None).await;
    let url = format!("http://{}/metrics", net.nodes[0].as_ref().unwrap().metrics_address().unwrap());
    let text = || async { net.http.get(&url).send().await.unwrap().text().await.unwrap() };
    eventually("what happened is published", || async {
        text().await.contains("tacit_store_total{result=\"ok\"} 3\n")
    })
    .await;
    let text = text().await;
    assert!(text.contains("tacit_retrieve_total{result=\"ok\"} 1\n"), "{text}");
    assert_eq!(text.matches("tacit_peer_up{peer=").count(), 2, "{text}");
    for secret in hashes.iter().chain([&bob.id().to_hex(), &"127.0.0.1".to_owned()]) {
        assert!(!text.contains(secret), "the metrics tell {secret}");
    }
    assert_eq!(net.http.get(url.replace("/metrics", "/")).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn status_says_whether_a_node_may_be_stopped() {
    let mut net = Net::start(3, 1).await;
    let dir = net.plan.nodes()[0].dir.clone();
    let healthy = || async { status::ask(&dir).await.ok().map(|report| status::swarm_is_healthy(&report).is_ok()) };
    eventually("all members are up", || async { healthy().await == Some(true) }).await;
    net.stop_node(1).await;
    eventually("one is missed", || async { healthy().await == Some(false) }).await;
    net.stop_node(0).await;
    assert!(status::ask(&dir).await.is_err());
}

async fn run(plan: &Plan) -> Child {
    let mut child = Command::new(program())
        .args(["run", "--config"])
        .arg(plan.nodes()[0].config())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).await.unwrap();
    assert!(line.contains("ready"), "{line}");
    child
}

/// A body that comes in pieces, as a slow client sends it.
struct Pieces(mpsc::Receiver<Bytes>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|bytes| Ok(Frame::data(bytes))))
    }
}

#[tokio::test]
async fn sigterm_lets_a_request_in_flight_end_and_takes_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let plan = Plan::open(dir.path(), 1, 1, None).unwrap();
    let mut child = run(&plan).await;
    let url = format!("https://127.0.0.1:{}/storage_rpc/v1", plan.nodes()[0].local(0).https_port);
    let (sender, pieces) = mpsc::channel(1);
    let body = Request::Store(Person::new(1).message("in flight")).to_body();
    let (first, rest) = body.split_at(20);
    let sending = client().post(&url).body(reqwest::Body::wrap(Pieces(pieces))).send();
    let sending = tokio::spawn(sending);
    sender.send(first.to_vec().into()).await.unwrap();
    // Taken once the connection is up and the first piece is on its way.
    sender.reserve().await.unwrap();
    let other = client();
    let info = Request::Info.to_body();
    assert_eq!(other.post(&url).body(info.clone()).send().await.unwrap().status(), 200);

    let start = Instant::now();
    let pid = child.id().unwrap().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    eventually("no new connection is taken", || async { client().post(&url).body(info.clone()).send().await.is_err() })
        .await;
    sender.send(rest.to_vec().into()).await.unwrap();
    drop(sender);
    assert_eq!(sending.await.unwrap().unwrap().status(), 200);
    let ended = tokio::time::timeout(Duration::from_secs(10), child.wait()).await.unwrap().unwrap();
    assert_eq!(ended.code(), Some(0));
    assert!(start.elapsed() < Duration::from_secs(10));
    let store = Store::open(&plan.nodes()[0].dir, Settings::new(u64::MAX, [1; 16])).unwrap();
    assert!(store.was_clean());
}

#[test]
fn mistakes_are_told_before_anything_starts() {
    let dir = tempfile::tempdir().unwrap();
    let plan = Plan::open(dir.path(), 1, 1, None).unwrap();
    let node = &plan.nodes()[0];
    let check = |flags: &[&str]| {
        let mut command = std::process::Command::new(program());
        let output = command.args(["check", "--config"]).arg(node.config()).args(flags).output().unwrap();
        (output.status.success(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(check(&[]), (true, String::new()));
    let (fine, text) = check(&["--max-bytes", "0"]);
    assert!(!fine && text.contains("`max_bytes` cannot be 0"), "{text}");
    let seed = node.dir.join("node.seed");
    std::fs::set_permissions(&seed, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
    let (fine, text) = check(&[]);
    assert!(!fine && text.contains("run `chmod 600` on it"), "{text}");
    std::fs::remove_file(&seed).unwrap();
    let (fine, text) = check(&[]);
    assert!(!fine && text.contains("run `tacit-node init`"), "{text}");
}

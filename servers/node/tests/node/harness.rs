//! A network in this process, and a client that speaks to it directly.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tacit_crypto::{AccountKeys, Seed};
use tacit_node::localnet::Plan;
use tacit_node::{Config, Node};
use tacit_wire::rpc::{Request, Retrieve, RetrieveAnswer, Signer as _, Store};
use tacit_wire::{AccountId, MessageHash, Namespace, ServiceNode, TimestampMs, swarm};

pub struct Net {
    pub plan: Plan,
    pub nodes: Vec<Option<Node>>,
    pub http: reqwest::Client,
    _dir: tempfile::TempDir,
}

impl Net {
    pub async fn start(nodes: usize, swarms: usize) -> Self {
        Self::with(nodes, swarms, |_| ()).await
    }

    /// With other settings than local networks have.
    pub async fn with(nodes: usize, swarms: usize, change: impl Fn(&mut Config)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let plan = Plan::open(dir.path(), nodes, swarms, None).unwrap();
        let mut running = Vec::new();
        for node in plan.nodes() {
            let mut config = Config::load(Some(&node.config()), Vec::new(), Vec::new()).unwrap();
            change(&mut config);
            running.push(Some(Node::start(config).await.unwrap()));
        }
        Self { plan, nodes: running, http: client(), _dir: dir }
    }

    pub fn node(&self, index: usize) -> ServiceNode {
        self.plan.nodes()[index].local(0).to_node()
    }

    pub fn all(&self) -> Vec<ServiceNode> {
        (0..self.nodes.len()).map(|index| self.node(index)).collect()
    }

    /// Numbers of the nodes that keep an account.
    pub fn members(&self, account: &AccountId) -> Vec<usize> {
        let mut swarms: Vec<_> = self.all().iter().filter_map(|n| n.swarm).collect();
        swarms.sort_unstable();
        swarms.dedup();
        let swarm = swarm::swarm_of(account, &swarms);
        (0..self.nodes.len()).filter(|index| self.node(*index).swarm == swarm).collect()
    }

    pub async fn stop_node(&mut self, index: usize) {
        self.nodes[index].take().unwrap().shutdown().await.unwrap();
    }

    /// Takes the mailboxes of a stopped node away, but not its key.
    pub fn lose_disk(&self, index: usize) {
        let config = self.plan.nodes()[index].config();
        for file in std::fs::read_dir(config.parent().unwrap()).unwrap() {
            let path = file.unwrap().path();
            if path.file_name().unwrap().to_string_lossy().starts_with("mailboxes.sqlite") {
                std::fs::remove_file(path).unwrap();
            }
        }
    }

    pub async fn start_node(&mut self, index: usize) {
        let file = self.plan.nodes()[index].config();
        let config = Config::load(Some(&file), Vec::new(), Vec::new()).unwrap();
        self.nodes[index] = Some(Node::start(config).await.unwrap());
    }

    pub async fn post(&self, index: usize, path: &str, body: impl Into<reqwest::Body>) -> (u16, Vec<u8>) {
        post(&self.http, &self.node(index), path, body.into()).await
    }

    /// A storage request as JSON text; status and text of the answer.
    pub async fn raw(&self, index: usize, body: &str) -> (u16, String) {
        let (status, body) = self.post(index, "/storage_rpc/v1", body.to_owned()).await;
        (status, String::from_utf8(body).unwrap())
    }

    pub async fn call(&self, index: usize, method: &str, params: Value) -> (u16, String) {
        self.raw(index, &json!({ "method": method, "params": params }).to_string()).await
    }

    pub async fn ask(&self, index: usize, request: &Request) -> (u16, Value) {
        let (status, text) = self.raw(index, &request.to_json().to_string()).await;
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    /// Stores and expects success.
    pub async fn store(&self, index: usize, to: &Person, text: &str) -> MessageHash {
        let request = to.message(text);
        let (status, answer) = self.ask(index, &Request::Store(request.clone())).await;
        assert_eq!(status, 200, "{answer}");
        request.hash()
    }

    pub async fn retrieve(&self, index: usize, who: &Person, after: Option<&MessageHash>) -> RetrieveAnswer {
        let request = Retrieve::signed(&who.keys, Namespace::MESSAGES, after.cloned(), None, now());
        let (status, answer) = self.ask(index, &Request::Retrieve(request)).await;
        assert_eq!(status, 200, "{answer}");
        serde_json::from_value(answer).unwrap()
    }

    pub async fn texts(&self, index: usize, who: &Person) -> Vec<String> {
        texts(self.retrieve(index, who, None).await)
    }
}

pub async fn post(http: &reqwest::Client, node: &ServiceNode, path: &str, body: reqwest::Body) -> (u16, Vec<u8>) {
    let url = format!("https://{}:{}{path}", node.ip, node.https_port);
    let answer = http.post(url).body(body).send().await.unwrap();
    (answer.status().as_u16(), answer.bytes().await.unwrap().to_vec())
}

pub fn texts(answer: RetrieveAnswer) -> Vec<String> {
    answer.messages.into_iter().map(|m| String::from_utf8(m.data).unwrap()).collect()
}

pub fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .tls_danger_accept_invalid_certs(true)
        .no_proxy()
        .timeout(Duration::from_secs(30))
        .build()
        .unwrap()
}

pub fn now() -> TimestampMs {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    TimestampMs(u64::try_from(since.as_millis()).unwrap())
}

/// Somebody with an account.
pub struct Person {
    pub keys: AccountKeys,
}

impl Person {
    pub fn new(number: u8) -> Self {
        Self { keys: AccountKeys::from_seed(&Seed::from_bytes([number; 16])) }
    }

    pub fn id(&self) -> AccountId {
        self.keys.account()
    }

    /// A message to this person.
    pub fn message(&self, text: &str) -> Store {
        Store::public(self.id(), Namespace::MESSAGES, now(), 3_600_000, text.as_bytes().to_vec())
    }
}

/// Waits until it is so, or fails after some seconds.
pub async fn eventually<F: Future<Output = bool>>(what: &str, mut check: impl FnMut() -> F) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    while !check().await {
        assert!(tokio::time::Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

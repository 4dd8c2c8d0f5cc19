//! Registrars and nodes over real sockets: a network comes up, loses a registrar, takes in a node.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;
use tacit_network::{Member, Network, NodeCache};
use tacit_node::localnet::{Plan, PlannedNode, PlannedRegistrar};
use tacit_node::registrar::{Registrar, RegistrarConfig};
use tacit_node::{Config, Node};
use tacit_wire::consensus::{Accepted, Consensus, RegistrarSet, SignedConsensus, Trust};
use tacit_wire::profile::NetworkProfile;
use tacit_wire::rpc::{self, Request, Retrieve};
use tacit_wire::{Namespace, NodeId, SwarmId, base64, node_list};

use crate::harness::{Person, client, now};

/// In 3 s steps: quick, and slow enough for machines with much else to do.
const PERIOD: u64 = 3;

struct Net {
    plan: Plan,
    registrars: Vec<Option<Registrar>>,
    nodes: Vec<Option<Node>>,
    http: reqwest::Client,
    trust: Mutex<Trust>,
    _dir: tempfile::TempDir,
}

impl Net {
    /// So many nodes run; the plan has one more.
    async fn start(nodes: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let plan = Plan::with_registrars(dir.path(), nodes + 1, 2.min(nodes + 1), 3, None).unwrap();
        let set = RegistrarSet::of_profile(&plan.profile(Vec::new())).unwrap().unwrap();
        let trust = Mutex::new(Trust::new(set));
        let mut net = Self { plan, registrars: Vec::new(), nodes: Vec::new(), http: client(), trust, _dir: dir };
        for planned in net.plan.registrars().to_vec() {
            net.registrars.push(Some(registrar(&planned, nodes).await));
        }
        for planned in &net.plan.nodes()[..nodes] {
            net.nodes.push(Some(node(planned).await));
        }
        net
    }

    fn url(&self, registrar: usize) -> String {
        self.plan.registrars()[registrar].entry().url
    }

    /// The profile for clients: the registrars are seeds too.
    fn profile(&self) -> NetworkProfile {
        let mut profile = self.plan.profile(Vec::new());
        let seeds = (0..3).map(|registrar| tacit_wire::profile::Seed {
            url: self.url(registrar),
            pin_spki_sha256: None,
            pin_cert_sha256: None,
        });
        profile.seeds = seeds.collect();
        profile
    }

    /// What somebody gives as the last document, checked.
    async fn consensus(&self, url: &str) -> Option<Consensus> {
        let answer = self.http.get(format!("{url}/consensus/1")).send().await.ok()?;
        if answer.status() != StatusCode::OK {
            return None;
        }
        let signed = SignedConsensus::decompress(&answer.bytes().await.ok()?).unwrap();
        let mut trust = self.trust.lock().unwrap().clone();
        match trust.accept(&signed, now()) {
            Ok(Accepted::Newer(consensus)) => Some(*consensus),
            other => panic!("{other:?}"),
        }
    }

    /// Waits until a document of this registrar is as wanted.
    async fn until(&self, registrar: usize, wanted: impl Fn(&Consensus) -> bool) -> Consensus {
        self.until_at(&self.url(registrar), wanted).await
    }

    async fn until_at(&self, url: &str, wanted: impl Fn(&Consensus) -> bool) -> Consensus {
        let look = async {
            loop {
                if let Some(consensus) = self.consensus(url).await.filter(&wanted) {
                    return consensus;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), look).await.expect("the registrars never came to it")
    }

    async fn stop(self) {
        for node in self.nodes.into_iter().flatten() {
            node.shutdown().await.unwrap();
        }
        for registrar in self.registrars.into_iter().flatten() {
            registrar.shutdown().await;
        }
    }
}

async fn registrar(planned: &PlannedRegistrar, first: usize) -> Registrar {
    let flags = [("period_seconds", PERIOD.to_string()), ("swarms.first", first.to_string())];
    let flags = flags.map(|(key, value)| (key.to_owned(), value)).into();
    Registrar::start(RegistrarConfig::load(Some(&planned.config()), Vec::new(), flags).unwrap()).await.unwrap()
}

async fn node(planned: &PlannedNode) -> Node {
    Node::start(Config::load(Some(&planned.config()), Vec::new(), Vec::new()).unwrap()).await.unwrap()
}

#[derive(Default)]
struct NoCache;

impl NodeCache for NoCache {
    fn load(&self) -> Option<Vec<u8>> {
        None
    }

    fn save(&self, _: &[u8]) {}
}

async fn texts(network: &Network, who: &Person) -> Vec<String> {
    let build = |now, _: &NodeId| Request::Retrieve(Retrieve::signed(&who.keys, Namespace::MESSAGES, None, None, now));
    let (_, answer) = network.rpc(&who.id(), Member::Any, build).await.unwrap();
    crate::harness::texts(rpc::answer_from(answer).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_write_to_each_other_while_a_registrar_dies_and_a_node_joins() {
    let mut net = Net::start(12).await;
    let first = net.until(0, |consensus| consensus.swarms.by_node().len() == 12).await;
    assert_eq!(first.swarms.len(), 2);
    assert_eq!((first.registrars.len(), first.threshold), (3, 2));

    // Nodes give the same, to everybody in their way.
    let asked = net.plan.nodes()[3].local(0).to_node();
    let url = format!("https://{}:{}", asked.ip, asked.https_port);
    net.until_at(&url, |consensus| consensus.number >= first.number).await;
    let list = net.http.post(format!("{url}/json_rpc")).body(node_list::request_body()).send().await.unwrap();
    assert_eq!(list.headers()["content-type"], "application/json");
    let list = node_list::parse(&list.bytes().await.unwrap()).unwrap();
    assert_eq!((list.nodes.len(), list.nodes.iter().all(|node| node.swarm.is_some())), (12, true));
    assert_eq!(SignedConsensus::parse(&list.consensus.unwrap()).map(|_| ()), Ok(()));
    assert!(list.height >= first.number);
    let body = Request::GetConsensus.to_body();
    let answer = net.http.post(format!("{url}/storage_rpc/v1")).body(body).send().await.unwrap();
    let answer: Value = answer.json().await.unwrap();
    let signed = SignedConsensus::parse(&base64::decode(answer["consensus"].as_str().unwrap()).unwrap()).unwrap();
    assert!(net.trust.lock().unwrap().clone().accept(&signed, now()).is_ok());

    // A client that trusts the registrars alone sends and receives.
    let network = Network::start(net.profile(), Arc::new(NoCache), tacit_network::Config::default()).unwrap();
    let bob = Person::new(2);
    network.store(&bob.id(), |_| bob.message("with three registrars")).await.unwrap();
    assert_eq!(texts(&network, &bob).await, ["with three registrars"]);

    net.registrars[2].take().unwrap().shutdown().await;
    let joiner = net.plan.nodes()[12].clone();
    net.nodes.push(Some(node(&joiner).await));
    let number = first.number;
    let later = net.until(0, |consensus| consensus.swarms.by_node().contains_key(&joiner.id())).await;
    assert!(later.number > number);
    let before = first.swarms.by_node();
    let after = later.swarms.by_node();
    assert!(before.iter().all(|(node, swarm)| after.get(node) == Some(swarm)), "nobody else moved");
    network.store(&bob.id(), |_| bob.message("with two")).await.unwrap();
    let mut both = texts(&network, &bob).await;
    both.sort();
    assert_eq!(both, ["with three registrars", "with two"]);

    network.shutdown().await;
    net.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_stays_as_it_is_while_everything_restarts() {
    let mut net = Net::start(3).await;
    let first = net.until(0, |consensus| consensus.swarms.by_node().len() == 3).await;
    let swarms: Vec<SwarmId> = first.swarms.ids();
    for node in &mut net.nodes {
        node.take().unwrap().shutdown().await.unwrap();
    }
    for registrar in &mut net.registrars {
        registrar.take().unwrap().shutdown().await;
    }
    for (index, planned) in net.plan.registrars().to_vec().iter().enumerate() {
        net.registrars[index] = Some(registrar(planned, 3).await);
    }
    for (index, planned) in net.plan.nodes()[..3].to_vec().iter().enumerate() {
        net.nodes[index] = Some(node(planned).await);
    }
    let later = net.until(1, |consensus| consensus.number > first.number).await;
    assert_eq!((later.swarms.ids(), later.swarms.by_node()), (swarms, first.swarms.by_node()));
    net.stop().await;
}

#[tokio::test]
async fn registrars_answer_what_is_wrong() {
    let net = Net::start(0).await;
    let url = net.url(0);
    let post = |path: &str, body: Vec<u8>| net.http.post(format!("{url}{path}")).body(body).send();
    let text = |answer: reqwest::Response| async move { (answer.status().as_u16(), answer.text().await.unwrap()) };
    let answer = text(post("/registrar/1/announce", b"nonsense".to_vec()).await.unwrap()).await;
    assert_eq!(answer, (400, "invalid announcement: bencoded value is malformed".to_owned()));
    assert_eq!(post("/registrar/1/announce", vec![b'd'; 3000]).await.unwrap().status(), 413);
    assert_eq!(post("/registrar/1/elsewhere", Vec::new()).await.unwrap().status(), 404);
    let put = |path: &str| net.http.put(format!("{url}{path}")).body("d1:ai1ee").send();
    assert_eq!(text(put("/registrar/1/vote/17").await.unwrap()).await.0, 409);
    assert_eq!(put("/registrar/1/signature/17").await.unwrap().status(), 409);
    assert_eq!(put("/registrar/1/vote/x").await.unwrap().status(), 404);
    let rotations = net.http.get(format!("{url}/registrar/1/rotations")).send().await.unwrap();
    assert_eq!(rotations.text().await.unwrap(), "le");
    net.stop().await;
}

//! A network of fake nodes that really peel onions. Nodes hand requests to each other inside the
//! process, so every connection that a listener sees comes from the client under test.

use std::collections::{HashMap, HashSet};
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use hyper::Response;
use serde_json::{Value, json};
use tacit_crypto::NodeKeys;
use tacit_wire::onion::{PathError, Peeled, peel, seal_reply};
use tacit_wire::profile::{NetworkProfile, Seed};
use tacit_wire::rpc::{self, Answer};
use tacit_wire::{AccountId, NodeId, ServiceNode, SwarmId, TimestampMs, node_list};

use crate::body::FakeBody;
use crate::server::{Identity, Server};

/// How a node behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    Honest,
    /// Answers no request, keeps the connection.
    Silent,
    /// As a destination: success, and no JSON.
    NotJson,
    /// As a destination: a status that does not exist.
    UnknownStatus,
    /// As a destination: 500.
    Failing,
    /// As a destination: 429.
    Limiting,
    /// As a destination: 421, naming nobody.
    WrongSwarm,
    /// As a destination: 406, whatever the time.
    WrongClock,
    /// As a destination: a receipt that is not signed by it.
    ForgedReceipt,
    /// Anywhere: replaces the answer by garbage.
    Garbage,
    /// Anywhere: an answer without end.
    Endless,
    /// Anywhere: claims 10 GB.
    Huge,
    /// Anywhere: begins an answer and stalls.
    Stalled,
    /// Anywhere: an unknown status of the outer answer.
    OddStatus,
    /// Anywhere: sends the client elsewhere.
    Redirect,
    /// Anywhere: says that the next node is not found.
    NotFound,
    /// Nobody on the way finds it.
    Unlisted,
}

/// What goes back to the node before, and at last to the client.
enum Reply {
    Http(u16, Vec<u8>),
    Body(FakeBody, Option<&'static str>),
    Redirect,
    Nothing,
}

struct Node {
    keys: NodeKeys,
    record: ServiceNode,
    manner: Manner,
    dead: bool,
}

pub struct World {
    nodes: Mutex<HashMap<NodeId, Node>>,
    swarms: Vec<SwarmId>,
    stored: Mutex<Vec<rpc::Store>>,
    /// Requests that arrived at each node directly from the client.
    pub direct: Mutex<HashMap<NodeId, Vec<String>>>,
    /// Network time minus real time.
    pub clock_ms: AtomicI64,
    pub seed_requests: AtomicUsize,
    seed_manner: Mutex<Manner>,
    /// Every node answers 406 to requests that carry no good time.
    pub strict_clock: Mutex<bool>,
}

/// The world, its listeners, and the profile a client enters it with.
pub struct FakeNetwork {
    pub world: Arc<World>,
    pub profile: NetworkProfile,
    identity: Identity,
    servers: HashMap<NodeId, Server>,
    seed: Option<Server>,
    seed_port: u16,
}

impl FakeNetwork {
    pub async fn start(count: u8) -> Self {
        let identity = Identity::new();
        let world = Arc::new(World {
            nodes: Mutex::default(),
            swarms: vec![SwarmId(0x1000_0000_0000_0000), SwarmId(0x9000_0000_0000_0000)],
            stored: Mutex::default(),
            direct: Mutex::default(),
            clock_ms: AtomicI64::new(0),
            seed_requests: AtomicUsize::new(0),
            seed_manner: Mutex::new(Manner::Honest),
            strict_clock: Mutex::new(false),
        });
        let mut servers = HashMap::new();
        for n in 0..count {
            let keys = NodeKeys::from_seed(&[n + 1; 32]);
            let id = NodeId(keys.ed25519_public());
            let server = node_server(&world, id, 0, &identity).await;
            let record = ServiceNode {
                ip: Ipv4Addr::LOCALHOST,
                https_port: server.address.port(),
                peer_port: 1,
                ed25519: id,
                x25519: keys.x25519_public(),
                swarm: Some(world.swarms[usize::from(n) % 2]),
                version: Some([1, 0, 0]),
            };
            let node = Node { keys, record, manner: Manner::Honest, dead: false };
            world.nodes.lock().unwrap().insert(id, node);
            servers.insert(id, server);
        }
        let seed = seed_server(&world, 0, &identity).await;
        let seed_port = seed.address.port();
        let profile = json!({
            "name": "fake", "testnet": true, "min_pool": 8, "min_common": 5, "path_length": 3,
            "distinct_subnets": false, "seeds": [],
        });
        let mut profile = NetworkProfile::parse(profile.to_string().as_bytes()).unwrap();
        profile.seeds = vec![Seed {
            url: format!("https://127.0.0.1:{seed_port}"),
            pin_spki_sha256: Some(tacit_wire::base64::encode(identity.spki_sha256)),
            pin_cert_sha256: Some(hex::encode(identity.cert_sha256)),
        }];
        Self { world, profile, identity, servers, seed: Some(seed), seed_port }
    }

    pub fn ids(&self) -> Vec<NodeId> {
        let mut ids: Vec<NodeId> = self.servers.keys().copied().collect();
        ids.sort();
        ids
    }

    pub fn set(&self, id: &NodeId, manner: Manner) {
        self.world.nodes.lock().unwrap().get_mut(id).unwrap().manner = manner;
    }

    pub fn set_all(&self, manner: Manner) {
        for node in self.world.nodes.lock().unwrap().values_mut() {
            node.manner = manner;
        }
    }

    pub fn set_seed(&self, manner: Manner) {
        *self.world.seed_manner.lock().unwrap() = manner;
    }

    /// The node's listener and connections are gone, and so is its place on paths.
    pub fn kill(&mut self, id: &NodeId) {
        self.world.nodes.lock().unwrap().get_mut(id).unwrap().dead = true;
        self.servers[id].stop();
    }

    pub fn kill_seed(&mut self) {
        self.seed = None;
    }

    /// Everything that was dead listens again, at the same ports.
    pub async fn revive(&mut self) {
        let ids = self.ids();
        for id in ids {
            let port = {
                let mut nodes = self.world.nodes.lock().unwrap();
                let node = nodes.get_mut(&id).unwrap();
                if !node.dead {
                    continue;
                }
                node.dead = false;
                node.record.https_port
            };
            self.servers.insert(id, node_server(&self.world, id, port, &self.identity).await);
        }
        if self.seed.is_none() {
            self.seed = Some(seed_server(&self.world, self.seed_port, &self.identity).await);
        }
    }

    /// Members of the account's swarm.
    pub fn members(&self, account: &AccountId) -> Vec<NodeId> {
        self.world.members(account).into_iter().map(|n| n.ed25519).collect()
    }

    pub fn stored(&self) -> usize {
        self.world.stored.lock().unwrap().len()
    }

    /// Connections to nodes, all together.
    pub fn connections(&self) -> usize {
        self.servers.values().map(|s| s.connections.load(Ordering::SeqCst)).sum()
    }

    /// Nodes that the client has connected to.
    pub fn contacted(&self) -> HashSet<NodeId> {
        self.world.direct.lock().unwrap().keys().copied().collect()
    }
}

async fn node_server(world: &Arc<World>, id: NodeId, port: u16, identity: &Identity) -> Server {
    let world = Arc::clone(world);
    Server::start(port, identity, move |path, body| {
        let world = Arc::clone(&world);
        async move {
            world.direct.lock().unwrap().entry(id).or_default().push(path.clone());
            let reply = match path.as_str() {
                "/onion_req/v2" => world.onion(&id, &body, 0),
                "/storage_rpc/v1" => world.direct_rpc(&id, &body),
                _ => Reply::Http(404, vec![]),
            };
            response(reply)
        }
    })
    .await
}

async fn seed_server(world: &Arc<World>, port: u16, identity: &Identity) -> Server {
    let world = Arc::clone(world);
    Server::start(port, identity, move |_, body| {
        let world = Arc::clone(&world);
        async move {
            world.seed_requests.fetch_add(1, Ordering::SeqCst);
            let manner = *world.seed_manner.lock().unwrap();
            if let Some(reply) = anywhere(manner) {
                return response(reply);
            }
            let (id, request) = node_list::ListRequest::parse_json_rpc(&body).unwrap();
            let body = node_list::json_rpc_answer(&id, &world.list(&request));
            let kind = if manner == Manner::NotJson { "text/html" } else { "application/json" };
            let response = Response::builder().header("content-type", kind);
            Some(response.body(FakeBody::whole(body)).unwrap())
        }
    })
    .await
}

fn response(reply: Reply) -> Option<Response<FakeBody>> {
    Some(match reply {
        Reply::Http(status, body) => Response::builder().status(status).body(FakeBody::whole(body)).unwrap(),
        Reply::Body(body, length) => {
            let mut response = Response::builder();
            if let Some(length) = length {
                response = response.header("content-length", length);
            }
            response.body(body).unwrap()
        }
        Reply::Redirect => Response::builder()
            .status(307)
            .header("location", "https://127.0.0.1:1/elsewhere")
            .body(FakeBody::whole(""))
            .unwrap(),
        Reply::Nothing => return None,
    })
}

/// What a node does to any answer, wherever it stands.
fn anywhere(manner: Manner) -> Option<Reply> {
    Some(match manner {
        Manner::Silent => Reply::Nothing,
        Manner::Garbage => Reply::Http(200, vec![b'x'; 500]),
        Manner::Endless => Reply::Body(FakeBody::Endless, None),
        Manner::Huge => Reply::Body(FakeBody::Endless, Some("10737418240")),
        Manner::Stalled => Reply::Body(FakeBody::Stalled(Some("abc".into())), None),
        Manner::OddStatus => Reply::Http(299, b"{}".to_vec()),
        Manner::Redirect => Reply::Redirect,
        _ => return None,
    })
}

impl World {
    fn now(&self) -> TimestampMs {
        let real = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        let real = u64::try_from(real).unwrap();
        TimestampMs(real.saturating_add_signed(self.clock_ms.load(Ordering::SeqCst)))
    }

    fn members(&self, account: &AccountId) -> Vec<ServiceNode> {
        let swarm = tacit_wire::swarm::swarm_of(account, &self.swarms);
        let nodes = self.nodes.lock().unwrap();
        let mut members: Vec<_> = nodes.values().map(|n| n.record.clone()).filter(|n| n.swarm == swarm).collect();
        members.sort_by_key(|n| n.ed25519);
        members
    }

    /// Every node changes to the other swarm.
    pub fn swap_swarms(&self) {
        for node in self.nodes.lock().unwrap().values_mut() {
            let other = self.swarms.iter().find(|id| Some(**id) != node.record.swarm);
            node.record.swarm = other.copied();
        }
    }

    fn list(&self, request: &node_list::ListRequest) -> Value {
        let nodes = self.nodes.lock().unwrap();
        node_list::result(nodes.values().map(|n| &n.record), 7, None, request)
    }

    fn direct_rpc(&self, id: &NodeId, body: &[u8]) -> Reply {
        let manner = self.nodes.lock().unwrap()[id].manner;
        if let Some(reply) = anywhere(manner) {
            return reply;
        }
        let (status, body) = self.storage(id, Manner::Honest, body);
        Reply::Http(status, body)
    }

    /// Peels a layer at node `id`, and all further ones at the nodes they name.
    fn onion(&self, id: &NodeId, body: &[u8], depth: u8) -> Reply {
        assert!(depth < 8, "an onion without end");
        let (manner, peeled) = {
            let nodes = self.nodes.lock().unwrap();
            let Some(node) = nodes.get(id) else { return Reply::Http(502, vec![]) };
            (node.manner, peel(body, node.keys.x25519_secret()))
        };
        if let Some(reply) = anywhere(manner) {
            return reply;
        }
        let failed = |error: PathError| {
            let (status, text) = error.to_http();
            Reply::Http(status, text.into_bytes())
        };
        match peeled {
            Err(error) => failed(error.to_path_error().unwrap_or(PathError::InvalidCiphertext)),
            Ok(Peeled::Forward { to, .. }) if manner == Manner::NotFound => failed(PathError::NextNodeNotFound(to)),
            Ok(Peeled::Forward { to, body }) => {
                if self.nodes.lock().unwrap().get(&to).is_none_or(|n| n.dead) {
                    return failed(PathError::Timeout);
                }
                if self.nodes.lock().unwrap()[&to].manner == Manner::Unlisted {
                    return failed(PathError::NextNodeNotFound(to));
                }
                self.onion(&to, &body, depth + 1)
            }
            Ok(Peeled::Destination { body, options, key }) => {
                let (status, answer) = self.storage(id, manner, &body);
                Reply::Http(200, seal_reply(&key, options, status, &answer, &mut rand::rng()))
            }
            Ok(Peeled::Exit { .. }) => failed(PathError::InvalidResponse),
        }
    }

    /// The storage request at its destination.
    fn storage(&self, id: &NodeId, manner: Manner, body: &[u8]) -> (u16, Vec<u8>) {
        let text = |status, text: &str| (status, text.as_bytes().to_vec());
        let request = match rpc::Request::parse(body) {
            Ok(request) => request,
            Err(rejection) => return text(rejection.status, &rejection.text),
        };
        // Questions about the network itself are answered by everybody.
        let own = matches!(request, rpc::Request::Store(_) | rpc::Request::Retrieve(_));
        match manner {
            Manner::NotJson => return text(200, "<html>"),
            Manner::UnknownStatus => return text(777, "{}"),
            Manner::Failing => return text(500, "request failed"),
            Manner::Limiting => return text(429, "Too many requests, try again later"),
            Manner::WrongSwarm if own => {
                return text(421, r#"{"snodes":[],"swarm":"ffffffffffffffff"}"#);
            }
            Manner::WrongClock if own => return text(406, "Timestamp error: check your clock"),
            _ => {}
        }
        let (hf, t) = ([19, 4], self.now());
        let value = match request {
            rpc::Request::Info => rpc::InfoAnswer { version: [1, 0, 0], timestamp: t, hf, t }.to_value(),
            rpc::Request::GetSwarm(request) => {
                let members = self.members(&request.account);
                let swarm = members.first().and_then(|n| n.swarm);
                rpc::SwarmAnswer::new(swarm, &members, hf, t).to_value()
            }
            rpc::Request::OxendRequest(request) => {
                let request = node_list::ListRequest::from_params(&request.params);
                rpc::OxendAnswer { result: self.list(&request), hf, t }.to_value()
            }
            rpc::Request::Store(store) => {
                if self.is_elsewhere(id, &store.account) {
                    return self.elsewhere(&store.account);
                }
                if store.timestamp.distance(t) > 60_000 && *self.strict_clock.lock().unwrap() {
                    return text(406, "Timestamp error: check your clock");
                }
                self.store(id, manner, store, hf, t)
            }
            rpc::Request::Retrieve(request) => {
                if self.is_elsewhere(id, &request.account) {
                    return self.elsewhere(&request.account);
                }
                let stored = self.stored.lock().unwrap();
                let messages: Vec<Value> = stored
                    .iter()
                    .filter(|s| s.account == request.account)
                    .map(|s| {
                        json!({"hash": s.hash(), "data": tacit_wire::base64::encode(&s.data),
                               "timestamp": s.timestamp, "expiration": s.expiry()})
                    })
                    .collect();
                json!({"messages": messages, "more": false, "hf": hf, "t": t})
            }
            _ => return text(400, "no such method"),
        };
        (200, value.to_string().into_bytes())
    }

    fn store(&self, id: &NodeId, manner: Manner, store: rpc::Store, hf: [u16; 2], t: TimestampMs) -> Value {
        let hash = store.hash();
        let text = tacit_wire::signing::store_receipt(&hash);
        let nodes = self.nodes.lock().unwrap();
        let mut swarm = serde_json::Map::new();
        for node in nodes.values().filter(|n| n.record.swarm == nodes[id].record.swarm) {
            let mut signature = node.keys.sign(&text);
            if manner == Manner::ForgedReceipt {
                signature[0] ^= 1;
            }
            let receipt = json!({"hash": hash, "signature": tacit_wire::base64::encode(signature),
                                 "expiry": store.expiry()});
            swarm.insert(node.record.ed25519.to_hex(), receipt);
        }
        drop(nodes);
        if manner != Manner::ForgedReceipt {
            let mut stored = self.stored.lock().unwrap();
            if stored.iter().all(|s| s.hash() != hash) {
                stored.push(store);
            }
        }
        json!({"hash": hash, "swarm": swarm, "hf": hf, "t": t})
    }

    fn is_elsewhere(&self, id: &NodeId, account: &AccountId) -> bool {
        self.members(account).iter().all(|n| n.ed25519 != *id)
    }

    fn elsewhere(&self, account: &AccountId) -> (u16, Vec<u8>) {
        let members = self.members(account);
        let swarm = members.first().and_then(|n| n.swarm);
        let answer = rpc::SwarmAnswer::new(swarm, &members, [19, 4], self.now());
        (421, answer.to_value().to_string().into_bytes())
    }
}

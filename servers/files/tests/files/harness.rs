//! A server in this process, asked directly or through an onion.

use std::time::Duration;

use reqwest::{Client, Method, Response};
use serde_json::Value;
use tacit_crypto::NodeKeys;
use tacit_files::{Config, FileServer};
use tacit_wire::NodeId;
use tacit_wire::onion::{EncType, Hop, Peeled, ServerTarget, SharedKey, build_to_server, open_server_reply, peel};
use tacit_wire::v4;

pub struct Server {
    pub server: FileServer,
    pub http: Client,
    pub dir: tempfile::TempDir,
}

pub fn client() -> Client {
    let _ = std::sync::Arc::unwrap_or_clone(tacit_edge::ring_provider()).install_default();
    Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap()
}

/// Settings as in `files.toml`, over a folder of its own.
pub fn config(dir: &tempfile::TempDir, settings: &[(&str, &str)]) -> Config {
    let data_dir = dir.path().display().to_string();
    let fixed = [("data_dir", data_dir.as_str()), ("listen", "127.0.0.1:0"), ("limits.connection_burst", "100000")];
    let flags = fixed.iter().chain(settings).map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    Config::load(None, Vec::new(), flags.collect()).unwrap()
}

impl Server {
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    pub async fn with(settings: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let server = FileServer::start(config(&dir, settings)).await.unwrap();
        Self { server, http: client(), dir }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.address())
    }

    pub async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Response {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.http.request(method, self.url(path)).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }

    /// Status and JSON.
    pub async fn json(&self, method: &str, path: &str, body: impl Into<Vec<u8>>) -> (u16, Value) {
        let answer = self.ask(method, path, &[], body.into()).await;
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    pub async fn upload(&self, body: impl Into<Vec<u8>>) -> String {
        let (status, answer) = self.json("POST", "/file", body).await;
        assert_eq!(status, 200, "{answer}");
        answer["id"].as_str().unwrap().to_owned()
    }

    /// What the last hop of a path posts for this payload, and the key of the answer.
    pub fn seal(&self, payload: &[u8]) -> (Vec<u8>, SharedKey) {
        seal(&self.server.x25519(), payload)
    }

    /// Posts a payload; the opened answer.
    pub async fn onion(&self, path: &str, payload: &[u8]) -> Vec<u8> {
        let (body, key) = self.seal(payload);
        let answer = self.ask("POST", path, &[], body).await;
        assert_eq!(answer.status(), 200);
        let answer = answer.bytes().await.unwrap();
        match path {
            "/oxen/v4/lsrpc" => open_server_reply(&key, &answer).unwrap(),
            _ => open_server_reply(&key, &tacit_wire::base64::decode(answer).unwrap()).unwrap(),
        }
    }

    pub async fn v4(&self, request: &v4::Request) -> v4::Response {
        v4::Response::parse(&self.onion("/oxen/v4/lsrpc", &request.to_bytes()).await).unwrap()
    }
}

pub fn v4(method: &str, endpoint: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> v4::Request {
    v4::Request {
        method: method.to_owned(),
        endpoint: endpoint.to_owned(),
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: body.map(<[u8]>::to_vec),
    }
}

fn seal(x25519: &[u8; 32], payload: &[u8]) -> (Vec<u8>, SharedKey) {
    let node = NodeKeys::from_seed(&[9; 32]);
    let (id, key) = (NodeId(node.ed25519_public()), node.x25519_public());
    let target = ServerTarget { x25519, host: "h", target: "/oxen/v4/lsrpc", protocol: Some("http"), port: Some(80) };
    let hop = [Hop { ed25519: &id, x25519: &key }];
    let packet = build_to_server(EncType::XChaCha20, &hop, &target, payload, &mut rand::rng()).unwrap();
    let Peeled::Exit { body, .. } = peel(&packet.body, node.x25519_secret()).unwrap() else { panic!("no exit") };
    (body, packet.reply_key)
}

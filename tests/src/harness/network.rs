//! A network of real nodes in processes of their own.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use serde::Deserialize;
use tempfile::TempDir;

use super::programs::program;

/// One node, as network.json names it.
#[derive(Debug, Clone, Deserialize)]
pub struct NodeInfo {
    /// Its address.
    pub ip: String,
    /// Port of the HTTPS listener.
    pub https_port: u16,
    /// Port for other nodes.
    pub peer_port: u16,
    /// Ed25519 key, hex.
    pub ed25519: String,
    /// Swarm id, hex.
    pub swarm_id: String,
    /// Process id.
    pub pid: u32,
    /// Its data folder.
    pub data_dir: PathBuf,
}

/// The file server, as network.json names it.
#[derive(Debug, Clone, Deserialize)]
pub struct FileServerInfo {
    /// Its address.
    pub url: String,
    /// The key that URLs of its files name, hex.
    pub ed25519: String,
    /// The key of its onion layer, hex.
    pub x25519: String,
}

#[derive(Deserialize)]
struct Profile {
    seeds: Vec<Seed>,
    nodes: Vec<NodeInfo>,
    file_server: FileServerInfo,
}

#[derive(Deserialize)]
struct Seed {
    url: String,
}

/// A running local network; dropping it ends all its processes.
pub struct LocalNetwork {
    folder: TempDir,
    profile: PathBuf,
    seeds: Vec<Seed>,
    nodes: Vec<NodeInfo>,
    file_server: FileServerInfo,
    process: Child,
    input: Option<ChildStdin>,
}

impl LocalNetwork {
    /// Starts `nodes` nodes in `swarms` swarms and waits until all answer.
    pub fn start(nodes: usize, swarms: usize) -> Self {
        Self::start_logging(nodes, swarms, "warn")
    }

    /// As [`LocalNetwork::start`], with nodes that log at another level.
    pub fn start_logging(nodes: usize, swarms: usize, level: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut process = Command::new(program("tacit-node"))
            .args(["localnet", "--nodes", &nodes.to_string(), "--swarms", &swarms.to_string(), "--dir"])
            .arg(folder.path())
            .env("TACIT_NODE_LOG_LEVEL", level)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = process.stdin.take();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let ready = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("ready ").map(PathBuf::from))
            .expect("the network says that it is ready");
        // The rest of its output must not fill the pipe.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        let text = std::fs::read_to_string(&ready).unwrap();
        let Profile { seeds, nodes, file_server } = serde_json::from_str(&text).unwrap();
        Self { folder, profile: ready, seeds, nodes, file_server, process, input }
    }

    /// The network profile that clients load.
    pub fn profile(&self) -> &Path {
        &self.profile
    }

    /// What all nodes have logged so far.
    pub fn logs(&self) -> String {
        let logs = self.nodes.iter().map(|node| node.data_dir.join("log"));
        let logs: String = logs.filter_map(|log| std::fs::read_to_string(log).ok()).collect();
        assert!(!logs.is_empty(), "nodes log something");
        logs
    }

    /// All nodes, dead ones too.
    pub fn nodes(&self) -> &[NodeInfo] {
        &self.nodes
    }

    /// The file server.
    pub fn file_server(&self) -> &FileServerInfo {
        &self.file_server
    }

    /// The folder of the file server's data.
    pub fn file_server_dir(&self) -> PathBuf {
        self.folder.path().join("files")
    }

    /// The port of the seed.
    pub fn seed_port(&self) -> u16 {
        let url = &self.seeds[0].url;
        url.rsplit(':').next().and_then(|port| port.trim_end_matches('/').parse().ok()).unwrap()
    }

    /// Kills the node at `index` with SIGKILL.
    pub fn kill(&self, index: usize) {
        kill(self.nodes[index].pid);
    }

    /// Writes a copy of the profile whose seeds lead nowhere.
    pub fn profile_without_seeds(&self) -> PathBuf {
        let text = std::fs::read_to_string(&self.profile).unwrap();
        let mut profile: serde_json::Value = serde_json::from_str(&text).unwrap();
        for seed in profile["seeds"].as_array_mut().unwrap() {
            seed["url"] = "https://127.0.0.1:1".into();
        }
        let path = self.folder.path().join("no-seeds.json");
        std::fs::write(&path, profile.to_string()).unwrap();
        path
    }
}

impl Drop for LocalNetwork {
    fn drop(&mut self) {
        drop(self.input.take()); // the end of its input ends it
        let _ = self.process.wait();
    }
}

/// Sends SIGKILL to a process.
pub fn kill(pid: u32) {
    let status = Command::new("kill").args(["-KILL", &pid.to_string()]).status().unwrap();
    assert!(status.success(), "process {pid} cannot be killed");
}

//! Who is who in a local network: keys, ports, folders, swarms; kept in the network's folder.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tacit_edge::{free_loopback_ports, is_free};
use tacit_wire::profile::{LocalNode, NetworkProfile};
use tacit_wire::{NodeId, SwarmId};

use super::registrars::PlannedRegistrar;
use super::write_whole;
use crate::{Error, keys};

/// Most nodes of one local network.
const MOST_NODES: usize = 200;
const MOST_REGISTRARS: usize = 9;

/// What `localnet.json` keeps.
#[derive(Default, Deserialize, Serialize)]
struct Kept {
    swarms: usize,
    seed_port: u16,
    /// Of the file server.
    #[serde(default)]
    files_port: u16,
    /// HTTPS and peer port of each node.
    ports: Vec<(u16, u16)>,
    /// Of each registrar but the first, which has that of the seed.
    #[serde(default)]
    registrar_ports: Vec<u16>,
    #[serde(default)]
    registrars: usize,
}

/// A local network, not running.
pub struct Plan {
    dir: PathBuf,
    seed_port: u16,
    files_port: u16,
    nodes: Vec<PlannedNode>,
    registrars: Vec<PlannedRegistrar>,
}

/// One node of it.
#[derive(Clone)]
pub struct PlannedNode {
    /// Its number, from 0.
    pub index: usize,
    /// Its folder.
    pub dir: PathBuf,
    https_port: u16,
    peer_port: u16,
    ed25519: NodeId,
    x25519: [u8; 32],
    swarm: SwarmId,
}

impl PlannedNode {
    /// Its file of settings.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.dir.join("node.toml")
    }

    /// Its key.
    #[must_use]
    pub fn id(&self) -> NodeId {
        self.ed25519
    }

    /// The node as the profile names it.
    #[must_use]
    pub fn local(&self, pid: u32) -> LocalNode {
        LocalNode {
            ip: Ipv4Addr::LOCALHOST,
            https_port: self.https_port,
            peer_port: self.peer_port,
            ed25519: self.ed25519,
            x25519: self.x25519,
            swarm_id: self.swarm,
            pid,
            data_dir: self.dir.display().to_string(),
        }
    }
}

impl Plan {
    /// The network of this folder, made if there is none; ports that were taken since are replaced,
    /// and standard error says so.
    ///
    /// # Errors
    /// [`Error::Impossible`] for numbers that make no network, or other ones than the folder has.
    pub fn open(dir: &Path, nodes: usize, swarms: usize, seed_port: Option<u16>) -> Result<Self, Error> {
        Self::with_registrars(dir, nodes, swarms, 0, seed_port)
    }

    /// As [`Plan::open`], with so many registrars; 0: a fixed list.
    ///
    /// # Errors
    /// As [`Plan::open`].
    pub fn with_registrars(
        dir: &Path,
        nodes: usize,
        swarms: usize,
        registrars: usize,
        seed_port: Option<u16>,
    ) -> Result<Self, Error> {
        if registrars > MOST_REGISTRARS {
            return Err(Error::Impossible(format!("{registrars} registrars are too many: at most {MOST_REGISTRARS}")));
        }
        if nodes == 0 || nodes > MOST_NODES || swarms == 0 || swarms > nodes {
            return Err(Error::Impossible(format!(
                "{nodes} nodes in {swarms} swarms are no network: 1 to {MOST_NODES} nodes, at least one a swarm"
            )));
        }
        std::fs::create_dir_all(dir).map_err(Error::file(dir))?;
        let dir = dir.canonicalize().map_err(Error::file(dir))?;
        let mut kept = read(&dir)?;
        if !kept.ports.is_empty() && (kept.ports.len(), kept.swarms, kept.registrars) != (nodes, swarms, registrars) {
            let with = match kept.registrars {
                0 => String::new(),
                count => format!(" with {count} registrars"),
            };
            return Err(Error::Impossible(format!(
                "{} holds a network of {} nodes in {} swarms{with}: ask for that, or use another folder",
                dir.display(),
                kept.ports.len(),
                kept.swarms
            )));
        }
        kept.swarms = swarms;
        kept.registrars = registrars;
        choose_ports(&mut kept, nodes, seed_port)?;
        let text = serde_json::to_string_pretty(&kept).unwrap_or_default();
        write_whole(&dir.join("localnet.json"), &text)?;

        let mut plan = Self {
            dir,
            seed_port: kept.seed_port,
            files_port: kept.files_port,
            nodes: Vec::new(),
            registrars: Vec::new(),
        };
        let ports = std::iter::once(kept.seed_port).chain(kept.registrar_ports);
        for (index, port) in ports.take(registrars).enumerate() {
            plan.registrars.push(PlannedRegistrar::open(&plan.dir, index, port, nodes, swarms)?);
        }
        for (index, (https_port, peer_port)) in kept.ports.into_iter().enumerate() {
            let dir = plan.dir.join(format!("node-{index}"));
            std::fs::create_dir_all(&dir).map_err(Error::file(&dir))?;
            let keys = keys::load_or_make(&dir)?;
            let node = PlannedNode {
                index,
                https_port,
                peer_port,
                ed25519: NodeId(keys.ed25519_public()),
                x25519: keys.x25519_public(),
                swarm: swarm(index % swarms, swarms),
                dir,
            };
            write_whole(&node.config(), &settings(&node))?;
            plan.nodes.push(node);
        }
        let nodes = if registrars > 0 { &[] } else { plan.nodes.as_slice() };
        let list = plan.profile(nodes.iter().map(|node| node.local(0)).collect());
        write_whole(&plan.dir.join("nodes.json"), &list.to_json())?;
        Ok(plan)
    }

    /// The network's folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Its nodes.
    #[must_use]
    pub fn nodes(&self) -> &[PlannedNode] {
        &self.nodes
    }

    /// Its registrars.
    #[must_use]
    pub fn registrars(&self) -> &[PlannedRegistrar] {
        &self.registrars
    }

    /// The swarms that the registrars gave to the nodes.
    pub(super) fn set_swarms(&mut self, swarms: &BTreeMap<NodeId, SwarmId>) {
        for node in &mut self.nodes {
            node.swarm = swarms.get(&node.ed25519).copied().unwrap_or(SwarmId::NONE);
        }
    }

    /// Port of the seed.
    #[must_use]
    pub fn seed_port(&self) -> u16 {
        self.seed_port
    }

    /// Port of the file server.
    #[must_use]
    pub fn files_port(&self) -> u16 {
        self.files_port
    }

    /// Where the profile for clients stands while the network runs.
    #[must_use]
    pub fn profile_path(&self) -> PathBuf {
        self.dir.join("network.json")
    }

    /// A profile with these nodes and no seeds.
    #[must_use]
    pub fn profile(&self, nodes: Vec<LocalNode>) -> NetworkProfile {
        NetworkProfile {
            name: "local".to_owned(),
            testnet: true,
            seeds: Vec::new(),
            min_pool: self.nodes.len().min(8),
            min_common: self.nodes.len().min(5),
            path_length: 3,
            distinct_subnets: false,
            file_server: None,
            relays: Vec::new(),
            communities: Vec::new(),
            push_server: None,
            registrars: self.registrars.iter().map(PlannedRegistrar::entry).collect(),
            registrar_threshold: if self.registrars.is_empty() { 0 } else { self.registrars.len() / 2 + 1 },
            nodes,
        }
    }
}

fn read(dir: &Path) -> Result<Kept, Error> {
    let path = dir.join("localnet.json");
    match std::fs::read(&path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Kept::default()),
        other => {
            let text = other.map_err(Error::file(&path))?;
            serde_json::from_slice(&text).map_err(|e| Error::file(&path)(std::io::Error::other(e)))
        }
    }
}

fn choose_ports(kept: &mut Kept, nodes: usize, seed_port: Option<u16>) -> Result<(), Error> {
    if let Some(wanted) = seed_port {
        kept.seed_port = wanted;
    }
    let mut used: BTreeSet<u16> = kept.ports.iter().flat_map(|(a, b)| [*a, *b]).collect();
    used.extend([kept.seed_port, kept.files_port]);
    used.extend(&kept.registrar_ports);
    let mut fresh = free_loopback_ports(2 * nodes + 2 + kept.registrars, &used)?.into_iter();
    let mut replace = |port: &mut u16, who: &str| {
        if *port != 0 && is_free(*port) {
            return;
        }
        let new = fresh.next().unwrap_or_default();
        if *port != 0 {
            eprintln!("port {port} is taken: {who} uses {new} from now on");
        }
        *port = new;
    };
    kept.ports.resize(nodes, (0, 0));
    for (index, (https, peer)) in kept.ports.iter_mut().enumerate() {
        replace(https, &format!("node {index} for clients"));
        replace(peer, &format!("node {index} for nodes"));
    }
    replace(&mut kept.seed_port, "the seed");
    kept.registrar_ports.resize(kept.registrars.saturating_sub(1), 0);
    for port in &mut kept.registrar_ports {
        replace(port, "a registrar");
    }
    replace(&mut kept.files_port, "the file server");
    Ok(())
}

/// Swarms at equal distances, so that each keeps about as many accounts.
fn swarm(number: usize, swarms: usize) -> SwarmId {
    let step = u64::MAX / swarms as u64;
    SwarmId(step * number as u64 + step / 2)
}

fn settings(node: &PlannedNode) -> String {
    // All clients of a local network share one address, and tests write as fast as they can.
    format!(
        "# Written by localnet at each start.
data_dir = \".\"
network = \"../nodes.json\"
listen = \"127.0.0.1:{}\"
peer_listen = \"127.0.0.1:{}\"
public_ip = \"127.0.0.1\"

[limits]
handshake_rate = 100000
handshake_burst = 100000
address_rate = 100000
address_burst = 100000
mailbox_store_rate = 100000
mailbox_store_burst = 100000
mailbox_retrieve_rate = 100000
mailbox_retrieve_burst = 100000
peer_rate = 100000
peer_burst = 100000
",
        node.https_port, node.peer_port
    )
}

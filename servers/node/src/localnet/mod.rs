//! A whole network on one machine: real nodes as processes of their own, real TLS, a seed with a
//! pinned certificate, a file server, and the profile that clients load.
//!
//! The folder keeps keys, ports and mailboxes: started again, the same network comes up with the
//! data it had. Every node has a file of settings there, by which it can be started by hand too.

mod child;
mod files;
mod plan;
mod seed;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tacit_wire::ServiceNode;
use tacit_wire::profile::{LocalNode, NetworkProfile};

use crate::Error;

pub use plan::{Plan, PlannedNode};

use child::{Child, Program};
use files::Files;
use seed::Seed;

/// What network is wanted.
#[derive(Clone, Debug)]
pub struct Options {
    /// Its folder; made if it is not there.
    pub dir: PathBuf,
    /// How many nodes.
    pub nodes: usize,
    /// How many swarms they make.
    pub swarms: usize,
    /// Port of the seed; chosen if none.
    pub seed_port: Option<u16>,
    /// The program `tacit-node`, of which each node is a process.
    pub program: PathBuf,
    /// Other settings of all nodes, as (key, value).
    pub settings: Vec<(String, String)>,
}

/// A running network. Dropping it ends the nodes at once; [`Localnet::stop`] in order.
pub struct Localnet {
    plan: Plan,
    program: Program,
    children: Vec<Child>,
    seed: Seed,
    files: Files,
    profile: NetworkProfile,
}

impl Localnet {
    /// Starts all nodes, the seed and the file server; returns when all answer and the profile is written.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn start(options: Options) -> Result<Self, Error> {
        let plan = Plan::open(&options.dir, options.nodes, options.swarms, options.seed_port)?;
        // Left from an earlier run, it would name processes that are gone.
        let path = plan.profile_path();
        let _ = std::fs::remove_file(&path);
        let program = Program { path: options.program, settings: options.settings };
        let mut starting = Vec::new();
        for node in plan.nodes() {
            starting.push(program.spawn(node)?);
        }
        let mut children = Vec::new();
        for child in starting {
            children.push(child.ready().await?);
        }
        let nodes: Arc<[ServiceNode]> = plan.nodes().iter().map(|n| as_node(&n.local(0))).collect();
        let seed = Seed::start(plan.dir(), plan.seed_port(), nodes).await?;
        let files = Files::start(&plan).await?;
        let mut net = Self { profile: plan.profile(Vec::new()), plan, program, children, seed, files };
        net.write_profile()?;
        Ok(net)
    }

    /// Where the profile stands: `network.json` in the folder.
    #[must_use]
    pub fn profile_path(&self) -> PathBuf {
        self.plan.profile_path()
    }

    /// The profile.
    #[must_use]
    pub fn profile(&self) -> &NetworkProfile {
        &self.profile
    }

    /// Kills a node as a power cut would.
    pub async fn kill(&mut self, node: usize) {
        if let Some(child) = self.children.get_mut(node) {
            child.kill().await;
        }
    }

    /// Starts a node again that was killed; its process ID in the profile is the new one.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn restart(&mut self, node: usize) -> Result<(), Error> {
        let Some(planned) = self.plan.nodes().get(node).cloned() else {
            return Err(Error::Impossible(format!("there is no node {node}")));
        };
        self.kill(node).await;
        let child = self.program.spawn(&planned)?.ready().await?;
        if let Some(slot) = self.children.get_mut(node) {
            *slot = child;
        }
        self.write_profile()
    }

    /// Ends all nodes in order.
    pub async fn stop(self) {
        let endings: Vec<_> = self.children.into_iter().map(|child| tokio::spawn(child.stop())).collect();
        for ending in endings {
            let _ = ending.await;
        }
        tokio::join!(self.seed.stop(), self.files.stop());
    }

    fn write_profile(&mut self) -> Result<(), Error> {
        let nodes: Vec<LocalNode> =
            self.plan.nodes().iter().zip(&self.children).map(|(node, child)| node.local(child.pid())).collect();
        self.profile = self.plan.profile(nodes);
        self.profile.seeds = vec![self.seed.entry()];
        self.profile.file_server = Some(self.files.entry());
        write_whole(&self.plan.profile_path(), &self.profile.to_json())
    }
}

/// A node of a profile, which runs the same version as this one.
pub(crate) fn as_node(node: &LocalNode) -> ServiceNode {
    ServiceNode { version: Some(crate::VERSION), ..node.to_node() }
}

/// Writes a file such that readers see the old one or the new one.
fn write_whole(path: &Path, text: &str) -> Result<(), Error> {
    let temporary = path.with_extension("new");
    std::fs::write(&temporary, text).map_err(Error::file(&temporary))?;
    std::fs::rename(&temporary, path).map_err(Error::file(path))
}

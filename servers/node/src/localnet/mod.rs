//! A whole network on one machine: real nodes as processes of their own, real TLS, a seed with a
//! pinned certificate, a file server, and the profile that clients load.
//!
//! The folder keeps keys, ports and mailboxes: started again, the same network comes up with the
//! data it had. Every node has a file of settings there, by which it can be started by hand too.

mod child;
mod files;
mod plan;
mod registrars;
mod seed;

use std::path::{Path, PathBuf};

use tacit_wire::profile::{LocalNode, NetworkProfile};
use tacit_wire::{NodeId, ServiceNode};

use crate::Error;
use crate::membership::View;

pub use plan::{Plan, PlannedNode};
pub use registrars::PlannedRegistrar;

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
    /// How many registrars say who belongs to it; 0: a fixed list.
    pub registrars: usize,
    /// Port of the seed (the first registrar, if there are any); chosen if none.
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
    registrars: Vec<Child>,
    /// In a network with registrars they are the seeds.
    seed: Option<Seed>,
    files: Files,
    profile: NetworkProfile,
}

impl Localnet {
    /// Starts all nodes, the seed or registrars, and the file server; returns when all answer and the profile is written.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn start(options: Options) -> Result<Self, Error> {
        let mut plan =
            Plan::with_registrars(&options.dir, options.nodes, options.swarms, options.registrars, options.seed_port)?;
        // Left from an earlier run, it would name processes that are gone.
        let path = plan.profile_path();
        let _ = std::fs::remove_file(&path);
        let program = Program { path: options.program, settings: options.settings };
        let (mut children, mut registrars) = (Vec::new(), Vec::new());
        let voting: Result<Vec<_>, _> = plan.registrars().iter().map(|one| program.spawn_registrar(one)).collect();
        for child in voting? {
            registrars.push(child.ready().await?);
        }
        let starting: Result<Vec<_>, _> = plan.nodes().iter().map(|node| program.spawn(node)).collect();
        for child in starting? {
            children.push(child.ready().await?);
        }
        let seed = if registrars.is_empty() {
            let nodes = plan.nodes().iter().map(|n| as_node(&n.local(0))).collect();
            let view = View::new(nodes, NodeId([0; 32]));
            Some(Seed::start(plan.dir(), plan.seed_port(), view).await?)
        } else {
            let nodes: Vec<_> = plan.nodes().iter().map(PlannedNode::id).collect();
            plan.set_swarms(&registrars::agreed(plan.registrars(), &nodes).await?);
            None
        };
        let files = Files::start(&plan).await?;
        let mut net = Self { profile: plan.profile(Vec::new()), plan, program, children, registrars, seed, files };
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
        let all = self.children.into_iter().chain(self.registrars);
        let endings: Vec<_> = all.map(|child| tokio::spawn(child.stop())).collect();
        for ending in endings {
            let _ = ending.await;
        }
        if let Some(seed) = self.seed {
            seed.stop().await;
        }
        self.files.stop().await;
    }

    fn write_profile(&mut self) -> Result<(), Error> {
        let nodes: Vec<LocalNode> =
            self.plan.nodes().iter().zip(&self.children).map(|(node, child)| node.local(child.pid())).collect();
        self.profile = self.plan.profile(nodes);
        self.profile.seeds = match &self.seed {
            Some(seed) => vec![seed.entry()],
            None => self.plan.registrars().iter().map(PlannedRegistrar::seed).collect::<Result<_, _>>()?,
        };
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

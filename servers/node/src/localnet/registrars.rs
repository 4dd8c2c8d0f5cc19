//! The registrars of a local network, and waiting until they have agreed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tacit_wire::consensus::{Consensus, Flag};
use tacit_wire::profile::{Registrar, Seed};
use tacit_wire::{NodeId, SwarmId};

use super::seed;
use super::write_whole;
use crate::https::Https;
use crate::registrar;
use crate::{Error, now};

/// Seconds from one consensus to the next.
const PERIOD: u64 = 5;
/// A network that has not agreed by then never will.
const PATIENCE: Duration = Duration::from_secs(120);
const STEP: Duration = Duration::from_millis(200);

/// One registrar.
#[derive(Clone)]
pub struct PlannedRegistrar {
    /// Its number, from 0.
    pub index: usize,
    /// Its folder.
    pub dir: PathBuf,
    port: u16,
    id: NodeId,
}

impl PlannedRegistrar {
    /// Keys and settings in a folder below `dir`; for so many nodes in so many swarms.
    pub(super) fn open(dir: &Path, index: usize, port: u16, nodes: usize, swarms: usize) -> Result<Self, Error> {
        let dir = dir.join(format!("registrar-{index}"));
        let id = registrar::init(&dir, now())?;
        std::fs::write(dir.join("admitted.txt"), "*\n").map_err(Error::file(&dir))?;
        let planned = Self { index, dir, port, id };
        write_whole(&planned.config(), &planned.settings(nodes, swarms))?;
        Ok(planned)
    }

    /// Its file of settings.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.dir.join("registrar.toml")
    }

    /// As the profile names it.
    #[must_use]
    pub fn entry(&self) -> Registrar {
        Registrar { ed25519: self.id, url: self.url() }
    }

    /// As the seed that it is too.
    pub(super) fn seed(&self) -> Result<Seed, Error> {
        seed::entry(&self.dir, self.port)
    }

    fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    fn settings(&self, nodes: usize, swarms: usize) -> String {
        let ideal = nodes / swarms;
        format!(
            "# Written by localnet at each start.
data_dir = \".\"
network = \"../nodes.json\"
listen = \"127.0.0.1:{}\"
url = \"{}\"
period_seconds = {PERIOD}
rate = 100000
burst = 100000

[swarms]
min = 1
ideal = {ideal}
max = {}
spare = {ideal}
first = {nodes}
age_seconds = 0
",
            self.port,
            self.url(),
            nodes.div_ceil(swarms) + 2,
        )
    }
}

/// Waits until the registrars list all these nodes, each in a swarm; gives the swarms.
pub(super) async fn agreed(
    registrars: &[PlannedRegistrar],
    nodes: &[NodeId],
) -> Result<BTreeMap<NodeId, SwarmId>, Error> {
    let https = Https::new()?;
    let look = async {
        loop {
            for registrar in registrars {
                let Some(signed) = https.consensus(&registrar.url(), None).await else { continue };
                let Ok(consensus) = Consensus::parse(&signed.body) else { continue };
                let swarms = consensus.swarms.by_node();
                let runs = |node: &NodeId| consensus.node(node).is_some_and(|node| node.flags.has(Flag::Running));
                if nodes.iter().all(|node| runs(node) && swarms.contains_key(node)) {
                    return swarms;
                }
            }
            tokio::time::sleep(STEP).await;
        }
    };
    let agreed = tokio::time::timeout(PATIENCE, look).await;
    agreed.map_err(|_| Error::Impossible("the registrars have not agreed on a list of all nodes".to_owned()))
}

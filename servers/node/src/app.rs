//! What every request needs to know of the node.

use tacit_crypto::NodeKeys;
use tacit_edge::Supervisor;
use tacit_wire::onion::LayerReceiver;
use tacit_wire::{NodeId, TimestampMs};

use crate::config::Config;
use crate::limits::Guards;
use crate::membership::Membership;
use crate::metrics::Metrics;
use crate::onion::ExitTls;
use crate::peer::{Peers, Swarm};
use crate::store::Store;

/// A running node, as its handlers see it.
pub(crate) struct App {
    pub(crate) id: NodeId,
    pub(crate) keys: NodeKeys,
    /// Opens onion layers.
    pub(crate) layers: LayerReceiver,
    pub(crate) config: Config,
    /// A network for tests: exits may go to this machine.
    pub(crate) testnet: bool,
    pub(crate) membership: Membership,
    pub(crate) store: Store,
    pub(crate) peers: Peers,
    pub(crate) swarm: Swarm,
    pub(crate) guards: Guards,
    pub(crate) exit_tls: ExitTls,
    pub(crate) metrics: Metrics,
    /// Hears that the writer works.
    pub(crate) supervisor: Supervisor,
}

impl App {
    /// Number of the network's state; a list of nodes that is fixed has one only.
    pub(crate) fn height(&self) -> u64 {
        self.membership.view().number()
    }

    /// The node's clock.
    pub(crate) fn now(&self) -> TimestampMs {
        crate::now()
    }
}

//! Who belongs to the network, and which swarm keeps which account: from a fixed list, or from what
//! the network's registrars sign, which changes while a node runs (protocol: servers 6).

mod announce;
mod follow;
mod published;
mod view;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use tacit_edge::{read_private, write_private};
use tacit_wire::consensus::{Accepted, Bytes32, MAX_CONSENSUS, Refused, SignedConsensus, Trust};
use tacit_wire::{NodeId, ServiceNode, SwarmId, TimestampMs};
use tokio::sync::watch;

use crate::Error;

pub(crate) use announce::{Reached, announce};
pub(crate) use follow::follow;
pub(crate) use published::{FROM, Published};
pub use view::{Document, View};

/// The present state of the network.
#[derive(Clone)]
pub struct Membership {
    shared: Arc<Shared>,
}

struct Shared {
    own: NodeId,
    view: watch::Sender<Arc<View>>,
    /// Nodes do not learn of a new document in the same moment: who was known still is, for one.
    before: RwLock<Option<Arc<View>>>,
    published: Published,
    /// For networks with registrars.
    following: Option<Following>,
}

struct Following {
    trust: Mutex<Trust>,
    network: Bytes32,
    /// Where the registrars of the profile answer.
    registrars: Vec<String>,
    /// The last document on the disk.
    file: PathBuf,
    /// The swarm whose data is all here, and by which document.
    complete: watch::Sender<Option<(SwarmId, u64)>>,
}

impl Membership {
    /// A network that consists of these nodes for ever.
    #[must_use]
    pub fn fixed(nodes: Vec<ServiceNode>, own: NodeId) -> Self {
        Self::new(View::new(nodes, own), own, None)
    }

    /// A network whose registrars are trusted; `file` keeps the last document, which counts until
    /// there is a newer one.
    ///
    /// # Errors
    /// [`Error::Edge`] if the file cannot be read. One that cannot be believed is as if it were not
    /// there.
    pub fn following(mut trust: Trust, registrars: Vec<String>, file: PathBuf, own: NodeId) -> Result<Self, Error> {
        let network = *trust.network();
        let kept = read_private(&file)?.filter(|bytes| bytes.len() <= MAX_CONSENSUS);
        let kept = kept.and_then(|bytes| SignedConsensus::parse(&bytes).ok());
        let kept = kept.and_then(|signed| Some((trust.resume(&signed).ok()?, signed)));
        let document = kept.map(|(consensus, signed)| Document::new(consensus, signed));
        let view = match &document {
            Some(document) => View::of_document(document, own),
            None => View::new(Vec::new(), own),
        };
        let (trust, complete) = (Mutex::new(trust), watch::Sender::new(None));
        let membership = Self::new(view, own, Some(Following { trust, network, registrars, file, complete }));
        if let Some(document) = document {
            membership.shared.published.set(&document.signed);
        }
        Ok(membership)
    }

    fn new(view: View, own: NodeId, following: Option<Following>) -> Self {
        let (view, before, published) = (watch::Sender::new(Arc::new(view)), RwLock::new(None), Published::default());
        Self { shared: Arc::new(Shared { own, view, before, published, following }) }
    }

    /// The state now.
    #[must_use]
    pub fn view(&self) -> Arc<View> {
        Arc::clone(&self.shared.view.borrow())
    }

    /// The state now and whenever it changes.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<Arc<View>> {
        self.shared.view.subscribe()
    }

    /// A node of this state or the one before.
    #[must_use]
    pub fn node(&self, id: &NodeId) -> Option<ServiceNode> {
        let before = || self.shared.before.read().unwrap_or_else(PoisonError::into_inner).clone();
        self.view().node(id).cloned().or_else(|| before()?.node(id).cloned())
    }

    /// The network's id, if it has registrars.
    pub(crate) fn network(&self) -> Option<&Bytes32> {
        self.shared.following.as_ref().map(|following| &following.network)
    }

    /// What others may fetch.
    pub(crate) fn published(&self) -> &Published {
        &self.shared.published
    }

    /// This node has all data of a swarm, by the document of this number; `None`: no longer.
    pub(crate) fn set_complete(&self, complete: Option<(SwarmId, u64)>) {
        if let Some(following) = &self.shared.following {
            following.complete.send_if_modified(|last| std::mem::replace(last, complete) != complete);
        }
    }

    /// Decides about a document. One that is believed and newer is on the disk before it counts.
    /// Blocks for that write.
    ///
    /// # Errors
    /// See [`Refused`]; nothing has changed then.
    pub(crate) fn accept(&self, signed: SignedConsensus, now: TimestampMs) -> Result<bool, Refused> {
        let Some(following) = &self.shared.following else { return Ok(false) };
        let mut trust = following.trust.lock().unwrap_or_else(PoisonError::into_inner);
        let Accepted::Newer(consensus) = trust.accept(&signed, now)? else { return Ok(false) };
        let document = Document::new(*consensus, signed);
        if let Err(error) = write_private(&following.file, &document.bytes) {
            // It counts all the same: after a restart it is fetched again.
            tracing::warn!(%error, "the consensus cannot be kept");
        }
        self.shared.published.set(&document.signed);
        let view = Arc::new(View::of_document(&document, self.shared.own));
        let (number, nodes, swarm) = (view.number(), view.len(), view.own_swarm());
        let before = self.shared.view.send_replace(view);
        let changed = before.own_swarm() != swarm || before.len() != nodes;
        *self.shared.before.write().unwrap_or_else(PoisonError::into_inner) = Some(before);
        match (changed, swarm) {
            (true, Some(swarm)) => tracing::info!(number, nodes, %swarm, "a new consensus"),
            (true, None) => tracing::info!(number, nodes, "a new consensus; this node has no swarm"),
            (false, _) => tracing::debug!(number, "a new consensus"),
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests;

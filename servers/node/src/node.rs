//! Starting and stopping a node.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tacit_edge::{Listener, Supervisor, client_facing_tls, ensure_certificate};
use tacit_wire::consensus::{RegistrarSet, Trust};
use tacit_wire::onion::LayerReceiver;
use tacit_wire::profile::NetworkProfile;
use tacit_wire::{NodeId, SwarmId};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::App;
use crate::config::Config;
use crate::https::Https;
use crate::limits::Guards;
use crate::localnet::as_node;
use crate::membership::{Membership, Reached, announce, follow};
use crate::metrics::Metrics;
use crate::onion::ExitTls;
use crate::peer::Peers;
use crate::store::{self, Store};
use crate::{Error, http, keys, metrics, peer, status};

/// What is left to requests in flight when the node stops.
const GRACE: Duration = Duration::from_secs(6);
const SWEEP: Duration = Duration::from_secs(10);
const KEEP_OPEN: Duration = Duration::from_secs(10);

/// A running node.
pub struct Node {
    pub(crate) app: Arc<App>,
    clients: Listener,
    peers: Listener,
    metrics: Option<Listener>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Node {
    /// Opens the database, joins the network and listens.
    ///
    /// # Errors
    /// See [`Error`]: each says what to put right.
    pub async fn start(config: Config) -> Result<Self, Error> {
        Self::start_under(config, Supervisor::default()).await
    }

    /// The same, for a service manager that hears every ten seconds that the database is written.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn start_under(config: Config, supervisor: Supervisor) -> Result<Self, Error> {
        std::fs::create_dir_all(&config.data_dir).map_err(Error::file(&config.data_dir))?;
        let keys = keys::load_or_make(&config.data_dir)?;
        let id = NodeId(keys.ed25519_public());
        let profile = read_profile(&config.network)?;
        let membership = membership(&config, &profile, id)?;
        let store = Store::open(&config.data_dir, store::Settings::new(config.max_bytes, rand::random()))?;
        let (certificate, key) = ensure_certificate(&config.data_dir)?;
        let clients_tls = client_facing_tls(certificate, key)?;
        let peers_tls = peer::server_config(&keys, &membership)?;
        let (swarm, ear) = peer::Swarm::new();
        let app = Arc::new(App {
            id,
            peers: Peers::new(&keys)?,
            layers: LayerReceiver::from(&keys),
            keys,
            testnet: profile.testnet,
            membership,
            swarm,
            store,
            guards: Guards::new(&config.limits),
            exit_tls: ExitTls::new()?,
            metrics: Metrics::default(),
            supervisor,
            config,
        });
        let limits = &app.config.limits;
        let peers = {
            let app = Arc::clone(&app);
            move |request, origin| peer::serve(Arc::clone(&app), request, origin)
        };
        let peers = Listener::start(app.config.peer_listen, peers_tls, limits.peers(), peers).await?;
        let clients = {
            let app = Arc::clone(&app);
            move |request, origin| http::serve(Arc::clone(&app), request, origin)
        };
        let clients = Listener::start(app.config.listen, clients_tls, limits.clients(), clients).await?;
        let metrics = match app.config.metrics.listen {
            Some(address) => Some(metrics::listen(&app, address).await?),
            None => None,
        };
        let node = Self { app, clients, peers, metrics, tasks: TaskTracker::new(), stop: CancellationToken::new() };
        node.spawn(peer::drive(Arc::clone(&node.app), ear));
        node.spawn_tasks();
        node.join()?;
        tracing::info!(%id, nodes = node.app.membership.view().len(), "node is up");
        Ok(node)
    }

    /// Where clients connect.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.clients.address()
    }

    /// Where other nodes connect.
    #[must_use]
    pub fn peer_address(&self) -> SocketAddr {
        self.peers.address()
    }

    /// Where `/metrics` is, if anywhere.
    #[must_use]
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().map(Listener::address)
    }

    /// The node's key.
    #[must_use]
    pub fn id(&self) -> NodeId {
        self.app.id
    }

    fn spawn_tasks(&self) {
        self.spawn(sweep(Arc::clone(&self.app)));
        self.spawn(keep_open(Arc::clone(&self.app)));
        self.spawn(metrics::publish(Arc::clone(&self.app)));
        self.spawn(status::serve(Arc::clone(&self.app)));
        if !self.app.store.was_clean() {
            self.spawn(check(Arc::clone(&self.app)));
        }
    }

    /// In a network with registrars: says who this node is, and follows what they sign.
    fn join(&self) -> Result<(), Error> {
        let config = &self.app.config;
        let Some(ip) = config.public_ip.filter(|_| self.app.membership.network().is_some()) else { return Ok(()) };
        let reached = Reached {
            ip,
            https_port: config.public_port.unwrap_or_else(|| self.address().port()),
            peer_port: config.public_peer_port.unwrap_or_else(|| self.peer_address().port()),
        };
        let https = Https::new()?;
        self.spawn(announce(Arc::clone(&self.app), https.clone(), reached));
        self.spawn(follow(Arc::clone(&self.app), https));
        Ok(())
    }

    /// Tells the registrars that this node has all data of a swarm, by the consensus of this
    /// number; `None`: no longer.
    pub fn set_complete(&self, complete: Option<(SwarmId, u64)>) {
        self.app.membership.set_complete(complete);
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                () = task => (),
                () = stop.cancelled() => (),
            }
        });
    }

    /// Takes no more requests, ends those in flight, commits everything and closes. Takes less
    /// than ten seconds.
    ///
    /// # Errors
    /// [`Error::Store`] if the database could not be closed in order; what was acknowledged is on
    /// the disk all the same.
    pub async fn shutdown(self) -> Result<(), Error> {
        self.stop.cancel();
        self.tasks.close();
        let metrics = async {
            if let Some(metrics) = self.metrics {
                metrics.stop(Duration::ZERO).await;
            }
        };
        tokio::join!(self.clients.stop(GRACE), self.peers.stop(GRACE), metrics, self.tasks.wait());
        self.app.peers.close().await;
        self.app.store.close().await?;
        status::remove_socket(&self.app.config.data_dir);
        tracing::info!("node has stopped");
        Ok(())
    }
}

/// From the registrars of the profile, or from its fixed list.
fn membership(config: &Config, profile: &NetworkProfile, id: NodeId) -> Result<Membership, Error> {
    let wrong = |source| Error::Profile { path: config.network.clone(), source };
    if let Some(set) = RegistrarSet::of_profile(profile).map_err(wrong)? {
        if config.public_ip.is_none() {
            return Err(Error::NoPublicIp);
        }
        let urls = profile.registrars.iter().map(|registrar| registrar.url.clone()).collect();
        return Membership::following(Trust::new(set), urls, config.data_dir.join("consensus"), id);
    }
    let nodes: Vec<_> = profile.nodes.iter().map(as_node).collect();
    if nodes.iter().all(|node| node.ed25519 != id) {
        return Err(Error::NotAMember { path: config.network.clone(), node: id });
    }
    Ok(Membership::fixed(nodes, id))
}

pub(crate) fn read_profile(path: &Path) -> Result<NetworkProfile, Error> {
    let text = std::fs::read(path).map_err(Error::file(path))?;
    NetworkProfile::parse(&text).map_err(|source| Error::Profile { path: path.to_owned(), source })
}

/// Removes what has ended.
async fn sweep(app: Arc<App>) {
    loop {
        let swept = app.store.sweep(app.now()).await;
        // A full disk is no hanging writer: to start anew would not help.
        app.supervisor.alive();
        match swept {
            Ok(true) => tokio::task::yield_now().await,
            Ok(false) => tokio::time::sleep(SWEEP).await,
            Err(error) => {
                tracing::warn!(%error, "cannot remove what has ended");
                tokio::time::sleep(SWEEP).await;
            }
        }
    }
}

/// Keeps a connection to each fellow member, so that no store waits for a handshake.
async fn keep_open(app: Arc<App>) {
    loop {
        let view = app.membership.view();
        for fellow in view.fellows() {
            let was_up = app.peers.is_up(fellow.ed25519);
            let answered = app.peers.call(fellow, "ping", bytes::Bytes::new(), Duration::from_secs(5)).await;
            match (was_up, answered) {
                (false, Ok(_)) => tracing::info!(peer = %fellow.ed25519, "peer is up"),
                (true, Err(error)) => tracing::info!(peer = %fellow.ed25519, %error, "peer is down"),
                _ => (),
            }
        }
        tokio::time::sleep(KEEP_OPEN).await;
    }
}

/// Looks for damage after a stop that was not orderly.
async fn check(app: Arc<App>) {
    match app.store.quick_check().await {
        Ok(damage) if damage.is_empty() => tracing::debug!("the database is whole"),
        Ok(damage) => tracing::error!(findings = damage.len(), "the database is damaged"),
        Err(error) => tracing::error!(%error, "the database cannot be checked"),
    }
}

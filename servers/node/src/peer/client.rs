//! Connections to other nodes: made when first needed, kept open, made again with growing pauses.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::Request;
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::pki_types::ServerName;
use rustls::sign::CertifiedKey;
use tacit_crypto::NodeKeys;
use tacit_wire::{NodeId, ServiceNode};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::tls::{client_config, own_key};
use crate::config::PEER_BODY;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
const WINDOW: u32 = 1024 * 1024;

/// Why a peer gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PeerError {
    /// There is no connection to it.
    #[error("unreachable")]
    Unreachable,
    /// It did not answer in time.
    #[error("timed out")]
    Timeout,
    /// The connection broke, or the answer was no answer.
    #[error("broken answer")]
    Broken,
}

type Sender = SendRequest<Full<Bytes>>;

/// Connections to all peers that were needed so far.
#[derive(Clone)]
pub(crate) struct Peers {
    own: Arc<CertifiedKey>,
    slots: Arc<Mutex<HashMap<NodeId, Arc<Slot>>>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

#[derive(Default)]
struct Slot {
    state: tokio::sync::Mutex<State>,
    /// Answered since the last failure.
    up: std::sync::atomic::AtomicBool,
}

#[derive(Default)]
struct State {
    sender: Option<Sender>,
    not_before: Option<Instant>,
    pause: Duration,
}

impl Peers {
    pub(crate) fn new(keys: &NodeKeys) -> Result<Self, rustls::Error> {
        Ok(Self {
            own: own_key(keys)?,
            slots: Arc::default(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        })
    }

    /// `POST /peer/1/{operation}`; status and body of the answer.
    pub(crate) async fn call(
        &self,
        peer: &ServiceNode,
        operation: &str,
        body: Bytes,
        timeout: Duration,
    ) -> Result<(u16, Bytes), PeerError> {
        let slot = self.slot(peer.ed25519);
        let answered = tokio::time::timeout(timeout, self.exchange(&slot, peer, operation, body))
            .await
            .unwrap_or(Err(PeerError::Timeout));
        slot.up.store(answered.is_ok(), std::sync::atomic::Ordering::Relaxed);
        answered
    }

    /// Whether the last exchange with this node went well.
    pub(crate) fn is_up(&self, peer: NodeId) -> bool {
        self.slot(peer).up.load(std::sync::atomic::Ordering::Relaxed)
    }

    fn slot(&self, peer: NodeId) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry(peer).or_default())
    }

    async fn exchange(
        &self,
        slot: &Slot,
        peer: &ServiceNode,
        operation: &str,
        body: Bytes,
    ) -> Result<(u16, Bytes), PeerError> {
        let mut sender = self.sender(slot, peer).await?;
        let request = Request::post(format!("https://{}:{}/peer/1/{operation}", peer.ip, peer.peer_port))
            .body(Full::new(body))
            .map_err(|_| PeerError::Broken)?;
        let answer = async {
            sender.ready().await?;
            sender.send_request(request).await
        };
        let answer = answer.await.map_err(|_| PeerError::Broken)?;
        let status = answer.status().as_u16();
        let body = Limited::new(answer.into_body(), PEER_BODY * 2).collect().await.map_err(|_| PeerError::Broken)?;
        Ok((status, body.to_bytes()))
    }

    async fn sender(&self, slot: &Slot, peer: &ServiceNode) -> Result<Sender, PeerError> {
        // Held while connecting: others that need this peer wait for the one attempt.
        let mut state = slot.state.lock().await;
        if let Some(sender) = &state.sender
            && !sender.is_closed()
        {
            return Ok(sender.clone());
        }
        state.sender = None;
        let now = Instant::now();
        if state.not_before.is_some_and(|time| now < time) {
            return Err(PeerError::Unreachable);
        }
        let connected = tokio::time::timeout(CONNECT_TIMEOUT, self.connect(peer)).await;
        match connected {
            Ok(Ok(sender)) => {
                state.sender = Some(sender.clone());
                state.not_before = None;
                state.pause = Duration::ZERO;
                Ok(sender)
            }
            Ok(Err(_)) | Err(_) => {
                state.pause = (state.pause * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE);
                state.not_before = Some(Instant::now() + state.pause);
                Err(PeerError::Unreachable)
            }
        }
    }

    async fn connect(&self, peer: &ServiceNode) -> std::io::Result<Sender> {
        let config = client_config(Arc::clone(&self.own), peer.ed25519).map_err(std::io::Error::other)?;
        let tcp = TcpStream::connect((peer.ip, peer.peer_port)).await?;
        tcp.set_nodelay(true)?;
        let name = ServerName::IpAddress(std::net::IpAddr::from(peer.ip).into());
        let tls = TlsConnector::from(Arc::new(config)).connect(name, tcp).await?;
        let (sender, connection) = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .initial_stream_window_size(WINDOW)
            .initial_connection_window_size(WINDOW)
            .keep_alive_interval(Duration::from_secs(20))
            .keep_alive_timeout(Duration::from_secs(20))
            .keep_alive_while_idle(true)
            .handshake(TokioIo::new(tls))
            .await
            .map_err(std::io::Error::other)?;
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                _ = connection => (),
                () = stop.cancelled() => (),
            }
        });
        Ok(sender)
    }

    /// Closes all connections.
    pub(crate) async fn close(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

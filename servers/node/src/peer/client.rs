//! Connections to other nodes: made when first needed, kept open, made again with growing pauses.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::pki_types::ServerName;
use rustls::sign::CertifiedKey;
use tacit_crypto::NodeKeys;
use tacit_edge::{BodyError, BodyLimits, Reservation, read_body};
use tacit_wire::{NodeId, ServiceNode};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::tls::{client_config, own_key};
use crate::config::PEER_BODY;

/// Less than any request's time, so that a silent peer is found out within one.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// A request waits so long for a pause to end, rather than fail.
const SHORT_PAUSE: Duration = Duration::from_millis(250);
const WINDOW: u32 = 1024 * 1024;
/// The time of an answer is its request's.
const ANSWER: BodyLimits = BodyLimits { bytes: PEER_BODY * 2, patience: Duration::from_secs(60), slowest: 1 };

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
    /// The answer found no room in the budget that it was to be kept in.
    #[error("no room for the answer")]
    NoRoom,
}

type Sender = SendRequest<Full<Bytes>>;

/// Whether the node at this address holds its key: it proves that in a handshake, also to those that
/// it does not know.
pub(crate) async fn holds_key(own: &NodeKeys, node: NodeId, address: std::net::SocketAddr) -> bool {
    let Ok(config) = own_key(own).and_then(|own| client_config(own, node)) else { return false };
    let Ok(tcp) = TcpStream::connect(address).await else { return false };
    let name = ServerName::IpAddress(address.ip().into());
    TlsConnector::from(Arc::new(config)).connect(name, tcp).await.is_ok()
}

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
    /// Counts connections.
    number: u64,
    not_before: Option<Instant>,
    pause: Duration,
}

/// A connection that a request goes over.
struct Connection {
    sender: Sender,
    number: u64,
    is_new: bool,
}

impl State {
    /// This connection is not to be used again.
    fn forget(&mut self, number: u64) {
        if self.number == number {
            self.sender = None;
        }
    }

    /// This connection never worked: the next attempt waits, each time twice as long.
    fn failed(&mut self, number: u64) {
        self.forget(number);
        self.pause = (self.pause * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE);
        self.not_before = Some(Instant::now() + self.pause);
    }

    /// The peer answered.
    fn worked(&mut self) {
        self.pause = Duration::ZERO;
        self.not_before = None;
    }
}

async fn send(
    mut sender: Sender,
    peer: &ServiceNode,
    operation: &str,
    body: Bytes,
    room: Option<&mut Reservation>,
) -> Result<(u16, Bytes), Box<dyn std::error::Error + Send + Sync>> {
    let url = format!("https://{}:{}/peer/1/{operation}", peer.ip, peer.peer_port);
    let request = Request::post(url).body(Full::new(body))?;
    sender.ready().await?;
    let answer = sender.send_request(request).await?;
    let status = answer.status().as_u16();
    Ok((status, read_body(answer.into_body(), ANSWER, room).await?))
}

fn is_no_room(error: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    error.downcast_ref::<BodyError>() == Some(&BodyError::NoBudget)
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
        self.call_within(peer, operation, body, timeout, None).await
    }

    /// The same, with the bytes of the answer taken from the budget of `room` as they come.
    pub(crate) async fn call_within(
        &self,
        peer: &ServiceNode,
        operation: &str,
        body: Bytes,
        timeout: Duration,
        room: Option<&mut Reservation>,
    ) -> Result<(u16, Bytes), PeerError> {
        let slot = self.slot(peer.ed25519);
        let answered = tokio::time::timeout(timeout, self.exchange(&slot, peer, operation, body, room))
            .await
            .unwrap_or(Err(PeerError::Timeout));
        slot.up.store(matches!(answered, Ok(_) | Err(PeerError::NoRoom)), std::sync::atomic::Ordering::Relaxed);
        answered
    }

    /// The node itself has called: whatever kept it away is over.
    pub(crate) fn heard_from(&self, peer: NodeId) {
        let slot = self.slot(peer);
        if let Ok(mut state) = slot.state.try_lock() {
            state.worked();
        }
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
        mut room: Option<&mut Reservation>,
    ) -> Result<(u16, Bytes), PeerError> {
        let used = self.connection(slot, peer).await?;
        match send(used.sender, peer, operation, body.clone(), room.as_deref_mut()).await {
            Ok(answer) => {
                if used.is_new {
                    slot.state.lock().await.worked();
                }
                return Ok(answer);
            }
            Err(error) if is_no_room(&*error) => return Err(PeerError::NoRoom),
            Err(_) if used.is_new => {
                // A peer that does not know this node's key says so only now.
                slot.state.lock().await.failed(used.number);
                return Err(PeerError::Broken);
            }
            // It was kept open and the peer has restarted: everything sent here may be sent twice.
            Err(_) => slot.state.lock().await.forget(used.number),
        }
        let used = self.connection(slot, peer).await?;
        let sent = send(used.sender, peer, operation, body, room).await;
        sent.map_err(|error| if is_no_room(&*error) { PeerError::NoRoom } else { PeerError::Broken })
    }

    async fn connection(&self, slot: &Slot, peer: &ServiceNode) -> Result<Connection, PeerError> {
        // Held while connecting: others that need this peer wait for the one attempt.
        let mut state = slot.state.lock().await;
        if let Some(sender) = &state.sender
            && !sender.is_closed()
        {
            return Ok(Connection { sender: sender.clone(), number: state.number, is_new: false });
        }
        state.sender = None;
        if let Some(time) = state.not_before {
            // Nodes that start together miss each other by moments: worth waiting for.
            if time > Instant::now() + SHORT_PAUSE {
                return Err(PeerError::Unreachable);
            }
            tokio::time::sleep_until(time).await;
        }
        state.number += 1;
        let number = state.number;
        if let Ok(Ok(sender)) = tokio::time::timeout(CONNECT_TIMEOUT, self.connect(peer)).await {
            state.sender = Some(sender.clone());
            return Ok(Connection { sender, number, is_new: true });
        }
        state.failed(number);
        Err(PeerError::Unreachable)
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

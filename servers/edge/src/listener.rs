//! A listener, with TLS or without, that stays up under load: bounded connections, handshakes, idle time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use hyper::{Request, Response};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_util::task::TaskTracker;

use crate::Error;
use crate::connection::{Origin, serve};
use crate::rate::{Rate, RateLimiter, address_key};
use crate::turns::Turns;

/// Handshakes that compute at once: with more, requests on open connections would wait behind
/// all that a crowd of new ones costs.
const HANDSHAKES_AT_ONCE: usize = 2;

/// What handlers answer.
pub type Answer = Response<Full<Bytes>>;

/// Limits of one listener.
#[derive(Clone, Debug)]
pub struct ListenerLimits {
    /// Connections at once; more are closed as they come.
    pub connections: usize,
    /// New connections per address.
    pub handshakes: Rate,
    /// Time for a TLS handshake.
    pub handshake_timeout: Duration,
    /// Time for the head of an HTTP/1.1 request, counted from the moment one may begin.
    pub header_timeout: Duration,
    /// A connection without any request for this long is closed.
    pub idle_timeout: Duration,
    /// Requests at once on one HTTP/2 connection.
    pub streams: u32,
    /// HTTP/2 window of a stream and of a connection, bytes.
    pub window: u32,
    /// How often the other side of an HTTP/2 connection is pinged; none: never.
    pub ping_interval: Option<Duration>,
    /// Take nothing but HTTP/2.
    pub http2_only: bool,
}

impl Default for ListenerLimits {
    fn default() -> Self {
        Self {
            connections: 20_000,
            handshakes: Rate { per_second: 10.0, burst: 50 },
            handshake_timeout: Duration::from_secs(5),
            header_timeout: Duration::from_secs(5),
            idle_timeout: Duration::from_secs(60),
            streams: 64,
            window: 1024 * 1024,
            ping_interval: None,
            http2_only: false,
        }
    }
}

/// A running listener. Dropping it without [`Listener::stop`] ends it and its connections at once.
pub struct Listener {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    accepting: JoinHandle<()>,
    connections: TaskTracker,
    cut: tokio_util::sync::CancellationToken,
}

impl Listener {
    /// Listens on `address` and answers each request by `handler`.
    ///
    /// # Errors
    /// [`Error::Bind`] if the address cannot be had.
    pub async fn start<H, F, B>(
        address: SocketAddr,
        tls: Arc<rustls::ServerConfig>,
        limits: ListenerLimits,
        handler: H,
    ) -> Result<Self, Error>
    where
        H: Fn(Request<Incoming>, Origin) -> F + Send + Sync + 'static,
        F: Future<Output = Response<B>> + Send + 'static,
        B: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
    {
        Self::listen(address, Some(TlsAcceptor::from(tls)), limits, handler).await
    }

    /// The same over plain HTTP: for what is encrypted by itself, or stays on the machine.
    ///
    /// # Errors
    /// [`Error::Bind`] if the address cannot be had.
    pub async fn start_plain<H, F, B>(address: SocketAddr, limits: ListenerLimits, handler: H) -> Result<Self, Error>
    where
        H: Fn(Request<Incoming>, Origin) -> F + Send + Sync + 'static,
        F: Future<Output = Response<B>> + Send + 'static,
        B: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
    {
        Self::listen(address, None, limits, handler).await
    }

    async fn listen<H, F, B>(
        address: SocketAddr,
        tls: Option<TlsAcceptor>,
        limits: ListenerLimits,
        handler: H,
    ) -> Result<Self, Error>
    where
        H: Fn(Request<Incoming>, Origin) -> F + Send + Sync + 'static,
        F: Future<Output = Response<B>> + Send + 'static,
        B: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
    {
        let bind = |source| Error::Bind { address, source };
        let socket = TcpListener::bind(address).await.map_err(bind)?;
        let address = socket.local_addr().map_err(bind)?;
        let (stop, stopping) = watch::channel(false);
        let connections = TaskTracker::new();
        let cut = tokio_util::sync::CancellationToken::new();
        let accepting = tokio::spawn(accept(
            socket,
            tls,
            limits,
            Arc::new(handler),
            Tasks { stopping, tracker: connections.clone(), cut: cut.clone() },
        ));
        Ok(Self { address, stop, accepting, connections, cut })
    }

    /// The address that is listened on, with the port that the system chose if it was asked to.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no new connections, lets requests in flight end for at most `grace`, then cuts.
    pub async fn stop(self, grace: Duration) {
        self.stop.send_replace(true);
        self.accepting.abort();
        self.connections.close();
        if tokio::time::timeout(grace, self.connections.wait()).await.is_err() {
            self.cut.cancel();
            self.connections.wait().await;
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut.cancel();
    }
}

struct Tasks {
    stopping: watch::Receiver<bool>,
    tracker: TaskTracker,
    cut: tokio_util::sync::CancellationToken,
}

async fn accept<H, F, B>(
    socket: TcpListener,
    tls: Option<TlsAcceptor>,
    limits: ListenerLimits,
    handler: Arc<H>,
    tasks: Tasks,
) where
    H: Fn(Request<Incoming>, Origin) -> F + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(limits.connections));
    let handshakes = RateLimiter::new(limits.handshakes);
    let turns = Arc::new(Turns::new(HANDSHAKES_AT_ONCE));
    loop {
        let (stream, from) = match socket.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of descriptors, mostly: wait for some connection to end.
                tracing::warn!(kind = %error.kind(), "cannot accept connections");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let address = from.ip().to_canonical();
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
        if !handshakes.allow(address_key(address)) {
            continue;
        }
        let tls = tls.clone().map(|tls| (tls, Arc::clone(&turns)));
        let served = serve(stream, address, tls, limits.clone(), Arc::clone(&handler), tasks.stopping.clone());
        let cut = tasks.cut.clone();
        tasks.tracker.spawn(async move {
            tokio::select! {
                () = served => (),
                () = cut.cancelled() => (),
            }
            drop(place);
        });
    }
}

//! HTTPS, bounded: no answer is larger or takes longer than its limits say, and no peer can send
//! the client anywhere else.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{PoisonError, RwLock};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, redirect};
use tacit_wire::ServiceNode;
use tokio::time::{Instant, timeout_at};

use crate::error::Error;
use crate::server::Progress;
use crate::tls::{Pins, client_config};

/// Largest answer to an onion request: 12 MiB (a retrieve brings 7.8 MB, in base64).
pub(crate) const MAX_ONION_ANSWER: usize = 12 << 20;
/// Largest list of nodes: 8 MiB.
pub(crate) const MAX_SEED_ANSWER: usize = 8 << 20;
/// Largest answer to the test of a guard: 1 MiB.
pub(crate) const MAX_TEST_ANSWER: usize = 1 << 20;

/// A whole answer, within its limits.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub content_type: Option<String>,
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HttpError {
    /// No connection, or it broke before an answer began: the peer or the own network is down.
    Unreachable,
    /// Nothing came in time.
    Silent,
    /// An answer began, and broke off or did not end in time.
    Unfinished,
    /// The answer is larger than the limit.
    TooLarge,
}

/// A client for peers with these pins.
pub(crate) fn client(pins: Pins, connect_timeout: Duration) -> Result<Client, Error> {
    Client::builder()
        .tls_backend_preconfigured(client_config(pins)?)
        .no_proxy()
        .redirect(redirect::Policy::none())
        .referer(false)
        .https_only(true)
        .connect_timeout(connect_timeout)
        .pool_idle_timeout(Duration::from_secs(90))
        .pool_max_idle_per_host(4)
        .http2_adaptive_window(true)
        .http2_keep_alive_interval(Duration::from_secs(30))
        .http2_keep_alive_timeout(Duration::from_secs(10))
        .http2_max_header_list_size(16 << 10)
        .tcp_nodelay(true)
        .build()
        .map_err(|_| Error::Setup)
}

/// A body to send, and who wants to know how far it has come.
pub(crate) struct Sent {
    pub bytes: Vec<u8>,
    pub progress: Option<Progress>,
}

impl From<Vec<u8>> for Sent {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, progress: None }
    }
}

impl From<Sent> for reqwest::Body {
    fn from(sent: Sent) -> Self {
        let total = sent.bytes.len() as u64;
        match sent.progress {
            None => sent.bytes.into(),
            Some(progress) => Self::wrap(Watched { left: sent.bytes.into(), total, progress }),
        }
    }
}

/// A body that tells how much of it was taken: more than that has not left.
struct Watched {
    left: Bytes,
    total: u64,
    progress: Progress,
}

/// Bytes that are handed over at once.
const HANDFUL: usize = 64 * 1024;

impl Body for Watched {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.left.is_empty() {
            return Poll::Ready(None);
        }
        let handful = self.left.len().min(HANDFUL);
        let taken = self.left.split_to(handful);
        (self.progress)(self.total - self.left.len() as u64, self.total);
        Poll::Ready(Some(Ok(Frame::data(taken))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left.len() as u64)
    }
}

/// Posts `body` and reads the answer, all within `limit` bytes and `timeout`.
pub(crate) async fn post(
    client: &Client,
    url: &str,
    content_type: &'static str,
    body: impl Into<reqwest::Body>,
    limit: usize,
    timeout: Duration,
) -> Result<Answer, HttpError> {
    let deadline = Instant::now() + timeout;
    let request = client.post(url).header(CONTENT_TYPE, content_type).body(body).send();
    let mut response = match timeout_at(deadline, request).await {
        Err(_) => return Err(HttpError::Silent),
        Ok(Err(error)) if error.is_timeout() && !error.is_connect() => {
            return Err(HttpError::Silent);
        }
        Ok(Err(_)) => return Err(HttpError::Unreachable),
        Ok(Ok(response)) => response,
    };
    if response.content_length().is_some_and(|claimed| claimed > limit as u64) {
        return Err(HttpError::TooLarge);
    }
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let mut read = Vec::new();
    loop {
        match timeout_at(deadline, response.chunk()).await {
            Err(_) | Ok(Err(_)) => return Err(HttpError::Unfinished),
            Ok(Ok(None)) => break,
            Ok(Ok(Some(chunk))) if read.len() + chunk.len() > limit => {
                return Err(HttpError::TooLarge);
            }
            Ok(Ok(Some(chunk))) => read.extend_from_slice(&chunk),
        }
    }
    Ok(Answer { status: response.status().as_u16(), content_type, body: read })
}

/// The client for guards: connections stay open and are used again, until the network changes.
pub(crate) struct GuardClient {
    client: RwLock<Client>,
    connect_timeout: Duration,
}

impl GuardClient {
    pub fn new(connect_timeout: Duration) -> Result<Self, Error> {
        let client = RwLock::new(client(Pins::default(), connect_timeout)?);
        Ok(Self { client, connect_timeout })
    }

    /// Forgets all connections: those over a network that is gone would only time out.
    pub fn reconnect(&self) {
        if let Ok(fresh) = client(Pins::default(), self.connect_timeout) {
            *self.client.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        }
    }

    fn current(&self) -> Client {
        self.client.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Hands an onion request to a guard.
    pub async fn onion(&self, guard: &ServiceNode, body: Sent, timeout: Duration) -> Result<Answer, HttpError> {
        let url = format!("https://{}:{}/onion_req/v2", guard.ip, guard.https_port);
        let kind = "application/octet-stream";
        post(&self.current(), &url, kind, body, MAX_ONION_ANSWER, timeout).await
    }

    /// Asks a guard directly. Only the test of a guard does this: the node learns the client's
    /// address and what it asks.
    pub async fn direct(&self, guard: &ServiceNode, body: Vec<u8>, timeout: Duration) -> Result<Answer, HttpError> {
        let url = format!("https://{}:{}/storage_rpc/v1", guard.ip, guard.https_port);
        post(&self.current(), &url, "application/json", body, MAX_TEST_ANSWER, timeout).await
    }
}

//! One accepted connection: handshake, requests, idle time, end.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hyper::body::{Body, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

use crate::listener::ListenerLimits;
use crate::turns::Turns;

/// Where a request came from. Deliberately without `Debug`: it is never to be written anywhere.
#[derive(Clone)]
pub struct Origin {
    /// The other side's address.
    pub address: IpAddr,
    /// The certificate or raw public key it proved to hold, if the listener asks for one.
    pub certificate: Option<CertificateDer<'static>>,
}

pub(crate) async fn serve<H, F, B>(
    stream: TcpStream,
    address: IpAddr,
    acceptor: Option<(TlsAcceptor, Arc<Turns>)>,
    limits: ListenerLimits,
    handler: Arc<H>,
    mut stop: watch::Receiver<bool>,
) where
    H: Fn(Request<Incoming>, Origin) -> F + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
{
    let _ = stream.set_nodelay(true);
    let Some((acceptor, turns)) = acceptor else {
        return serve_http(stream, Origin { address, certificate: None }, limits, handler, stop).await;
    };
    let handshake = tokio::time::timeout(limits.handshake_timeout, turns.run(acceptor.accept(stream)));
    let tls = tokio::select! {
        done = handshake => match done { Ok(Ok(tls)) => tls, _ => return },
        _ = stop.wait_for(|stopping| *stopping) => return,
    };
    let certificate = tls.get_ref().1.peer_certificates().and_then(|c| c.first()).map(|c| c.clone().into_owned());
    serve_http(tls, Origin { address, certificate }, limits, handler, stop).await;
}

async fn serve_http<S, H, F, B>(
    stream: S,
    origin: Origin,
    limits: ListenerLimits,
    handler: Arc<H>,
    mut stop: watch::Receiver<bool>,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    H: Fn(Request<Incoming>, Origin) -> F + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
{
    let activity = Arc::new(Activity::default());
    let service = {
        let activity = Arc::clone(&activity);
        service_fn(move |request| {
            let running = activity.begin();
            let answer = handler(request, origin.clone());
            async move {
                let answer = answer.await;
                drop(running);
                Ok::<Response<_>, std::convert::Infallible>(answer)
            }
        })
    };
    let builder = http(&limits);
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    let mut ending = false;
    let mut idle_check = Instant::now() + limits.idle_timeout;
    loop {
        tokio::select! {
            _ = connection.as_mut() => return,
            _ = stop.wait_for(|stopping| *stopping), if !ending => {
                connection.as_mut().graceful_shutdown();
                ending = true;
            }
            () = tokio::time::sleep_until(idle_check) => {
                if ending && activity.running() == 0 {
                    return; // the other side did not take the goodbye
                }
                if activity.is_idle() {
                    connection.as_mut().graceful_shutdown();
                    ending = true;
                }
                idle_check = Instant::now() + limits.idle_timeout;
            }
        }
    }
}

fn http(limits: &ListenerLimits) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_headers(64)
        .max_buf_size(64 * 1024);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(limits.ping_interval)
        .keep_alive_timeout(limits.header_timeout)
        .max_concurrent_streams(limits.streams)
        .initial_stream_window_size(limits.window)
        .initial_connection_window_size(limits.window)
        .max_header_list_size(16 * 1024);
    if limits.http2_only { builder.http2_only() } else { builder }
}

/// How many requests run, and whether any came since the last look.
#[derive(Default)]
struct Activity {
    running: AtomicUsize,
    begun: AtomicUsize,
}

struct Running(Arc<Activity>);

impl Activity {
    fn begin(self: &Arc<Self>) -> Running {
        self.running.fetch_add(1, Ordering::Relaxed);
        self.begun.fetch_add(1, Ordering::Relaxed);
        Running(Arc::clone(self))
    }

    fn running(&self) -> usize {
        self.running.load(Ordering::Relaxed)
    }

    fn is_idle(&self) -> bool {
        self.begun.swap(0, Ordering::Relaxed) == 0 && self.running() == 0
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
    }
}

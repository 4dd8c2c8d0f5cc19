//! A real HTTPS listener on loopback with a self-signed certificate.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use sha2::{Digest, Sha256};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::body::FakeBody;

/// A certificate and what a profile pins of it.
pub struct Identity {
    tls: Arc<ServerConfig>,
    pub spki_sha256: [u8; 32],
    pub cert_sha256: [u8; 32],
}

impl Identity {
    pub fn new() -> Self {
        let made = rcgen::generate_simple_self_signed(vec!["node".to_owned()]).unwrap();
        let der = made.cert.der().clone();
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        let (_, parsed) = x509_parser::parse_x509_certificate(&der).unwrap();
        let spki_sha256 = Sha256::digest(parsed.public_key().raw).into();
        let cert_sha256 = Sha256::digest(&der).into();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut tls = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![der], key.into())
            .unwrap();
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Self { tls: Arc::new(tls), spki_sha256, cert_sha256 }
    }
}

/// A listener that runs until it is stopped or dropped, and its connections with it.
pub struct Server {
    pub address: SocketAddr,
    /// Connections taken so far.
    pub connections: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Server {
    /// Listens on `port` of loopback, 0 for any.
    pub async fn start<F, R>(port: u16, identity: &Identity, answer: F) -> Self
    where
        F: Fn(String, Vec<u8>) -> R + Clone + Send + Sync + 'static,
        R: Future<Output = Option<Response<FakeBody>>> + Send + 'static,
    {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let acceptor = TlsAcceptor::from(Arc::clone(&identity.tls));
        let count = Arc::new(AtomicUsize::new(0));
        let taken = Arc::clone(&count);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                taken.fetch_add(1, Ordering::SeqCst);
                let (acceptor, answer) = (acceptor.clone(), answer.clone());
                connections.spawn(serve(stream, acceptor, answer));
                while connections.try_join_next().is_some() {}
            }
        });
        Self { address, connections: count, task }
    }

    pub fn stop(&self) {
        self.task.abort();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn serve<F, R>(stream: TcpStream, acceptor: TlsAcceptor, answer: F)
where
    F: Fn(String, Vec<u8>) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Option<Response<FakeBody>>> + Send + 'static,
{
    let _ = stream.set_nodelay(true);
    let Ok(stream) = acceptor.accept(stream).await else { return };
    let service = service_fn(move |request: Request<Incoming>| {
        let answer = answer.clone();
        async move {
            let path = request.uri().path().to_owned();
            let body = match request.into_body().collect().await {
                Ok(body) => body.to_bytes(),
                Err(_) => return Ok(Response::new(FakeBody::whole(""))),
            };
            match answer(path, body.to_vec()).await {
                Some(response) => Ok::<_, Infallible>(response),
                None => std::future::pending().await,
            }
        }
    });
    let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
}

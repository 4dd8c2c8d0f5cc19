//! To a server outside: one POST to an address that was looked up once and found public.
//!
//! Whose certificate answers does not matter: what is sent is encrypted to the server's own key.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use tacit_edge::{BodyError, BodyLimits, Reservation, read_body, ring_provider};
use tacit_wire::onion::PathError;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::address::is_public;
use crate::app::App;
use crate::config::{Exit, ONION_BODY};

const TIMEOUT: Duration = Duration::from_secs(25);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A server to post to; without `Debug`, since it is never to be written anywhere.
pub(super) struct Place {
    pub(super) protocol: &'static str,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) target: String,
}

/// TLS settings for servers outside.
pub(crate) struct ExitTls(Arc<ClientConfig>);

impl ExitTls {
    pub(crate) fn new() -> Result<Self, Error> {
        any_certificate().map(|config| Self(Arc::new(config)))
    }
}

/// For what is proven otherwise: whoever answers will do.
pub(crate) fn any_certificate() -> Result<ClientConfig, Error> {
    let provider = ring_provider();
    Ok(ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
        .with_no_client_auth())
}

/// The time of an answer is its request's.
const ANSWER: BodyLimits = BodyLimits { bytes: ONION_BODY, patience: TIMEOUT, slowest: 1 };

/// Posts `body` and gives the server's answer, whose bytes `room` takes from its budget as they come.
pub(super) async fn post(app: &App, place: Place, body: Vec<u8>, room: &mut Reservation) -> Result<Bytes, PathError> {
    // As a path would say of a hop that it does not have.
    let refused = PathError::Other { status: 502 };
    if !allowed(app, &place.host) {
        return Err(refused);
    }
    let full = PathError::NotReady(Some(app.id));
    let Some(_place) = app.guards.exit_place() else { return Err(full) };
    let addresses = tokio::time::timeout(CONNECT_TIMEOUT, tokio::net::lookup_host((place.host.as_str(), place.port)));
    let mut addresses = match addresses.await {
        Ok(Ok(addresses)) => addresses,
        Ok(Err(_)) => return Err(refused),
        Err(_) => return Err(PathError::Timeout),
    };
    let reachable = |ip: IpAddr| is_public(ip) || (app.testnet && ip.is_loopback());
    let Some(address) = addresses.find(|address| reachable(address.ip())) else {
        return Err(refused);
    };
    match tokio::time::timeout(TIMEOUT, exchange(app, &place, address, body, room)).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) if is_no_room(&error) => Err(full),
        Ok(Err(_)) => Err(PathError::InvalidResponse),
        Err(_) => Err(PathError::Timeout),
    }
}

fn allowed(app: &App, host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    match app.config.exit {
        Exit::Any => true,
        Exit::Off => false,
        Exit::List => app.config.exit_hosts.iter().any(|pattern| match pattern.strip_prefix('*') {
            Some(domain) => domain.starts_with('.') && host.ends_with(domain),
            None => host == *pattern,
        }),
    }
}

fn is_no_room(error: &std::io::Error) -> bool {
    let body = error.get_ref().and_then(|error| error.downcast_ref::<BodyError>());
    body == Some(&BodyError::NoBudget)
}

async fn exchange(
    app: &App,
    place: &Place,
    address: SocketAddr,
    body: Vec<u8>,
    room: &mut Reservation,
) -> std::io::Result<Bytes> {
    let tcp = tokio::time::timeout(CONNECT_TIMEOUT, TcpStream::connect(address)).await??;
    if place.protocol == "http" {
        return send(place, tcp, body, room).await;
    }
    let name = ServerName::try_from(place.host.clone()).map_err(std::io::Error::other)?;
    let tls = TlsConnector::from(Arc::clone(&app.exit_tls.0)).connect(name, tcp).await?;
    send(place, tls, body, room).await
}

async fn send<S>(place: &Place, stream: S, body: Vec<u8>, room: &mut Reservation) -> std::io::Result<Bytes>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let broken = std::io::Error::other::<hyper::Error>;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    let host = match (place.protocol, place.port) {
        ("http", 80) | ("https", 443) => place.host.clone(),
        (_, port) => format!("{}:{port}", place.host),
    };
    let request = Request::post(&place.target)
        .header("host", host)
        .header("user-agent", "tacit-node")
        .header("content-type", "application/octet-stream")
        .body(Full::new(Bytes::from(body)))
        .map_err(std::io::Error::other)?;
    let exchange = async {
        let answer = sender.send_request(request).await.map_err(broken)?;
        // A redirect, or an error of whatever stands before the server, is no answer of it.
        if !answer.status().is_success() {
            return Err(std::io::Error::other("status"));
        }
        read_body(answer.into_body(), ANSWER, Some(room)).await.map_err(std::io::Error::other)
    };
    tokio::pin!(connection);
    tokio::pin!(exchange);
    tokio::select! {
        biased;
        answered = &mut exchange => answered,
        ended = &mut connection => {
            // All that was read is with the exchange now.
            ended.map_err(broken)?;
            exchange.await
        }
    }
}

#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

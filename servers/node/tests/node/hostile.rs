//! Clients that send too much, too slowly, or nonsense.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use tacit_wire::ServiceNode;

use crate::harness::{Net, Person};

fn impatient(config: &mut tacit_node::Config) {
    config.limits.body_seconds = 1;
    config.limits.header_seconds = 1;
    config.limits.handshake_seconds = 1;
    config.limits.idle_seconds = 1;
}

#[derive(Debug)]
struct Anyone(Arc<rustls::crypto::CryptoProvider>);

mod verifier {
    use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
    use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
    use rustls::{DigitallySignedStruct, Error, SignatureScheme};

    impl ServerCertVerifier for super::Anyone {
        fn verify_server_cert(
            &self,
            _: &CertificateDer<'_>,
            _: &[CertificateDer<'_>],
            _: &ServerName<'_>,
            _: &[u8],
            _: UnixTime,
        ) -> Result<ServerCertVerified, Error> {
            Ok(ServerCertVerified::assertion())
        }

        fn verify_tls12_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            Ok(HandshakeSignatureValid::assertion())
        }

        fn verify_tls13_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            Ok(HandshakeSignatureValid::assertion())
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.0.signature_verification_algorithms.supported_schemes()
        }
    }
}

/// For bare TLS connections, whoever answers.
pub fn connector() -> TlsConnector {
    let provider = tacit_edge::ring_provider();
    let config = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anyone(provider)))
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

/// A bare TLS connection, on which anything can be written.
pub async fn connect_to(connector: &TlsConnector, node: &ServiceNode) -> std::io::Result<TlsStream<TcpStream>> {
    let tcp = TcpStream::connect((node.ip, node.https_port)).await?;
    let name = rustls::pki_types::ServerName::try_from("localhost").unwrap();
    connector.connect(name, tcp).await
}

async fn connect(net: &Net) -> TlsStream<TcpStream> {
    connect_to(&connector(), &net.node(0)).await.unwrap()
}

/// Everything until the node closes.
async fn rest(mut stream: TlsStream<TcpStream>) -> String {
    let mut read = Vec::new();
    let _ =
        tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut read)).await.expect("the node closes");
    String::from_utf8_lossy(&read).into_owned()
}

#[tokio::test]
async fn large_bodies_are_refused_before_they_are_read() {
    let net = Net::start(1, 1).await;
    for (path, bytes) in
        [("/storage_rpc/v1", 128 * 1024 + 1), ("/onion_req/v2", (10 << 20) + 1), ("/json_rpc", 64 * 1024 + 1)]
    {
        let mut stream = connect(&net).await;
        let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {bytes}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let answer = rest(stream).await;
        assert!(answer.starts_with("HTTP/1.1 413 "), "{path}: {answer}");
        assert!(answer.ends_with("Request body too large"), "{path}: {answer}");
    }
}

#[tokio::test]
async fn a_body_without_end_is_cut() {
    let net = Net::start(1, 1).await;
    let mut stream = connect(&net).await;
    let head = "POST /storage_rpc/v1 HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = format!("4000\r\n{}\r\n", "x".repeat(0x4000));
    let mut sent = 0;
    while stream.write_all(chunk.as_bytes()).await.is_ok() && sent < 100 {
        sent += 1;
    }
    let answer = rest(stream).await;
    // The answer may be lost when the node closes with data of ours unread.
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test]
async fn slow_senders_are_cut_and_others_served_meanwhile() {
    let net = Net::with(1, 1, impatient).await;
    let mut slow = Vec::new();
    for start in
        ["", "POST /storage_rpc/v1 HT", "POST /storage_rpc/v1 HTTP/1.1\r\nhost: x\r\ncontent-length: 500\r\n\r\n{\"met"]
    {
        for _ in 0..20 {
            let mut stream = connect(&net).await;
            stream.write_all(start.as_bytes()).await.unwrap();
            slow.push(tokio::spawn(rest(stream)));
        }
    }
    // Those that never finish a handshake.
    let node = net.node(0);
    let mut silent = TcpStream::connect((node.ip, node.https_port)).await.unwrap();
    net.store(0, &Person::new(1), "meanwhile").await;

    let start = Instant::now();
    let mut answers = Vec::new();
    for task in slow {
        answers.push(task.await.unwrap());
    }
    assert!(start.elapsed() < Duration::from_secs(8));
    let too_slow = answers.iter().filter(|answer| answer.starts_with("HTTP/1.1 408 ")).count();
    assert_eq!(too_slow, 20 + answers[20..40].iter().filter(|a| a.starts_with("HTTP/1.1 408 ")).count());
    let closed = silent.read(&mut [0]).await;
    assert!(matches!(closed, Ok(0) | Err(_)));
}

#[tokio::test]
async fn a_sender_with_steady_bytes_gets_more_time() {
    let net = Net::with(1, 1, |config| {
        impatient(config);
        config.limits.body_slowest = 10;
    })
    .await;
    let mut stream = connect(&net).await;
    let body = r#"{"method": "info", "params": {}}"#;
    let head = format!("POST /storage_rpc/v1 HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).await.unwrap();
    for piece in body.as_bytes().chunks(11) {
        stream.write_all(piece).await.unwrap();
        tokio::time::sleep(Duration::from_millis(600)).await;
    }
    assert!(rest(stream).await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn garbage_ends_the_connection_and_nothing_else() {
    let net = Net::start(1, 1).await;
    let node = net.node(0);
    for garbage in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0; 5000], &[0xff; 64]] {
        let mut stream = TcpStream::connect((node.ip, node.https_port)).await.unwrap();
        let _ = stream.write_all(garbage).await;
        let mut read = Vec::new();
        let _ = stream.read_to_end(&mut read).await;
    }
    for garbage in ["\0\0\0\0\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nnonsense nonsense nonsense"] {
        let mut stream = connect(&net).await;
        let _ = stream.write_all(garbage.as_bytes()).await;
        rest(stream).await;
    }
    net.store(0, &Person::new(1), "still here").await;
}

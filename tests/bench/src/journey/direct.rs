//! Onion requests of a single layer, each to the node that it is for, over connections that stay
//! open: what a message costs without the way.

use std::error::Error;
use std::sync::Arc;

use reqwest::Client;
use reqwest::header::CONTENT_TYPE;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use tacit_crypto::onion::{EncType, layer_seal};
use tacit_wire::ServiceNode;
use tacit_wire::onion::{Control, Outer, ReplyOptions, combine, open_reply};

/// A client with the settings of the one in `core/network`.
pub struct Direct {
    http: Client,
}

impl Direct {
    pub fn new() -> Result<Self, Box<dyn Error>> {
        let mut config = tls()?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let http = Client::builder()
            .tls_backend_preconfigured(config)
            .no_proxy()
            .https_only(true)
            .http2_adaptive_window(true)
            .tcp_nodelay(true)
            .build()?;
        Ok(Self { http })
    }

    /// Seals a request to a node, sends it there and opens the answer, which must be a good one.
    pub async fn ask(&self, node: &ServiceNode, request: &[u8]) -> Result<(), Box<dyn Error>> {
        let plain = combine(request, &Control::Destination(ReplyOptions::default()).to_json());
        let layer = layer_seal(EncType::XChaCha20, &plain, &node.x25519, &mut rand::rng())?;
        let outer = Outer { ephemeral_key: layer.ephemeral_public, enc_type: EncType::XChaCha20 };
        let body = combine(&layer.ciphertext, &outer.to_json());
        let url = format!("https://{}:{}/onion_req/v2", node.ip, node.https_port);
        let answer = self.http.post(url).header(CONTENT_TYPE, "application/octet-stream").body(body).send().await?;
        let (status, body) = open_reply(&layer.key, &answer.bytes().await?)?;
        if status != 200 {
            return Err(format!("a node said {status}: {}", String::from_utf8_lossy(&body)).into());
        }
        serde_json::from_slice::<serde_json::Value>(&body)?;
        Ok(())
    }
}

/// TLS with whoever answers.
pub fn tls() -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(ring::default_provider());
    Ok(ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
        .with_no_client_auth())
}

/// Accepts every certificate: who a node is follows from the layer it can open.
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
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

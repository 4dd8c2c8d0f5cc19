//! TLS towards peers that no authority vouches for (protocol: network 1 and 2).
//!
//! Nodes show self-signed certificates that nobody checks: who a node is follows from the onion
//! layer it can open. Seeds are pinned by key, certificate or both. In either case the handshake's
//! signature is checked, so that a peer must at least hold the key of what it shows.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, SignatureScheme};
use sha2::{Digest, Sha256};

use crate::error::Error;

/// What a seed must show; an absent pin accepts any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pins {
    /// SHA-256 of the public key's `SubjectPublicKeyInfo`.
    pub spki: Option<[u8; 32]>,
    /// SHA-256 of the whole certificate.
    pub certificate: Option<[u8; 32]>,
}

impl Pins {
    fn accept(self, certificate: &[u8]) -> bool {
        if self.certificate.is_some_and(|pin| sha256(certificate) != pin) {
            return false;
        }
        let Some(pin) = self.spki else { return true };
        match x509_parser::parse_x509_certificate(certificate) {
            Ok((rest, parsed)) => rest.is_empty() && sha256(parsed.public_key().raw) == pin,
            Err(_) => false,
        }
    }
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

#[derive(Debug)]
struct Verifier {
    pins: Pins,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if self.pins.accept(end_entity) {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// A TLS client that accepts what `pins` accept, and speaks HTTP/2 before HTTP/1.1.
pub(crate) fn client_config(pins: Pins) -> Result<ClientConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    let verifier = Arc::new(Verifier { pins, provider: Arc::clone(&provider) });
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| Error::Setup)?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate() -> Vec<u8> {
        let made = rcgen::generate_simple_self_signed(vec!["seed".to_owned()]).unwrap();
        made.cert.der().to_vec()
    }

    fn spki(der: &[u8]) -> [u8; 32] {
        sha256(x509_parser::parse_x509_certificate(der).unwrap().1.public_key().raw)
    }

    #[test]
    fn absent_pins_accept_any_certificate() {
        assert!(Pins::default().accept(&certificate()));
        assert!(Pins::default().accept(b"not even a certificate"));
    }

    #[test]
    fn each_pin_given_must_hold() {
        let (own, other) = (certificate(), certificate());
        let key = Pins { spki: Some(spki(&own)), certificate: None };
        let whole = Pins { spki: None, certificate: Some(sha256(&own)) };
        let both = Pins { spki: key.spki, certificate: whole.certificate };
        for pins in [key, whole, both] {
            assert!(pins.accept(&own));
            assert!(!pins.accept(&other));
            assert!(!pins.accept(b"not even a certificate"));
        }
        let one_wrong = Pins { spki: Some(spki(&own)), certificate: Some(sha256(&other)) };
        assert!(!one_wrong.accept(&own));
    }
}

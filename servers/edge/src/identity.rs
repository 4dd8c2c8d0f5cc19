//! The certificate that clients see: self-signed, made at the first start, kept in the data folder.
//!
//! Nobody checks it against a name (identity is proven by other keys, or pinned), so it holds no
//! name of the host. ECDSA P-256, since phones' TLS stacks do not take Ed25519 certificates.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{NoServerSessionStorage, ServerConfig};

use crate::{Error, read_private, write_private};

/// The one provider of cryptography for TLS.
#[must_use]
pub fn ring_provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// Certificate and key out of the file `tls.pem` in `data_dir`, which is made if it is not there.
///
/// # Errors
/// [`Error::File`], [`Error::Exposed`], or [`Error::Certificate`] if the file holds something else.
pub fn ensure_certificate(data_dir: &Path) -> Result<(CertificateDer<'static>, PrivateKeyDer<'static>), Error> {
    let path = data_dir.join("tls.pem");
    let pem = match read_private(&path)? {
        Some(pem) => pem,
        None => {
            let pem = make_certificate()?;
            write_private(&path, pem.as_bytes())?;
            pem.into_bytes()
        }
    };
    let bad = |what: String| Error::Certificate(format!("{}: {what}", path.display()));
    let certificate = CertificateDer::from_pem_slice(&pem).map_err(|e| bad(e.to_string()))?;
    let key = PrivateKeyDer::from_pem_slice(&pem).map_err(|e| bad(e.to_string()))?;
    Ok((certificate, key))
}

fn make_certificate() -> Result<String, Error> {
    let refused = |e: rcgen::Error| Error::Certificate(e.to_string());
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).map_err(refused)?;
    let mut parameters = rcgen::CertificateParams::default();
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(rcgen::DnType::CommonName, "tacit");
    parameters.not_before = rcgen::date_time_ymd(2025, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(2055, 1, 1);
    let certificate = parameters.self_signed(&key).map_err(refused)?;
    Ok(format!("{}{}", certificate.pem(), key.serialize_pem()))
}

/// TLS 1.2 and 1.3 for clients: ALPN `h2` and `http/1.1`; no session tickets, which would link a
/// client's connections.
///
/// # Errors
/// [`Error::Tls`] if key and certificate do not belong together.
pub fn client_facing_tls(
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
) -> Result<Arc<ServerConfig>, Error> {
    let mut config = ServerConfig::builder_with_provider(ring_provider())
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_certificate_stays_the_same_over_starts() {
        let dir = tempfile::tempdir().unwrap();
        let (first, key) = ensure_certificate(dir.path()).unwrap();
        assert_eq!(first, ensure_certificate(dir.path()).unwrap().0);
        client_facing_tls(first, key).unwrap();
    }

    #[test]
    fn a_file_that_is_no_certificate_is_named() {
        let dir = tempfile::tempdir().unwrap();
        write_private(&dir.path().join("tls.pem"), b"nonsense").unwrap();
        let error = ensure_certificate(dir.path()).unwrap_err().to_string();
        assert!(error.contains("tls.pem"), "{error}");
    }
}

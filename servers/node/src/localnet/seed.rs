//! The seed of a local network: gives the list of nodes, with a certificate that clients pin.

use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hyper::Method;
use sha2::{Digest as _, Sha256};
use tacit_edge::{Listener, ListenerLimits, Rate, client_facing_tls, ensure_certificate, read_body};
use tacit_wire::profile;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::config::Limits;
use crate::membership::View;
use crate::{Error, http};

pub(super) struct Seed {
    listener: Listener,
    entry: profile::Seed,
}

impl Seed {
    pub(super) async fn start(dir: &Path, port: u16, view: View) -> Result<Self, Error> {
        let dir = dir.join("seed");
        std::fs::create_dir_all(&dir).map_err(Error::file(&dir))?;
        let entry = entry(&dir, port)?;
        let (certificate, key) = ensure_certificate(&dir)?;
        let limits =
            ListenerLimits { handshakes: Rate { per_second: 100_000.0, burst: 100_000 }, ..ListenerLimits::default() };
        let tls = client_facing_tls(certificate, key)?;
        let body_limits = Limits::default().body(64 * 1024);
        let view = Arc::new(view);
        let handler = move |request: hyper::Request<hyper::body::Incoming>, _| {
            let view = Arc::clone(&view);
            async move {
                if request.method() != Method::POST || request.uri().path() != "/json_rpc" {
                    return http::text(404, "Not found");
                }
                match read_body(request.into_body(), body_limits, None).await {
                    Ok(body) => http::json_rpc(&view, &body),
                    Err(error) => http::rejected(&http::body_rejection(error)),
                }
            }
        };
        let address = (Ipv4Addr::LOCALHOST, port).into();
        let listener = Listener::start(address, tls, limits, handler).await?;
        Ok(Self { listener, entry })
    }

    /// How the profile names it.
    pub(super) fn entry(&self) -> profile::Seed {
        self.entry.clone()
    }

    pub(super) async fn stop(self) {
        self.listener.stop(Duration::from_secs(1)).await;
    }
}

/// A seed on this port, with the certificate that lies in its folder, made if there is none.
pub(super) fn entry(dir: &Path, port: u16) -> Result<profile::Seed, Error> {
    let (certificate, _) = ensure_certificate(dir)?;
    let unreadable = |_| tacit_edge::Error::Certificate("cannot be parsed".to_owned());
    let (_, parsed) = X509Certificate::from_der(&certificate).map_err(unreadable)?;
    let spki = Sha256::digest(parsed.tbs_certificate.subject_pki.raw);
    Ok(profile::Seed {
        url: format!("https://127.0.0.1:{port}"),
        pin_spki_sha256: Some(tacit_wire::base64::encode(spki)),
        pin_cert_sha256: Some(hex::encode(Sha256::digest(&certificate))),
    })
}

//! Asking a site, directly: this device's address is seen there.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};
use rustls::{ClientConfig, RootCertStore};

use super::address::is_public;
use super::link::may_be_followed;

/// Bytes of a page that are read; a head is mostly within.
const PAGE_MAX: usize = 512 << 10;
/// Largest picture, in bytes.
const PICTURE_MAX: usize = 1 << 20;
const REDIRECTS: usize = 3;
const TIMEOUT: Duration = Duration::from_secs(8);
/// Says as little as a name can that sites still answer.
const NAME: &str = "Mozilla/5.0 (compatible)";

/// Fetches pages and pictures.
pub(super) struct Fetcher {
    client: Client,
}

impl Fetcher {
    pub(super) fn new() -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned());
        Self::with(roots, Arc::new(PublicOnly))
    }

    fn with(
        roots: RootCertStore,
        resolver: Arc<dyn Resolve>,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let redirects = Policy::custom(|attempt| {
            if attempt.previous().len() > REDIRECTS || !may_be_followed(attempt.url()) {
                attempt.stop()
            } else {
                attempt.follow()
            }
        });
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .dns_resolver(resolver)
            .https_only(true)
            .no_proxy()
            .referer(false)
            .redirect(redirects)
            .user_agent(NAME)
            .timeout(TIMEOUT)
            .build()?;
        Ok(Self { client })
    }

    /// The beginning of a page, and where it was found in the end.
    pub(super) async fn page(&self, url: Url) -> Option<(Url, Vec<u8>)> {
        let answer = self.get(url, "text/html,application/xhtml+xml").await?;
        let is_page = is(&answer, "text/html") || is(&answer, "application/xhtml+xml");
        let url = answer.url().clone();
        if !is_page {
            return None;
        }
        let (page, _) = read(answer, PAGE_MAX).await?;
        Some((url, page))
    }

    /// A whole picture.
    pub(super) async fn picture(&self, url: Url) -> Option<Vec<u8>> {
        let answer = self.get(url, "image/jpeg,image/png,image/webp,image/gif").await?;
        let huge = answer.content_length().is_some_and(|length| length > PICTURE_MAX as u64);
        if huge || !is(&answer, "image/") {
            return None;
        }
        let (picture, whole) = read(answer, PICTURE_MAX).await?;
        whole.then_some(picture)
    }

    async fn get(&self, url: Url, accepted: &'static str) -> Option<Response> {
        let answer = self.client.get(url).header(ACCEPT, accepted).send().await.ok()?;
        (answer.status() == reqwest::StatusCode::OK).then_some(answer)
    }
}

/// The bytes of an answer up to `most`, and whether these are all.
async fn read(mut answer: Response, most: usize) -> Option<(Vec<u8>, bool)> {
    let mut bytes = Vec::new();
    while let Some(piece) = answer.chunk().await.ok()? {
        let room = most - bytes.len();
        bytes.extend_from_slice(&piece[..piece.len().min(room)]);
        if piece.len() > room {
            return Some((bytes, false));
        }
    }
    Some((bytes, true))
}

fn is(answer: &Response, content_type: &str) -> bool {
    let said = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    said.trim_start().to_ascii_lowercase().starts_with(content_type)
}

/// Finds public addresses alone, so that no name leads into a private network.
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err("no public address".into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

//! Questions to registrars and nodes over HTTPS. Whose certificate answers does not matter: what is
//! sent and what comes is signed.

use std::time::Duration;

use bytes::Bytes;
use hyper::header::IF_NONE_MATCH;
use reqwest::{Client, RequestBuilder, redirect};
use tacit_wire::consensus::{MAX_CONSENSUS, SignedConsensus};

use crate::Error;
use crate::membership::FROM;
use crate::onion::any_certificate;

const TIMEOUT: Duration = Duration::from_secs(10);
const LONG_TIMEOUT: Duration = Duration::from_secs(60);
/// Bytes of an answer that is only looked at for its status and a text.
const SMALL: usize = 4096;

/// A client that keeps connections open.
#[derive(Clone)]
pub(crate) struct Https(Client);

impl Https {
    pub(crate) fn new() -> Result<Self, Error> {
        let client = Client::builder()
            .tls_backend_preconfigured(any_certificate()?)
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .https_only(true)
            .connect_timeout(Duration::from_secs(5))
            .pool_max_idle_per_host(2)
            .build();
        Ok(Self(client.map_err(|error| Error::Impossible(error.to_string()))?))
    }

    /// Posts and gives status and text.
    pub(crate) async fn post(&self, url: &str, body: Vec<u8>) -> Option<(u16, Bytes)> {
        exchange(self.0.post(url).body(body).timeout(TIMEOUT), SMALL).await.map(|(status, _, text)| (status, text))
    }

    /// Puts and gives status and text.
    pub(crate) async fn put(&self, url: &str, body: Vec<u8>) -> Option<(u16, Bytes)> {
        exchange(self.0.put(url).body(body).timeout(LONG_TIMEOUT), SMALL).await.map(|(status, _, text)| (status, text))
    }

    /// Gets a body with status 200.
    pub(crate) async fn get(&self, url: &str, limit: usize) -> Option<Bytes> {
        let (status, _, body) = exchange(self.0.get(url).timeout(LONG_TIMEOUT), limit).await?;
        (status == 200).then_some(body)
    }

    /// Posts an empty body with one header, and gives the headers of the answer.
    pub(crate) async fn probe(&self, url: &str, name: &str, value: &str) -> Option<(u16, reqwest::header::HeaderMap)> {
        let question = self.0.post(url).header(name, value).timeout(Duration::from_secs(5));
        exchange(question, SMALL).await.map(|(status, headers, _)| (status, headers))
    }

    /// The document at a registrar or node, unless it is `known`.
    pub(crate) async fn consensus(&self, url: &str, known: Option<&SignedConsensus>) -> Option<SignedConsensus> {
        let digest = known.map(|known| hex::encode(known.digest()));
        let question = match &digest {
            Some(digest) => self
                .0
                .get(format!("{url}/consensus/1?from={digest}"))
                .header(IF_NONE_MATCH.as_str(), format!("\"{digest}\"")),
            None => self.0.get(format!("{url}/consensus/1")),
        };
        let (status, headers, body) = exchange(question.timeout(LONG_TIMEOUT), MAX_CONSENSUS).await?;
        if status != 200 {
            return None;
        }
        match (known, headers.get(FROM)) {
            (Some(known), Some(_)) => SignedConsensus::decompress_from(&body, &known.body).ok(),
            _ => SignedConsensus::decompress(&body).ok(),
        }
    }
}

async fn exchange(request: RequestBuilder, limit: usize) -> Option<(u16, reqwest::header::HeaderMap, Bytes)> {
    let mut answer = request.send().await.ok()?;
    if answer.content_length().is_some_and(|length| length > limit as u64) {
        return None;
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.ok()? {
        if body.len() + chunk.len() > limit {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    Some((answer.status().as_u16(), answer.headers().clone(), Bytes::from(body)))
}

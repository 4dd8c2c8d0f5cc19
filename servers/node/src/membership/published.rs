//! `GET /consensus/1`: the last document, for whoever asks (protocol: servers 6.4).
//!
//! The body is the signed document compressed with zstd; `ETag` is the digest of what was signed,
//! in hex. `If-None-Match` with it gives 304. `?from=DIGEST` of an earlier one gives it compressed
//! with that one's body as dictionary, so that little more than what changed goes over the wire;
//! the header `X-Tacit-From` repeats the digest then.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use hyper::header::{CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH};
use tacit_edge::Answer;
use tacit_wire::consensus::{Bytes32, SignedConsensus, digest};
use tacit_wire::rpc::Rejection;

use crate::http;

/// Names the document that a difference is from.
pub(crate) const FROM: &str = "x-tacit-from";
/// Earlier documents from which differences are made.
const EARLIER: usize = 4;

struct Edition {
    digest: Bytes32,
    signed: SignedConsensus,
    compressed: Bytes,
    /// Digest and body, the newest first; each with the difference from it.
    earlier: VecDeque<(Bytes32, Arc<Vec<u8>>, Bytes)>,
}

/// The last document in the forms in which it is asked for.
#[derive(Default)]
pub(crate) struct Published(RwLock<Option<Arc<Edition>>>);

impl Published {
    /// A newer document.
    pub(crate) fn set(&self, signed: &SignedConsensus) {
        let last = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        let mut earlier = VecDeque::new();
        if let Some(last) = last {
            let known = last.earlier.iter().map(|(digest, body, _)| (*digest, Arc::clone(body)));
            let all = std::iter::once((last.digest, Arc::new(last.signed.body.clone()))).chain(known);
            earlier.extend(all.take(EARLIER).map(|(digest, body)| {
                let difference = Bytes::from(signed.compress_from(&body));
                (digest, body, difference)
            }));
        }
        let compressed = Bytes::from(signed.compress());
        let edition = Edition { digest: digest(&signed.body), signed: signed.clone(), compressed, earlier };
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(edition));
    }

    /// The answer to `GET /consensus/1` with this query and these headers.
    pub(crate) fn answer(&self, query: Option<&str>, headers: &HeaderMap) -> Answer {
        let edition = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(edition) = edition else {
            return http::rejected(&Rejection::new(503, "there is no consensus yet"));
        };
        let tag = hex::encode(edition.digest);
        let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        let mut answer = if known.is_some_and(|known| known.trim_matches('"') == tag) {
            http::bytes(304, Bytes::new())
        } else {
            let from = query.and_then(|query| query.strip_prefix("from=")).and_then(tacit_wire::base64::hex_array);
            let difference = edition.earlier.iter().find(|(digest, ..)| Some(*digest) == from);
            let body = difference.map_or(&edition.compressed, |(.., difference)| difference);
            let mut answer = http::bytes(200, body.clone());
            let headers = answer.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/zstd"));
            if let Some((digest, ..)) = difference
                && let Ok(from) = HeaderValue::from_str(&hex::encode(digest))
            {
                headers.insert(FROM, from);
            }
            answer
        };
        if let Ok(tag) = HeaderValue::from_str(&format!("\"{tag}\"")) {
            answer.headers_mut().insert(ETAG, tag);
        }
        answer
    }
}

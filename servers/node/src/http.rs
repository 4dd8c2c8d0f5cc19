//! The HTTP interface for clients: paths, limits, and texts of errors (protocol: network 2, 4, 5).

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use hyper::{Method, Request, Response, StatusCode};
use serde_json::Value;
use tacit_edge::{Answer, BodyError, Origin, read_body};
use tacit_wire::node_list::{self, ListRequest};
use tacit_wire::rpc::Rejection;
use tacit_wire::{base64, consensus};

use crate::app::App;
use crate::config::ONION_BODY;
use crate::limits::hold;
use crate::membership::View;
use crate::metrics::Count;
use crate::{onion, rpc};

/// A registrar's question who is here, and the answer: a signature over it.
pub(crate) const NONCE: &str = "x-tacit-nonce";
pub(crate) const PROOF: &str = "x-tacit-proof";

/// Answers one request of a client.
pub(crate) async fn serve(app: Arc<App>, request: Request<Incoming>, origin: Origin) -> Answer {
    if !app.guards.admits_address(origin.address) {
        app.metrics.count(Count::LimitedAddress);
        return rejected(&Rejection::too_many_requests());
    }
    let (head, body) = request.into_parts();
    if head.headers.contains_key("x-loki-long-poll") {
        return text(410, "long polling is no longer supported");
    }
    if head.method == Method::GET && head.uri.path() == "/consensus/1" {
        return app.membership.published().answer(head.uri.query(), &head.headers);
    }
    if head.method != Method::POST {
        return text(404, "Not found");
    }
    match head.uri.path() {
        "/storage_rpc/v1" => {
            let limits = app.config.limits.body(app.config.limits.rpc_bytes);
            match read_body(body, limits, None).await {
                Ok(body) => match rpc::handle(&app, &body).await {
                    Ok(answer) => match hold(&app.guards.answer_bytes, Bytes::from(answer.to_string())) {
                        Some(answer) => json(200, answer),
                        None => rejected(&Rejection::busy()),
                    },
                    Err(refused) => refused.into_answer(),
                },
                Err(error) => rejected(&body_rejection(error)),
            }
        }
        "/onion_req/v2" => onion::serve(&app, onion::Source::Client, body, ONION_BODY).await,
        "/json_rpc" => {
            let limits = app.config.limits.body(64 * 1024);
            match read_body(body, limits, None).await {
                Ok(body) => json_rpc(&app.membership.view(), &body),
                Err(error) => rejected(&body_rejection(error)),
            }
        }
        "/ping_test/v1" => ping(&app, &head.headers),
        _ => text(404, "Not found"),
    }
}

/// `get_n_service_nodes`: nodes and registrars answer what seeds answer.
pub(crate) fn json_rpc(view: &View, body: &[u8]) -> Answer {
    match ListRequest::parse_json_rpc(body) {
        Ok((id, request)) => json(200, Bytes::from(node_list::json_rpc_answer(&id, &view.list(&request)))),
        Err(_) => rejected(&Rejection::new(400, "invalid json")),
    }
}

/// Shows that this node's key is behind this address (protocol: network 6, servers 6.3).
fn ping(app: &App, headers: &HeaderMap) -> Answer {
    let mut answer = bytes(200, Bytes::new());
    let mut add = |name: &'static str, value: String| {
        if let Ok(value) = HeaderValue::from_str(&value) {
            answer.headers_mut().insert(name, value);
        }
    };
    add("x-oxen-snode-pubkey", app.id.to_hex());
    let nonce = headers.get(NONCE).and_then(|nonce| base64::decode_array(nonce.as_bytes()));
    if let (Some(network), Some(nonce)) = (app.membership.network(), nonce) {
        add(PROOF, base64::encode(app.keys.sign(&consensus::ping_text(network, &nonce))));
    }
    answer
}

/// An answer without a type.
pub(crate) fn bytes(status: u16, body: Bytes) -> Answer {
    let mut answer = Response::new(Full::new(body));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    answer
}

/// A plain text.
pub(crate) fn text(status: u16, text: impl Into<Bytes>) -> Answer {
    typed(bytes(status, text.into()), "text/plain; charset=utf-8")
}

/// JSON, whose type must be exactly this: a client of the deployed network checks it.
pub(crate) fn json(status: u16, body: Bytes) -> Answer {
    typed(bytes(status, body), "application/json")
}

/// A value as JSON.
pub(crate) fn reply(status: u16, body: &Value) -> Answer {
    json(status, Bytes::from(body.to_string()))
}

fn typed(mut answer: Answer, kind: &'static str) -> Answer {
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}

/// A refusal as it goes over HTTP.
pub(crate) fn rejected(rejection: &Rejection) -> Answer {
    let mut answer = text(rejection.status, rejection.text.clone());
    if matches!(rejection.status, 429 | 503) {
        answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    answer
}

/// What to say about a body that was not read.
pub(crate) fn body_rejection(error: BodyError) -> Rejection {
    match error {
        BodyError::TooLarge => Rejection::too_large(),
        BodyError::TooSlow => Rejection::new(408, "Request body too slow"),
        BodyError::NoBudget => Rejection::busy(),
        BodyError::Broken => Rejection::new(400, "Request body broken off"),
    }
}

//! What other nodes ask of this one.

use std::sync::Arc;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::{Method, Request};
use tacit_edge::{Answer, Origin, read_body};
use tacit_wire::NodeId;

use super::codec;
use super::tls::node_of;
use crate::app::App;
use crate::config::{ONION_BODY, PEER_BODY};
use crate::http::{body_rejection, bytes, rejected, reply};
use crate::{onion, rpc};

/// Answers one request that came over a connection between nodes.
pub(crate) async fn serve(app: Arc<App>, request: Request<Incoming>, origin: Origin) -> Answer {
    let Some(peer) = origin.certificate.as_ref().and_then(node_of) else {
        return bytes(403, Bytes::new());
    };
    app.peers.heard_from(peer);
    if request.method() != Method::POST {
        return bytes(405, Bytes::new());
    }
    let operation = request.uri().path().strip_prefix("/peer/1/").unwrap_or_default().to_owned();
    match operation.as_str() {
        "ping" => bytes(200, Bytes::new()),
        "onion" => onion::serve(&app, onion::Source::Peer(peer), request.into_body(), ONION_BODY).await,
        "put" | "del" | "expire" | "revoke" => {
            if app.membership.view().fellows().all(|fellow| fellow.ed25519 != peer) {
                return bytes(403, Bytes::new());
            }
            let limits = app.config.limits.body(PEER_BODY);
            match read_body(request.into_body(), limits, None).await {
                Ok(body) => match rpc::forwarded(&app, &operation, &body).await {
                    Ok(receipt) => reply(200, &receipt),
                    Err(rejection) => rejected(&rejection),
                },
                Err(error) => rejected(&body_rejection(error)),
            }
        }
        "apply" | "sums" | "reconcile" | "get" | "pull" => {
            let limits = app.config.limits.body(PEER_BODY);
            match read_body(request.into_body(), limits, None).await {
                Ok(body) => ask(&app, peer, &operation, &body).await,
                Err(error) => rejected(&body_rejection(error)),
            }
        }
        _ => bytes(404, Bytes::new()),
    }
}

/// What members do to keep equal.
async fn ask(app: &App, peer: NodeId, operation: &str, body: &[u8]) -> Answer {
    let Some(message) = codec::decode_message(operation, body) else {
        return bytes(400, Bytes::new());
    };
    match app.swarm.ask(peer, message).await {
        Some(answer) => {
            let (status, body) = codec::encode_reply(&answer);
            bytes(status, body)
        }
        None => bytes(500, Bytes::new()),
    }
}

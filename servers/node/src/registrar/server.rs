//! What nodes, clients and other registrars ask (protocol: servers 6.2, 6.4, 6.5):
//! `POST /registrar/1/announce`, `PUT /registrar/1/vote/{no}`, `PUT /registrar/1/signature/{no}`,
//! `GET /registrar/1/votes/{no}`, `GET /registrar/1/rotations`, `GET /consensus/1`, `POST /json_rpc`.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::{Method, Request};
use tacit_edge::{Answer, BodyLimits, Origin, address_key, read_body};
use tacit_wire::bencode::Value;
use tacit_wire::consensus::{MAX_ANNOUNCEMENT, MAX_VOTE};
use tacit_wire::rpc::Rejection;

use super::desk::Desk;
use super::vote::Action;
use crate::http::{self, bytes, rejected};
use crate::now;

const PATIENCE: Duration = Duration::from_secs(20);
/// Room for a signature, or a question for the list.
const SMALL: usize = 64 * 1024;

/// Answers one request.
pub(super) async fn serve(desk: Arc<Desk>, request: Request<Incoming>, origin: Origin) -> Answer {
    if !desk.addresses.allow(address_key(origin.address)) {
        return rejected(&Rejection::too_many_requests());
    }
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    match (&head.method, path.strip_prefix("/registrar/1/")) {
        (&Method::GET, None) if path == "/consensus/1" => desk.published.answer(head.uri.query(), &head.headers),
        (&Method::POST, None) if path == "/json_rpc" => match read(body, SMALL).await {
            Ok(body) => http::json_rpc(&desk.view(), &body),
            Err(answer) => answer,
        },
        (&Method::POST, Some("announce")) => match read(body, MAX_ANNOUNCEMENT).await {
            Ok(body) => announce(&desk, &body),
            Err(answer) => answer,
        },
        (&Method::GET, Some("rotations")) => list(desk.state().machine.rotations().iter().map(Vec::as_slice)),
        (method, Some(rest)) => {
            match (method, rest.split_once('/').and_then(|(what, no)| Some((what, no.parse().ok()?)))) {
                (&Method::PUT, Some(("vote", number))) => {
                    take(&desk, body, MAX_VOTE, |desk, body| desk.state().machine.take_vote(number, body, now())).await
                }
                (&Method::PUT, Some(("signature", number))) => {
                    take(&desk, body, SMALL, |desk, body| desk.state().machine.take_endorsement(number, body, now()))
                        .await
                }
                (&Method::GET, Some(("votes", number))) => list(desk.state().machine.votes(number)),
                _ => http::text(404, "Not found"),
            }
        }
        _ => http::text(404, "Not found"),
    }
}

async fn read(body: Incoming, most: usize) -> Result<Bytes, Answer> {
    let limits = BodyLimits { bytes: most, patience: PATIENCE, slowest: 16 * 1024 };
    read_body(body, limits, None).await.map_err(|error| rejected(&http::body_rejection(error)))
}

fn announce(desk: &Desk, body: &[u8]) -> Answer {
    let now = now();
    let mut state = desk.state();
    let number = state.machine.next_number(now);
    match state.nodes.announce(body, number, now) {
        Ok(()) => bytes(200, Bytes::new()),
        Err(rejection) => rejected(&rejection),
    }
}

async fn take(
    desk: &Arc<Desk>,
    body: Incoming,
    most: usize,
    give: impl FnOnce(&Desk, &[u8]) -> Result<Vec<Action>, Rejection>,
) -> Answer {
    let body = match read(body, most).await {
        Ok(body) => body,
        Err(answer) => return answer,
    };
    match give(desk, &body) {
        Ok(actions) => {
            desk.carry_out(actions).await;
            bytes(200, Bytes::new())
        }
        Err(rejection) => rejected(&rejection),
    }
}

fn list<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Answer {
    let list = Value::List(parts.into_iter().map(Value::bytes).collect());
    bytes(200, Bytes::from(list.to_bytes()))
}

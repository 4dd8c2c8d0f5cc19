//! From bytes to the method, and the frame around every answer.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};
use tacit_edge::Answer;
use tacit_wire::json::{self, Limits};
use tacit_wire::rpc::{
    Answer as _, BatchAnswer, InfoAnswer, OxendAnswer, OxendEndpoint, Rejection, Request, SubAnswer, SwarmAnswer,
};
use tacit_wire::{AccountId, TimestampMs, node_list::ListRequest};

use super::clock::Clock;
use super::together::together;
use super::{delete, expire, read, store};
use crate::app::App;
use crate::store::StoreError;
use crate::{HARDFORK, VERSION, http};

/// What a method gives: JSON of the answer, or why not.
pub(super) type Outcome = Result<Value, Refused>;

/// Why a request is not answered with 200.
pub(crate) enum Refused {
    /// A text.
    Text(Rejection),
    /// JSON all the same: 421 with the right swarm, 500 with what the members said.
    Json(u16, Value),
}

impl Refused {
    /// As an answer over HTTP.
    pub(crate) fn into_answer(self) -> Answer {
        match self {
            Self::Text(rejection) => http::rejected(&rejection),
            Self::Json(status, body) => http::reply(status, &body),
        }
    }

    /// As status and body, for the inside of an onion answer.
    pub(crate) fn into_parts(self) -> (u16, Bytes) {
        match self {
            Self::Text(rejection) => (rejection.status, Bytes::from(rejection.text)),
            Self::Json(status, body) => (status, Bytes::from(body.to_string())),
        }
    }
}

impl From<Rejection> for Refused {
    fn from(rejection: Rejection) -> Self {
        Self::Text(rejection)
    }
}

/// Answers the body of `POST /storage_rpc/v1`, or of an onion request.
pub(crate) async fn handle(app: &Arc<App>, body: &[u8]) -> Outcome {
    match Request::parse(body)? {
        Request::Batch(requests) => {
            // Each is independent, and writes share one commit.
            let results = together(requests.into_iter().map(|request| part(app, request))).await;
            Ok(batch_answer(results, app.now()))
        }
        Request::Sequence(requests) => {
            let mut results = Vec::with_capacity(requests.len());
            for request in requests {
                let answer = part(app, request).await;
                let failed = !(200..300).contains(&answer.code);
                results.push(answer);
                if failed {
                    break;
                }
            }
            Ok(batch_answer(results, app.now()))
        }
        request => single(app, request).await,
    }
}

fn batch_answer(results: Vec<SubAnswer>, t: TimestampMs) -> Value {
    BatchAnswer { results, hf: HARDFORK, t }.to_value()
}

/// One request of a batch.
async fn part(app: &Arc<App>, request: Result<Request, Rejection>) -> SubAnswer {
    let answered = match request {
        Ok(request) => single(app, request).await,
        Err(rejection) => Err(rejection.into()),
    };
    match answered {
        Ok(body) => SubAnswer { code: 200, body },
        Err(Refused::Text(rejection)) => rejection.into(),
        Err(Refused::Json(code, body)) => SubAnswer { code, body },
    }
}

async fn single(app: &Arc<App>, request: Request) -> Outcome {
    let now = app.now();
    match request {
        Request::Info => Ok(InfoAnswer { version: VERSION, timestamp: now, hf: HARDFORK, t: now }.to_value()),
        Request::GetSwarm(request) => Ok(swarm_answer(app, &request.account, now)),
        Request::Store(request) => store::store(app, request, now).await,
        Request::Retrieve(request) => read::retrieve(app, request, now).await,
        Request::GetExpiries(request) => read::get_expiries(app, request, now).await,
        Request::Delete(request) => delete::delete(app, request, now).await,
        Request::DeleteAll(request) => delete::delete_all(app, request, now).await,
        Request::Expire(request) => expire::expire(app, request, now).await,
        Request::OxendRequest(request) => {
            let result = match request.endpoint {
                OxendEndpoint::GetServiceNodes => {
                    let view = app.membership.view();
                    http::list(view.nodes(), &ListRequest::from_params(&request.params))
                }
                // No registered names in networks of our own.
                OxendEndpoint::OnsResolve => json!({}),
            };
            Ok(OxendAnswer { result, hf: HARDFORK, t: now }.to_value())
        }
        // Only ever inside of another, where they are refused as malformed.
        Request::Batch(_) | Request::Sequence(_) => Err(Rejection::failed().into()),
    }
}

fn swarm_answer(app: &App, account: &AccountId, now: TimestampMs) -> Value {
    let view = app.membership.view();
    let swarm = view.swarm_of(account);
    SwarmAnswer::new(swarm, view.members(swarm), HARDFORK, now).to_value()
}

/// Only members of an account's swarm answer for it; others say who they are.
pub(super) fn check_swarm(app: &App, account: &AccountId, now: TimestampMs) -> Result<(), Refused> {
    if app.membership.view().is_ours(account) {
        Ok(())
    } else {
        Err(Refused::Json(421, swarm_answer(app, account, now)))
    }
}

/// Refuses before anything is passed on if this node's own disk cannot keep up.
pub(super) async fn check_capacity(app: &App) -> Result<(), Refused> {
    if app.store.waiting().await >= 4000 { Err(Rejection::busy().into()) } else { Ok(()) }
}

/// What the disk's refusal means for who asked for a read.
pub(super) fn read_failed(error: &StoreError) -> Refused {
    match error {
        StoreError::Busy => Rejection::busy().into(),
        _ => Rejection::failed().into(),
    }
}

/// A request that a fellow member passes on; gives this node's receipt.
pub(crate) async fn forwarded(app: &Arc<App>, operation: &str, body: &[u8]) -> Result<Value, Rejection> {
    let body = json::parse(body, Limits::REQUEST).map_err(|_| Rejection::new(400, "invalid json"))?;
    let method = body.get("method").and_then(Value::as_str).unwrap_or_default();
    let at = body.get("at").and_then(Value::as_u64).map(TimestampMs);
    let request = Request::parse_method(method, body.get("params").unwrap_or(&Value::Null))?;
    let now = app.now();
    let clock = Clock::forwarded(now);
    let at = at.filter(|at| clock.agrees_with(*at)).ok_or_else(Rejection::store_timestamp)?;
    if let Some(account) = request.account()
        && !app.membership.view().is_ours(account)
    {
        return Err(Rejection::new(421, "not of this swarm"));
    }
    let failed = |failure: super::replicate::Failure| failure.rejection();
    match (operation, request) {
        ("put", Request::Store(request)) => {
            store::check(&request, clock)?;
            store::apply(app, request, now).await.map(|r| r.to_value()).map_err(failed)
        }
        ("del", Request::Delete(request)) => {
            request.verify_auth()?;
            delete::apply(app, &request, at).await.map(|r| r.to_value()).map_err(failed)
        }
        ("del", Request::DeleteAll(request)) => {
            clock.check_signed("delete_all", request.timestamp)?;
            request.verify_auth()?;
            delete::apply_all(app, &request, at).await.map(|r| r.to_value()).map_err(failed)
        }
        ("expire", Request::Expire(request)) => {
            clock.check_expire(&request.expiry)?;
            request.verify_auth()?;
            expire::apply(app, &request, at).await.map(|r| r.to_value()).map_err(failed)
        }
        _ => Err(Rejection::unknown_method(method)),
    }
}

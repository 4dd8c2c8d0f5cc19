//! From bytes to the method, and methods that hold others.

use std::sync::Arc;

use serde_json::json;
use tacit_wire::node_list::ListRequest;
use tacit_wire::rpc::{
    Answer as _, BatchAnswer, IfElse, IfElseAnswer, InfoAnswer, OxendAnswer, OxendEndpoint, OxendRequest, Rejection,
    Request, SubAnswer,
};
use tacit_wire::{TimestampMs, base64};

use super::checks::swarm_answer;
use super::outcome::{Outcome, Refused, part};
use super::together::together;
use super::{delete, expire, read, revoke, store};
use crate::app::App;
use crate::metrics::Count;
use crate::{HARDFORK, VERSION};

/// Answers the body of `POST /storage_rpc/v1`, or of an onion request.
pub(crate) async fn handle(app: &Arc<App>, body: &[u8]) -> Outcome {
    any(app, Request::parse(body)?).await
}

async fn any(app: &Arc<App>, request: Request) -> Outcome {
    match request {
        Request::Batch(requests) => {
            // Each is independent, and writes share one commit.
            let results = together(requests.into_iter().map(|request| single(app, request))).await;
            Ok(batch_answer(results.into_iter().map(part).collect(), app.now()))
        }
        Request::Sequence(requests) => {
            let mut results = Vec::with_capacity(requests.len());
            for request in requests {
                let answer = part(single(app, request).await);
                let failed = !(200..300).contains(&answer.code);
                results.push(answer);
                if failed {
                    break;
                }
            }
            Ok(batch_answer(results, app.now()))
        }
        Request::IfElse(request) => Box::pin(ifelse(app, *request)).await,
        request => single(app, request).await,
    }
}

fn batch_answer(results: Vec<SubAnswer>, t: TimestampMs) -> serde_json::Value {
    BatchAnswer { results, hf: HARDFORK, t }.to_value()
}

async fn ifelse(app: &Arc<App>, request: IfElse) -> Outcome {
    let height = app.height();
    let condition = request.condition.holds(height, HARDFORK, VERSION);
    let result = match request.chosen(condition) {
        Some(request) => Some(part(any(app, request).await)),
        None => None,
    };
    Ok(IfElseAnswer { hf: HARDFORK, v: VERSION, height, condition, result, t: app.now() }.to_value())
}

async fn single(app: &Arc<App>, request: Request) -> Outcome {
    let now = app.now();
    match request {
        Request::Info => Ok(InfoAnswer { version: VERSION, timestamp: now, hf: HARDFORK, t: now }.to_value()),
        Request::GetSwarm(request) => Ok(swarm_answer(app, &request.account, now)),
        Request::Store(request) => {
            store::store(app, request, now).await.inspect(|_| app.metrics.stored(200)).inspect_err(|refused| {
                app.metrics.stored(refused.status());
                count_limited(app, refused);
            })
        }
        Request::Retrieve(request) => {
            read::retrieve(app, request, now).await.inspect(|_| app.metrics.retrieved(200)).inspect_err(|refused| {
                app.metrics.retrieved(refused.status());
                count_limited(app, refused);
            })
        }
        Request::GetExpiries(request) => read::get_expiries(app, request, now).await,
        Request::Delete(request) => delete::delete(app, request, now).await,
        Request::DeleteAll(request) => delete::delete_all(app, request, now).await,
        Request::DeleteBefore(request) => delete::delete_before(app, request, now).await,
        Request::Expire(request) => expire::expire(app, request, now).await,
        Request::ExpireAll(request) => expire::expire_all(app, request, now).await,
        Request::Revocation(request) => revoke::revoke(app, request, now).await,
        Request::RevokedSubaccounts(request) => revoke::revoked(app, request, now).await,
        Request::OxendRequest(request) => Ok(oxend(app, &request, now)),
        Request::GetConsensus => {
            let view = app.membership.view();
            let document = view.document().ok_or_else(|| Rejection::new(404, "there is no consensus"))?;
            let consensus = base64::encode(document.bytes.as_slice());
            Ok(json!({ "consensus": consensus, "hf": HARDFORK, "t": now }))
        }
        // Never inside of a batch: there they are refused as malformed.
        Request::Batch(_) | Request::Sequence(_) | Request::IfElse(_) => Err(Rejection::failed().into()),
    }
}

fn count_limited(app: &App, refused: &Refused) {
    if refused.status() == 429 {
        app.metrics.count(Count::LimitedMailbox);
    }
}

fn oxend(app: &App, request: &OxendRequest, t: TimestampMs) -> serde_json::Value {
    let result = match request.endpoint {
        OxendEndpoint::GetServiceNodes => app.membership.view().list(&ListRequest::from_params(&request.params)),
        // No registered names in networks of our own.
        OxendEndpoint::OnsResolve => json!({}),
    };
    OxendAnswer { result, hf: HARDFORK, t }.to_value()
}

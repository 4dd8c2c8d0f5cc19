//! Requests that a fellow member passes on, so that every member carries them out.

use std::sync::Arc;

use serde_json::Value;
use tacit_wire::TimestampMs;
use tacit_wire::json::{self, Limits};
use tacit_wire::rpc::{Answer, Rejection, Request};

use super::checks::check_auth;
use super::clock::Clock;
use super::replicate::Failure;
use super::{delete, expire, revoke, store};
use crate::app::App;

/// Carries out what the member that was asked has already checked; gives this node's receipt.
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
    check(app, &request, clock).await?;
    match (operation, request) {
        ("put", Request::Store(request)) => receipt(store::apply(app, request, now).await),
        ("del", Request::Delete(request)) => receipt(delete::apply(app, &request, at).await),
        ("del", Request::DeleteAll(request)) => receipt(delete::apply_all(app, &request, at).await),
        ("del", Request::DeleteBefore(request)) => receipt(delete::apply_before(app, &request, at).await),
        ("expire", Request::Expire(request)) => receipt(expire::apply(app, &request, at).await),
        ("expire", Request::ExpireAll(request)) => receipt(expire::apply_all(app, &request, at).await),
        ("revoke", Request::Revocation(request)) => receipt(revoke::apply(app, &request).await),
        _ => Err(Rejection::unknown_method(method)),
    }
}

/// Times and signature, as for requests of users but for what the way took.
async fn check(app: &App, request: &Request, clock: Clock) -> Result<(), Rejection> {
    match request {
        Request::Store(request) => clock.check_stored(request)?,
        Request::DeleteAll(request) => clock.check_signed("delete_all", request.timestamp)?,
        Request::DeleteBefore(request) => clock.check_before(request.before)?,
        Request::Expire(request) => clock.check_expire(&request.expiry)?,
        Request::ExpireAll(request) => clock.check_expire_all(request.expiry)?,
        Request::Revocation(request) => clock.check_signed(request.method(), request.timestamp)?,
        _ => (),
    }
    check_auth(app, request).await
}

fn receipt(done: Result<impl Answer, Failure>) -> Result<Value, Rejection> {
    done.map(|receipt| receipt.to_value()).map_err(|failure| failure.rejection())
}

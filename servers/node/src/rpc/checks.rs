//! What must be so before a request is carried out, besides its form and its times.

use tacit_wire::rpc::{Answer as _, Rejection, Request, SwarmAnswer};
use tacit_wire::{AccountId, TimestampMs};

use super::outcome::{Refused, read_failed};
use crate::HARDFORK;
use crate::app::App;

/// The swarm of an account, as JSON.
pub(super) fn swarm_answer(app: &App, account: &AccountId, now: TimestampMs) -> serde_json::Value {
    let view = app.membership.view();
    let swarm = view.swarm_of(account);
    SwarmAnswer::new(swarm, view.running_members(swarm), HARDFORK, now).to_value()
}

/// Only members of an account's swarm answer for it; others say who they are.
pub(super) fn check_swarm(app: &App, account: &AccountId, now: TimestampMs) -> Result<(), Refused> {
    let view = app.membership.view();
    if !view.is_ours(account) {
        return Err(Refused::Json(421, swarm_answer(app, account, now)));
    }
    if view.is_decommissioned() {
        return Err(Rejection::new(503, "Service node is not ready: decommissioned").into());
    }
    Ok(())
}

/// Refuses before anything is passed on if this node's own disk cannot keep up.
pub(super) async fn check_capacity(app: &App) -> Result<(), Refused> {
    if app.store.waiting().await >= 4000 { Err(Rejection::busy().into()) } else { Ok(()) }
}

/// The signature holds, and it is not by a subaccount that was shut out.
pub(super) async fn check_auth(app: &App, request: &Request) -> Result<(), Rejection> {
    request.verify_auth()?;
    if let Request::Retrieve(retrieve) = request
        && retrieve.namespace.is_readable_when_revoked()
    {
        return Ok(());
    }
    let subaccount = request.auth().and_then(|auth| auth.subaccount.as_ref());
    let (Some(account), Some(subaccount)) = (request.account(), subaccount) else { return Ok(()) };
    match app.store.is_revoked(*account, subaccount.token.0).await {
        Ok(false) => Ok(()),
        Ok(true) => Err(Rejection::signature(request.method())),
        Err(error) => Err(read_failed(&error)),
    }
}

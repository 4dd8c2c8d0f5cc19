//! `expire`.

use std::sync::Arc;

use tacit_wire::rpc::{Answer as _, Expire, ExpireReceipt, Expiries, ExpiryChange, RecursiveAnswer, Request};
use tacit_wire::{TimestampMs, signing};

use super::clock::{Clock, LONGEST_MS};
use super::delete::proof;
use super::dispatch::{Outcome, Refused, check_capacity, check_swarm};
use super::replicate::{Failure, all_failed, everywhere};
use crate::HARDFORK;
use crate::app::App;
use crate::store::ChangeExpiry;

pub(super) async fn expire(app: &Arc<App>, request: Expire, now: TimestampMs) -> Outcome {
    check_swarm(app, &request.account, now)?;
    check_capacity(app).await?;
    Clock::direct(now).check_expire(&request.expiry)?;
    request.verify_auth()?;
    let wrapped = Request::Expire(request.clone());
    let swarm = everywhere(app, "expire", &wrapped, now, apply(app, &request, now)).await;
    let failed = all_failed(&swarm);
    let answer = RecursiveAnswer { swarm, hf: HARDFORK, t: app.now() }.to_value();
    if failed { Err(Refused::Json(500, answer)) } else { Ok(answer) }
}

/// Changes ends here. What is cut is cut by the time of the member that was asked, so that all
/// members set the same.
pub(super) async fn apply(app: &App, request: &Expire, at: TimestampMs) -> Result<ExpireReceipt, Failure> {
    let latest = at.plus_ms(LONGEST_MS);
    let operation = ChangeExpiry {
        account: request.account,
        changes: request.pairs().map(|(hash, expiry)| (hash.clone(), expiry.min(latest))).collect(),
        direction: request.allowed_change(),
        at,
        proof: proof(&request.account, request.signed_text(), &request.auth),
    };
    let changed = app.store.change_expiry(operation, app.now()).await?;
    let (updated, ends): (Vec<_>, Vec<_>) = changed.updated.into_iter().unzip();
    let expiry = match request.expiry.as_slice() {
        [one] => Expiries::One((*one).min(latest)),
        _ => Expiries::Each(ends),
    };
    let directed = request.change != ExpiryChange::Any;
    let unchanged = directed.then(|| changed.unchanged.into_iter().collect());
    let text = signing::expire_receipt(
        &request.account,
        expiry.as_slice(),
        &request.messages,
        &updated,
        unchanged.iter().flatten(),
    );
    Ok(ExpireReceipt { updated, unchanged, expiry, signature: app.keys.sign(&text) })
}

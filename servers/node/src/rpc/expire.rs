//! `expire` and `expire_all`.

use std::collections::BTreeMap;
use std::sync::Arc;

use tacit_wire::rpc::{Expire, ExpireAll, ExpireAllReceipt, ExpireReceipt, Expiries, ExpiryChange, Request, Swept};
use tacit_wire::{MessageHash, TimestampMs, signing};

use super::checks::{check_auth, check_capacity, check_swarm};
use super::clock::{Clock, LONGEST_MS};
use super::delete::proof;
use super::outcome::Outcome;
use super::replicate::{Failure, answer, everywhere};
use crate::app::App;
use crate::store::{ChangeExpiry, ShortenAll};

pub(super) async fn expire(app: &Arc<App>, request: Expire, now: TimestampMs) -> Outcome {
    check_swarm(app, &request.account, now)?;
    check_capacity(app).await?;
    Clock::direct(now).check_expire(&request.expiry)?;
    let wrapped = Request::Expire(request.clone());
    check_auth(app, &wrapped).await?;
    answer(app, everywhere(app, "expire", &wrapped, now, apply(app, &request, now)).await)
}

pub(super) async fn expire_all(app: &Arc<App>, request: ExpireAll, now: TimestampMs) -> Outcome {
    check_swarm(app, &request.account, now)?;
    check_capacity(app).await?;
    Clock::direct(now).check_expire_all(request.expiry)?;
    let wrapped = Request::ExpireAll(request.clone());
    check_auth(app, &wrapped).await?;
    answer(app, everywhere(app, "expire", &wrapped, now, apply_all(app, &request, now)).await)
}

/// Changes ends here. What is cut is cut by the time of the member that was asked, so that all
/// members set the same.
pub(super) async fn apply(app: &App, request: &Expire, at: TimestampMs) -> Result<ExpireReceipt, Failure> {
    let latest = at.plus_ms(LONGEST_MS);
    // A message that is named twice gets the end that is named last.
    let changes: BTreeMap<MessageHash, TimestampMs> =
        request.pairs().map(|(hash, expiry)| (hash.clone(), expiry.min(latest))).collect();
    let operation = ChangeExpiry {
        account: request.account,
        changes: changes.into_iter().collect(),
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

/// Lets everything end earlier here.
pub(super) async fn apply_all(app: &App, request: &ExpireAll, at: TimestampMs) -> Result<ExpireAllReceipt, Failure> {
    let operation = ShortenAll {
        account: request.account,
        namespaces: request.namespaces,
        expiry: request.expiry,
        at,
        proof: proof(&request.account, request.signed_text(), &request.auth),
    };
    let updated = Swept::new(request.namespaces, app.store.shorten_all(operation, app.now()).await?);
    let text = signing::sweep_receipt(&request.account, request.expiry, updated.sorted());
    Ok(ExpireAllReceipt { signature: app.keys.sign(&text), updated })
}

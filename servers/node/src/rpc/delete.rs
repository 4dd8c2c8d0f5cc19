//! `delete`, `delete_all` and `delete_before`.

use std::sync::Arc;

use tacit_wire::rpc::{Auth, Delete, DeleteAll, DeleteAllReceipt, DeleteBefore, DeleteReceipt, Request, Swept};
use tacit_wire::{AccountId, TimestampMs, signing};

use super::checks::{check_auth, check_capacity, check_swarm};
use super::clock::Clock;
use super::outcome::{Outcome, Refused};
use super::replicate::{Failure, answer, everywhere};
use crate::app::App;
use crate::store::{self, Proof, Wipe};

pub(super) async fn delete(app: &Arc<App>, request: Delete, now: TimestampMs) -> Outcome {
    check_swarm(app, &request.account, now)?;
    check_capacity(app).await?;
    let wrapped = Request::Delete(request.clone());
    check_auth(app, &wrapped).await?;
    let swarm = everywhere(app, "del", &wrapped, now, apply(app, &request, now)).await;
    let nothing = swarm.values().filter_map(|m| m.done()).all(|r| r.deleted.is_empty());
    match answer(app, swarm) {
        Ok(answer) if request.required && nothing => Err(Refused::Json(404, answer)),
        answered => answered,
    }
}

/// Deletes here.
pub(super) async fn apply(app: &App, request: &Delete, at: TimestampMs) -> Result<DeleteReceipt, Failure> {
    let operation = store::Delete {
        account: request.account,
        hashes: request.messages.clone(),
        at,
        proof: proof(&request.account, request.signed_text(), &request.auth),
    };
    let deleted = app.store.delete(operation, app.now()).await?;
    let text = signing::delete_receipt(&request.account, &request.messages, &deleted);
    Ok(DeleteReceipt { deleted, signature: app.keys.sign(&text) })
}

pub(super) async fn delete_all(app: &Arc<App>, request: DeleteAll, now: TimestampMs) -> Outcome {
    check_swarm(app, &request.account, now)?;
    check_capacity(app).await?;
    Clock::direct(now).check_signed("delete_all", request.timestamp)?;
    let wrapped = Request::DeleteAll(request.clone());
    check_auth(app, &wrapped).await?;
    answer(app, everywhere(app, "del", &wrapped, now, apply_all(app, &request, now)).await)
}

pub(super) async fn delete_before(app: &Arc<App>, request: DeleteBefore, now: TimestampMs) -> Outcome {
    check_swarm(app, &request.account, now)?;
    check_capacity(app).await?;
    Clock::direct(now).check_before(request.before)?;
    let wrapped = Request::DeleteBefore(request.clone());
    check_auth(app, &wrapped).await?;
    answer(app, everywhere(app, "del", &wrapped, now, apply_before(app, &request, now)).await)
}

/// Empties boxes here.
pub(super) async fn apply_all(app: &App, request: &DeleteAll, at: TimestampMs) -> Result<DeleteAllReceipt, Failure> {
    let wipe = Wipe {
        account: request.account,
        namespaces: request.namespaces,
        before: request.timestamp,
        later_too: true,
        at,
        proof: proof(&request.account, request.signed_text(), &request.auth),
    };
    sweep(app, wipe).await
}

/// Deletes here what is old.
pub(super) async fn apply_before(
    app: &App,
    request: &DeleteBefore,
    at: TimestampMs,
) -> Result<DeleteAllReceipt, Failure> {
    let wipe = Wipe {
        account: request.account,
        namespaces: request.namespaces,
        before: request.before,
        later_too: false,
        at,
        proof: proof(&request.account, request.signed_text(), &request.auth),
    };
    sweep(app, wipe).await
}

async fn sweep(app: &App, wipe: Wipe) -> Result<DeleteAllReceipt, Failure> {
    let (account, namespaces, time) = (wipe.account, wipe.namespaces, wipe.before);
    let deleted = Swept::new(namespaces, app.store.wipe(wipe, app.now()).await?);
    let text = signing::sweep_receipt(&account, time, deleted.sorted());
    Ok(DeleteAllReceipt { signature: app.keys.sign(&text), deleted })
}

/// The signed request, as it is kept with what it changed.
pub(super) fn proof(account: &AccountId, signed_text: Vec<u8>, auth: &Auth) -> Proof {
    let signer = match &auth.subaccount {
        Some(subaccount) => subaccount.token.key(),
        None => auth.pubkey_ed25519.unwrap_or(*account.key()),
    };
    let subaccount = auth.subaccount.as_ref().map(|s| {
        // With the key that made the tag, which for an account is not its ID.
        let issuer = auth.pubkey_ed25519.unwrap_or(*account.key());
        [&s.token.0[..], &s.signature, &issuer].concat()
    });
    Proof { signed_text, signature: auth.signature, signer, subaccount }
}

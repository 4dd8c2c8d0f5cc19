//! `revoke_subaccount`, `unrevoke_subaccount` and `revoked_subaccounts`.

use std::sync::Arc;

use tacit_wire::rpc::{
    Answer as _, Request, Revocation, RevocationReceipt, RevokedSubaccounts, RevokedSubaccountsAnswer,
};
use tacit_wire::{TimestampMs, base64};

use super::checks::{check_auth, check_capacity, check_swarm};
use super::clock::Clock;
use super::delete::proof;
use super::outcome::{Outcome, read_failed};
use super::replicate::{Failure, answer, everywhere};
use crate::HARDFORK;
use crate::app::App;
use crate::store::Revoke;

pub(super) async fn revoke(app: &Arc<App>, request: Revocation, now: TimestampMs) -> Outcome {
    check_swarm(app, &request.account, now)?;
    check_capacity(app).await?;
    Clock::direct(now).check_signed(request.method(), request.timestamp)?;
    let wrapped = Request::Revocation(request.clone());
    check_auth(app, &wrapped).await?;
    answer(app, everywhere(app, "revoke", &wrapped, now, apply(app, &request)).await)
}

/// Shuts out or lets in here.
pub(super) async fn apply(app: &App, request: &Revocation) -> Result<RevocationReceipt, Failure> {
    let operation = Revoke {
        account: request.account,
        tokens: request.tokens.iter().map(|token| token.0).collect(),
        revoked: request.revoke,
        at: request.timestamp,
        proof: proof(&request.account, request.signed_text(), &request.auth),
    };
    let count = app.store.revoke(operation, app.now()).await?;
    Ok(RevocationReceipt { count, signature: app.keys.sign(&RevocationReceipt::signed_text(request)) })
}

pub(super) async fn revoked(app: &Arc<App>, request: RevokedSubaccounts, now: TimestampMs) -> Outcome {
    check_swarm(app, &request.account, now)?;
    Clock::direct(now).check_signed("revoked_subaccounts", request.timestamp)?;
    let account = request.account;
    check_auth(app, &Request::RevokedSubaccounts(request)).await?;
    let tokens = app.store.revoked(account).await.map_err(|e| read_failed(&e))?;
    let revoked_subaccounts = tokens.iter().map(base64::encode).collect();
    Ok(RevokedSubaccountsAnswer { revoked_subaccounts, hf: HARDFORK, t: app.now() }.to_value())
}

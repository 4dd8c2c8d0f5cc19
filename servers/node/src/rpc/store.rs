//! `store`.

use std::sync::Arc;

use tacit_wire::rpc::{Answer as _, Member, Rejection, Request, Store, StoreAnswer, StoreReceipt};
use tacit_wire::{TimestampMs, signing};

use super::checks::{check_auth, check_capacity, check_swarm};
use super::clock::Clock;
use super::outcome::{Outcome, Refused};
use super::replicate::{Failure, all_failed, everywhere};
use crate::HARDFORK;
use crate::app::App;
use crate::store::Put;

pub(super) async fn store(app: &Arc<App>, request: Store, now: TimestampMs) -> Outcome {
    check_swarm(app, &request.account, now)?;
    check_capacity(app).await?;
    Clock::direct(now).check_stored(&request)?;
    if request.namespace.is_public() && !app.guards.admits_store(&request.account) {
        return Err(Rejection::too_many_requests().into());
    }
    let hash = request.hash();
    let wrapped = Request::Store(request.clone());
    check_auth(app, &wrapped).await?;
    let swarm = everywhere(app, "put", &wrapped, now, apply(app, request, now)).await;
    if matches!(swarm.get(&app.id), Some(Member::Failed(own)) if own.code == Some(429)) {
        return Err(Rejection::new(429, "mailbox full").into());
    }
    let failed = all_failed(&swarm);
    let answer = StoreAnswer { hash, swarm, hf: HARDFORK, t: app.now() }.to_value();
    if failed { Err(Refused::Json(500, answer)) } else { Ok(answer) }
}

/// Stores here; the receipt says that it is on the disk.
pub(super) async fn apply(app: &App, request: Store, now: TimestampMs) -> Result<StoreReceipt, Failure> {
    let hash = request.hash();
    let put = Put {
        account: request.account,
        namespace: request.namespace,
        hash: hash.clone(),
        stored: request.timestamp,
        expiry: request.expiry(),
        data: request.data,
    };
    let stored = app.store.put(put, now).await?;
    let signature = app.keys.sign(&signing::store_receipt(&hash));
    Ok(StoreReceipt { hash, signature, expiry: Some(stored.expiry), already: stored.already })
}

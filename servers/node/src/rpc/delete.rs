//! `delete` and `delete_all`.

use std::collections::BTreeMap;
use std::sync::Arc;

use tacit_wire::rpc::{
    Answer as _, Auth, Delete, DeleteAll, DeleteAllReceipt, DeleteReceipt, Deleted, RecursiveAnswer, Rejection, Request,
};
use tacit_wire::{AccountId, MessageHash, Namespace, Namespaces, TimestampMs, signing};

use super::clock::Clock;
use super::dispatch::{Outcome, Refused, check_capacity, check_swarm};
use super::replicate::{Failure, all_failed, everywhere};
use crate::HARDFORK;
use crate::app::App;
use crate::store::{self, Proof, Wipe};

pub(super) async fn delete(app: &Arc<App>, request: Delete, now: TimestampMs) -> Outcome {
    check_swarm(app, &request.account, now)?;
    check_capacity(app).await?;
    request.verify_auth()?;
    let wrapped = Request::Delete(request.clone());
    let swarm = everywhere(app, "del", &wrapped, now, apply(app, &request, now)).await;
    let failed = all_failed(&swarm);
    let nothing = swarm.values().filter_map(|m| m.done()).all(|r| r.deleted.is_empty());
    if request.required && nothing && !failed {
        return Err(Rejection::nothing_deleted().into());
    }
    let answer = RecursiveAnswer { swarm, hf: HARDFORK, t: app.now() }.to_value();
    if failed { Err(Refused::Json(500, answer)) } else { Ok(answer) }
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
    request.verify_auth()?;
    let wrapped = Request::DeleteAll(request.clone());
    let swarm = everywhere(app, "del", &wrapped, now, apply_all(app, &request, now)).await;
    let failed = all_failed(&swarm);
    let answer = RecursiveAnswer { swarm, hf: HARDFORK, t: app.now() }.to_value();
    if failed { Err(Refused::Json(500, answer)) } else { Ok(answer) }
}

/// Empties boxes here.
pub(super) async fn apply_all(app: &App, request: &DeleteAll, at: TimestampMs) -> Result<DeleteAllReceipt, Failure> {
    let operation = Wipe {
        account: request.account,
        namespaces: request.namespaces,
        before: request.timestamp,
        later_too: true,
        at,
        proof: proof(&request.account, request.signed_text(), &request.auth),
    };
    let removed = app.store.wipe(operation, app.now()).await?;
    let deleted = match request.namespaces {
        Namespaces::One(_) => Deleted::One(removed.into_iter().map(|(_, hash)| hash).collect()),
        Namespaces::All => Deleted::All(by_namespace(removed)),
    };
    let text = signing::sweep_receipt(&request.account, request.timestamp, deleted.sorted());
    Ok(DeleteAllReceipt { signature: app.keys.sign(&text), deleted })
}

fn by_namespace(removed: Vec<(Namespace, MessageHash)>) -> BTreeMap<Namespace, Vec<MessageHash>> {
    let mut all: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (namespace, hash) in removed {
        all.entry(namespace).or_default().push(hash);
    }
    all
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

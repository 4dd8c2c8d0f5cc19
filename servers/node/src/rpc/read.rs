//! `retrieve` and `get_expiries`.

use std::sync::Arc;

use tacit_wire::rpc::{
    Answer as _, GetExpiries, GetExpiriesAnswer, Rejection, Request, Retrieve, RetrieveAnswer, Selection, StoredMessage,
};
use tacit_wire::{TimestampMs, swarm};

use super::checks::{check_auth, check_swarm};
use super::clock::Clock;
use super::outcome::{Outcome, read_failed};
use crate::HARDFORK;
use crate::app::App;
use crate::store::Query;

pub(super) async fn retrieve(app: &Arc<App>, request: Retrieve, now: TimestampMs) -> Outcome {
    check_swarm(app, &request.account, now)?;
    if let Some(timestamp) = request.timestamp {
        Clock::direct(now).check_signed("retrieve", timestamp)?;
    }
    let wrapped = Request::Retrieve(request.clone());
    check_auth(app, &wrapped).await?;
    // Counted only now, so that nobody else uses up what the owner may ask.
    if !app.guards.admits_retrieve(&request.account) {
        return Err(Rejection::too_many_requests().into());
    }
    if app.swarm.is_filling(swarm::space(&request.account)) {
        return Err(Rejection::new(503, format!("Snode not ready: {}", app.id)).into());
    }
    let query = Query {
        account: request.account,
        namespace: request.namespace,
        max_count: request.count_limit(),
        max_size: request.size_limit(),
        after: request.last_hash,
    };
    let page = app.store.retrieve(query, now).await.map_err(|e| read_failed(&e))?;
    let messages = page.messages.into_iter().map(|message| StoredMessage {
        hash: message.hash,
        timestamp: message.stored,
        expiration: message.expiry,
        data: message.data,
    });
    let answer = RetrieveAnswer { messages: messages.collect(), more: page.more, hf: HARDFORK, t: app.now() };
    Ok(answer.to_value())
}

pub(super) async fn get_expiries(app: &Arc<App>, request: GetExpiries, now: TimestampMs) -> Outcome {
    check_swarm(app, &request.account, now)?;
    Clock::direct(now).check_signed("get_expiries", request.timestamp)?;
    let wrapped = Request::GetExpiries(request.clone());
    check_auth(app, &wrapped).await?;
    let hashes = match request.messages {
        Selection::All => None,
        Selection::Messages(hashes) => Some(hashes),
    };
    let expiries = app.store.expiries(request.account, hashes, now).await.map_err(|e| read_failed(&e))?;
    let answer = GetExpiriesAnswer { expiries: expiries.into_iter().collect(), hf: HARDFORK, t: app.now() };
    Ok(answer.to_value())
}

//! Carrying one change out at all members of the swarm at once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tacit_wire::rpc::{Answer as _, Member, MemberFailure, RecursiveAnswer, Rejection, Request};
use tacit_wire::{NodeId, TimestampMs};
use tokio::task::JoinSet;

use super::outcome::{Outcome, Refused};
use crate::HARDFORK;
use crate::app::App;
use crate::peer::PeerError;
use crate::store::StoreError;

/// Why this node itself did not do it.
#[derive(Debug)]
pub(super) struct Failure(StoreError);

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self(error)
    }
}

impl Failure {
    /// For a fellow member that asked.
    pub(super) fn rejection(&self) -> Rejection {
        match self.0 {
            StoreError::Busy => Rejection::busy(),
            StoreError::MailboxFull => Rejection::new(429, "mailbox full"),
            _ => Rejection::new(500, "query_failure"),
        }
    }

    fn member(&self) -> MemberFailure {
        let failure = MemberFailure { failed: true, ..MemberFailure::default() };
        match self.0 {
            StoreError::MailboxFull => {
                MemberFailure { code: Some(429), reason: Some("mailbox full".to_owned()), ..failure }
            }
            _ => MemberFailure { query_failure: true, ..failure },
        }
    }
}

/// Runs `own` here and sends the request to all other members meanwhile; what each said.
///
/// The answer waits for all, each for a few seconds at most: a receipt that is listed is on that
/// member's disk.
pub(super) async fn everywhere<R: DeserializeOwned>(
    app: &Arc<App>,
    operation: &'static str,
    request: &Request,
    at: TimestampMs,
    own: impl Future<Output = Result<R, Failure>>,
) -> BTreeMap<NodeId, Member<R>> {
    let mut body = request.to_json();
    body["at"] = at.0.into();
    let body = Bytes::from(body.to_string());
    let timeout = Duration::from_secs(app.config.limits.replicate_seconds);
    let view = app.membership.view();
    let mut others = JoinSet::new();
    for fellow in view.fellows().cloned() {
        let (app, body) = (Arc::clone(app), body.clone());
        others.spawn(async move {
            let answer = app.peers.call(&fellow, operation, body, timeout).await;
            (fellow.ed25519, answer)
        });
    }
    let own = match own.await {
        Ok(receipt) => Member::Done(receipt),
        Err(failure) => Member::Failed(failure.member()),
    };
    let mut swarm = BTreeMap::from([(app.id, own)]);
    while let Some(joined) = others.join_next().await {
        if let Ok((node, answer)) = joined {
            swarm.insert(node, read(answer));
        }
    }
    swarm
}

fn read<R: DeserializeOwned>(answer: Result<(u16, Bytes), PeerError>) -> Member<R> {
    let failure = MemberFailure { failed: true, ..MemberFailure::default() };
    match answer {
        Ok((200, body)) => match serde_json::from_slice(&body) {
            Ok(receipt) => Member::Done(receipt),
            Err(_) => Member::Failed(MemberFailure { bad_peer_response: true, ..failure }),
        },
        Ok((status, body)) => Member::Failed(MemberFailure {
            code: Some(status),
            query_failure: status == 500,
            reason: Some(String::from_utf8_lossy(body.get(..200).unwrap_or(&body)).into_owned()),
            ..failure
        }),
        Err(PeerError::Timeout | PeerError::Unreachable) => Member::Failed(MemberFailure { timeout: true, ..failure }),
        Err(PeerError::Broken | PeerError::NoRoom) => {
            Member::Failed(MemberFailure { bad_peer_response: true, ..failure })
        }
    }
}

/// The answer of a request that the swarm carried out: 500 if nobody did.
pub(super) fn answer<R: Serialize + DeserializeOwned>(app: &App, swarm: BTreeMap<NodeId, Member<R>>) -> Outcome {
    let failed = all_failed(&swarm);
    let answer = RecursiveAnswer { swarm, hf: HARDFORK, t: app.now() }.to_value();
    if failed { Err(Refused::Json(500, answer)) } else { Ok(answer) }
}

/// Whether nobody did it.
pub(super) fn all_failed<R>(swarm: &BTreeMap<NodeId, Member<R>>) -> bool {
    swarm.values().all(|member| member.done().is_none())
}

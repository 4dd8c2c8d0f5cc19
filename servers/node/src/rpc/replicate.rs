//! Carrying one change out at all members of the swarm at once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tacit_wire::rpc::{Answer as _, Member, MemberFailure, RecursiveAnswer, Rejection, Request};
use tacit_wire::{NodeId, TimestampMs};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::facts::facts;
use super::outcome::{Outcome, Refused};
use crate::HARDFORK;
use crate::app::App;
use crate::peer::PeerError;
use crate::store::StoreError;
use crate::swarm::Record;
use crate::swarm::replicate::Replication;

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
/// The answer waits until all have been heard, or a little longer than a quorum takes, or some
/// seconds: a receipt that is listed is on that member's disk. Whoever has not been heard by then,
/// or whose asker has gone, is sent it all the same.
pub(super) async fn everywhere<R: DeserializeOwned>(
    app: &Arc<App>,
    operation: &'static str,
    request: &Request,
    at: TimestampMs,
    own: impl Future<Output = Result<R, Failure>>,
) -> BTreeMap<NodeId, Member<R>> {
    let mut body = request.to_json();
    body["at"] = at.0.into();
    let mut answers = send(app, operation, &Bytes::from(body.to_string()), facts(request, at));
    let began = Instant::now();
    let now = || u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let members: Vec<_> = app.membership.view().members(app.membership.view().own_swarm()).map(|n| n.ed25519).collect();
    let mut change = Replication::new(0, members.iter().copied());
    let late = || Member::Failed(MemberFailure { failed: true, timeout: true, ..MemberFailure::default() });
    let mut swarm: BTreeMap<NodeId, Member<R>> = members.into_iter().map(|member| (member, late())).collect();

    let mut own = std::pin::pin!(own);
    let mut is_own_known = false;
    while !change.is_over() {
        let due = began + Duration::from_millis(change.due(now()));
        let (member, said) = tokio::select! {
            // The own write is queued first: what comes in one batch is written in its order.
            biased;
            done = own.as_mut(), if !is_own_known => {
                is_own_known = true;
                (app.id, done.map_or_else(|failure| Member::Failed(failure.member()), Member::Done))
            }
            Some((member, answer)) = answers.recv() => (member, read(answer)),
            () = tokio::time::sleep_until(due), if is_own_known => break,
        };
        match &said {
            Member::Done(_) => change.durable(now(), member, Bytes::new()),
            Member::Failed(_) => change.failed(member),
        }
        swarm.insert(member, said);
    }
    swarm
}

type Heard = (NodeId, Result<(u16, Bytes), PeerError>);

/// Sends it to all other members, each in a task of its own: it goes on if nobody waits any more.
fn send(app: &Arc<App>, operation: &'static str, body: &Bytes, facts: Vec<Record>) -> mpsc::Receiver<Heard> {
    let timeout = Duration::from_secs(app.config.limits.replicate_seconds);
    let facts: Arc<[Record]> = facts.into();
    let view = app.membership.view();
    let (heard, answers) = mpsc::channel(view.fellows().count().max(1));
    for fellow in view.fellows().cloned() {
        let (app, body, heard, facts) = (Arc::clone(app), body.clone(), heard.clone(), Arc::clone(&facts));
        tokio::spawn(async move {
            let answer = app.peers.call(&fellow, operation, body, timeout).await;
            // What it refused it would refuse again.
            if !matches!(answer, Ok((200..500, _))) {
                app.swarm.missed(fellow.ed25519, facts.to_vec());
            }
            // Nobody may be left to hear it.
            let _ = heard.send((fellow.ed25519, answer)).await;
        });
    }
    answers
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

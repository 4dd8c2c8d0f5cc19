//! Doing what the machine says. Each thing is done in a task of its own, whose end is an event.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tacit_wire::{NodeId, TimestampMs};
use tokio::sync::mpsc;

use super::{Driver, Input};
use crate::app::App;
use crate::peer::codec;
use crate::store::{self, StoreError};
use crate::swarm::{Action, Event, Found, Message, Query, Reply, Write};

/// Writes with their token.
pub(super) type Commit = (u64, Vec<Write>);

impl Driver {
    pub(super) fn perform(&mut self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Call { token, to, message, timeout_ms } => self.call(token, to, message, timeout_ms),
                Action::Reply { call, reply, .. } => {
                    if let Some(waiting) = self.waiting.remove(&call) {
                        // It may have given up.
                        let _ = waiting.send(reply);
                    }
                }
                Action::Commit { token, writes } => {
                    let _ = self.commits.send((token, writes));
                }
                Action::Read { token, query } => self.read(token, query),
                // Clients' changes go another way: their receipts say more than that it is done.
                Action::Answer { .. } | Action::WrongSwarm { .. } => (),
            }
        }
    }

    fn call(&self, token: u64, to: NodeId, message: Message, timeout_ms: u64) {
        let (app, peer) = (Arc::clone(&self.app), self.seen.node(&to).cloned());
        tokio::spawn(async move {
            let reply = match peer {
                Some(peer) => {
                    let (operation, body) = codec::encode_message(&message);
                    let answer = app.peers.call(&peer, operation, body, Duration::from_millis(timeout_ms)).await;
                    let read = |(status, body)| codec::decode_reply(operation, status, &body).unwrap_or(Reply::Failed);
                    answer.ok().map(read)
                }
                None => None,
            };
            tell(&app, Event::Replied { token, reply }).await;
        });
    }

    fn read(&self, token: u64, query: Query) {
        let app = Arc::clone(&self.app);
        tokio::spawn(async move {
            let found = find(&app, query).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "cannot look up what members compare");
                Found::Failed
            });
            tell(&app, Event::Read { token, found }).await;
        });
    }
}

async fn tell(app: &App, event: Event) {
    // The node stops when nobody listens.
    let _ = app.swarm.events.send(Input::Event(event)).await;
}

async fn find(app: &App, query: Query) -> Result<Found, StoreError> {
    let now = app.now();
    Ok(match query {
        Query::Sums { intervals, .. } => Found::Sums(app.store.sums(intervals).await?),
        Query::Items { intervals, hours, until } => Found::Items(app.store.items(intervals, hours, until, now).await?),
        Query::Records { intervals, items } => {
            let (records, taken) = app.store.records(intervals, items, now).await?;
            Found::Records { records, taken }
        }
        Query::Page { interval, cursor } => {
            let (records, next) = app.store.page(interval, cursor, now).await?;
            Found::Page { records, next }
        }
        Query::Hints { member } => {
            let rows = app.store.hints(member, now).await?.into_iter();
            Found::Hints(rows.filter_map(|(number, op)| Some((number, codec::decode_record(&op)?))).collect())
        }
    })
}

/// Takes commits one after the other: what is written later must not be on the disk earlier.
pub(super) fn commit_in_order(app: &Arc<App>) -> mpsc::UnboundedSender<Commit> {
    let (commits, mut waiting) = mpsc::unbounded_channel::<Commit>();
    let app = Arc::clone(app);
    tokio::spawn(async move {
        while let Some((token, writes)) = waiting.recv().await {
            let writes = writes.into_iter().map(to_store).collect();
            let receipt = match app.store.commit(writes, app.now()).await {
                Ok(_) => Some(Bytes::new()),
                Err(error) => {
                    tracing::warn!(%error, "cannot write what members said");
                    None
                }
            };
            tell(&app, Event::Committed { token, receipt }).await;
        }
    });
    commits
}

fn to_store(write: Write) -> store::Write {
    match write {
        Write::Apply(records) => store::Write::Apply(records),
        Write::AddHints(hints) => {
            let hint = |hint: crate::swarm::hints::Hint| store::Hint {
                member: hint.member,
                op: codec::encode_record(&hint.record),
                until: TimestampMs(hint.record.matters_until()),
            };
            store::Write::AddHints(hints.into_iter().map(hint).collect())
        }
        Write::RemoveHints(numbers) => store::Write::RemoveHints(numbers),
        Write::ForgetMember(member) => store::Write::ForgetMember(member),
        Write::Holdings(holdings) => store::Write::Holdings(holdings),
        Write::Drop(interval) => store::Write::Drop(interval),
    }
}

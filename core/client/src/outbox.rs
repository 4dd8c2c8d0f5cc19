//! Carries the outbox to the swarms: rows in order for each recipient, several recipients at once,
//! again and again until nodes keep them.

pub(crate) mod schedule;

use std::sync::Arc;
use std::time::Duration;

use tacit_network::ConnectionState;
use tacit_store::{NodeReceipt, OutboxRow, Purpose, Stored};
use tacit_wire::{NodeId, TimestampMs, rpc};
use tokio::task::JoinSet;

use crate::Error;
use crate::client::Inner;
use crate::events::Event;

/// Recipients that are served at once.
const AT_ONCE: usize = 8;

/// Runs until it is cancelled; rows in flight are then tried again at the next start.
pub(crate) async fn run(inner: Arc<Inner>) {
    let mut status = inner.network.status();
    let mut connected = false;
    let mut tries = JoinSet::new();
    loop {
        let now_connected = status.borrow_and_update().state == ConnectionState::Connected;
        if now_connected && !connected {
            hasten(&inner).await;
        }
        connected = now_connected;
        for row in claim(&inner, AT_ONCE - tries.len()).await {
            tries.spawn(attempt(Arc::clone(&inner), row));
        }
        let wait = time_to_next(&inner, AT_ONCE - tries.len()).await;
        tokio::select! {
            Some(_) = tries.join_next() => {}
            () = inner.outbox_wake.notified() => {}
            changed = status.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(wait) => {}
        }
    }
}

async fn hasten(inner: &Inner) {
    let now = inner.now();
    report(inner.database.call(move |store| store.write(|tx| tx.hasten(now))).await);
}

async fn claim(inner: &Inner, room: usize) -> Vec<OutboxRow> {
    let (now, room) = (inner.now(), u32::try_from(room).unwrap_or_default());
    if room == 0 {
        return Vec::new();
    }
    let claimed = inner.database.call(move |store| store.write(|tx| tx.claim_due(now, room))).await;
    report(claimed).unwrap_or_default()
}

async fn time_to_next(inner: &Inner, room: usize) -> Duration {
    let next = report(inner.database.call(|store| store.next_try()).await).flatten();
    schedule::wait(room, next, inner.now())
}

/// Stores one row and keeps what came of it, however long the disk has no room for that.
async fn attempt(inner: Arc<Inner>, row: OutboxRow) {
    let conversation = match row.message {
        Some(message) => inner.message(message).await.ok().map(|message| message.conversation),
        None => None,
    };
    if let Some(conversation) = conversation.filter(|_| row.purpose == Purpose::Deliver) {
        inner.tell_messages(conversation); // it is being sent
    }
    let build = |now| rpc::Store::public(row.recipient, row.namespace, now, row.ttl_ms, row.data.clone());
    match inner.network.store(&row.recipient, build).await {
        Ok(answer) => stored(&inner, &row, &answer).await,
        Err(error) => not_stored(&inner, &row, error).await,
    }
    if let Some(conversation) = conversation {
        inner.tell_messages(conversation);
    }
}

async fn stored(inner: &Inner, row: &OutboxRow, answer: &rpc::StoreAnswer) {
    let (id, now) = (row.id, inner.now());
    let kept = u32::try_from(answer.receipts().count()).unwrap_or(u32::MAX);
    let of = u32::try_from(answer.swarm.len()).unwrap_or(u32::MAX);
    let safe = kept >= schedule::quorum(of);
    // Where some do not keep it the bytes stay, for a person who wants to try those again.
    let lifetime = TimestampMs(row.sent_at.0.saturating_add(row.ttl_ms));
    let again_at = match schedule::next_restore(row.sent_at, now) {
        Some(at) if !safe => Some(at.min(lifetime)),
        _ => (kept < of && row.purpose == Purpose::Deliver).then_some(lifetime),
    };
    let members = answer.swarm.iter().map(|(node, said)| receipt(node, said, now)).collect();
    let stored = Stored { hash: Some(answer.hash.clone()), kept, of, again_at, members };
    report(inner.database.insist(move |store| store.write(|tx| tx.complete(id, &stored, now))).await);
}

fn receipt(node: &NodeId, said: &rpc::Member<rpc::StoreReceipt>, at: TimestampMs) -> NodeReceipt {
    let failure = match said {
        rpc::Member::Done(_) => None,
        rpc::Member::Failed(failure) if failure.timeout => Some("no answer".to_owned()),
        rpc::Member::Failed(failure) => Some(match failure.code {
            Some(406) => "clock differs".to_owned(),
            Some(code) => format!("refused ({code})"),
            None => "no usable answer".to_owned(),
        }),
    };
    NodeReceipt { node: *node, failure, at }
}

async fn not_stored(inner: &Inner, row: &OutboxRow, error: tacit_network::Error) {
    let (id, now) = (row.id, inner.now());
    let text = error.to_string();
    let kept = match &error {
        tacit_network::Error::Closed => inner.database.call(move |store| store.write(|tx| tx.release(id))).await,
        error if error.is_temporary() => {
            let next = schedule::next_attempt(row.attempts + 1, now, &mut rand::rng());
            inner.database.insist(move |store| store.write(|tx| tx.reschedule(id, next, &text).map(drop))).await
        }
        _ => inner.database.insist(move |store| store.write(|tx| tx.fail(id, &text).map(drop))).await,
    };
    report(kept);
    if let Some(message) = row.message.filter(|_| row.purpose == Purpose::Deliver) {
        inner.events.tell(Event::NotDelivered { message, error });
    }
}

/// A database that fails here fails elsewhere too, where a person is told; the row stays.
fn report<T>(result: Result<T, Error>) -> Option<T> {
    result.inspect_err(|error| tracing::error!(code = error.code(), "the outbox could not be written")).ok()
}

//! Moves what is due: uploads one after the other, since each needs its whole file in memory, and a
//! few downloads beside.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tacit_network::ConnectionState;
use tacit_store::{Attachment, AttachmentId};
use tokio::task::JoinSet;

use super::moving::{Direction, attempt};
use super::progress::Running;
use crate::Error;
use crate::client::Inner;
use crate::events::Event;

/// Downloads at once.
const DOWNLOADS: usize = 3;
/// Rows that one look takes.
const LOOK: u32 = 32;
/// Between two looks when nothing is due.
const IDLE: Duration = Duration::from_secs(600);

/// Runs until it is cancelled; what was under way is due again at the next start.
pub(crate) async fn run(inner: Arc<Inner>) {
    let mut status = inner.network.status();
    let mut events = inner.events.listen();
    let mut moving: JoinSet<()> = JoinSet::new();
    let mut was_connected = false;
    loop {
        let connected = status.borrow_and_update().state == ConnectionState::Connected;
        if connected && !was_connected {
            hasten(&inner).await;
        }
        was_connected = connected;
        if connected {
            for attachment in due(&inner).await {
                moving.spawn(attempt(Arc::clone(&inner), attachment));
            }
        }
        report(inner.remove_unused_files().await);
        let wait = if connected { time_to_next(&inner).await } else { IDLE };
        tokio::select! {
            Some(_) = moving.join_next() => {}
            () = inner.files.wake.notified() => {}
            changed = status.changed() => if changed.is_err() { return },
            () = changes(&mut events) => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Waits until messages came or went. One look serves all that happened meanwhile.
pub(super) async fn changes(events: &mut tokio::sync::broadcast::Receiver<Event>) {
    use tokio::sync::broadcast::error::RecvError;
    loop {
        match events.recv().await {
            Ok(Event::Received(_) | Event::Messages { .. } | Event::Unsent { .. } | Event::Conversations)
            | Err(RecvError::Lagged(_)) => break,
            Ok(_) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
    while events.try_recv().is_ok() {}
}

/// A new connection is a reason to try what waits; a failure still counts.
async fn hasten(inner: &Inner) {
    let now = inner.now();
    report(inner.database.call(move |store| store.write(|tx| tx.hasten_transfers(now))).await);
}

/// What is to be begun now; it counts as running from here on.
async fn due(inner: &Inner) -> Vec<Attachment> {
    let now = inner.now();
    let due = inner.database.call(move |store| store.transfers_due(now, LOOK)).await;
    let mut running = inner.files.running.lock().unwrap_or_else(PoisonError::into_inner);
    let due = report(due).unwrap_or_default().into_iter().filter(|attachment| !running.contains_key(&attachment.id));
    let ups = running.values().filter(|running| running.direction == Direction::Up).count();
    let begun = choose(due, ups, running.len() - ups);
    for attachment in &begun {
        running.insert(attachment.id, Running::new(Direction::of(attachment)));
    }
    begun
}

/// One upload, and a few downloads, in their order.
fn choose(due: impl Iterator<Item = Attachment>, mut ups: usize, mut downs: usize) -> Vec<Attachment> {
    let fits = |attachment: &Attachment| {
        let (count, most) = match Direction::of(attachment) {
            Direction::Up => (&mut ups, 1),
            Direction::Down => (&mut downs, DOWNLOADS),
        };
        let fits = *count < most;
        *count += usize::from(fits);
        fits
    };
    due.filter(fits).collect()
}

async fn time_to_next(inner: &Inner) -> Duration {
    let now = inner.now();
    match report(inner.database.call(move |store| store.next_transfer(now)).await).flatten() {
        Some(next) => Duration::from_millis(next.0.saturating_sub(now.0).max(50)).min(IDLE),
        None => IDLE,
    }
}

/// A database that fails here fails elsewhere too, where a person is told; the row stays.
pub(super) fn report<T>(result: Result<T, Error>) -> Option<T> {
    result.inspect_err(|error| tracing::error!(code = error.code(), "a transfer could not be kept")).ok()
}

/// It is not under way any more.
pub(super) fn ended(inner: &Inner, attachment: AttachmentId) {
    inner.files.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&attachment);
}

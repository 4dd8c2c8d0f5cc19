//! Messages that are older than they are wanted on this device.

use std::sync::Arc;
use std::time::Duration;

use tacit_wire::TimestampMs;

use crate::client::Inner;
use crate::events::Event;
use crate::settings::KeepMessages;

const YEAR_MS: u64 = 365 * 24 * 3_600_000;
const DAY: Duration = Duration::from_secs(24 * 3_600);
/// Messages that go in one step, between which other work gets its turn.
const STEP: u32 = 500;

/// Looks once a day, and when the choice changes.
pub(crate) async fn run(inner: Arc<Inner>) {
    let mut settings = inner.settings.subscribe();
    loop {
        let keep = settings.borrow_and_update().keep_messages;
        if keep == KeepMessages::Year {
            trim(&inner).await;
        }
        tokio::select! {
            changed = settings.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(DAY) => {}
        }
    }
}

async fn trim(inner: &Inner) {
    let before = TimestampMs(inner.now().0.saturating_sub(YEAR_MS));
    loop {
        let step =
            inner.database.call(move |store| store.write::<_, tacit_store::Error>(|tx| tx.trim(before, STEP))).await;
        let removed = match step {
            Ok(removed) => removed,
            Err(error) => return tracing::error!(code = error.code(), "old messages could not be removed"),
        };
        let mut conversations: Vec<_> = removed.iter().map(|(conversation, _)| *conversation).collect();
        conversations.dedup();
        for conversation in conversations {
            inner.tell_messages(conversation);
        }
        if removed.is_empty() {
            return;
        }
        inner.events.tell(Event::Conversations);
    }
}

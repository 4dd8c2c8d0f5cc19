//! The task that keeps config objects and swarm in step: takes what changed in the tables, pushes,
//! extends lifetimes; again later when it failed.

use std::sync::Arc;
use std::time::Duration;

use tacit_config::Kind;
use tacit_network::ConnectionState;
use tokio::time::{Instant, sleep, sleep_until};

use super::{SyncStatus, report, take};
use crate::client::Inner;
use crate::outbox::schedule;
use crate::{Error, poller};

/// Several changes in a row go out together.
const DEBOUNCE: Duration = Duration::from_millis(100);
/// Longest time between two looks.
const IDLE: Duration = Duration::from_secs(3_600);

/// Runs until it is cancelled; what was under way is then done at the next start.
pub(crate) async fn run(inner: Arc<Inner>) {
    let mut network = inner.network.status();
    let mut connected = false;
    let mut failures = 0_u32;
    let mut next = Instant::now();
    loop {
        let now_connected = network.borrow_and_update().state == ConnectionState::Connected;
        if now_connected && !connected {
            (failures, next) = (0, Instant::now());
        }
        connected = now_connected;
        if take_changes(&inner).await && failures == 0 {
            next = Instant::now();
        }
        if connected && next <= Instant::now() {
            let outcome = inner.sync_once().await;
            failures = if outcome.is_ok() { 0 } else { failures.saturating_add(1) };
            next = Instant::now() + wait(failures, &inner);
            inner.tell_sync(outcome.err().as_ref());
        }
        tokio::select! {
            () = inner.database.config_changed() => sleep(DEBOUNCE).await,
            () = inner.sync.wake.notified() => if failures == 0 { next = Instant::now() },
            changed = network.changed() => if changed.is_err() { return },
            () = sleep_until(next), if connected => {}
        }
    }
}

fn wait(failures: u32, inner: &Inner) -> Duration {
    if failures == 0 {
        return IDLE;
    }
    let now = inner.now();
    Duration::from_millis(schedule::next_attempt(failures, now, &mut rand::rng()).0.saturating_sub(now.0))
}

async fn take_changes(inner: &Inner) -> bool {
    let (owner, now) = (inner.owner(), inner.now());
    report(inner.database.call(move |store| take::take(store, &owner, now)).await).unwrap_or_default()
}

impl Inner {
    /// One look at everything that is due.
    async fn sync_once(&self) -> Result<(), Error> {
        let lost = self.extend_configs().await?;
        let (waits, missing) = self.configs_wait().await?;
        if lost.is_empty() && !waits && !missing {
            return Ok(());
        }
        if !self.sync.is_fresh() {
            self.poll_round(poller::Scope::Configs).await?;
        }
        if missing && !self.restore.is_running() {
            let (owner, now) = (self.owner(), self.now());
            self.database.call(move |store| take::make_missing(store, &owner, now)).await?;
        }
        self.push_configs(lost).await
    }

    /// Whether an object has to be pushed or something obsolete to be deleted, and whether one of the
    /// objects that accounts have is missing.
    async fn configs_wait(&self) -> Result<(bool, bool), Error> {
        let owner = self.owner();
        let look = move |store: &mut tacit_store::Store| {
            let (mut waits, mut missing) = (false, false);
            for kind in Kind::ACCOUNT {
                let row = store.config(&owner.mailbox(kind))?;
                missing |= kind != Kind::Groups && row.is_none();
                waits |= row.is_some_and(|row| !row.obsolete.is_empty());
                waits |= super::status::needs_push(store, &owner, kind)?;
            }
            Ok::<_, tacit_store::Error>((waits, missing))
        };
        self.database.call(look).await
    }

    fn tell_sync(&self, error: Option<&Error>) {
        let status =
            SyncStatus { trouble: error.map(Error::code), message: error.map(ToString::to_string).unwrap_or_default() };
        self.sync.status.send_if_modified(|current| {
            let changed = *current != status;
            *current = status;
            changed
        });
    }
}

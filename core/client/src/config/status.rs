//! How far synchronisation is, for whoever shows it.

use std::time::Duration;

use tacit_config::Kind;
use tacit_network::ConnectionState;
use tacit_store::{Queries, Store};
use tokio::sync::watch;

use super::Owner;
use crate::Error;
use crate::client::Client;

/// How often what waits is looked for.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// How our settings, contacts and read states stand to those that the swarm keeps for all our
/// devices.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SyncStatus {
    /// Why the last try failed: [`Error::code`]; `None` after one that went well.
    pub trouble: Option<&'static str>,
    /// A sentence about it.
    pub message: String,
}

impl Client {
    /// How synchronisation stands, now and from now on.
    #[must_use]
    pub fn sync_status(&self) -> watch::Receiver<SyncStatus> {
        self.inner.sync.status.subscribe()
    }

    /// Waits until the swarm keeps everything that our other devices are to know. Says whether that
    /// is so: not when `patience` ended or there is no connection; the rest follows later.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn synced(&self, patience: Duration) -> Result<bool, Error> {
        let end = tokio::time::Instant::now() + patience;
        let mut network = self.inner.network.status();
        loop {
            let owner = self.inner.owner();
            if !self.inner.database.call(move |store| waits(store, &owner)).await? {
                return Ok(true);
            }
            let offline = network.borrow_and_update().state == ConnectionState::Offline;
            if offline || tokio::time::Instant::now() >= end {
                return Ok(false);
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }
}

/// Whether something changed here that the swarm does not keep yet.
fn waits(store: &Store, owner: &Owner) -> Result<bool, tacit_store::Error> {
    if store.config_is_dirty()? {
        return Ok(true);
    }
    Kind::ACCOUNT.into_iter().try_fold(false, |waits, kind| Ok(waits || needs_push(store, owner, kind)?))
}

pub(super) fn needs_push(store: &Queries, owner: &Owner, kind: Kind) -> Result<bool, tacit_store::Error> {
    let row = store.config(&owner.mailbox(kind))?;
    let config = row.and_then(|row| tacit_config::Config::load(kind, &owner.keys, &row.dump).ok());
    Ok(config.is_some_and(|config| config.needs_push()))
}

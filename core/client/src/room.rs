//! Whether the disk has room for what comes in: a person is told while it has not.

use std::sync::Arc;
use std::time::Duration;

use tacit_store::Store;
use tokio::sync::watch;

use crate::Error;
use crate::client::Client;
use crate::database::Database;

/// Between two looks whether there is room again.
pub(crate) const LOOK: Duration = Duration::from_secs(10);
/// Setting that is written to find out, and removed at once.
const PROBE: &str = "room";
/// So many bytes have to fit: a few messages, so that not the very next one finds none again.
const PROBE_BYTES: usize = 256 << 10;

impl Client {
    /// Whether the disk is full: then nothing new is kept, neither what is written nor what comes in,
    /// which waits in the swarm. Turns by itself when there is room again.
    pub fn storage_full(&self) -> watch::Receiver<bool> {
        self.inner.database.full()
    }
}

/// Runs until it is cancelled; looks whether there is room again after each `look`.
pub(crate) async fn run(database: Arc<Database>, look: Duration) {
    let mut full = database.full();
    while full.wait_for(|full| *full).await.is_ok() {
        tokio::time::sleep(look).await;
        match database.call(probe).await {
            Ok(()) => database.has_room(),
            Err(Error::Closed) => return,
            Err(error) => tracing::debug!(code = error.code(), "still no room"),
        }
    }
}

fn probe(store: &mut Store) -> Result<(), tacit_store::Error> {
    store.write(|tx| tx.set_setting(PROBE, &" ".repeat(PROBE_BYTES)))?;
    store.write(|tx| tx.clear_setting(PROBE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Home;

    #[tokio::test]
    async fn a_full_disk_is_told_until_there_is_room() {
        let (_folder, store) = Home::new().into_parts();
        let database = Arc::new(Database::start(store).unwrap());
        let mut full = database.full();
        let watching = tokio::spawn(run(Arc::clone(&database), Duration::from_millis(5)));
        let other = database.call(|_| Err::<(), _>(tacit_store::Error::Unknown { what: "message" })).await;
        assert!(other.is_err() && !*full.borrow());
        let mut told = database.full();
        let refused = database.call(|_| Err::<(), _>(tacit_store::Error::DiskFull)).await;
        assert_eq!(refused.unwrap_err().code(), "disk_full");
        told.changed().await.unwrap();
        full.wait_for(|full| !full).await.unwrap();
        let left = database.call(|store| store.setting(PROBE)).await.unwrap();
        assert_eq!(left, None);
        watching.abort();
    }
}

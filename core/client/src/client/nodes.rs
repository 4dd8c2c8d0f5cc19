//! What the network knows of its nodes, from one run to the next.

use std::sync::Arc;

use tacit_network::NodeCache;

use crate::database::Database;

/// The network's snapshot, kept in the account's database.
pub(super) struct StoredNodes {
    loaded: Option<Vec<u8>>,
    database: Arc<Database>,
}

impl StoredNodes {
    /// `loaded` is what was kept in the last run.
    pub(super) fn new(loaded: Option<Vec<u8>>, database: Arc<Database>) -> Self {
        Self { loaded, database }
    }
}

impl NodeCache for StoredNodes {
    fn load(&self) -> Option<Vec<u8>> {
        self.loaded.clone()
    }

    fn save(&self, snapshot: &[u8]) {
        let snapshot = snapshot.to_vec();
        let saved = self.database.submit(Box::new(move |store| {
            let result: Result<(), tacit_store::Error> = store.write(|tx| tx.set_node_cache(&snapshot));
            if result.is_err() {
                tracing::warn!("the list of nodes could not be kept");
            }
        }));
        if saved.is_err() {
            tracing::debug!("the list of nodes came after the end");
        }
    }
}

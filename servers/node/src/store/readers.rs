//! Connections that only read, on the runtime's blocking threads.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use tacit_sqlite::rusqlite::{self, Connection};
use tokio::sync::Semaphore;

use super::StoreError;
use super::schema::open_reader;

const CONNECTIONS: usize = 4;
/// Readers that may wait; more are refused at once.
const WAITING: usize = 4096;

#[derive(Clone)]
pub(super) struct Readers {
    free: Arc<Mutex<Vec<Connection>>>,
    turns: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let free = (0..CONNECTIONS).map(|_| open_reader(path)).collect::<Result<_, _>>()?;
        Ok(Self {
            free: Arc::new(Mutex::new(free)),
            turns: Arc::new(Semaphore::new(CONNECTIONS)),
            places: Arc::new(Semaphore::new(WAITING)),
        })
    }

    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| StoreError::Busy)?;
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let lent = Lent::take(&self.free).ok_or(StoreError::Closed)?;
        let task = tokio::task::spawn_blocking(move || {
            let _held = (place, turn);
            // Goes back before the turn does: whoever is next finds it there.
            let lent = lent;
            match &lent.connection {
                Some(connection) => work(connection).map_err(StoreError::from),
                None => Err(StoreError::Closed),
            }
        });
        task.await.map_err(|_| StoreError::Closed)?
    }

    /// Waits for readers at work and closes all.
    pub(super) async fn close(&self) {
        let all = u32::try_from(CONNECTIONS).unwrap_or(u32::MAX);
        if let Ok(turns) = self.turns.acquire_many(all).await {
            self.free.lock().unwrap_or_else(PoisonError::into_inner).clear();
            turns.forget();
            self.turns.close();
        }
    }
}

/// A connection in use; it goes back even if its user panics.
struct Lent {
    connection: Option<Connection>,
    free: Arc<Mutex<Vec<Connection>>>,
}

impl Lent {
    fn take(free: &Arc<Mutex<Vec<Connection>>>) -> Option<Self> {
        let connection = free.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
        Some(Self { connection: Some(connection), free: Arc::clone(free) })
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        free.extend(self.connection.take());
    }
}

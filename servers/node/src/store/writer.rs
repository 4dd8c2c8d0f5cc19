//! The one thread that writes, and its group commit.
//!
//! Requests wait in a bounded channel. The thread takes one, then all that wait up to
//! [`GROUP_COUNT`] or [`GROUP_BYTES`], runs them in one transaction, and answers all after the
//! commit: with `synchronous=FULL` an answer means that the data is on the disk. There is no
//! artificial delay, since requests pile up by themselves while the disk flushes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread::JoinHandle;

use tacit_sqlite::rusqlite::{self, Connection, ErrorCode};
use tokio::sync::{mpsc, oneshot};

use super::StoreError;

/// Requests that may wait; more are refused at once.
const QUEUE: usize = 4096;
/// Requests in one transaction.
const GROUP_COUNT: usize = 512;
/// Bytes in one transaction.
const GROUP_BYTES: usize = 4 * 1024 * 1024;

type Answer = Box<dyn FnOnce() + Send>;
type Work = Box<dyn FnOnce(&Connection) -> rusqlite::Result<Answer> + Send>;

struct Job {
    bytes: usize,
    work: Work,
}

/// Handle to the writing thread.
pub(super) struct Writer {
    queue: mpsc::Sender<Job>,
    health: Arc<Health>,
}

/// Whether the disk still takes writes.
#[derive(Default)]
struct Health(AtomicU8);

impl Health {
    fn reason(&self) -> Option<&'static str> {
        match self.0.load(Ordering::Relaxed) {
            0 => None,
            1 => Some("disk full"),
            2 => Some("input or output error"),
            _ => Some("damaged file"),
        }
    }

    fn note(&self, error: &rusqlite::Error) {
        let state = match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => 1,
            Some(ErrorCode::SystemIoFailure | ErrorCode::ReadOnly) => 2,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => 3,
            _ => return,
        };
        self.0.store(state, Ordering::Relaxed);
    }
}

impl Writer {
    /// Starts the thread; it ends, with its last group committed, when the handle is dropped.
    /// The connection comes back from the thread's end.
    pub(super) fn start(connection: Connection) -> std::io::Result<(Self, JoinHandle<Connection>)> {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let health = Arc::new(Health::default());
        let thread_health = Arc::clone(&health);
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || run(connection, waiting, &thread_health))?;
        Ok((Self { queue, health }, thread))
    }

    /// Runs `work` in a coming transaction and returns its result once that is committed.
    ///
    /// `work` must not fail for reasons of its own: an error rolls back the whole group.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        bytes: usize,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        if let Some(reason) = self.health.reason() {
            return Err(StoreError::ReadOnly(reason));
        }
        let (answer, answered) = oneshot::channel();
        let work: Work = Box::new(move |connection| {
            let result = work(connection)?;
            Ok(Box::new(move || {
                // The asker may be gone; the write stays.
                let _ = answer.send(result);
            }))
        });
        self.queue.try_send(Job { bytes, work }).map_err(|e| match e {
            mpsc::error::TrySendError::Full(_) => StoreError::Busy,
            mpsc::error::TrySendError::Closed(_) => StoreError::Closed,
        })?;
        answered.await.map_err(|_| match self.health.reason() {
            Some(reason) => StoreError::ReadOnly(reason),
            None => StoreError::RolledBack,
        })
    }

    /// Requests that wait now.
    pub(super) fn waiting(&self) -> usize {
        QUEUE - self.queue.capacity()
    }
}

/// A process that lost its writer must not go on: it would take requests for ever and keep none.
struct AbortOnPanic;

impl Drop for AbortOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!("the writer of the store panicked");
            std::process::abort();
        }
    }
}

fn run(mut connection: Connection, mut waiting: mpsc::Receiver<Job>, health: &Health) -> Connection {
    let _guard = AbortOnPanic;
    while let Some(first) = waiting.blocking_recv() {
        let mut bytes = first.bytes;
        let mut group = vec![first.work];
        while group.len() < GROUP_COUNT && bytes < GROUP_BYTES {
            let Ok(job) = waiting.try_recv() else { break };
            bytes += job.bytes;
            group.push(job.work);
        }
        match commit(&mut connection, group) {
            Ok(answers) => answers.into_iter().for_each(|answer| answer()),
            Err(error) => {
                health.note(&error);
                tracing::error!(code = ?error.sqlite_error_code(), "a group of writes failed");
            }
        }
    }
    connection
}

fn commit(connection: &mut Connection, group: Vec<Work>) -> rusqlite::Result<Vec<Answer>> {
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let answers = group.into_iter().map(|work| work(&transaction)).collect::<Result<_, _>>()?;
    transaction.commit()?;
    Ok(answers)
}

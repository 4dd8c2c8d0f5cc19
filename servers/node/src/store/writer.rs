//! The one thread that writes, and its group commit.
//!
//! Requests wait in a bounded channel. The thread takes one, then all that wait up to
//! [`GROUP_COUNT`] or [`GROUP_BYTES`], runs them in one transaction, and answers all after the
//! commit: with `synchronous=FULL` an answer means that the data is on the disk. Requests pile up by
//! themselves while the disk flushes; only those that the last group answered are given a moment
//! to come again, see [`Last`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tacit_sqlite::rusqlite::{self, Connection, ErrorCode};
use tokio::sync::{mpsc, oneshot};

use super::StoreError;
use super::sums::Sums;
use super::tx::Tx;

/// Requests that may wait; more are refused at once.
const QUEUE: usize = 4096;
/// Requests in one transaction.
const GROUP_COUNT: usize = 512;
/// Bytes in one transaction.
const GROUP_BYTES: usize = 4 * 1024 * 1024;

/// Longest wait for a group to become as large as the one before; never more than an eighth of
/// what that took.
const MOST_PATIENCE: Duration = Duration::from_millis(2);
const PAUSE: Duration = Duration::from_micros(20);

type Answer = Box<dyn FnOnce() + Send>;
type Work = Box<dyn FnOnce(&Tx<'_>) -> rusqlite::Result<Answer> + Send>;

struct Job {
    bytes: usize,
    work: Work,
}

/// Handle to the writing thread.
pub(super) struct Writer {
    queue: mpsc::Sender<Job>,
    health: Arc<Health>,
}

/// Whether the disk still takes writes, and how many groups it took.
struct Health {
    start: Instant,
    state: AtomicU8,
    /// Milliseconds after `start` at which the disk was last found full.
    full_at_ms: AtomicU64,
    groups: AtomicU64,
    /// Bytes of the file that hold something.
    used: AtomicU64,
}

const WELL: u8 = 0;
const FULL: u8 = 1;
const FAILING: u8 = 2;
const DAMAGED: u8 = 3;

/// A full disk is tried again after this: somebody may have made room. Other faults stay.
const FULL_RETRY: Duration = Duration::from_secs(10);

impl Health {
    fn new(used: u64) -> Self {
        Self {
            start: Instant::now(),
            state: AtomicU8::new(WELL),
            full_at_ms: AtomicU64::new(0),
            groups: AtomicU64::new(0),
            used: AtomicU64::new(used),
        }
    }

    fn since_start_ms(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn reason(&self) -> Option<&'static str> {
        match self.state.load(Ordering::Relaxed) {
            WELL => None,
            FULL => {
                let since = self.since_start_ms().saturating_sub(self.full_at_ms.load(Ordering::Relaxed));
                (u128::from(since) < FULL_RETRY.as_millis()).then_some("disk full")
            }
            FAILING => Some("input or output error"),
            _ => Some("damaged file"),
        }
    }

    fn note_success(&self) {
        self.groups.fetch_add(1, Ordering::Relaxed);
        let _ = self.state.compare_exchange(FULL, WELL, Ordering::Relaxed, Ordering::Relaxed);
    }

    fn note(&self, error: &rusqlite::Error) {
        let state = match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => {
                self.full_at_ms.store(self.since_start_ms(), Ordering::Relaxed);
                FULL
            }
            Some(ErrorCode::SystemIoFailure | ErrorCode::ReadOnly) => FAILING,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => DAMAGED,
            _ => return,
        };
        self.state.store(state, Ordering::Relaxed);
    }
}

impl Writer {
    /// Starts the thread; it ends, with its last group committed, when the handle is dropped.
    /// The connection comes back from the thread's end.
    pub(super) fn start(connection: Connection, sums: Arc<Sums>) -> std::io::Result<(Self, JoinHandle<Connection>)> {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let health = Arc::new(Health::new(used(&connection).unwrap_or_default()));
        let thread_health = Arc::clone(&health);
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || run(connection, waiting, &thread_health, &sums))?;
        Ok((Self { queue, health }, thread))
    }

    /// Runs `work` in a coming transaction and returns its result once that is committed.
    ///
    /// `work` must not fail for reasons of its own: an error rolls back the whole group.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        bytes: usize,
        work: impl FnOnce(&Tx<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        if let Some(reason) = self.health.reason() {
            return Err(StoreError::ReadOnly(reason));
        }
        let (answer, answered) = oneshot::channel();
        let health = Arc::clone(&self.health);
        let work: Work = Box::new(move |tx| {
            // Noted before the answer's sender is dropped, so that the asker learns why.
            let result = work(tx).inspect_err(|error| health.note(error))?;
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

    /// Transactions since the start.
    pub(super) fn groups(&self) -> u64 {
        self.health.groups.load(Ordering::Relaxed)
    }

    /// Bytes of the file that hold something.
    pub(super) fn used(&self) -> u64 {
        self.health.used.load(Ordering::Relaxed)
    }

    /// Damage was found: nothing is written from now on.
    pub(super) fn stop_damaged(&self) {
        self.health.state.store(DAMAGED, Ordering::Relaxed);
    }

    /// Why nothing is written any more.
    pub(super) fn trouble(&self) -> Option<&'static str> {
        self.health.reason()
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

/// The last group.
#[derive(Default)]
struct Last {
    count: usize,
    took: Duration,
}

impl Last {
    /// Who was just answered may come again at once, but has to wake up first. Without a moment
    /// for that every other group would be small, and cost a flush like a large one.
    fn await_as_many(&self, waiting: &mpsc::Receiver<Job>) {
        let start = Instant::now();
        let patience = (self.took / 8).min(MOST_PATIENCE);
        while waiting.len() + 1 < self.count && start.elapsed() < patience {
            std::thread::sleep(PAUSE);
        }
    }
}

fn run(mut connection: Connection, mut waiting: mpsc::Receiver<Job>, health: &Health, sums: &Sums) -> Connection {
    let _guard = AbortOnPanic;
    let mut last = Last::default();
    while let Some(first) = waiting.blocking_recv() {
        last.await_as_many(&waiting);
        let mut bytes = first.bytes;
        let mut group = vec![first.work];
        while group.len() < GROUP_COUNT && bytes < GROUP_BYTES {
            let Ok(job) = waiting.try_recv() else { break };
            bytes += job.bytes;
            group.push(job.work);
        }
        let (count, start) = (group.len(), Instant::now());
        let committed = commit(&mut connection, group, health, sums);
        last = Last { count, took: start.elapsed() };
        match committed {
            Ok(answers) => {
                health.note_success();
                answers.into_iter().for_each(|answer| answer());
            }
            Err(error) => {
                tracing::error!(code = ?error.sqlite_error_code(), "a group of writes failed");
            }
        }
    }
    connection
}

fn commit(
    connection: &mut Connection,
    group: Vec<Work>,
    health: &Health,
    sums: &Sums,
) -> rusqlite::Result<Vec<Answer>> {
    let noted = |error: &rusqlite::Error| health.note(error);
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).inspect_err(noted)?;
    let tx = Tx::new(&transaction);
    let answers = group.into_iter().map(|work| work(&tx)).collect::<Result<_, _>>()?;
    let changes = tx.into_changes();
    let committing = sums.committing();
    transaction.commit().inspect_err(noted)?;
    committing.done(&changes);
    if let Ok(used) = used(connection) {
        health.used.store(used, Ordering::Relaxed);
    }
    Ok(answers)
}

fn used(c: &Connection) -> rusqlite::Result<u64> {
    let number = |pragma: &str| c.prepare_cached(pragma)?.query_row([], |row| row.get::<_, i64>(0));
    let pages = number("PRAGMA page_count")? - number("PRAGMA freelist_count")?;
    Ok((pages * number("PRAGMA page_size")?).cast_unsigned())
}

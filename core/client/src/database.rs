//! The one thread that owns the database. Jobs are closures; their answers come back over a
//! channel, so that no lock is held across an await.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tacit_store::Store;
use tokio::sync::{Notify, oneshot, watch};

use crate::Error;

type Job = Box<dyn FnOnce(&mut Store) + Send>;

/// Before something is written again that found no room, at first and at most.
const AGAIN: Duration = Duration::from_millis(250);
const AGAIN_MOST: Duration = Duration::from_secs(30);

/// A handle to the database thread, which ends when the handle is closed or dropped.
pub(crate) struct Database {
    jobs: Mutex<Option<mpsc::Sender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    config_changed: Arc<Notify>,
    full: watch::Sender<bool>,
}

impl Database {
    /// Gives the store to a thread of its own.
    pub(crate) fn start(mut store: Store) -> Result<Self, Error> {
        let (jobs, waiting) = mpsc::channel::<Job>();
        let config_changed = Arc::new(Notify::new());
        let changed = Arc::clone(&config_changed);
        let thread = thread::Builder::new()
            .name("tacit-database".to_owned())
            .spawn(move || {
                let mut seen = store.changes();
                for job in waiting {
                    // What was begun is undone, its caller is told, and the next ones have their turn.
                    if catch_unwind(AssertUnwindSafe(|| job(&mut store))).is_err() {
                        tracing::error!("a job of the database panicked");
                    }
                    // Reading changes nothing, and most jobs read.
                    if std::mem::replace(&mut seen, store.changes()) != seen
                        && store.config_is_dirty().unwrap_or_default()
                    {
                        changed.notify_one();
                    }
                }
                if let Err(error) = store.close() {
                    tracing::warn!(%error, "the database could not be tidied up; nothing is lost");
                }
            })
            .map_err(|_| Error::Closed)?;
        let (jobs, thread) = (Mutex::new(Some(jobs)), Mutex::new(Some(thread)));
        Ok(Self { jobs, thread, config_changed, full: watch::Sender::new(false) })
    }

    /// Runs a job after all that were asked for earlier.
    ///
    /// # Errors
    /// Those of the job, [`Error::Internal`] when it panicked, [`Error::Closed`] after
    /// [`Database::close`].
    pub(crate) async fn call<T, E>(
        &self,
        job: impl FnOnce(&mut Store) -> Result<T, E> + Send + 'static,
    ) -> Result<T, Error>
    where
        T: Send + 'static,
        E: Into<Error> + Send + 'static,
    {
        let (answer, wait) = oneshot::channel();
        self.submit(Box::new(move |store| {
            // Nobody waits any more when the caller was cancelled; the job is done all the same.
            let _ = answer.send(job(store));
        }))?;
        let answer = wait.await.map_err(|_| Error::Internal)?.map_err(Into::into);
        if matches!(answer, Err(Error::Store { source: tacit_store::Error::DiskFull })) {
            self.full.send_if_modified(|full| !std::mem::replace(full, true));
        }
        answer
    }

    /// As [`Database::call`], and again while there is no room or the disk fails: for what came of
    /// something that was done already, and would else be done once more.
    ///
    /// # Errors
    /// As [`Database::call`].
    pub(crate) async fn insist<T, E>(
        &self,
        job: impl FnOnce(&mut Store) -> Result<T, E> + Clone + Send + 'static,
    ) -> Result<T, Error>
    where
        T: Send + 'static,
        E: Into<Error> + Send + 'static,
    {
        use tacit_store::Error::{DiskFull, Io};
        let mut pause = AGAIN;
        loop {
            match self.call(job.clone()).await {
                Err(Error::Store { source: DiskFull | Io { .. } }) => tokio::time::sleep(pause).await,
                answer => return answer,
            }
            pause = (2 * pause).min(AGAIN_MOST);
        }
    }

    /// Whether the last writing that failed found no room, until [`Database::has_room`].
    pub(crate) fn full(&self) -> watch::Receiver<bool> {
        self.full.subscribe()
    }

    /// Something could be written.
    pub(crate) fn has_room(&self) {
        self.full.send_if_modified(|full| std::mem::replace(full, false));
    }

    /// Returns when a job has changed something that our other devices are to know.
    pub(crate) async fn config_changed(&self) {
        self.config_changed.notified().await;
    }

    /// Hands a job over without waiting for it.
    pub(crate) fn submit(&self, job: Job) -> Result<(), Error> {
        let jobs = self.jobs.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        jobs.as_ref().and_then(|jobs| jobs.send(job).ok()).ok_or(Error::Closed)
    }

    /// Ends the thread after the jobs that are waiting, and closes the file.
    pub(crate) async fn close(&self) {
        let thread = self.stop();
        if let Some(thread) = thread {
            // Joining blocks; the jobs before the end are few and short.
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }

    fn stop(&self) -> Option<JoinHandle<()>> {
        self.jobs.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        self.thread.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some(thread) = self.stop() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests;

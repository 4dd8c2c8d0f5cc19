//! The one thread that owns the database. Jobs are closures; their answers come back over a
//! channel, so that no lock is held across an await.

use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, JoinHandle};

use tacit_store::Store;
use tokio::sync::{Notify, oneshot};

use crate::Error;

type Job = Box<dyn FnOnce(&mut Store) + Send>;

/// A handle to the database thread, which ends when the handle is closed or dropped.
pub(crate) struct Database {
    jobs: Mutex<Option<mpsc::Sender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    config_changed: Arc<Notify>,
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
                    job(&mut store);
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
        Ok(Self { jobs: Mutex::new(Some(jobs)), thread: Mutex::new(Some(thread)), config_changed })
    }

    /// Runs a job after all that were asked for earlier.
    ///
    /// # Errors
    /// Those of the job, and [`Error::Closed`] after [`Database::close`].
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
        wait.await.map_err(|_| Error::Closed)?.map_err(Into::into)
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

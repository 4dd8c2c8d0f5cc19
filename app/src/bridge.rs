//! Between Slint's event loop and Tokio: commands run on a runtime with threads of its own, and
//! what they return is awaited on the UI thread.

use std::cell::RefCell;
use std::io;
use std::time::Duration;

use tacit_client::Error;
use tokio::runtime::{Builder, EnterGuard, Handle, Runtime};

/// How long closing waits for tasks that hang.
const PATIENCE: Duration = Duration::from_secs(8);

/// A runtime with its threads.
pub(crate) struct Bridge {
    handle: Handle,
    runtime: RefCell<Option<Runtime>>,
}

impl Bridge {
    /// Starts the threads.
    pub(crate) fn start() -> io::Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(2).thread_name("tacit-core").enable_all().build()?;
        Ok(Self { handle: runtime.handle().clone(), runtime: RefCell::new(Some(runtime)) })
    }

    /// Runs a command over there; its answer can be awaited here. A task that panicked counts as
    /// [`Error::Closed`]: nothing unwinds across this border.
    pub(crate) async fn call<T: Send + 'static>(
        &self,
        command: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Result<T, Error> {
        self.handle.spawn(command).await.unwrap_or(Err(Error::Closed))
    }

    /// Runs a command for its effect; what goes wrong is only logged.
    pub(crate) fn launch<T: Send + 'static>(&self, command: impl Future<Output = Result<T, Error>> + Send + 'static) {
        self.handle.spawn(async move {
            if let Err(error) = command.await {
                tracing::warn!(code = error.code(), "a command in the background failed");
            }
        });
    }

    /// Runs a task for as long as it likes.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.handle.spawn(task);
    }

    /// Lets what is called here start tasks over there, until the guard is dropped.
    pub(crate) fn enter(&self) -> EnterGuard<'_> {
        self.handle.enter()
    }

    /// Waits for something short while the window is closing.
    pub(crate) fn wait_for<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        self.handle.block_on(async { tokio::time::timeout(PATIENCE, work).await }).ok()
    }

    /// Ends the threads; tasks that are left are dropped.
    pub(crate) fn stop(&self) {
        if let Some(runtime) = self.runtime.borrow_mut().take() {
            runtime.shutdown_timeout(Duration::from_secs(1));
        }
    }
}

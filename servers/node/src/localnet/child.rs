//! One node as a process. It ends when its standard input closes, so it never outlives this one.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{ChildStdin, ChildStdout, Command};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{PlannedNode, PlannedRegistrar};
use crate::Error;

const START_TIMEOUT: Duration = Duration::from_secs(60);
/// A node needs ten seconds at most to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(12);

/// How nodes are started.
pub(super) struct Program {
    pub(super) path: PathBuf,
    pub(super) settings: Vec<(String, String)>,
}

impl Program {
    pub(super) fn spawn(&self, node: &PlannedNode) -> Result<Starting, Error> {
        let settings = self.settings.iter().map(|(key, value)| format!("--{key}={value}")).collect();
        self.start(&["run"], &node.dir, &node.config(), settings, node.index)
    }

    pub(super) fn spawn_registrar(&self, registrar: &PlannedRegistrar) -> Result<Starting, Error> {
        self.start(&["registrar", "run"], &registrar.dir, &registrar.config(), Vec::new(), registrar.index)
    }

    fn start(
        &self,
        command: &[&str],
        dir: &Path,
        config: &Path,
        settings: Vec<String>,
        index: usize,
    ) -> Result<Starting, Error> {
        let log = dir.join("log");
        let output = std::fs::File::options().create(true).append(true).open(&log).map_err(Error::file(&log))?;
        let process = Command::new(&self.path)
            .args(command)
            .arg("--config")
            .arg(config)
            .arg("--until-stdin-closes")
            .args(settings)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(output)
            .kill_on_drop(true)
            .spawn()
            .map_err(Error::file(&self.path))?;
        Ok(Starting { process, index, log })
    }
}

/// A process that was started and has not said yet that it answers.
pub(super) struct Starting {
    process: tokio::process::Child,
    index: usize,
    log: PathBuf,
}

/// A running node.
pub(super) struct Child {
    pid: u32,
    /// Closing it ends the node.
    stdin: Option<ChildStdin>,
    kill: Option<oneshot::Sender<()>>,
    /// From now on its end is no news.
    expected: Arc<AtomicBool>,
    /// Ends when the process has.
    waiting: Option<JoinHandle<()>>,
}

impl Child {
    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    /// Ends it at once; returns when it is gone.
    pub(super) async fn kill(&mut self) {
        self.expected.store(true, Ordering::Relaxed);
        if let Some(kill) = self.kill.take() {
            let _ = kill.send(());
        }
        if let Some(waiting) = self.waiting.take() {
            let _ = waiting.await;
        }
    }

    /// Ends it in order.
    pub(super) async fn stop(mut self) {
        self.expected.store(true, Ordering::Relaxed);
        drop(self.stdin.take());
        if let Some(waiting) = &mut self.waiting
            && tokio::time::timeout(STOP_TIMEOUT, waiting).await.is_ok()
        {
            return;
        }
        self.kill().await;
    }
}

impl Starting {
    /// Waits for the line that says that it answers.
    pub(super) async fn ready(mut self) -> Result<Child, Error> {
        let stdin = self.process.stdin.take();
        let stdout = self.process.stdout.take();
        let mut output = match (stdout, self.process.id()) {
            (Some(stdout), Some(_)) => BufReader::new(stdout),
            _ => return Err(self.failed("it ended at once")),
        };
        let mut line = String::new();
        match tokio::time::timeout(START_TIMEOUT, output.read_line(&mut line)).await {
            Ok(Ok(read)) if read > 0 && line.contains("\"ready\"") => (),
            Ok(_) => return Err(self.failed("it ended")),
            Err(_) => return Err(self.failed("it took too long")),
        }
        Ok(self.watch(stdin, output))
    }

    fn watch(mut self, stdin: Option<ChildStdin>, output: BufReader<ChildStdout>) -> Child {
        let (kill, killed) = oneshot::channel();
        let expected = Arc::new(AtomicBool::new(false));
        let is_expected = Arc::clone(&expected);
        let pid = self.process.id().unwrap_or_default();
        let waiting = tokio::spawn(async move {
            // Held, so that the node's standard output stays open.
            let _output = output;
            tokio::select! {
                ended = self.process.wait() => {
                    if !is_expected.load(Ordering::Relaxed) {
                        let how = ended.map(|status| status.to_string()).unwrap_or_default();
                        eprintln!("node {} (process {pid}) ended: {how}", self.index);
                    }
                }
                Ok(()) = killed => {
                    let _ = self.process.kill().await;
                }
            }
        });
        Child { pid, stdin, kill: Some(kill), expected, waiting: Some(waiting) }
    }

    fn failed(&self, how: &str) -> Error {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let last = log.lines().next_back().unwrap_or_default();
        Error::NodeFailed(self.index, format!("{how}: {last}"))
    }
}

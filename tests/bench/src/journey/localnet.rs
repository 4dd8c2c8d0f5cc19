//! A network of real nodes, built in the same profile as this program.

use std::error::Error;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use tempfile::TempDir;

/// A running network; dropping it ends all its processes.
pub struct Localnet {
    _folder: TempDir,
    profile: PathBuf,
    process: Child,
    input: Option<ChildStdin>,
}

impl Localnet {
    /// Starts the nodes and waits until all answer.
    pub fn start(nodes: usize, swarms: usize) -> Result<Self, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let program = std::env::current_exe()?.with_file_name("tacit-node");
        let mut process = Command::new(&program)
            .args(["localnet", "--nodes", &nodes.to_string(), "--swarms", &swarms.to_string(), "--dir"])
            .arg(folder.path())
            .env("TACIT_NODE_LOG_LEVEL", "warn")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        let input = process.stdin.take();
        let output = process.stdout.take().ok_or("the network has no output")?;
        let mut started = Self { _folder: folder, profile: PathBuf::new(), process, input };
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let ready = lines.by_ref().find_map(|line| line.strip_prefix("ready ").map(PathBuf::from));
        // The rest of its output must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        started.profile = ready.ok_or("the network did not start")?;
        Ok(started)
    }

    /// The file that clients enter by.
    pub fn profile(&self) -> &Path {
        &self.profile
    }
}

impl Drop for Localnet {
    fn drop(&mut self) {
        drop(self.input.take()); // the end of its input ends it
        let _ = self.process.wait();
    }
}

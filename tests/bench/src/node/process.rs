//! One node as a process, built in the same profile as this program.

use std::error::Error;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tacit_node::localnet::Plan;

pub struct Process {
    pub port: u16,
    /// From the start until it answered.
    pub took: Duration,
    child: Child,
}

impl Process {
    /// The only node of the network in this folder, made if there is none.
    pub fn start(folder: &Path) -> Result<Self, Box<dyn Error>> {
        let plan = Plan::open(folder, 1, 1, None)?;
        let node = plan.nodes().first().ok_or("no node")?;
        let program = std::env::current_exe()?.with_file_name("tacit-node");
        let start = Instant::now();
        let mut child = Command::new(&program)
            .args(["run", "--until-stdin-closes", "--config"])
            .arg(node.config())
            .env("TACIT_NODE_LOG_LEVEL", "warn")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        let output = child.stdout.take().ok_or("the node has no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let node = Self { port: node.local(0).https_port, took: start.elapsed(), child };
        if line.contains("\"ready\"") { Ok(node) } else { Err("the node did not start".into()) }
    }

    /// Ends it at once.
    pub fn kill(mut self) -> std::io::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Bytes of memory at its most.
    pub fn memory(&self) -> Result<f64, Box<dyn Error>> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
        let kilobytes: f64 = line.trim().trim_end_matches(" kB").trim().parse()?;
        Ok(kilobytes * 1024.0)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.stdin.take()); // the end of its input ends it
        let _ = self.child.wait();
    }
}

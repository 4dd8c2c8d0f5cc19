//! Starting cargo and the workspace's own programs.

use std::fmt;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;

use cargo_metadata::{Metadata, MetadataCommand};

/// Why a developer command failed: one sentence for the terminal.
pub struct Failure(pub String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The folder of the workspace.
pub fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map(PathBuf::from).unwrap_or(here)
}

/// Builds a program of the workspace and becomes it, with `first` and `rest` as arguments: a signal
/// reaches the one that can end orderly, and its exit status is ours. Returns only when it fails.
pub fn program(name: &str, first: &[&str], rest: &[String]) -> Result<(), Failure> {
    cargo(&["build", "--quiet", "--bin", name], &[])?;
    let path = metadata(false)?.target_directory.join("debug").join(name);
    let error = Command::new(&path).args(first).args(rest).exec();
    Err(Failure(format!("cannot start {path}: {error}")))
}

/// Runs cargo from the root of the workspace.
pub fn cargo(first: &[&str], rest: &[String]) -> Result<(), Failure> {
    cargo_with(first, rest, &[])
}

/// As [`cargo`], with environment variables.
pub fn cargo_with(first: &[&str], rest: &[String], env: &[(&str, &str)]) -> Result<(), Failure> {
    let status = Command::new("cargo")
        .args(first)
        .args(rest)
        .envs(env.iter().copied())
        .current_dir(root())
        .status()
        .map_err(|e| Failure(format!("cannot start cargo: {e}")))?;
    if status.success() { Ok(()) } else { Err(Failure(format!("cargo {} failed", first.join(" ")))) }
}

/// What cargo knows of the workspace; with `all`, of every dependency too.
pub fn metadata(all: bool) -> Result<Metadata, Failure> {
    let mut command = MetadataCommand::new();
    command.current_dir(root()).other_options(vec!["--locked".to_owned()]);
    if !all {
        command.no_deps();
    }
    command.exec().map_err(|e| Failure(format!("cargo metadata: {e}")))
}

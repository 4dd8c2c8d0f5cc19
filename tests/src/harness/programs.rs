//! Where the workspace's programs lie.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The path of a program of this workspace, beside the running test.
///
/// # Panics
/// When it was not built: `cargo build --workspace --bins` makes all of them.
pub fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the running test has a path");
    let found = test.ancestors().skip(1).map(|folder| folder.join(name)).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("{name} is not built: run `cargo build --workspace --bins`"))
}

/// The `tacit` program on a profile folder, ready for arguments; what it prints is JSON.
pub(super) fn tacit(folder: &Path, network: &Path) -> Command {
    let mut command = Command::new(program("tacit"));
    command.arg("--profile").arg(folder).arg("--network").arg(network).arg("--json");
    command.env_remove("TACIT_KEY").stdin(Stdio::null());
    command
}

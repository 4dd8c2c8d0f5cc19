//! Where the workspace's programs lie.

use std::path::PathBuf;

/// The path of a program of this workspace, beside the running test.
///
/// # Panics
/// When it was not built: `cargo build --workspace --bins` makes all of them.
pub fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the running test has a path");
    let found = test.ancestors().skip(1).map(|folder| folder.join(name)).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("{name} is not built: run `cargo build --workspace --bins`"))
}

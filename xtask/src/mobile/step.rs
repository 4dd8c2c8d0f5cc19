//! One step of the check: what stops it, and work whose result is kept for the next time.

use std::fs;
use std::path::Path;
use std::process::Command;

/// Why a step did not end well.
pub enum Stop {
    /// Something that is fetched from elsewhere cannot be had here.
    Skipped(String),
    /// The check itself found a fault, or could not do its own work.
    Failed(String),
}

pub type Step<T> = Result<T, Stop>;

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Runs a program and gives what it printed; otherwise a line of its complaint.
pub fn output(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let done = command.output().map_err(|e| format!("cannot start {name}: {e}"))?;
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    let complaint = String::from_utf8_lossy(&done.stderr).into_owned();
    let first = complaint.lines().find(|l| l.to_lowercase().contains("error") || l.starts_with("E:"));
    let line = first.or(complaint.lines().next_back()).map(str::trim);
    Err(line.map_or_else(|| format!("{name}: {}", done.status), |line| format!("{name}: {line}")))
}

/// As [`output`], where failure means that a package cannot be had.
pub fn fetch(command: &mut Command) -> Step<String> {
    output(command).map_err(Stop::Skipped)
}

/// As [`output`], where failure is a fault.
pub fn must(command: &mut Command) -> Step<String> {
    output(command).map_err(Stop::Failed)
}

/// Makes `folder` unless it is there from an earlier run; one that was left half made is made anew.
pub fn once(folder: &Path, make: impl FnOnce(&Path) -> Step<()>) -> Step<()> {
    if folder.exists() {
        return Ok(());
    }
    let part = folder.with_added_extension("part");
    if part.exists() {
        fs::remove_dir_all(&part)?;
    }
    fs::create_dir_all(&part)?;
    make(&part)?;
    Ok(fs::rename(&part, folder)?)
}

/// The files of a folder whose names end with `ending`.
pub fn files(folder: &Path, ending: &str) -> Step<Vec<std::path::PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    Ok(found)
}

//! Finding vector files and running them.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use serde_json::Value;
use thiserror::Error;

use crate::files::{self, Kind};
use crate::report::Report;

/// Why a folder cannot be run.
#[derive(Debug, Error)]
pub enum Error {
    /// A file or folder cannot be read.
    #[error("{path}: {source}")]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// There is nothing to run.
    #[error("{0} has no vector files")]
    Nothing(PathBuf),
}

/// The outcome of one file.
#[derive(Debug)]
pub struct Outcome {
    /// Name of the file.
    pub file: String,
    /// Passed and failed checks.
    pub report: Report,
}

/// Runs every `*.json` of `folder`, or only those named (without `.json`).
///
/// # Errors
/// When the folder or a file cannot be read, or there is none. What is wrong inside a file is
/// a failure in its report.
pub fn run(folder: &Path, only: &[String]) -> Result<Vec<Outcome>, Error> {
    let files = if only.is_empty() {
        list(folder)?
    } else {
        only.iter().map(|name| folder.join(format!("{}.json", name.trim_end_matches(".json")))).collect()
    };
    if files.is_empty() {
        return Err(Error::Nothing(folder.to_owned()));
    }
    files.iter().map(|path| run_file(path)).collect()
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let error = |source| Error::Io { path: folder.to_owned(), source };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(error)? {
        let path = entry.map_err(error)?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn run_file(path: &Path) -> Result<Outcome, Error> {
    let text = fs::read(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
    let mut report = Report::default();
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    match serde_json::from_slice::<Value>(&text) {
        Ok(file) => match Kind::of(&stem, &file) {
            Some(kind) => run_caught(kind, &file, &mut report),
            None if stem == "communities" => {
                report.fail("file", "there is no code for this file yet; name the others with --only");
            }
            None => report.fail("file", "unknown shape"),
        },
        Err(error) => report.fail("file", error),
    }
    if report.passed() + report.failed() == 0 {
        report.fail("file", "nothing ran");
    }
    Ok(Outcome { file: path.file_name().unwrap_or_default().to_string_lossy().into_owned(), report })
}

/// Our code must never panic on what it is given: that is a failure like any other.
fn run_caught(kind: Kind, file: &Value, report: &mut Report) {
    if catch_unwind(AssertUnwindSafe(|| files::run(kind, file, report))).is_err() {
        report.fail("file", "panicked; the sections after it did not run");
    }
}

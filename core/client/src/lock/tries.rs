//! Wrong passphrases and the waits after them, kept on the disk so that a new start of the program
//! is no way around.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use tacit_wire::TimestampMs;

use crate::Error;
use crate::profile::write_private;

const FILE: &str = "key.tries";

/// Seconds to wait after so many wrong passphrases in a row.
pub fn wait_after(failed: u32) -> u64 {
    match failed {
        0..=3 => 0,
        4 => 5,
        5 => 15,
        6 => 60,
        _ => 300,
    }
}

/// What was tried since the last right passphrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Tries {
    /// How many were wrong.
    pub(super) failed: u32,
    /// When the last one was tried, on this device's clock.
    last_ms: u64,
}

impl Tries {
    pub(super) fn failed_once_more(self, now: TimestampMs) -> Self {
        Self { failed: self.failed.saturating_add(1), last_ms: now.0 }
    }

    /// Seconds until the next may be tried. A clock that was set back does not shorten the wait,
    /// and lengthens it to no more than the whole of it.
    pub(super) fn wait(self, now: TimestampMs) -> u64 {
        let whole = wait_after(self.failed) * 1_000;
        let passed = now.0.saturating_sub(self.last_ms);
        whole.saturating_sub(passed).div_ceil(1_000)
    }
}

/// What a folder says; a file that can't be read counts as many tries.
pub(super) fn read(folder: &Path) -> Tries {
    match fs::read(folder.join(FILE)) {
        Ok(text) => serde_json::from_slice(&text).unwrap_or(Tries { failed: 7, last_ms: 0 }),
        Err(_) => Tries::default(),
    }
}

pub(super) fn write(folder: &Path, tries: Tries) -> Result<(), Error> {
    let path = folder.join(FILE);
    let text = serde_json::to_vec(&tries).unwrap_or_default();
    write_private(&path, &text).map_err(|source| Error::Folder { path, source })
}

pub(super) fn clear(folder: &Path) -> Result<(), Error> {
    let path = folder.join(FILE);
    match fs::remove_file(&path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(Error::Folder { path, source }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_waits_grow() {
        assert_eq!([1, 2, 3, 4, 5, 6, 7, 8, 99].map(wait_after), [0, 0, 0, 5, 15, 60, 300, 300, 300]);
    }

    #[test]
    fn a_wait_ends_by_time_alone() {
        let tries = Tries { failed: 3, last_ms: 0 }.failed_once_more(TimestampMs(10_000));
        assert_eq!(tries.wait(TimestampMs(10_000)), 5);
        assert_eq!(tries.wait(TimestampMs(14_001)), 1);
        assert_eq!(tries.wait(TimestampMs(15_000)), 0);
        assert_eq!(tries.wait(TimestampMs(3)), 5, "a clock that was set back");
    }

    #[test]
    fn tries_outlive_the_program() {
        let dir = tempfile::tempdir().unwrap();
        let tries = Tries::default().failed_once_more(TimestampMs(7)).failed_once_more(TimestampMs(8));
        write(dir.path(), tries).unwrap();
        assert_eq!(read(dir.path()), tries);
        fs::write(dir.path().join(FILE), "?").unwrap();
        assert_eq!(read(dir.path()).failed, 7);
        clear(dir.path()).unwrap();
        assert_eq!(read(dir.path()), Tries::default());
    }
}

//! Names of backups in their folder, and which of them go.

use std::fs;
use std::path::{Path, PathBuf};

use tacit_wire::TimestampMs;

use crate::time::local;

const BEGINNING: &str = "tacit-";
const ENDING: &str = ".tacit";

/// `tacit-2026-11-24-090512.tacit`: sorted by name is sorted by time.
pub(super) fn name(at: TimestampMs) -> String {
    format!("{BEGINNING}{}{ENDING}", local(at).strftime("%Y-%m-%d-%H%M%S"))
}

/// Whether a file is one that was written by itself or by a tap, not something of the user's.
fn is_ours(name: &str) -> bool {
    let middle = name.strip_prefix(BEGINNING).and_then(|rest| rest.strip_suffix(ENDING));
    middle.is_some_and(|middle| {
        middle.len() == 17 && middle.bytes().all(|letter| letter.is_ascii_digit() || letter == b'-')
    })
}

/// Removes all backups of a folder but the newest `keep`; what can't be removed stays.
pub(super) fn keep_newest(folder: &Path, keep: usize) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut ours: Vec<PathBuf> = names.filter(|name| is_ours(name)).map(|name| folder.join(name)).collect();
    ours.sort_unstable();
    let old = ours.len().saturating_sub(keep.max(1));
    for path in &ours[..old] {
        if let Err(error) = fs::remove_file(path) {
            tracing::warn!(%error, "an older backup stays");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_stay_and_nothing_else_is_touched() {
        let folder = tempfile::tempdir().unwrap();
        let names = [
            "tacit-2026-11-22-090000.tacit",
            "tacit-2026-11-23-090000.tacit",
            "tacit-2026-11-24-090000.tacit",
            "tacit-holiday.tacit",
            "letter.txt",
        ];
        names.iter().for_each(|name| fs::write(folder.path().join(name), "").unwrap());
        keep_newest(folder.path(), 2);
        let stays = |name: &&&str| folder.path().join(name).exists();
        assert_eq!(names.iter().filter(stays).count(), 4);
        assert!(!folder.path().join(names[0]).exists());
        assert!(is_ours(&name(TimestampMs(1_700_000_000_000))));
    }
}

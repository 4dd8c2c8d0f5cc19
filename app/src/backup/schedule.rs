//! What was chosen about backups, as it is kept; and when one is due. Pure.

use std::path::PathBuf;

use tacit_ui::{BackupResult, BackupSchedule};
use zeroize::Zeroizing;

use super::key::Secret;

const DAY_MS: u64 = 24 * 3_600_000;
/// So many days without one are told.
const PATIENCE_DAYS: u64 = 3;

/// What was chosen, and how the last one went.
#[derive(Clone)]
pub(super) struct Choices {
    pub(super) folder: Option<PathBuf>,
    pub(super) schedule: BackupSchedule,
    /// Pictures, voice messages and files too.
    pub(super) files: bool,
    /// How many are kept.
    pub(super) keep: i32,
    /// A key of its own; without one the recovery phrase opens it.
    pub(super) secret: Option<Secret>,
    /// When the last good one was written (ms since 1970), and its size in bytes.
    pub(super) last: Option<(u64, u64)>,
    pub(super) result: BackupResult,
    /// Since when none could be written (ms since 1970).
    pub(super) failing: Option<u64>,
}

/// Whether it is time for one; a clock that was set back makes it time, too.
pub(super) fn is_due(schedule: BackupSchedule, last: Option<u64>, now: u64) -> bool {
    let every = match schedule {
        BackupSchedule::Off => return false,
        BackupSchedule::Daily => DAY_MS,
        BackupSchedule::Weekly => 7 * DAY_MS,
    };
    last.is_none_or(|last| last > now || now - last >= every)
}

/// Days for which none could be written, once they are enough to be told; else 0.
pub(super) fn overdue_days(choices: &Choices, now: u64) -> i32 {
    let wanted = choices.failing.filter(|_| choices.schedule != BackupSchedule::Off);
    let days = wanted.map_or(0, |since| now.saturating_sub(since) / DAY_MS);
    if days >= PATIENCE_DAYS { i32::try_from(days).unwrap_or(i32::MAX) } else { 0 }
}

impl Choices {
    /// One line each, with a name.
    pub(super) fn to_text(&self) -> String {
        let mut lines = vec![
            format!("schedule {}", name(self.schedule)),
            format!("files {}", self.files),
            format!("keep {}", self.keep),
            format!("result {}", result_name(self.result)),
        ];
        lines.extend(self.folder.as_ref().map(|folder| format!("folder {}", folder.display())));
        lines.extend(self.last.map(|(at, bytes)| format!("last {at} {bytes}")));
        lines.extend(self.failing.map(|since| format!("failing {since}")));
        lines.extend(self.secret.as_ref().map(|secret| match secret {
            Secret::Key(text) => format!("key {}", **text),
            Secret::Passphrase(text) => format!("passphrase {}", **text),
        }));
        lines.join("\n")
    }

    /// Reads what [`Choices::to_text`] wrote; what is not understood is not chosen.
    pub(super) fn from_text(text: &str) -> Self {
        let mut choices = Self::default();
        for (key, value) in text.lines().filter_map(|line| line.split_once(' ')) {
            match key {
                "schedule" => choices.schedule = schedule(value),
                "files" => choices.files = value != "false",
                "keep" => choices.keep = value.parse().unwrap_or(choices.keep).clamp(1, 30),
                "result" => choices.result = result(value),
                "folder" => choices.folder = Some(PathBuf::from(value)),
                "last" => {
                    let numbers = value.split_once(' ').map(|(at, bytes)| (at.parse(), bytes.parse()));
                    choices.last = numbers.and_then(|(at, bytes)| Some((at.ok()?, bytes.ok()?)));
                }
                "failing" => choices.failing = value.parse().ok(),
                "key" => choices.secret = Some(Secret::Key(Zeroizing::new(value.to_owned()))),
                "passphrase" => choices.secret = Some(Secret::Passphrase(Zeroizing::new(value.to_owned()))),
                _ => {}
            }
        }
        choices
    }
}

fn name(schedule: BackupSchedule) -> &'static str {
    match schedule {
        BackupSchedule::Off => "off",
        BackupSchedule::Daily => "daily",
        BackupSchedule::Weekly => "weekly",
    }
}

fn schedule(text: &str) -> BackupSchedule {
    let all = [BackupSchedule::Daily, BackupSchedule::Weekly];
    all.into_iter().find(|schedule| name(*schedule) == text).unwrap_or(BackupSchedule::Off)
}

/// One that was running when the program ended was interrupted.
fn result_name(result: BackupResult) -> &'static str {
    match result {
        BackupResult::None => "none",
        BackupResult::Fine => "fine",
        BackupResult::Running | BackupResult::Interrupted => "interrupted",
        BackupResult::FolderGone => "folder-gone",
        BackupResult::NoSpace => "no-space",
        BackupResult::Failed => "failed",
    }
}

fn result(text: &str) -> BackupResult {
    use BackupResult::{Failed, Fine, FolderGone, Interrupted, NoSpace, None};
    [Fine, Interrupted, FolderGone, NoSpace, Failed].into_iter().find(|it| result_name(*it) == text).unwrap_or(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_due_a_day_or_a_week_after_the_last() {
        use BackupSchedule::{Daily, Off, Weekly};
        assert!(!is_due(Off, None, 0) && is_due(Daily, None, 0));
        assert!(!is_due(Daily, Some(5), DAY_MS + 4) && is_due(Daily, Some(5), DAY_MS + 5));
        assert!(!is_due(Weekly, Some(5), DAY_MS + 5) && is_due(Weekly, Some(5), 7 * DAY_MS + 5));
        assert!(is_due(Weekly, Some(99), 5), "a clock that was set back");
    }

    #[test]
    fn three_days_without_one_are_told_while_they_are_wanted() {
        let mut choices = Choices { schedule: BackupSchedule::Daily, failing: Some(5), ..Choices::default() };
        assert_eq!([3 * DAY_MS, 3 * DAY_MS + 5, 0].map(|now| overdue_days(&choices, now)), [0, 3, 0]);
        choices.schedule = BackupSchedule::Off;
        assert_eq!(overdue_days(&choices, 9 * DAY_MS), 0);
        choices = Choices { schedule: BackupSchedule::Daily, ..Choices::default() };
        assert_eq!(overdue_days(&choices, 9 * DAY_MS), 0);
    }

    #[test]
    fn what_was_chosen_comes_back() {
        let chosen = Choices {
            folder: Some(PathBuf::from("/media/my stick")),
            schedule: BackupSchedule::Weekly,
            files: false,
            keep: 7,
            secret: Some(Secret::Passphrase(Zeroizing::new("two words".to_owned()))),
            last: Some((17, 4)),
            result: BackupResult::NoSpace,
            failing: Some(23),
        };
        let read = Choices::from_text(&chosen.to_text());
        assert_eq!(read.to_text(), chosen.to_text());
        assert_eq!((read.keep, read.schedule, read.last), (7, BackupSchedule::Weekly, Some((17, 4))));
        assert_eq!(read.failing, Some(23));
        assert_eq!(Choices::from_text("keep x\nlast 1\n?").to_text(), Choices::default().to_text());
    }
}

//! What a file is, what may open it, and what went wrong: decisions apart from the screen.

use std::path::Path;

use tacit_client::{BackupError, BackupKey as Secret, Error, KeyKind, backup_kind};
use tacit_crypto::phrase;
use tacit_ui::{BackupKey, RestoreBackupError};
use zeroize::Zeroizing;

/// Characters of a passphrase, at the least.
const SHORTEST: usize = 6;

/// Whether it may open the file, as far as it can be seen.
pub(super) fn may_be(kind: BackupKey, secret: &str) -> bool {
    match kind {
        BackupKey::Phrase => phrase::parse(secret).is_ok(),
        BackupKey::Key => matches!(Secret::from_text(secret), Secret::Key(_)),
        BackupKey::Passphrase => secret.chars().count() >= SHORTEST,
    }
}

/// The key that was typed, and the words that have to come with it.
pub(super) fn secret_of(kind: BackupKey, text: &Zeroizing<String>) -> (Secret, Option<Zeroizing<String>>) {
    match kind {
        BackupKey::Phrase => (Secret::Account, Some(text.clone())),
        BackupKey::Key => (Secret::from_text(text), None),
        BackupKey::Passphrase => (Secret::Passphrase(text.clone()), None),
    }
}

/// What an error means here, and at how many percent the file is damaged.
pub(super) fn meaning(error: &Error) -> (RestoreBackupError, i32) {
    use RestoreBackupError as Shown;
    match error {
        Error::Backup(error) => match error {
            BackupError::NewerVersion { .. } => (Shown::Newer, 0),
            BackupError::WrongKey | BackupError::PassphraseLength | BackupError::OtherKey { .. } => {
                (Shown::WrongSecret, 0)
            }
            BackupError::OtherAccount => (Shown::OtherAccount, 0),
            BackupError::Damaged { percent, .. } => (Shown::Damaged, i32::from(*percent)),
            BackupError::NoSpace { .. } => (Shown::NoSpace, 0),
            BackupError::Cancelled => (Shown::Interrupted, 0),
            BackupError::NotABackup | BackupError::File { .. } => (Shown::Unreadable, 0),
        },
        Error::Phrase(_) => (Shown::WrongSecret, 0),
        Error::Store { .. } if error.code() == "disk_full" => (Shown::NoSpace, 0),
        _ => (Shown::Interrupted, 0),
    }
}

/// What opens a file, and how large it is.
pub(super) fn look(path: &Path) -> Result<(KeyKind, u64), Error> {
    let kind = backup_kind(path)?;
    Ok((kind, std::fs::metadata(path).map(|found| found.len()).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_looked_at_before_it_is_tried() {
        let words = "pipeline abyss nouns cobra upgrade august apex venomous lullaby online cease cafe apex";
        assert!(may_be(BackupKey::Phrase, words) && !may_be(BackupKey::Phrase, &words[..20]));
        assert!(may_be(BackupKey::Key, &"ab".repeat(32)) && !may_be(BackupKey::Key, "abc"));
        assert!(may_be(BackupKey::Passphrase, "secret") && !may_be(BackupKey::Passphrase, "short"));
    }

    #[test]
    fn each_error_has_its_sentence() {
        let damaged = Error::Backup(BackupError::Damaged { offset: 7, percent: 62 });
        assert_eq!(meaning(&damaged), (RestoreBackupError::Damaged, 62));
        assert_eq!(meaning(&Error::Backup(BackupError::WrongKey)).0, RestoreBackupError::WrongSecret);
        assert_eq!(meaning(&Error::Backup(BackupError::NotABackup)).0, RestoreBackupError::Unreadable);
    }
}

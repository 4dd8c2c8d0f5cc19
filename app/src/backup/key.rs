//! What opens a backup: the sheets backup-key and backup-passphrase.

use std::rc::Rc;
use std::time::Duration;

use slint::{ComponentHandle as _, SharedString, TimerMode};
use tacit_ui::{App, BackupKey, BackupKeyState, BackupPassphraseState, PassphraseStatus, SheetKind, ToastKind};
use zeroize::Zeroizing;

use super::Backup;
use crate::model::list;

/// Characters of a passphrase: whoever has the file can guess at leisure.
const SHORTEST: usize = 12;
/// A copied key is taken out of the clipboard after this time.
const COPIED: Duration = Duration::from_secs(60);

/// A key of a backup's own.
#[derive(Clone)]
pub(super) enum Secret {
    /// 64 hexadecimal digits, in blocks.
    Key(Zeroizing<String>),
    /// Words.
    Passphrase(Zeroizing<String>),
}

fn judge(passphrase: &str, again: &str) -> PassphraseStatus {
    match passphrase.chars().count() {
        0 => PassphraseStatus::Empty,
        1..SHORTEST => PassphraseStatus::TooShort,
        _ if again.is_empty() => PassphraseStatus::Empty,
        _ if passphrase != again => PassphraseStatus::Differs,
        _ => PassphraseStatus::Ok,
    }
}

impl Backup {
    pub(super) fn answer_keys(part: &Rc<Self>, window: &App) {
        let state = window.global::<BackupKeyState>();
        on!(state, part, on_copy, |this| this.copy_key());
        on!(state, part, on_saved, |this| this.use_key());
        let state = window.global::<BackupPassphraseState>();
        on!(state, part, on_edited, |this| this.passphrase_edited());
        on!(state, part, on_save, |this| this.use_passphrase());
    }

    pub(super) fn choose_key(&self, key: BackupKey) {
        match key {
            BackupKey::Phrase => self.change(|choices| choices.secret = None),
            BackupKey::Key => self.offer_key(),
            BackupKey::Passphrase => {
                self.forget_offer();
                self.context.open_sheet(SheetKind::BackupPassphrase);
            }
        }
    }

    /// Makes a key, which is shown this once.
    fn offer_key(&self) {
        match tacit_client::BackupKey::generate() {
            Ok((_, text)) => {
                let blocks: Vec<SharedString> = text.split(' ').map(Into::into).collect();
                self.context.with(|window| window.global::<BackupKeyState>().set_blocks(list(blocks)));
                *self.offered.borrow_mut() = Some(Secret::Key(text));
                self.context.open_sheet(SheetKind::BackupKey);
            }
            Err(error) => self.context.report(&error),
        }
    }

    fn copy_key(&self) {
        let Some(Secret::Key(text)) = self.offered.borrow().clone() else { return };
        match self.context.platform.set_clipboard(&text, true) {
            Ok(()) => self.context.toast(ToastKind::KeyCopied),
            Err(error) => return self.context.refuse(&error),
        }
        let context = Rc::clone(&self.context);
        self.clearing.start(TimerMode::SingleShot, COPIED, move || context.empty_clipboard(&text));
    }

    /// From now on backups are written with it.
    fn use_key(&self) {
        let offered = self.offered.borrow_mut().take();
        if offered.is_some() {
            self.change(|choices| choices.secret = offered);
        }
        self.context.close_sheet();
    }

    fn passphrase_edited(&self) {
        self.context.with(|window| {
            let state = window.global::<BackupPassphraseState>();
            state.set_status(judge(&state.get_passphrase(), &state.get_again()));
        });
    }

    fn use_passphrase(&self) {
        let Some(window) = self.context.window() else { return };
        let state = window.global::<BackupPassphraseState>();
        let (passphrase, again) = (state.get_passphrase(), state.get_again());
        if judge(&passphrase, &again) == PassphraseStatus::Ok {
            let secret = Secret::Passphrase(Zeroizing::new(passphrase.into()));
            self.change(|choices| choices.secret = Some(secret));
            self.context.close_sheet();
        }
    }

    /// Nothing of it stays on the screen.
    pub(super) fn forget_offer(&self) {
        self.offered.borrow_mut().take();
        self.context.with(|window| {
            window.global::<BackupKeyState>().set_blocks(list([]));
            let state = window.global::<BackupPassphraseState>();
            state.set_passphrase("".into());
            state.set_again("".into());
            state.set_status(PassphraseStatus::Empty);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passphrase_is_long_and_typed_twice() {
        use PassphraseStatus::{Differs, Empty, Ok, TooShort};
        let long = "twelve letters";
        for (first, again, status) in [
            ("", "", Empty),
            ("short", "short", TooShort),
            (long, "", Empty),
            (long, "other", Differs),
            (long, long, Ok),
        ] {
            assert_eq!(judge(first, again), status, "{first} {again}");
        }
    }
}

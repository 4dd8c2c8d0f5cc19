//! The screens for when the account cannot be opened (safe-start) or nothing else can be shown
//! (fault).

use std::rc::Rc;

use slint::ComponentHandle as _;
use tacit_client::Error;
use tacit_ui::{App, Fault, FaultState, SafeStartState, Screen, StoreProblem, Texts, ToastKind};

use crate::context::{Context, go};
use crate::opening;
use crate::part::Part;

/// Shows why the account cannot be opened.
pub(crate) fn show(context: &Context, error: &Error) {
    tracing::error!(code = error.code(), "the account cannot be opened");
    context.with(|window| match problem(error) {
        Some(problem) => {
            let state = window.global::<SafeStartState>();
            state.set_problem(problem);
            state.set_detail(error.to_string().into());
            state.set_busy(false);
            state.set_erase_word("".into());
            state.set_erase_ready(false);
        }
        None => {
            let state = window.global::<FaultState>();
            state.set_fault(if matches!(error, Error::NoRandomness) { Fault::NoRandomness } else { Fault::Other });
            state.set_detail(error.to_string().into());
        }
    });
    context.go(if problem(error).is_some() { Screen::SafeStart } else { Screen::Fault });
}

/// Which trouble of the database it is; `None` for anything else.
fn problem(error: &Error) -> Option<StoreProblem> {
    use std::io::ErrorKind;
    Some(match error {
        Error::Lock(_) => StoreProblem::WrongKey,
        Error::InUse { .. } => StoreProblem::Locked,
        Error::KeyFile { .. } => StoreProblem::WrongKey,
        Error::Folder { source, .. } => match source.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => StoreProblem::ReadOnly,
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreProblem::DiskFull,
            _ => StoreProblem::Other,
        },
        Error::Store { .. } => match error.code() {
            "wrong_key" => StoreProblem::WrongKey,
            "damaged" => StoreProblem::Damaged,
            "newer_version" => StoreProblem::NewerVersion,
            "in_use" => StoreProblem::Locked,
            "read_only" => StoreProblem::ReadOnly,
            "disk_full" => StoreProblem::DiskFull,
            _ => StoreProblem::Other,
        },
        _ => return None,
    })
}

/// Whether this is what has to be typed before everything is erased.
pub(crate) fn is_erase_word(window: &App, typed: &str) -> bool {
    let word = window.global::<Texts>().invoke_erase_word();
    typed.trim().to_lowercase() == word.to_lowercase()
}

/// Answers both screens.
pub(crate) struct Trouble {
    context: Rc<Context>,
}

impl Trouble {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new(Self { context: Rc::clone(context) });
        let state = window.global::<SafeStartState>();
        on!(state, part, on_try_again, |this| this.again());
        on!(state, part, on_copy_detail, |this| this.copy(|window| window.global::<SafeStartState>().get_detail()));
        on!(state, part, on_restore_backup, |this| this.context.go(Screen::RestoreBackup));
        on!(state, part, on_erase_word_edited, |this, word| this.typed(&word));
        on!(state, part, on_erase, |this, word| this.erase(&word));
        let state = window.global::<FaultState>();
        on!(state, part, on_try_again, |this| this.again());
        on!(state, part, on_copy_detail, |this| this.copy(|window| window.global::<FaultState>().get_detail()));
        on!(state, part, on_close, |this| this.context.with(|window| drop(window.hide())));
        part
    }

    fn again(&self) {
        self.context.with(|window| window.global::<SafeStartState>().set_busy(true));
        opening::begin(&self.context);
    }

    fn copy(&self, text: impl FnOnce(&App) -> slint::SharedString) {
        let Some(window) = self.context.window() else { return };
        self.context.copy(&text(&window), ToastKind::DetailsCopied);
    }

    fn typed(&self, word: &str) {
        self.context.with(|window| {
            window.global::<SafeStartState>().set_erase_ready(is_erase_word(window, word));
        });
    }

    fn erase(&self, word: &str) {
        if !self.context.window().is_some_and(|window| is_erase_word(&window, word)) {
            return;
        }
        let context = Rc::clone(&self.context);
        go(async move {
            match opening::erase(&context).await {
                Ok(()) => opening::begin(&context),
                Err(error) => show(&context, &error),
            }
        });
    }
}

impl Part for Trouble {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;
    use std::path::PathBuf;

    #[test]
    fn each_trouble_of_the_database_has_its_screen() {
        let folder = |kind| Error::Folder { path: PathBuf::new(), source: io::Error::from(kind) };
        assert_eq!(problem(&folder(io::ErrorKind::PermissionDenied)), Some(StoreProblem::ReadOnly));
        assert_eq!(problem(&folder(io::ErrorKind::StorageFull)), Some(StoreProblem::DiskFull));
        assert_eq!(problem(&folder(io::ErrorKind::NotADirectory)), Some(StoreProblem::Other));
        assert_eq!(problem(&Error::InUse { path: PathBuf::new() }), Some(StoreProblem::Locked));
        assert_eq!(problem(&Error::NoRandomness), None);
    }
}

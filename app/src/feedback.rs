//! Toasts, and dialogs with what happens when they are confirmed.

use std::cell::RefCell;

use slint::ComponentHandle as _;
use tacit_client::Error;
use tacit_ui::{DialogKind, ShellState, ToastKind};
use zeroize::Zeroizing;

use crate::context::Context;

type Action = Box<dyn FnOnce(bool)>;

/// What waits for an answer.
#[derive(Default)]
pub(crate) struct Feedback {
    answered: RefCell<Option<Action>>,
    undo: RefCell<Option<Box<dyn FnOnce()>>>,
}

impl Context {
    /// Shows a toast.
    pub(crate) fn toast(&self, kind: ToastKind) {
        self.show_toast(kind, "");
    }

    /// Shows a sentence as a toast.
    pub(crate) fn say(&self, sentence: &str) {
        self.show_toast(ToastKind::Other, sentence);
    }

    /// Tells somebody what went wrong. The account being closed is no news.
    pub(crate) fn report(&self, error: &Error) {
        tracing::warn!(code = error.code(), "told to the user");
        if !matches!(error, Error::Closed) {
            self.say(&error.to_string());
        }
    }

    /// Shows a toast about something that can be taken back.
    pub(crate) fn offer(&self, kind: ToastKind, undo: impl FnOnce() + 'static) {
        self.toast(kind);
        *self.feedback.undo.borrow_mut() = Some(Box::new(undo));
    }

    /// Takes back what the toast told of.
    pub(crate) fn undo(&self) {
        self.with(|window| window.global::<ShellState>().set_toast(ToastKind::None));
        let undo = self.feedback.undo.borrow_mut().take();
        if let Some(undo) = undo {
            undo();
        }
    }

    /// Shows a toast with a word of its own, such as a size.
    pub(crate) fn toast_with(&self, kind: ToastKind, text: &str) {
        self.show_toast(kind, text);
    }

    fn show_toast(&self, kind: ToastKind, text: &str) {
        self.feedback.undo.borrow_mut().take();
        self.with(|window| {
            let shell = window.global::<ShellState>();
            shell.set_toast_text(text.into());
            shell.set_toast(kind);
            shell.set_toast_serial(shell.get_toast_serial().wrapping_add(1));
        });
    }

    /// Copies something that is no secret, and says so.
    pub(crate) fn copy(&self, text: &str, done: ToastKind) {
        match self.platform.set_clipboard(text, false) {
            Ok(()) => self.toast(done),
            Err(error) => self.say(&error.to_string()),
        }
    }

    /// Takes a secret out of the clipboard, if it still holds it and that is wanted.
    pub(crate) fn empty_clipboard(&self, secret: &str) {
        let wanted = self.account().is_none_or(|account| account.client.settings().borrow().clear_clipboard);
        let still = self.platform.clipboard().map(Zeroizing::new);
        if wanted
            && still.is_some_and(|still| *still == secret)
            && let Err(error) = self.platform.set_clipboard("", false)
        {
            tracing::warn!(%error, "the clipboard could not be emptied");
        }
    }

    /// Asks first.
    pub(crate) fn ask(&self, kind: DialogKind, subject: &str, confirmed: impl FnOnce() + 'static) {
        self.ask_either(kind, subject, |yes| {
            if yes {
                confirmed();
            }
        });
    }

    /// Asks something where no is an answer too.
    pub(crate) fn ask_either(&self, kind: DialogKind, subject: &str, answered: impl FnOnce(bool) + 'static) {
        *self.feedback.answered.borrow_mut() = Some(Box::new(answered));
        self.with(|window| {
            let shell = window.global::<ShellState>();
            shell.set_dialog_subject(subject.into());
            shell.set_dialog(kind);
        });
    }

    /// The dialog was answered.
    pub(crate) fn answer(&self, confirmed: bool) {
        self.with(|window| window.global::<ShellState>().set_dialog(DialogKind::None));
        let action = self.feedback.answered.borrow_mut().take();
        if let Some(action) = action {
            action(confirmed);
        }
    }
}

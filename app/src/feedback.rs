//! Toasts, and dialogs with what happens when they are confirmed.

use std::cell::RefCell;

use slint::ComponentHandle as _;
use slint::SharedString;
use tacit_client::Error;
use tacit_sound::Device;
use tacit_ui::{App, DialogKind, ShellState, SoundTrouble, Texts, ToastKind};
use zeroize::Zeroizing;

use crate::context::Context;
use crate::platform::PlatformError;

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

    /// Shows one of the texts as a toast.
    pub(crate) fn say_text(&self, text: impl FnOnce(&App) -> SharedString) {
        if let Some(window) = self.window() {
            self.say(&text(&window));
        }
    }

    /// Tells what cannot be heard or recorded, and why.
    pub(crate) fn say_of_sound(&self, error: &tacit_sound::Error, what: impl FnOnce(&App) -> SharedString) {
        tracing::warn!(%error, "loudspeaker or microphone");
        self.say_text(|app| {
            let (what, why) = (what(app), app.global::<Texts>().invoke_sound_trouble(trouble(error)));
            if why.is_empty() { what } else { slint::format!("{what} {why}") }
        });
    }

    /// Tells that the device cannot do something.
    pub(crate) fn refuse(&self, error: &PlatformError) {
        tracing::warn!(%error, "the system refused");
        self.say_text(|app| {
            let texts = app.global::<Texts>();
            match error {
                PlatformError::Missing(_) => texts.invoke_nothing_for_it(),
                PlatformError::TooLarge => texts.invoke_file_too_large(),
                PlatformError::Io(_) => texts.invoke_file_trouble(),
            }
        });
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
            Err(error) => self.refuse(&error),
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

/// What is wrong with a device, in the screens' words.
fn trouble(error: &tacit_sound::Error) -> SoundTrouble {
    use tacit_sound::Error::{Busy, Denied, Failed, NoDevice};
    match error {
        NoDevice(Device::Loudspeaker) => SoundTrouble::NoLoudspeaker,
        NoDevice(Device::Microphone) => SoundTrouble::NoMicrophone,
        Denied(Device::Loudspeaker) => SoundTrouble::LoudspeakerDenied,
        Denied(Device::Microphone) => SoundTrouble::MicrophoneDenied,
        Busy(Device::Loudspeaker) => SoundTrouble::LoudspeakerBusy,
        Busy(Device::Microphone) => SoundTrouble::MicrophoneBusy,
        Failed(..) => SoundTrouble::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trouble_names_the_device_that_has_it() {
        let of = |error: fn(Device) -> tacit_sound::Error| {
            [Device::Loudspeaker, Device::Microphone].map(|it| trouble(&error(it)))
        };
        use SoundTrouble::{
            LoudspeakerBusy, LoudspeakerDenied, MicrophoneBusy, MicrophoneDenied, NoLoudspeaker, NoMicrophone,
        };
        assert_eq!(of(tacit_sound::Error::NoDevice), [NoLoudspeaker, NoMicrophone]);
        assert_eq!(of(tacit_sound::Error::Denied), [LoudspeakerDenied, MicrophoneDenied]);
        assert_eq!(of(tacit_sound::Error::Busy), [LoudspeakerBusy, MicrophoneBusy]);
        assert_eq!(of(|it| tacit_sound::Error::Failed(it, String::new())), [SoundTrouble::Other; 2]);
    }
}

//! recovery-phrase: shown on request, hidden again by itself; and the banner until it was saved.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::time::Duration;

use slint::{ComponentHandle as _, Image, SharedString, Timer, TimerMode};
use tacit_client::Phrases;
use tacit_crypto::phrase;
use tacit_ui::{App, DialogKind, HomeState, RecoveryPhraseState, Screen, SettingsState, ToastKind};
use zeroize::Zeroizing;

use crate::account::Account;
use crate::context::{Context, go};
use crate::model::list;
use crate::part::Part;
use crate::qr;

/// The words are hidden again after this time, in seconds.
const SHOWN_S: i32 = 120;
/// A copied phrase is taken out of the clipboard after this time.
const COPIED: Duration = Duration::from_secs(60);
/// Setting: the phrase is written down.
const SAVED: &str = "app.phrase_saved";
/// Setting: when the banner comes back (ms since 1970), and how often it was put off.
const LATER: &str = "app.phrase_later";
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// How long “Later” lasts, in days: 1, 3, then 7.
fn days_of_rest(times: u32) -> i64 {
    match times {
        0 | 1 => 1,
        2 => 3,
        _ => 7,
    }
}

/// `until,times` of the setting.
fn read_later(text: &str) -> Option<(i64, u32)> {
    let (until, times) = text.split_once(',')?;
    Some((until.parse().ok()?, times.parse().ok()?))
}

/// The screen and the banner.
pub(crate) struct RecoveryPhrase {
    me: Weak<Self>,
    context: Rc<Context>,
    phrases: RefCell<Option<Phrases>>,
    /// Said while the setting may still be on its way.
    known: Cell<bool>,
    put_off: Cell<u32>,
    counting: Timer,
    clearing: Timer,
}

impl RecoveryPhrase {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            context: Rc::clone(context),
            phrases: RefCell::default(),
            known: Cell::default(),
            put_off: Cell::default(),
            counting: Timer::default(),
            clearing: Timer::default(),
        });
        let state = window.global::<RecoveryPhraseState>();
        on!(state, part, on_show, |this| this.show());
        on!(state, part, on_copy, |this, twelve| this.copy(twelve));
        let state = window.global::<HomeState>();
        on!(state, part, on_save_phrase, |this| this.context.go(Screen::RecoveryPhrase));
        on!(state, part, on_phrase_later, |this| this.later());
        part
    }

    fn show(&self) {
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            let phrases = context.call(|account| async move { account.client.phrases().await }).await;
            let Some(this) = me.upgrade() else { return };
            match phrases {
                Ok(phrases) => this.reveal(phrases),
                Err(error) => context.report(&error),
            }
        });
    }

    fn reveal(&self, phrases: Phrases) {
        if self.context.at() != Screen::RecoveryPhrase {
            return;
        }
        self.context.with(|window| {
            let state = window.global::<RecoveryPhraseState>();
            let words = |phrase: &str| list(phrase.split(' ').map(SharedString::from).collect::<Vec<_>>());
            state.set_words13(words(&phrases.session13));
            state.set_words12(words(&phrases.bip39));
            state.set_code(code(&phrases.session13));
            state.set_hides_in(SHOWN_S);
            state.set_shown(true);
        });
        *self.phrases.borrow_mut() = Some(phrases);
        let me = Weak::clone(&self.me);
        self.counting.start(TimerMode::Repeated, Duration::from_secs(1), move || {
            if let Some(this) = me.upgrade() {
                this.count_down();
            }
        });
    }

    fn count_down(&self) {
        let Some(window) = self.context.window() else { return };
        let state = window.global::<RecoveryPhraseState>();
        state.set_hides_in(state.get_hides_in() - 1);
        if state.get_hides_in() <= 0 {
            self.hide();
        }
    }

    fn hide(&self) {
        self.counting.stop();
        self.phrases.borrow_mut().take();
        self.context.with(|window| {
            let state = window.global::<RecoveryPhraseState>();
            state.set_shown(false);
            state.set_words13(list([]));
            state.set_words12(list([]));
            state.set_code(Image::default());
            state.set_hides_in(0);
        });
    }

    fn copy(&self, twelve: bool) {
        let Some(this) = self.me.upgrade() else { return };
        self.context.ask(DialogKind::CopyPhrase, "", move || this.copy_now(twelve));
    }

    fn copy_now(&self, twelve: bool) {
        let words = self
            .phrases
            .borrow()
            .as_ref()
            .map(|phrases| if twelve { phrases.bip39.clone() } else { phrases.session13.clone() });
        let Some(words) = words else { return };
        match self.context.platform.set_clipboard(&words, true) {
            Ok(()) => self.context.toast(ToastKind::PhraseCopied),
            Err(error) => return self.context.refuse(&error),
        }
        let context = Rc::clone(&self.context);
        // Emptied only if it still holds the phrase.
        self.clearing.start(TimerMode::SingleShot, COPIED, move || context.empty_clipboard(&words));
    }

    fn later(&self) {
        let times = self.put_off.get().saturating_add(1);
        self.put_off.set(times);
        let until = jiff::Timestamp::now().as_millisecond() + days_of_rest(times) * DAY_MS;
        self.context.keep_setting(LATER, format!("{until},{times}"));
        self.set_unsaved(true, false);
    }

    fn set_unsaved(&self, unsaved: bool, banner: bool) {
        self.context.with(|window| {
            let state = window.global::<HomeState>();
            state.set_phrase_unsaved(unsaved);
            state.set_phrase_banner(banner);
            window.global::<SettingsState>().set_phrase_unsaved(unsaved);
        });
    }
}

/// The seed in hexadecimal, as all Session apps show and read it.
fn code(words: &str) -> Image {
    let Ok(parsed) = phrase::parse(words) else { return Image::default() };
    qr::image(&Zeroizing::new(hex::encode(parsed.seed.as_bytes())))
}

impl Part for RecoveryPhrase {
    fn account_opened(&self, _account: &Account) {
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            let kept = context.call(|Account { client, .. }| async move {
                Ok((client.setting(SAVED).await?, client.setting(LATER).await?))
            });
            let (Ok((saved, later)), Some(this)) = (kept.await, me.upgrade()) else { return };
            let later = later.as_deref().and_then(read_later);
            this.put_off.set(later.map_or(0, |(_, times)| times));
            let rests = later.is_some_and(|(until, _)| until > jiff::Timestamp::now().as_millisecond());
            let unsaved = saved.is_none() && !this.known.get();
            this.set_unsaved(unsaved, unsaved && !rests);
        });
    }

    fn phrase_is_known(&self) {
        self.known.set(true);
        self.context.keep_setting(SAVED, "yes".to_owned());
        self.set_unsaved(false, false);
    }

    fn account_closing(&self) {
        self.known.set(false);
        self.hide();
        self.set_unsaved(false, false);
    }

    fn left(&self, from: Screen) {
        if from == Screen::RecoveryPhrase {
            self.hide();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_lasts_longer_each_time() {
        assert_eq!([1, 2, 3, 30].map(days_of_rest), [1, 3, 7, 7]);
        assert_eq!(read_later("17,2"), Some((17, 2)));
        for text in ["", "17", "x,2", "17,x"] {
            assert_eq!(read_later(text), None, "{text}");
        }
    }
}

//! lock: a passphrase before the account; and the lock that comes by itself when the app was left.

use std::cell::Cell;
use std::rc::{Rc, Weak};
use std::time::Duration;

use slint::{ComponentHandle as _, Timer, TimerMode};
use tacit_client::{Error, KeySource, LockError, LockFace};
use tacit_ui::{App, LockKind, LockPhase, LockState, Screen};
use zeroize::Zeroizing;

use crate::context::{Context, go};
use crate::part::Part;
use crate::{opening, trouble};

/// After so many wrong ones the recovery phrase is offered.
const TIRED: u32 = 10;
const SECOND: Duration = Duration::from_secs(1);

/// The screen.
pub(crate) struct Lock {
    me: Weak<Self>,
    context: Rc<Context>,
    failed: Cell<u32>,
    counting: Timer,
    leaving: Timer,
}

impl Lock {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            context: Rc::clone(context),
            failed: Cell::default(),
            counting: Timer::default(),
            leaving: Timer::default(),
        });
        let state = window.global::<LockState>();
        on!(state, part, on_edited, |this, _text| this.calm());
        on!(state, part, on_erase_last, |this| this.erase_last());
        on!(state, part, on_unlock, |this, text| this.unlock(Zeroizing::new(text.into())));
        on!(state, part, on_use_biometrics, |this| this.use_biometrics());
        on!(state, part, on_use_phrase, |this| this.context.go(Screen::Restore));
        part
    }

    fn with(&self, work: impl FnOnce(&LockState<'_>)) {
        self.context.with(|window| work(&window.global::<LockState>()));
    }

    /// The next key takes the red away.
    fn calm(&self) {
        self.with(|state| {
            if state.get_phase() == LockPhase::Wrong {
                state.set_phase(LockPhase::Ready);
            }
        });
    }

    fn erase_last(&self) {
        self.with(|state| state.set_entry(shorter(&state.get_entry()).into()));
        self.calm();
    }

    fn show(&self, face: &LockFace) {
        self.failed.set(face.failed);
        let biometrics = face.biometrics && self.context.platform.keystore().is_some();
        self.with(|state| {
            state.set_kind(if face.digits { LockKind::Pin } else { LockKind::Passphrase });
            state.set_has_biometrics(biometrics);
            state.set_can_use_phrase(face.failed >= TIRED);
            state.set_entry("".into());
            state.set_phase(LockPhase::Ready);
        });
        self.wait(face.wait);
    }

    /// Counts down until the next try.
    fn wait(&self, seconds: u64) {
        if seconds == 0 {
            return;
        }
        self.with(|state| {
            state.set_phase(LockPhase::Waiting);
            state.set_wait(i32::try_from(seconds).unwrap_or(i32::MAX));
        });
        let me = Weak::clone(&self.me);
        self.counting.start(TimerMode::Repeated, SECOND, move || {
            let Some(this) = me.upgrade() else { return };
            this.with(|state| {
                let left = state.get_wait() - 1;
                state.set_wait(left);
                if left <= 0 {
                    this.counting.stop();
                    state.set_phase(LockPhase::Ready);
                }
            });
        });
    }

    fn unlock(&self, passphrase: Zeroizing<String>) {
        let busy = self.context.window().map(|window| window.global::<LockState>().get_phase());
        if matches!(busy, None | Some(LockPhase::Checking | LockPhase::Waiting)) || passphrase.is_empty() {
            return;
        }
        self.open(KeySource::Passphrase(passphrase.clone()), Some(passphrase));
    }

    fn use_biometrics(&self) {
        if let Some(keystore) = self.context.platform.keystore() {
            self.open(KeySource::Keystore(keystore), None);
        }
    }

    /// Opens the account, or what is drawn over it when it is open already.
    fn open(&self, key: KeySource, passphrase: Option<Zeroizing<String>>) {
        let Some(this) = self.me.upgrade() else { return };
        self.with(|state| state.set_phase(LockPhase::Checking));
        go(async move {
            let context = Rc::clone(&this.context);
            let opened = match (context.account(), passphrase) {
                (None, _) => opening::unlock(&context, key).await.map(Some),
                (Some(account), Some(passphrase)) => {
                    let checking = async move { account.client.check_lock(passphrase).await };
                    context.bridge.call(checking).await.map(|()| None)
                }
                // The keystore alone can't be asked about an account that is open: it is opened anew.
                (Some(_), None) => {
                    opening::close_account(&context);
                    opening::unlock(&context, key).await.map(Some)
                }
            };
            this.answer(opened).await;
        });
    }

    async fn answer(&self, opened: Result<Option<tacit_client::Client>, Error>) {
        match opened {
            Ok(client) => {
                self.with(|state| state.set_entry("".into()));
                match client {
                    Some(client) => opening::enter(&self.context, client).await,
                    None => {
                        self.context.go(Screen::Home);
                        opening::reopen(&self.context).await;
                    }
                }
                self.with(|state| state.set_phase(LockPhase::Ready));
            }
            Err(Error::Lock(LockError::Wrong)) => self.wrong().await,
            Err(Error::Lock(LockError::Wait { seconds })) => self.wait(seconds),
            Err(error @ Error::Lock(_)) => {
                self.with(|state| {
                    state.set_phase(LockPhase::Ready);
                    state.set_can_use_phrase(true);
                });
                self.context.report(&error);
            }
            Err(error) => trouble::show(&self.context, &error),
        }
    }

    async fn wrong(&self) {
        let face = match self.context.account() {
            Some(account) => self.context.bridge.call(async move { Ok(account.client.lock_face()) }).await,
            None => opening::lock_face(&self.context).await,
        };
        let face = face.ok().flatten();
        self.failed.set(face.map_or(self.failed.get() + 1, |face| face.failed));
        self.with(|state| {
            state.set_entry("".into());
            state.set_phase(LockPhase::Wrong);
            state.set_serial(state.get_serial().wrapping_add(1));
            state.set_can_use_phrase(self.failed.get() >= TIRED);
        });
        if let Some(face) = face {
            self.wait(face.wait);
        }
    }

    /// Draws the lock over everything; the account stays open, so that messages go on to come.
    fn lock_now(&self) {
        let Some(account) = self.context.account() else { return };
        if let Some(face) = account.client.lock_face().filter(|_| self.context.at() != Screen::Lock) {
            self.show(&face);
            self.context.go(Screen::Lock);
        }
    }
}

/// Without its last letter.
pub(crate) fn shorter(text: &str) -> &str {
    text.char_indices().next_back().map_or("", |(at, _)| &text[..at])
}

impl Part for Lock {
    fn locked(&self, face: &LockFace) {
        self.show(face);
    }

    fn in_front(&self, front: bool) {
        if front {
            return self.leaving.stop();
        }
        let Some(account) = self.context.account().filter(|account| account.client.is_locked()) else { return };
        let minutes = account.client.settings().borrow().lock_after_minutes;
        let me = Weak::clone(&self.me);
        self.leaving.start(TimerMode::SingleShot, Duration::from_secs(60 * u64::from(minutes)), move || {
            if let Some(this) = me.upgrade() {
                this.lock_now();
            }
        });
    }

    fn account_closing(&self) {
        self.leaving.stop();
    }
}

#[cfg(test)]
mod tests {
    use super::shorter;

    #[test]
    fn the_last_digit_goes() {
        assert_eq!([shorter("123"), shorter("ä"), shorter("")], ["12", "", ""]);
    }
}

//! app-lock: putting the lock on, changing it, taking it off.

mod setup;

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use slint::ComponentHandle as _;
use tacit_client::{Client, Error, LockError};
use tacit_ui::{App, AppLockState, LockEntry, LockKind, LockStep, PrivacyState, Screen, ToastKind};
use zeroize::Zeroizing;

use crate::account::Account;
use crate::context::{Context, go};
use crate::lock::shorter;
use crate::part::Part;

use setup::{Action, Setup};

/// The screen.
pub(crate) struct AppLock {
    me: Weak<Self>,
    context: Rc<Context>,
    setup: RefCell<Setup>,
}

impl AppLock {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part =
            Rc::new_cyclic(|me| Self { me: Weak::clone(me), context: Rc::clone(context), setup: RefCell::default() });
        let state = window.global::<AppLockState>();
        state.set_has_biometrics(context.platform.keystore().is_some());
        on!(state, part, on_choose, |this, kind| this.turn(|setup| setup.choose(kind)));
        on!(state, part, on_change, |this| this.turn(Setup::change));
        on!(state, part, on_edited, |this, text| this.edited(&text));
        on!(state, part, on_erase_last, |this| this.erase_last());
        on!(state, part, on_go_on, |this, text| this.go_on(Zeroizing::new(text.into())));
        on!(state, part, on_cancel, |this| this.turn(Setup::cancel));
        on!(state, part, on_set_after, |this, minutes| this.set_after(minutes));
        on!(state, part, on_set_biometrics, |this, on| this.turn(|setup| setup.biometrics(on)));
        part
    }

    fn with(&self, work: impl FnOnce(&AppLockState<'_>)) {
        self.context.with(|window| work(&window.global::<AppLockState>()));
    }

    /// Another step; what was typed is gone from the screen.
    fn turn(&self, turn: impl FnOnce(&mut Setup)) {
        turn(&mut self.setup.borrow_mut());
        self.show();
        self.with(|state| {
            state.set_entry("".into());
            state.set_status(LockEntry::Empty);
        });
    }

    fn show(&self) {
        let setup = self.setup.borrow();
        self.context.with(|window| {
            let state = window.global::<AppLockState>();
            state.set_kind(setup.kind());
            state.set_wanted(setup.wanted());
            state.set_step(setup.step());
            window.global::<PrivacyState>().set_lock(setup.kind());
        });
    }

    fn edited(&self, text: &str) {
        let status = self.setup.borrow().judge(text);
        self.with(|state| state.set_status(status));
    }

    fn erase_last(&self) {
        self.with(|state| state.set_entry(shorter(&state.get_entry()).into()));
        let entry = self.context.window().map(|window| window.global::<AppLockState>().get_entry());
        self.edited(&entry.unwrap_or_default());
    }

    fn go_on(&self, text: Zeroizing<String>) {
        if self.setup.borrow().judge(&text) != LockEntry::Ok {
            return self.edited(&text);
        }
        let step = self.setup.borrow_mut().enter(text);
        match step {
            Ok(Some(action)) => self.act(action),
            Ok(None) => self.turn(|_| {}),
            Err(status) => {
                self.with(|state| {
                    state.set_entry("".into());
                    state.set_status(status);
                });
            }
        }
    }

    /// Does what all steps led to. Deriving keys takes a while.
    fn act(&self, action: Action) {
        let Some(this) = self.me.upgrade() else { return };
        let (context, keystore) = (Rc::clone(&self.context), self.context.platform.keystore());
        self.with(|state| state.set_busy(true));
        go(async move {
            let toast = action.toast();
            let then = action.then();
            let done = context.call(move |account| carry_out(account.client, action, keystore)).await;
            this.with(|state| state.set_busy(false));
            match done {
                Ok(()) => {
                    this.turn(|setup| setup.done(then));
                    this.refresh_kind();
                    if let Some(toast) = toast {
                        context.toast(toast);
                    }
                }
                Err(Error::Lock(LockError::Wrong)) => this.with(|state| {
                    state.set_entry("".into());
                    state.set_status(LockEntry::Wrong);
                }),
                Err(error) => {
                    this.turn(|_| {});
                    context.report(&error);
                }
            }
        });
    }

    fn set_after(&self, minutes: i32) {
        let minutes = u32::try_from(minutes).unwrap_or_default();
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            match context.change_settings(move |settings| settings.lock_after_minutes = minutes).await {
                Ok(settings) => {
                    if let Some(this) = me.upgrade() {
                        this.show_after(settings.lock_after_minutes);
                    }
                }
                Err(error) => context.report(&error),
            }
        });
    }

    fn show_after(&self, minutes: u32) {
        self.with(|state| state.set_after(i32::try_from(minutes).unwrap_or_default()));
    }

    /// Looks which lock there is: a file of some hundred bytes, read at once, so that nothing can be
    /// chosen before it is known.
    fn refresh_kind(&self) {
        let Some(account) = self.context.account() else { return };
        let face = account.client.lock_face();
        let kind = match &face {
            None => LockKind::Off,
            Some(face) if face.digits => LockKind::Pin,
            Some(_) => LockKind::Passphrase,
        };
        self.setup.borrow_mut().found(kind);
        self.with(|state| state.set_biometrics(face.is_some_and(|face| face.biometrics)));
        self.show();
    }
}

async fn carry_out(
    client: Client,
    action: Action,
    keystore: Option<std::sync::Arc<dyn tacit_client::Keystore>>,
) -> Result<(), Error> {
    match action {
        Action::Check(old) => client.check_lock(old).await,
        Action::TurnOn(new) => client.set_lock(new).await,
        Action::Change(old, new) => client.change_lock(old, new).await,
        Action::TurnOff(old) => client.remove_lock(old).await,
        Action::Biometrics(old, on) => client.set_biometrics(old, keystore.filter(|_| on)).await,
    }
}

impl Part for AppLock {
    fn account_opened(&self, account: &Account) {
        self.show_after(account.client.settings().borrow().lock_after_minutes);
        self.refresh_kind();
    }

    fn account_closing(&self) {
        self.turn(|setup| *setup = Setup::default());
    }

    fn arrived(&self, at: Screen) {
        if at == Screen::AppLock {
            self.refresh_kind();
        }
    }

    fn left(&self, from: Screen) {
        if from == Screen::AppLock {
            self.turn(Setup::cancel);
        }
    }
}

impl Action {
    fn toast(&self) -> Option<ToastKind> {
        match self {
            Self::TurnOn(_) | Self::Change(..) => Some(ToastKind::LockOn),
            Self::TurnOff(_) => Some(ToastKind::LockOff),
            Self::Check(_) | Self::Biometrics(..) => None,
        }
    }

    /// Where it leads.
    fn then(&self) -> LockStep {
        if matches!(self, Self::Check(_)) { LockStep::Choose } else { LockStep::Overview }
    }
}

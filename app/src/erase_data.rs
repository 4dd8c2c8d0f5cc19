//! erase-data: everything on this device, and in the network if that is wanted.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use slint::ComponentHandle as _;
use tacit_client::{Client, Erased};
use tacit_ui::{App, ErasePhase, EraseState, HomeState, Screen, SettingsState};

use crate::context::{Context, go};
use crate::part::Part;
use crate::trouble::is_erase_word;
use crate::{opening, trouble};

/// The screen.
pub(crate) struct EraseData {
    me: Weak<Self>,
    context: Rc<Context>,
    /// The account, once it was told to do nothing by itself any more.
    ending: RefCell<Option<Client>>,
}

impl EraseData {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part =
            Rc::new_cyclic(|me| Self { me: Weak::clone(me), context: Rc::clone(context), ending: RefCell::default() });
        let settings = window.global::<SettingsState>();
        on!(settings, part, on_erase, |this| this.context.go(Screen::EraseData));
        let state = window.global::<EraseState>();
        on!(state, part, on_choose, |this, network| this.with(|state| state.set_network(network)));
        on!(state, part, on_go_on, |this| this.confirm());
        on!(state, part, on_word_edited, |this, word| this.typed(&word));
        on!(state, part, on_erase, |this| this.erase());
        on!(state, part, on_try_again, |this| this.erase_network());
        on!(state, part, on_erase_device, |this| this.erase_device());
        part
    }

    fn with(&self, work: impl FnOnce(&EraseState<'_>)) {
        self.context.with(|window| work(&window.global::<EraseState>()));
    }

    fn begin(&self) {
        self.context.with(|window| {
            let state = window.global::<EraseState>();
            state.set_phrase_unsaved(window.global::<HomeState>().get_phrase_unsaved());
            state.set_network(false);
            state.set_phase(ErasePhase::Choose);
        });
        self.forget_word();
    }

    fn forget_word(&self) {
        self.with(|state| {
            state.set_word("".into());
            state.set_ready(false);
        });
    }

    fn confirm(&self) {
        self.forget_word();
        self.with(|state| state.set_phase(ErasePhase::Confirm));
    }

    fn typed(&self, word: &str) {
        self.context.with(|window| window.global::<EraseState>().set_ready(is_erase_word(window, word)));
    }

    fn erase(&self) {
        let Some(window) = self.context.window() else { return };
        let state = window.global::<EraseState>();
        if !state.get_ready() || state.get_phase() != ErasePhase::Confirm {
            return;
        }
        if state.get_network() { self.erase_network() } else { self.erase_device() }
    }

    /// Asks the swarm first: once the keys are gone, nobody can.
    fn erase_network(&self) {
        let Some(account) = self.context.account() else { return };
        let Some(this) = self.me.upgrade() else { return };
        self.with(|state| {
            state.set_phase(ErasePhase::Running);
            state.set_of(0);
        });
        let client = self.ending.borrow_mut().get_or_insert(account.client).clone();
        go(async move {
            let erased = this.context.bridge.call(async move { client.erase_network().await }).await;
            match erased {
                Ok(Erased { missing, .. }) if missing.is_empty() => this.erase_device(),
                Ok(erased) => this.partial(&erased),
                Err(error) => {
                    tracing::warn!(code = error.code(), "the swarm could not be asked to erase");
                    this.with(|state| state.set_phase(ErasePhase::Offline));
                }
            }
        });
    }

    fn partial(&self, erased: &Erased) {
        let number = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
        self.with(|state| {
            state.set_confirmed(number(erased.confirmed));
            state.set_missing(number(erased.missing.len()));
            state.set_of(number(erased.of));
            state.set_phase(ErasePhase::Partial);
        });
    }

    fn erase_device(&self) {
        let Some(this) = self.me.upgrade() else { return };
        self.with(|state| state.set_phase(ErasePhase::Running));
        self.ending.borrow_mut().take();
        go(async move {
            match opening::erase(&this.context).await {
                Ok(()) => this.context.go(Screen::Welcome),
                Err(error) => trouble::show(&this.context, &error),
            }
        });
    }
}

impl Part for EraseData {
    fn arrived(&self, at: Screen) {
        if at == Screen::EraseData {
            self.begin();
        }
    }

    /// Back from one step to the one before, when the network was not asked yet; after it was, the
    /// account does nothing by itself any more and is opened anew.
    fn left(&self, from: Screen) {
        if from != Screen::EraseData {
            return;
        }
        self.forget_word();
        if self.ending.borrow_mut().take().is_some() {
            opening::close_account(&self.context);
            opening::begin(&self.context);
        }
    }
}

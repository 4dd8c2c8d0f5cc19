//! privacy: what others learn, what the device shows; and the list of those who are blocked.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::{Rc, Weak};

use slint::ComponentHandle as _;
use tacit_client::{Contact, Settings};
use tacit_ui::{App, BlockedPerson, BlockedState, PrivacyState, Screen, SettingsState, ToastKind};
use tacit_wire::AccountId;

use crate::account::Account;
use crate::context::{Context, go};
use crate::model::{Row, Rows};
use crate::part::Part;
use crate::person;

impl Row for BlockedPerson {
    fn key(&self) -> &str {
        &self.id
    }
}

/// Both screens.
pub(crate) struct Privacy {
    me: Weak<Self>,
    context: Rc<Context>,
    rows: Rows<BlockedPerson>,
    blocked: RefCell<Vec<Contact>>,
    checked: RefCell<BTreeSet<AccountId>>,
}

impl Privacy {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            context: Rc::clone(context),
            rows: Rows::default(),
            blocked: RefCell::default(),
            checked: RefCell::default(),
        });
        let settings = window.global::<SettingsState>();
        on!(settings, part, on_open_privacy, |this| this.context.go(Screen::Privacy));
        let (state, has) = (window.global::<PrivacyState>(), context.platform.abilities());
        state.set_can_secure_screen(has.screen_security);
        state.set_can_go_incognito(has.incognito_keyboard);
        on!(state, part, on_open_lock, |this| this.context.go(Screen::AppLock));
        on!(state, part, on_open_blocked, |this| this.context.go(Screen::Blocked));
        on!(state, part, on_set_secure_screen, |this, on| this.change(move |settings| settings.screen_security = on));
        on!(state, part, on_set_incognito_keyboard, |this, on| this
            .change(move |settings| settings.incognito_keyboard = on));
        on!(state, part, on_set_read_receipts, |this, on| this.change(move |settings| settings.read_receipts = on));
        on!(state, part, on_set_typing, |this, on| this.change(move |settings| settings.typing_indicators = on));
        on!(state, part, on_set_link_previews, |this, on| this.change(move |settings| settings.link_previews = on));
        on!(state, part, on_set_clear_clipboard, |this, on| this.change(move |settings| settings.clear_clipboard = on));
        let state = window.global::<BlockedState>();
        state.set_people(part.rows.shared());
        on!(state, part, on_toggle, |this, id| this.toggle(&id));
        on!(state, part, on_unblock, |this| this.unblock());
        part
    }

    fn change(&self, change: impl FnOnce(&mut Settings) + Send + 'static) {
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            match context.change_settings(change).await {
                Ok(settings) => {
                    if let Some(this) = me.upgrade() {
                        this.show(&settings);
                    }
                }
                Err(error) => context.report(&error),
            }
        });
    }

    fn show(&self, settings: &Settings) {
        self.context.platform.set_screen_security(settings.screen_security);
        self.context.with(|window| {
            let state = window.global::<PrivacyState>();
            state.set_secure_screen(settings.screen_security);
            state.set_incognito_keyboard(settings.incognito_keyboard);
            state.set_read_receipts(settings.read_receipts);
            state.set_typing(settings.typing_indicators);
            state.set_link_previews(settings.link_previews);
            state.set_clear_clipboard(settings.clear_clipboard);
        });
    }

    fn load_blocked(&self) {
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            let blocked = context.call(|account| async move { account.client.blocked().await }).await;
            let (Ok(blocked), Some(this)) = (blocked, me.upgrade()) else { return };
            let still = |who: &AccountId| blocked.iter().any(|contact| contact.account == *who);
            this.checked.borrow_mut().retain(still);
            *this.blocked.borrow_mut() = blocked;
            this.show_blocked();
        });
    }

    fn show_blocked(&self) {
        let (blocked, checked) = (self.blocked.borrow(), self.checked.borrow());
        let row = |contact: &Contact| BlockedPerson {
            id: contact.account.to_hex().into(),
            name: person::shown_name(contact.shown_name(), &contact.account).into(),
            initials: person::initials(contact.shown_name(), Some(&contact.account)).into(),
            tone: person::tone(&contact.account),
            checked: checked.contains(&contact.account),
        };
        self.rows.become_rows(blocked.iter().map(row).collect());
        let count = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
        self.context.with(|window| {
            window.global::<BlockedState>().set_checked(count(checked.len()));
            window.global::<PrivacyState>().set_blocked(count(blocked.len()));
        });
    }

    fn toggle(&self, id: &str) {
        let Ok(who) = AccountId::parse(id) else { return };
        let mut checked = self.checked.borrow_mut();
        if !checked.remove(&who) {
            checked.insert(who);
        }
        drop(checked);
        self.show_blocked();
    }

    fn unblock(&self) {
        let people = std::mem::take(&mut *self.checked.borrow_mut());
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            let unblocking = context.call(move |account| async move {
                for who in people {
                    account.client.set_blocked(&who, false).await?;
                }
                Ok(())
            });
            match unblocking.await {
                Ok(()) => context.toast(ToastKind::Unblocked),
                Err(error) => context.report(&error),
            }
            if let Some(this) = me.upgrade() {
                this.load_blocked();
            }
        });
    }
}

impl Part for Privacy {
    fn account_opened(&self, account: &Account) {
        self.show(&account.client.settings().borrow());
        self.load_blocked();
    }

    fn account_closing(&self) {
        self.blocked.borrow_mut().clear();
        self.checked.borrow_mut().clear();
        self.show_blocked();
    }

    fn arrived(&self, at: Screen) {
        if matches!(at, Screen::Privacy | Screen::Blocked) {
            self.load_blocked();
        }
    }
}

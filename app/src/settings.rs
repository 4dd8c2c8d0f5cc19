//! settings and the sheet edit-name.

use std::rc::Rc;

use slint::ComponentHandle as _;
use tacit_ui::{App, EditNameState, NameStatus, Screen, SettingsState, SheetKind, ToastKind};

use crate::account::Account;
use crate::context::{Context, go};
use crate::create_account::name_status;
use crate::part::Part;
use crate::person;

/// The screen.
pub(crate) struct Settings {
    context: Rc<Context>,
}

impl Settings {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new(Self { context: Rc::clone(context) });
        let state = window.global::<SettingsState>();
        state.set_version(env!("CARGO_PKG_VERSION").into());
        state.set_can_share(context.platform.can_share());
        on!(state, part, on_copy_id, |this| this.copy_id());
        on!(state, part, on_share_id, |this| this.share_id());
        on!(state, part, on_edit_name, |this| this.edit_name());
        on!(state, part, on_open_phrase, |this| this.context.go(Screen::RecoveryPhrase));
        on!(state, part, on_open_requests, |this| this.context.go(Screen::Requests));
        on!(state, part, on_open_appearance, |this| this.context.go(Screen::Appearance));
        on!(state, part, on_open_network, |this| this.context.go(Screen::Network));
        on!(state, part, on_open_about, |this| this.context.go(Screen::About));
        on!(state, part, on_edit_picture, |this| this.context.open_sheet(SheetKind::ProfilePicture));
        let state = window.global::<EditNameState>();
        on!(state, part, on_edited, |this, name| this.judge(&name));
        on!(state, part, on_save, |this, name| this.save_name(name.into()));
        part
    }

    fn copy_id(&self) {
        // On the screen qr it may be somebody else's.
        let other = self.context.window().map(|window| window.global::<SettingsState>().get_code_of().id);
        let own = self.context.account().map(|account| account.id.to_hex());
        match other.filter(|id| !id.is_empty() && self.context.at() == Screen::Qr) {
            Some(id) => self.context.copy(&id, ToastKind::IdCopied),
            None => self.context.copy(&own.unwrap_or_default(), ToastKind::IdCopied),
        }
    }

    fn share_id(&self) {
        if let Some(account) = self.context.account()
            && let Err(error) = self.context.platform.share(&account.id.to_hex())
        {
            self.context.refuse(&error);
        }
    }

    fn edit_name(&self) {
        let Some(account) = self.context.account() else { return };
        let name = account.client.display_name();
        self.context.with(|window| window.global::<EditNameState>().set_name(name.as_str().into()));
        self.judge(&name);
        self.context.open_sheet(SheetKind::EditName);
    }

    fn judge(&self, name: &str) {
        self.context.with(|window| window.global::<EditNameState>().set_status(name_status(name)));
    }

    fn save_name(&self, name: String) {
        if name_status(&name) != NameStatus::Ok {
            return;
        }
        let context = Rc::clone(&self.context);
        go(async move {
            let saving = context.call(move |account| async move { account.client.set_display_name(&name).await });
            match saving.await {
                Ok(()) => {
                    context.close_sheet();
                    context.toast(ToastKind::NameSaved);
                    if let Some(account) = context.account() {
                        context.tell(|part| part.profile_changed(&account));
                    }
                }
                Err(error) => context.report(&error),
            }
        });
    }

    fn show(&self, account: &Account) {
        self.context.with(|window| {
            let (state, name) = (window.global::<SettingsState>(), account.client.display_name());
            state.set_id(account.id.to_hex().into());
            state.set_initials(person::initials(&name, Some(&account.id)).into());
            state.set_tone(person::tone(&account.id));
            state.set_name(person::shown_name(&name, &account.id).into());
        });
    }
}

impl Part for Settings {
    fn account_opened(&self, account: &Account) {
        self.show(account);
    }

    fn profile_changed(&self, account: &Account) {
        self.show(account);
    }

    fn account_closing(&self) {
        self.context.with(|window| {
            let state = window.global::<SettingsState>();
            state.set_id("".into());
            state.set_name("".into());
        });
    }
}

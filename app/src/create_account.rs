//! create-account: a name, and the account is made. Also where a restored account gets its name.

use std::rc::Rc;

use slint::ComponentHandle as _;
use tacit_client::Error;
use tacit_client::text::{NameError, check_name};
use tacit_ui::{App, CreateAccountState, NameStatus, SavePhase, Screen};

use crate::context::{Context, go};
use crate::part::Part;
use crate::{opening, person, trouble};

/// What a name is worth.
pub(crate) fn name_status(name: &str) -> NameStatus {
    match check_name(name) {
        Ok(_) => NameStatus::Ok,
        Err(NameError::Empty) => NameStatus::Empty,
        Err(NameError::TooLong) => NameStatus::TooLong,
    }
}

/// The screen.
pub(crate) struct CreateAccount {
    context: Rc<Context>,
}

impl CreateAccount {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new(Self { context: Rc::clone(context) });
        let state = window.global::<CreateAccountState>();
        on!(state, part, on_edited, |this, name| this.edited(&name));
        on!(state, part, on_go_on, |this, name| this.go_on(name.to_string()));
        part
    }

    fn edited(&self, name: &str) {
        self.context.with(|window| {
            let state = window.global::<CreateAccountState>();
            state.set_status(name_status(name));
            state.set_initials(person::initials(name, None).into());
            state.set_phase(SavePhase::Idle);
        });
    }

    fn set_phase(&self, phase: SavePhase) {
        self.context.with(|window| window.global::<CreateAccountState>().set_phase(phase));
    }

    fn go_on(&self, name: String) {
        let busy = self.context.window().map(|window| window.global::<CreateAccountState>().get_phase());
        if busy != Some(SavePhase::Idle) && busy != Some(SavePhase::NoRoom) || name_status(&name) != NameStatus::Ok {
            return;
        }
        self.set_phase(SavePhase::Saving);
        let this = Self { context: Rc::clone(&self.context) };
        go(async move {
            let result = this.make(name).await;
            this.set_phase(SavePhase::Idle);
            match result {
                Ok(()) => this.context.go(Screen::Home),
                Err(error) if error.code() == "disk_full" => this.set_phase(SavePhase::NoRoom),
                Err(error) => trouble::show(&this.context, &error),
            }
        });
    }

    async fn make(&self, name: String) -> Result<(), Error> {
        if self.context.account().is_some() {
            let named = name.clone();
            self.context.call(move |account| async move { account.client.set_display_name(&named).await }).await?;
            if let Some(account) = self.context.account() {
                self.context.tell(|part| part.profile_changed(&account));
            }
        } else {
            let client = opening::create(&self.context, name).await?;
            opening::use_account(&self.context, client);
        }
        Ok(())
    }
}

impl Part for CreateAccount {
    fn arrived(&self, at: Screen) {
        if at == Screen::CreateAccount {
            self.context.with(|window| {
                let state = window.global::<CreateAccountState>();
                state.set_tone(self.context.account().map_or(0, |account| person::tone(&account.id)));
                self.edited(&state.get_name());
            });
        }
    }

    fn is_unsaved(&self, at: Screen) -> bool {
        let name = self.context.window().map(|window| window.global::<CreateAccountState>().get_name());
        at == Screen::CreateAccount && name.is_some_and(|name| !name.trim().is_empty())
    }

    fn left(&self, from: Screen) {
        if from == Screen::CreateAccount {
            self.context.with(|window| window.global::<CreateAccountState>().set_name("".into()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_judged_in_bytes_and_without_spaces_around() {
        assert_eq!(name_status("  Mara "), NameStatus::Ok);
        assert_eq!(name_status(" \t"), NameStatus::Empty);
        assert_eq!(name_status(&"é".repeat(51)), NameStatus::TooLong);
    }
}

//! The sheet new-message: a conversation by account ID, typed, pasted or from a picture.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use slint::ComponentHandle as _;
use tacit_client::Error;
use tacit_ui::{App, IdStatus, NewMessageState, Screen, ToastKind};
use tacit_wire::{AccountId, Prefix};

use crate::account::Account;
use crate::context::{Context, Task, go};
use crate::part::Part;
use crate::person;
use crate::qr::{self, Scanned};

/// What the field holds.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Entry {
    status: IdStatus,
    /// Letters and digits without spaces and scheme.
    digits: usize,
    id: Option<AccountId>,
}

/// Judges what was typed. `whole` means that nothing more is to be expected: after a paste or
/// [Next].
fn judge(text: &str, own: &AccountId, whole: bool) -> Entry {
    let compact: String = text.chars().take(4_096).filter(|c| !c.is_whitespace()).collect();
    let digits = match compact.get(..8) {
        Some(scheme) if scheme.eq_ignore_ascii_case("session:") => compact[8..].trim_start_matches('/'),
        _ => &compact,
    };
    let count = digits.chars().count();
    let entry = |status| Entry { status, digits: count, id: None };
    if count == 0 {
        return entry(IdStatus::Empty);
    }
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let is_phrase = tacit_crypto::phrase::parse(text).is_ok();
        return entry(if is_phrase { IdStatus::IsPhrase } else { IdStatus::WrongLetters });
    }
    if !"05".starts_with(&digits[..count.min(2)]) {
        return entry(IdStatus::WrongPrefix);
    }
    match AccountId::parse(digits) {
        Ok(id) if id == *own => Entry { id: Some(id), ..entry(IdStatus::Own) },
        Ok(id) if id.prefix() == Prefix::Account => Entry { id: Some(id), ..entry(IdStatus::Valid) },
        _ if count > AccountId::HEX_LENGTH => entry(IdStatus::TooLong),
        _ if whole => entry(IdStatus::TooShort),
        _ => entry(IdStatus::Typing),
    }
}

/// The sheet.
pub(crate) struct NewMessage {
    me: Weak<Self>,
    context: Rc<Context>,
    looking: RefCell<Option<Task>>,
}

impl NewMessage {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part =
            Rc::new_cyclic(|me| Self { me: Weak::clone(me), context: Rc::clone(context), looking: RefCell::default() });
        let state = window.global::<NewMessageState>();
        on!(state, part, on_edited, |this, text| this.edited(&text));
        on!(state, part, on_paste, |this| this.paste());
        on!(state, part, on_from_picture, |this| this.open_picture());
        on!(state, part, on_go_on, |this| this.go_on());
        on!(state, part, on_unblock, |this| this.unblock());
        on!(state, part, on_copy_own, |this| this.copy_own());
        on!(state, part, on_show_own_code, |this| this.context.go(Screen::Qr));
        part
    }

    fn edited(&self, text: &str) {
        self.show(text, false);
    }

    /// Shows what the text is; for a whole ID also who that is, once the database has said so.
    fn show(&self, text: &str, whole: bool) -> Option<AccountId> {
        let (account, window) = (self.context.account()?, self.context.window()?);
        let entry = judge(text, &account.id, whole);
        let state = window.global::<NewMessageState>();
        state.set_digits(i32::try_from(entry.digits).unwrap_or(i32::MAX));
        state.set_known_name("".into());
        state.set_status(entry.status);
        if entry.status == IdStatus::IsPhrase {
            // A secret stays on no screen.
            state.set_entry("".into());
        }
        if let Some(id) = entry.id {
            state.set_initials(person::initials("", Some(&id)).into());
            state.set_tone(person::tone(&id));
            state.set_account(id.to_hex().into());
            self.look_up(id);
        } else {
            self.looking.borrow_mut().take();
        }
        entry.id
    }

    fn look_up(&self, id: AccountId) {
        let context = Rc::clone(&self.context);
        *self.looking.borrow_mut() = Some(Task::run(async move {
            let found = context.call(move |account| async move { account.client.contact(&id).await }).await;
            let (Ok(Some(contact)), Some(window)) = (found, context.window()) else { return };
            let state = window.global::<NewMessageState>();
            if contact.blocked {
                state.set_status(IdStatus::Blocked);
            } else if contact.approved && state.get_status() == IdStatus::Valid {
                state.set_known_name(person::shown_name(contact.shown_name(), &id).into());
                state.set_initials(person::initials(contact.shown_name(), Some(&id)).into());
            }
        }));
    }

    fn entry(&self) -> String {
        self.context.window().map(|window| window.global::<NewMessageState>().get_entry().into()).unwrap_or_default()
    }

    /// Puts a text into the field as if it had been typed at once.
    fn fill(&self, text: &str) {
        self.context.with(|window| window.global::<NewMessageState>().set_entry(text.into()));
        self.show(text, true);
    }

    fn paste(&self) {
        match self.context.platform.clipboard().filter(|text| !text.trim().is_empty()) {
            Some(text) => self.fill(text.trim()),
            None => self.context.toast(ToastKind::NothingToPaste),
        }
    }

    fn open_picture(&self) {
        let me = Weak::clone(&self.me);
        qr::from_picture(&self.context, move |scanned| {
            let Some(this) = me.upgrade() else { return };
            match scanned {
                Scanned::Account(id) => this.fill(&id.to_hex()),
                Scanned::Phrase(_) => {
                    // Never shown, and gone from memory.
                    this.fill("");
                    this.context.with(|window| window.global::<NewMessageState>().set_status(IdStatus::IsPhrase));
                }
            }
        });
    }

    fn go_on(&self) {
        let Some(id) = self.show(&self.entry(), true) else { return };
        let context = Rc::clone(&self.context);
        go(async move {
            let opened = context.call(move |account| async move {
                let contact = account.client.contact(&id).await?;
                if contact.is_some_and(|contact| contact.blocked) {
                    return Err(Error::Blocked);
                }
                account.client.open_conversation(&id).await
            });
            match opened.await {
                Ok(conversation) => context.tell(|part| part.open_conversation(conversation)),
                Err(Error::Blocked) => {
                    context.with(|window| window.global::<NewMessageState>().set_status(IdStatus::Blocked));
                }
                Err(error) => context.report(&error),
            }
        });
    }

    fn unblock(&self) {
        let Some(account) = self.context.account() else { return };
        let Some(who) = judge(&self.entry(), &account.id, true).id else { return };
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            match context.call(move |account| async move { account.client.set_blocked(&who, false).await }).await {
                Ok(()) => {
                    context.toast(ToastKind::Unblocked);
                    if let Some(this) = me.upgrade() {
                        this.show(&this.entry(), true);
                    }
                }
                Err(error) => context.report(&error),
            }
        });
    }

    fn copy_own(&self) {
        if let Some(account) = self.context.account() {
            self.context.copy(&account.id.to_hex(), ToastKind::IdCopied);
        }
    }
}

impl Part for NewMessage {
    fn account_opened(&self, account: &Account) {
        self.context.with(|window| window.global::<NewMessageState>().set_own_id(account.id.to_hex().into()));
    }

    fn sheet_closed(&self) {
        self.looking.borrow_mut().take();
        self.context.with(|window| {
            let state = window.global::<NewMessageState>();
            state.set_entry("".into());
            state.set_status(IdStatus::Empty);
            state.set_digits(0);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(text: &str, whole: bool) -> IdStatus {
        judge(text, &AccountId::from_x25519(&[1; 32]), whole).status
    }

    #[test]
    fn every_entry_has_its_sentence() {
        let id = format!("05{}", "ab".repeat(32));
        let own = AccountId::from_x25519(&[1; 32]).to_hex();
        let phrase = "pipeline abyss nouns cobra upgrade august apex venomous lullaby online cease cafe apex";
        for (text, typing, whole) in [
            ("", IdStatus::Empty, IdStatus::Empty),
            ("  \n", IdStatus::Empty, IdStatus::Empty),
            ("0", IdStatus::Typing, IdStatus::TooShort),
            ("05abc", IdStatus::Typing, IdStatus::TooShort),
            ("15abc", IdStatus::WrongPrefix, IdStatus::WrongPrefix),
            ("hello", IdStatus::WrongLetters, IdStatus::WrongLetters),
            ("05ä", IdStatus::WrongLetters, IdStatus::WrongLetters),
            (&id[..32], IdStatus::Typing, IdStatus::TooShort),
            (&id[..65], IdStatus::Typing, IdStatus::TooShort),
            (&id, IdStatus::Valid, IdStatus::Valid),
            (&format!("{id}0"), IdStatus::TooLong, IdStatus::TooLong),
            (&id.to_uppercase(), IdStatus::Valid, IdStatus::Valid),
            (&format!("session:{} {}\n", &id[..33], &id[33..]), IdStatus::Valid, IdStatus::Valid),
            (&own, IdStatus::Own, IdStatus::Own),
            (phrase, IdStatus::IsPhrase, IdStatus::IsPhrase),
            (&"0".repeat(100_000), IdStatus::WrongPrefix, IdStatus::WrongPrefix),
        ] {
            assert_eq!(status(text, false), typing, "{text:.70}");
            assert_eq!(status(text, true), whole, "{text:.70}");
        }
    }
}

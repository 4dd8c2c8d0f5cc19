//! The sheet new-conversation: contacts from A to Z, oneself, somebody new, an invitation.

use std::rc::Rc;

use slint::{ComponentHandle as _, SharedString};
use tacit_client::{Contact as Known, Error};
use tacit_ui::{App, Contact, ContactLetter, HomeState, NewConversationState, SheetKind, Texts, ToastKind};
use tacit_wire::AccountId;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::context::{Context, go};
use crate::model::list;
use crate::part::Part;
use crate::person;

/// From so many contacts on there are letters at the side.
const LONG_LIST: usize = 20;

/// Contacts in the order in which people look for them, those that are called by letters first.
fn sorted(known: Vec<Known>, own: &AccountId, search: &str) -> Vec<Contact> {
    let wanted = search.trim().to_lowercase();
    let fits = |name: &str| name.to_lowercase().split_whitespace().any(|word| word.starts_with(&wanted));
    let mut named: Vec<(String, AccountId)> = known
        .into_iter()
        .filter(|contact| contact.account != *own && !contact.blocked)
        .map(|contact| (person::shown_name(contact.shown_name(), &contact.account), contact.account))
        .filter(|(name, _)| wanted.is_empty() || fits(name) || name.to_lowercase().starts_with(&wanted))
        .collect();
    named.sort_by_cached_key(|(name, _)| (letter_of(name) == "#", name.to_lowercase()));
    let mut last = String::new();
    let contact = |(name, account): (String, AccountId)| {
        let letter = letter_of(&name);
        let first = letter != last;
        last.clone_from(&letter);
        Contact {
            id: account.to_hex().into(),
            initials: person::initials(&name, Some(&account)).into(),
            tone: person::tone(&account),
            letter: if first { letter.into() } else { SharedString::new() },
            name: name.into(),
        }
    };
    named.into_iter().map(contact).collect()
}

/// Under which letter a name stands; `#` for what begins with none.
fn letter_of(name: &str) -> String {
    let first = name.graphemes(true).find(|grapheme| !grapheme.starts_with('\u{2068}'));
    match first.filter(|grapheme| grapheme.chars().next().is_some_and(char::is_alphabetic)) {
        Some(letter) => letter.to_uppercase(),
        None => "#".to_owned(),
    }
}

fn letters(contacts: &[Contact]) -> Vec<ContactLetter> {
    if contacts.len() < LONG_LIST {
        return Vec::new();
    }
    let first = contacts.iter().enumerate().filter(|(_, contact)| !contact.letter.is_empty());
    first
        .map(|(index, contact)| ContactLetter {
            letter: contact.letter.clone(),
            index: i32::try_from(index).unwrap_or(i32::MAX),
        })
        .collect()
}

/// The sheet.
pub(crate) struct NewConversation {
    context: Rc<Context>,
}

impl NewConversation {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new(Self { context: Rc::clone(context) });
        let home = window.global::<HomeState>();
        on!(home, part, on_compose, |this| this.begin());
        let state = window.global::<NewConversationState>();
        on!(state, part, on_search_edited, |this, _text| this.show());
        on!(state, part, on_open, |this, id| this.open(&id));
        on!(state, part, on_note_to_self, |this| this.note_to_self());
        on!(state, part, on_new_message, |this| this.context.open_sheet(SheetKind::NewMessage));
        on!(state, part, on_invite, |this| this.invite());
        part
    }

    fn begin(&self) {
        self.context.with(|window| window.global::<NewConversationState>().set_search("".into()));
        self.show();
        self.context.open_sheet(SheetKind::NewConversation);
    }

    fn show(&self) {
        let context = Rc::clone(&self.context);
        go(async move {
            let Some(account) = context.account() else { return };
            let known = context.call(|account| async move { account.client.contacts().await }).await;
            let (Ok(known), Some(window)) = (known, context.window()) else { return };
            let state = window.global::<NewConversationState>();
            let contacts = sorted(known, &account.id, &state.get_search());
            state.set_letters(list(letters(&contacts)));
            state.set_contacts(list(contacts));
        });
    }

    fn open(&self, id: &str) {
        if let Ok(who) = AccountId::parse(id) {
            self.open_with(who);
        }
    }

    fn note_to_self(&self) {
        if let Some(account) = self.context.account() {
            self.open_with(account.id);
        }
    }

    fn open_with(&self, who: AccountId) {
        let context = Rc::clone(&self.context);
        go(async move {
            match context.call(move |account| async move { account.client.open_conversation(&who).await }).await {
                Ok(id) => context.tell(|part| part.open_conversation(id)),
                Err(Error::Closed) => {}
                Err(error) => context.report(&error),
            }
        });
    }

    /// Shares one's own ID with a sentence; without a share sheet it is copied.
    fn invite(&self) {
        let (Some(account), Some(window)) = (self.context.account(), self.context.window()) else { return };
        let text = window.global::<Texts>().invoke_write_to_me(account.id.to_hex().into());
        if !self.context.platform.can_share() {
            return self.context.copy(&text, ToastKind::TextCopied);
        }
        if let Err(error) = self.context.platform.share(&text) {
            self.context.refuse(&error);
        }
    }
}

impl Part for NewConversation {
    fn account_closing(&self) {
        self.context.with(|window| window.global::<NewConversationState>().set_contacts(list([])));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tacit_wire::TimestampMs;

    fn known(name: &str, number: u8) -> Known {
        Known {
            account: AccountId::from_x25519(&[number; 32]),
            name: name.to_owned(),
            nickname: String::new(),
            profile_updated_s: 0,
            picture_url: String::new(),
            picture_key: Vec::new(),
            approved: true,
            approved_me: true,
            blocked: false,
            created: TimestampMs(0),
        }
    }

    #[test]
    fn contacts_stand_from_a_to_z_under_their_letters() {
        let own = AccountId::from_x25519(&[9; 32]);
        let all = vec![known("ines", 1), known("Ada", 2), known("", 3), known("Ingo Bär", 4), known("me", 9)];
        let shown = |search| {
            let rows = sorted(all.clone(), &own, search).into_iter();
            rows.map(|row| (row.name.to_string(), row.letter.to_string())).collect::<Vec<_>>()
        };
        let pair = |name: &str, letter: &str| (name.to_owned(), letter.to_owned());
        let nameless = person::short_id(&AccountId::from_x25519(&[3; 32]));
        assert_eq!(shown(""), [pair("Ada", "A"), pair("ines", "I"), pair("Ingo Bär", ""), pair(&nameless, "#")]);
        assert_eq!(shown(" bÄ"), [pair("Ingo Bär", "I")]);
        assert!(letters(&sorted(all.clone(), &own, "")).is_empty(), "a short list needs no letters");
    }
}

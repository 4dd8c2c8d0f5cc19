//! The picker that opens at “@”, and contacts that are sent.

use slint::ComponentHandle as _;
use tacit_ui::{ComposeState, ConversationState, Person};
use tacit_wire::AccountId;

use super::Conversation;
use crate::model::list;
use crate::person;

/// People in the picker.
const MOST: usize = 6;

/// What stands in the field for a mention, until it is sent.
fn token(name: &str) -> String {
    format!("@{name}")
}

/// Where the word begins that is typed after “@”, and the word.
fn word_before(text: &str, cursor: usize) -> Option<(usize, &str)> {
    let before = text.get(..cursor)?;
    let at = before.rfind('@')?;
    let begins = before[..at].chars().next_back().is_none_or(char::is_whitespace);
    let word = &before[at + 1..];
    (begins && !word.contains(char::is_whitespace)).then_some((at, word))
}

/// A text as it is sent: IDs in place of the names of those who can be mentioned.
pub(super) fn with_ids(text: &str, members: &[(AccountId, String)]) -> String {
    let mut members: Vec<_> = members.iter().filter(|(_, name)| !name.is_empty()).collect();
    // Of two names the longer one is meant where both fit.
    members.sort_by_key(|(_, name)| std::cmp::Reverse(name.len()));
    let (mut sent, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find('@') {
        let begins = rest[..at].chars().next_back().or(sent.chars().next_back().filter(|_| at == 0));
        sent.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let ends = |name: &str| after[name.len()..].chars().next().is_none_or(|c| !c.is_alphanumeric());
        let named = members.iter().find(|(_, name)| after.starts_with(name.as_str()) && ends(name));
        match named.filter(|_| begins.is_none_or(char::is_whitespace)) {
            Some((id, name)) => {
                sent.push_str(&token(&id.to_hex()));
                rest = &after[name.len()..];
            }
            None => {
                sent.push('@');
                rest = after;
            }
        }
    }
    sent + rest
}

impl Conversation {
    /// Those who can be mentioned here: everybody but us.
    pub(super) fn members(&self) -> Vec<(AccountId, String)> {
        let members = self.with_open(|open| {
            let peer = open.about.peer.filter(|_| !open.about.is_self);
            peer.map(|peer| (peer, open.about.names.of(&peer))).into_iter().collect()
        });
        members.unwrap_or_default()
    }

    fn known_people(&self) -> Vec<(AccountId, String)> {
        self.with_open(|open| open.about.names.others()).unwrap_or_default()
    }

    /// Opens the picker where “@” and the beginning of a name stand before the cursor.
    pub(super) fn find_mentions(&self, text: &str) {
        let cursor = self.context.window().map(|window| window.global::<ConversationState>().get_cursor());
        // The cursor is told after the text: at the end until then.
        let cursor = cursor.and_then(|at| usize::try_from(at).ok()).filter(|at| *at < text.len() && *at > 0);
        let word = word_before(text, cursor.unwrap_or(text.len())).or_else(|| word_before(text, text.len()));
        let wanted = word.map(|(_, word)| word.to_lowercase());
        let fits =
            |name: &str, wanted: &str| name.to_lowercase().split_whitespace().any(|part| part.starts_with(wanted));
        let found = wanted.map(|wanted| {
            let members = self.members().into_iter();
            members.filter(|(_, name)| wanted.is_empty() || fits(name, &wanted)).collect::<Vec<_>>()
        });
        self.contact_wanted.set(false);
        self.show_people(found.unwrap_or_default());
    }

    fn show_people(&self, people: Vec<(AccountId, String)>) {
        let rows: Vec<Person> = people.into_iter().take(MOST).map(|(id, name)| person::person(&name, &id)).collect();
        self.context.with(|window| window.global::<ComposeState>().set_mentions(list(rows)));
    }

    /// Whose account ID is sent: the picker opens with those whom we know.
    pub(super) fn attach_contact(&self) {
        let people = self.known_people();
        if !people.is_empty() {
            self.contact_wanted.set(true);
            self.show_people(people);
            self.focus();
        }
    }

    /// Puts a mention, or a contact's ID, into the field. Where the cursor stands then.
    pub(super) fn choose_mention(&self, id: &str, cursor: i32) -> i32 {
        let Some(window) = self.context.window() else { return cursor };
        let state = window.global::<ConversationState>();
        let draft = state.get_draft().to_string();
        let place = usize::try_from(cursor).unwrap_or_default().min(draft.len());
        let (at, words) = if self.contact_wanted.take() {
            (place, id.to_owned())
        } else {
            let members = self.members();
            let named = members.iter().find(|(member, _)| member.to_hex() == id);
            let Some((_, name)) = named else { return cursor };
            (word_before(&draft, place).map_or(place, |(at, _)| at), token(name) + " ")
        };
        let (Some(before), Some(after)) = (draft.get(..at), draft.get(place..)) else { return cursor };
        let text = format!("{before}{words}{after}");
        self.show_people(Vec::new());
        state.set_draft(text.as_str().into());
        self.draft_edited(&text);
        self.show_people(Vec::new());
        i32::try_from(at + words.len()).unwrap_or(i32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_looked_for_after_an_at_sign() {
        assert_eq!(word_before("hello @In", 9), Some((6, "In")));
        assert_eq!(word_before("@", 1), Some((0, "")));
        assert_eq!(word_before("a@b", 3), None, "an address is no mention");
        assert_eq!(word_before("@Ines and", 9), None);
        assert_eq!(word_before("é", 1), None, "within a letter");
    }

    #[test]
    fn names_go_out_as_ids() {
        let id = |n: u8| AccountId::from_x25519(&[n; 32]);
        let members = [(id(1), "Ines".to_owned()), (id(2), "Ines Okafor".to_owned())];
        let sent = |text: &str| with_ids(text, &members);
        assert_eq!(sent("hi @Ines, ok"), format!("hi @{}, ok", id(1).to_hex()));
        assert_eq!(sent("@Ines Okafor"), format!("@{}", id(2).to_hex()));
        assert_eq!(sent("a@Ines @Inese @ @@Ines"), "a@Ines @Inese @ @@Ines");
        assert_eq!(sent("nobody"), "nobody");
    }
}

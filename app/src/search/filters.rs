//! From whom, where, when, with what.

use std::rc::Rc;

use slint::ComponentHandle as _;
use tacit_client::{Client, ConversationId, ConversationKind, Error, Folder, Has};
use tacit_ui::{Person, SearchDate, SearchFilter, SearchHas, SearchState, Texts};
use tacit_wire::{AccountId, TimestampMs};

use super::Search;
use crate::context::go;
use crate::home::{self, conversation_of};
use crate::model::list;
use crate::person;

const DAY_MS: u64 = 24 * 3_600_000;
/// What stands for oneself among those who wrote.
const ME: &str = "me";

/// The filters as they are.
#[derive(Default)]
pub(super) struct Filters {
    from: Option<(AccountId, String)>,
    within: Option<(ConversationId, String)>,
    date: SearchDate,
    has: SearchHas,
}

impl Filters {
    pub(super) fn any(&self) -> bool {
        self.from.is_some() || self.within.is_some() || self.date != SearchDate::Any || self.has != SearchHas::Any
    }

    /// What the database is asked.
    pub(super) fn query(&self, text: &str, now: TimestampMs) -> tacit_client::Search {
        let days = match self.date {
            SearchDate::Any => None,
            SearchDate::Week => Some(7),
            SearchDate::Month => Some(30),
            SearchDate::Year => Some(365),
        };
        tacit_client::Search {
            text: text.to_owned(),
            conversation: self.within.as_ref().map(|(id, _)| *id),
            from: self.from.as_ref().map(|(id, _)| *id),
            since: days.map(|days| TimestampMs(now.0.saturating_sub(days * DAY_MS))),
            until: None,
            has: match self.has {
                SearchHas::Any => None,
                SearchHas::Picture => Some(Has::Photo),
                SearchHas::File => Some(Has::File),
                SearchHas::Link => Some(Has::Link),
                SearchHas::Voice => Some(Has::Voice),
            },
            strangers: false,
        }
    }
}

impl Search {
    pub(super) fn answer_filters(part: &Rc<Self>, state: &SearchState<'_>) {
        on!(state, part, on_show_choices, |this, filter| this.show_choices(filter));
        on!(state, part, on_set_from, |this, id| this.set_from(&id));
        on!(state, part, on_set_within, |this, id| this.set_within(&id));
        on!(state, part, on_set_date, |this, date| this.filter(|filters| filters.date = date));
        on!(state, part, on_set_has, |this, has| this.filter(|filters| filters.has = has));
    }

    /// Changes a filter, and searches with it.
    fn filter(&self, change: impl FnOnce(&mut Filters)) {
        change(&mut self.filters.borrow_mut());
        self.show_filters();
        self.edited(&self.text());
    }

    pub(super) fn show_filters(&self) {
        let filters = self.filters.borrow();
        self.context.with(|window| {
            let state = window.global::<SearchState>();
            state.set_from_name(filters.from.as_ref().map(|(_, name)| name.as_str()).unwrap_or_default().into());
            state.set_within_name(filters.within.as_ref().map(|(_, name)| name.as_str()).unwrap_or_default().into());
            state.set_date(filters.date);
            state.set_has(filters.has);
        });
    }

    /// Whom or where one can choose.
    fn show_choices(&self, filter: SearchFilter) {
        let context = Rc::clone(&self.context);
        go(async move {
            let Some(window) = context.window() else { return };
            let note = window.global::<Texts>().invoke_note_to_self();
            let choices = match filter {
                SearchFilter::From => context.call(|account| people(account.client)).await,
                SearchFilter::Within => context.call(move |account| places(account.client, note.into())).await,
                _ => return,
            };
            match choices {
                Ok(choices) => {
                    let shown: Vec<Person> = choices.into_iter().map(Choice::person).collect();
                    window.global::<SearchState>().set_choices(list(shown));
                }
                Err(error) => context.report(&error),
            }
        });
    }

    fn chosen(&self, id: &str) -> Option<Person> {
        use slint::Model as _;
        let choices = self.context.window()?.global::<SearchState>().get_choices();
        choices.iter().find(|choice| choice.id == id)
    }

    fn set_from(&self, id: &str) {
        let Some(account) = self.context.account() else { return };
        let from = match id {
            ME => Some((account.id, person::shown_name(&account.client.display_name(), &account.id))),
            id => self.chosen(id).and_then(|choice| Some((AccountId::parse(id).ok()?, choice.name.into()))),
        };
        self.filter(|filters| filters.from = from);
    }

    fn set_within(&self, id: &str) {
        let within = self.chosen(id).and_then(|choice| Some((conversation_of(id)?, choice.name.into())));
        self.filter(|filters| filters.within = within);
    }
}

/// Somebody, or a conversation.
struct Choice {
    key: String,
    name: String,
    account: Option<AccountId>,
}

impl Choice {
    fn person(self) -> Person {
        Person {
            id: self.key.into(),
            initials: person::initials(&self.name, self.account.as_ref()).into(),
            tone: self.account.as_ref().map_or(0, person::tone),
            name: self.name.into(),
        }
    }
}

async fn people(client: Client) -> Result<Vec<Choice>, Error> {
    let contacts = client.contacts().await?;
    let choice = |contact: &tacit_client::Contact| Choice {
        key: contact.account.to_hex(),
        name: person::shown_name(contact.shown_name(), &contact.account),
        account: Some(contact.account),
    };
    let own = client.account_id();
    let mut choices: Vec<_> = contacts.iter().filter(|contact| contact.account != own).map(choice).collect();
    choices.sort_by_cached_key(|choice| choice.name.to_lowercase());
    Ok(choices)
}

async fn places(client: Client, note_to_self: String) -> Result<Vec<Choice>, Error> {
    let mut rows = client.conversations(Folder::Inbox).await?;
    rows.extend(client.conversations(Folder::Archive).await?);
    let choice = |row: &tacit_client::ListRow| Choice {
        key: home::key(row.conversation.id).into(),
        name: match row.conversation.peer.kind() {
            ConversationKind::NoteToSelf => note_to_self.clone(),
            _ => home::rows::name(row),
        },
        account: row.conversation.peer.account(),
    };
    Ok(rows.iter().map(choice).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_narrow_the_question() {
        let now = TimestampMs(400 * DAY_MS);
        let mut filters = Filters::default();
        assert!(!filters.any());
        assert_eq!(filters.query("tide", now).since, None);
        (filters.date, filters.has) = (SearchDate::Week, SearchHas::Picture);
        filters.within = Some((ConversationId(3), "Ines".to_owned()));
        let query = filters.query("tide", now);
        assert!(filters.any());
        assert_eq!((query.since, query.conversation), (Some(TimestampMs(393 * DAY_MS)), Some(ConversationId(3))));
        assert_eq!((query.has, query.from, query.strangers), (Some(Has::Photo), None, false));
    }
}

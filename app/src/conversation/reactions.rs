//! Emoji under messages, and the sheet that says who set them.

use std::rc::Rc;

use slint::ComponentHandle as _;
use tacit_client::{Error, Message, MessageId};
use tacit_ui::{ReactionPerson, ReactionsState, SheetKind, ToastKind};
use tacit_wire::AccountId;

use super::names::Names;
use super::{Conversation, message_of};
use crate::account::Account;
use crate::context::go;
use crate::model::list;
use crate::person;

/// What the sheet shows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown {
    message: MessageId,
    /// 0 for all, else the nth emoji.
    tab: usize,
}

impl Conversation {
    /// Sets an emoji under a message, or takes ours away.
    pub(super) fn react(&self, key: &str, emoji: &str) {
        let Some(message) = self.message_at(key) else { return };
        let ours = self.with_open(|open| is_ours(&message, emoji, &open.about.names.me)) == Some(true);
        self.set_reactions(message.id, vec![emoji.to_owned()], ours);
    }

    fn set_reactions(&self, message: MessageId, emoji: Vec<String>, remove: bool) {
        let context = Rc::clone(&self.context);
        go(async move {
            let set = move |Account { client, .. }: Account| async move {
                for emoji in emoji {
                    match remove {
                        true => client.unreact(message, &emoji).await?,
                        false => client.react(message, &emoji).await?,
                    }
                }
                Ok(())
            };
            match context.call(set).await {
                Ok(()) => {}
                Err(Error::TooFast) => context.toast(ToastKind::SlowDown),
                Err(error) => context.report(&error),
            }
        });
    }

    pub(super) fn show_reactions(&self, key: &str) {
        let Some(message) = message_of(key) else { return };
        self.reactions.set(Some(Shown { message, tab: 0 }));
        self.fill_reactions();
        self.context.open_sheet(SheetKind::Reactions);
    }

    pub(super) fn choose_reaction(&self, tab: i32) {
        let shown = self.reactions.get();
        self.reactions.set(shown.map(|shown| Shown { tab: usize::try_from(tab).unwrap_or_default(), ..shown }));
        self.fill_reactions();
    }

    /// Takes away what we set, of the tab that is shown.
    pub(super) fn remove_reaction(&self) {
        let Some(Shown { message, tab }) = self.reactions.get() else { return };
        let ours = self.with_open(|open| {
            let me = open.about.names.me;
            let groups = open.message(message).map(|message| message.reactions.clone()).unwrap_or_default();
            let of_tab = groups.into_iter().enumerate().filter(|(at, _)| tab == 0 || at + 1 == tab);
            of_tab.filter(|(_, group)| group.senders.contains(&me)).map(|(_, group)| group.emoji).collect::<Vec<_>>()
        });
        self.set_reactions(message, ours.unwrap_or_default(), true);
    }

    /// Fills the sheet; closes it when nothing is left to show.
    pub(super) fn fill_reactions(&self) {
        let Some(Shown { message, tab }) = self.reactions.get() else { return };
        let filled = self.with_open(|open| {
            let message = open.message(message).filter(|message| !message.reactions.is_empty())?;
            let tab = tab.min(message.reactions.len());
            Some((tab, tabs(message), people(message, tab, &open.about.names)))
        });
        let Some(Some((tab, tabs, people))) = filled else {
            self.reactions.set(None);
            return self.context.close_sheet();
        };
        self.context.with(|window| {
            let state = window.global::<ReactionsState>();
            state.set_tabs(list(tabs));
            state.set_current(i32::try_from(tab).unwrap_or_default());
            state.set_people(list(people));
        });
    }
}

fn is_ours(message: &Message, emoji: &str, me: &AccountId) -> bool {
    message.reactions.iter().any(|group| group.emoji == emoji && group.senders.contains(me))
}

fn tabs(message: &Message) -> Vec<slint::SharedString> {
    let all: usize = message.reactions.iter().map(|group| group.senders.len()).sum();
    let of_emoji = message.reactions.iter().map(|group| slint::format!("{} {}", group.emoji, group.senders.len()));
    std::iter::once(slint::format!("{all}")).chain(of_emoji).collect()
}

fn people(message: &Message, tab: usize, names: &Names) -> Vec<ReactionPerson> {
    let groups = message.reactions.iter().enumerate().filter(|(at, _)| tab == 0 || at + 1 == tab);
    let each = groups.flat_map(|(_, group)| group.senders.iter().map(|id| (id, group.emoji.as_str())));
    each.map(|(id, emoji)| {
        let person = person::person(names.known(id), id);
        ReactionPerson {
            id: person.id,
            name: person.name,
            initials: person.initials,
            tone: person.tone,
            emoji: emoji.into(),
            own: *id == names.me,
        }
    })
    .collect()
}

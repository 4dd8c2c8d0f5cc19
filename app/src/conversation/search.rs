//! Search in the open conversation: every hit can be stepped to.

use std::collections::HashSet;
use std::rc::{Rc, Weak};
use std::time::Duration;

use slint::{ComponentHandle as _, TimerMode};
use tacit_client::{Client, ConversationId, Error, MessageId, Search};
use tacit_ui::ChatSearchState;

use super::Conversation;
use crate::context::go;

/// The search begins so long after the last key.
const REST: Duration = Duration::from_millis(150);
/// Hits of one look into the index, and at most.
const PAGE: u32 = 100;
const MOST: usize = 1_000;

/// What was found, the newest first.
#[derive(Default)]
pub(super) struct Found {
    hits: Vec<MessageId>,
    ids: HashSet<MessageId>,
    at: usize,
}

impl Found {
    pub(super) fn ids(&self) -> &HashSet<MessageId> {
        &self.ids
    }

    fn new(hits: Vec<MessageId>) -> Self {
        Self { ids: hits.iter().copied().collect(), hits, at: 0 }
    }

    /// Steps to the next one that is older or newer, and round.
    fn step(&mut self, older: bool) -> Option<MessageId> {
        let count = self.hits.len();
        if count > 0 {
            self.at = (self.at + if older { 1 } else { count - 1 }) % count;
        }
        self.hits.get(self.at).copied()
    }
}

/// Everything in a conversation that has these words, the newest first.
async fn search(client: Client, conversation: ConversationId, text: String) -> Result<Vec<MessageId>, Error> {
    let wanted = Search { text, conversation: Some(conversation), strangers: true, ..Search::default() };
    let (mut found, mut before) = (Vec::new(), None);
    loop {
        let page = client.search(wanted.clone(), before, PAGE).await?;
        found.extend(page.hits.into_iter().map(|hit| (hit.sort_at, hit.message)));
        before = page.next;
        if before.is_none() || found.len() >= MOST {
            break;
        }
    }
    found.sort_unstable_by_key(|place| std::cmp::Reverse(*place));
    Ok(found.into_iter().map(|(_, message)| message).collect())
}

impl Conversation {
    pub(super) fn open_search(&self) {
        self.end_selection();
        self.context.with(|window| window.global::<ChatSearchState>().set_active(true));
    }

    /// Search is over: nothing is marked any more.
    pub(super) fn end_search(&self) {
        self.searching.stop();
        self.with_open(|open| open.found = Found::default());
        self.context.with(|window| {
            let state = window.global::<ChatSearchState>();
            state.set_active(false);
            state.set_busy(false);
            state.set_entry("".into());
        });
        self.show_found();
    }

    pub(super) fn search_edited(&self, text: &str) {
        let text = text.trim().to_owned();
        if text.is_empty() {
            self.searching.stop();
            self.with_open(|open| open.found = Found::default());
            self.context.with(|window| window.global::<ChatSearchState>().set_busy(false));
            return self.show_found();
        }
        self.context.with(|window| window.global::<ChatSearchState>().set_busy(true));
        let me = Weak::clone(&self.me);
        self.searching.start(TimerMode::SingleShot, REST, move || {
            if let Some(this) = me.upgrade() {
                this.look_for(text.clone());
            }
        });
    }

    fn look_for(&self, text: String) {
        let Some(id) = self.open_id() else { return };
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            let looking = text.clone();
            let hits = context.call(move |account| search(account.client, id, looking)).await;
            let Some(this) = me.upgrade() else { return };
            let entry = context.window().map(|window| window.global::<ChatSearchState>().get_entry());
            // Meanwhile other words were typed, or the search was left.
            if this.open_id() != Some(id) || entry.is_none_or(|entry| entry.trim() != text) {
                return;
            }
            let hits = hits.unwrap_or_else(|error| {
                context.report(&error);
                Vec::new()
            });
            let first = hits.first().copied();
            this.with_open(|open| open.found = Found::new(hits));
            context.with(|window| window.global::<ChatSearchState>().set_busy(false));
            this.show_found();
            if let Some(first) = first {
                this.jump_to(first);
            }
        });
    }

    pub(super) fn search_step(&self, step: i32) {
        if let Some(Some(hit)) = self.with_open(|open| open.found.step(step < 0)) {
            self.show_found();
            self.jump_to(hit);
        }
    }

    fn show_found(&self) {
        let (at, count) = self.with_open(|open| (open.found.at, open.found.hits.len())).unwrap_or_default();
        let number = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        self.context.with(|window| {
            let state = window.global::<ChatSearchState>();
            state.set_count(number(count));
            state.set_index(if count == 0 { 0 } else { number(at + 1) });
        });
        self.render();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_steps_through_the_hits_and_round() {
        let mut found = Found::new([30, 20, 10].map(MessageId).to_vec());
        assert_eq!(found.step(true), Some(MessageId(20)));
        assert_eq!(found.step(true), Some(MessageId(10)));
        assert_eq!(found.step(true), Some(MessageId(30)));
        assert_eq!(found.step(false), Some(MessageId(10)));
        assert_eq!(Found::default().step(true), None);
    }
}

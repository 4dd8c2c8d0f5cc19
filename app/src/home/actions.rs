//! What can be done with chats: with one, or with all that are selected.

use std::rc::Rc;

use slint::ComponentHandle as _;
use tacit_client::{Client, ConversationId, ConversationKind, Error, ListRow};
use tacit_ui::{DialogKind, HomeState, ToastKind};
use tacit_wire::TimestampMs;

use super::{Home, REQUESTS, conversation_of, rows};

/// A conversation that is muted until it is turned on again: the year 2286, in whole seconds, as
/// other devices keep it.
const FOREVER: TimestampMs = TimestampMs(9_999_999_999_000);

/// Until when to mute, for so many minutes from now: 0 not at all, below that for ever.
pub(crate) fn mute_until(minutes: i32, now: TimestampMs) -> Option<TimestampMs> {
    match u64::try_from(minutes) {
        Ok(0) => None,
        Ok(minutes) => Some(TimestampMs(now.0 + minutes * 60_000)),
        Err(_) => Some(FOREVER),
    }
}

/// Whether it is muted until it is turned on again.
pub(crate) fn is_forever(until: TimestampMs) -> bool {
    until >= FOREVER
}

pub(crate) fn device_now() -> TimestampMs {
    TimestampMs(u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or_default())
}

impl Home {
    pub(super) fn answer_actions(part: &Rc<Self>, state: &HomeState<'_>) {
        on!(state, part, on_mark_read, |this, id| this.each(&id, |client, id| async move {
            client.set_marked_unread(id, false).await?;
            client.mark_read(id, None).await
        }));
        on!(state, part, on_mark_unread, |this, id| this
            .each(&id, |client, id| async move { client.set_marked_unread(id, true).await }));
        on!(state, part, on_pin, |this, id| this.pin(&id));
        on!(state, part, on_mute, |this, id, minutes| this.mute(&id, minutes));
        on!(state, part, on_archive, |this, id| this.archive(&id));
        on!(state, part, on_delete, |this, id| this.delete(&id));
        on!(state, part, on_block, |this, id| this.block(&id));
        on!(state, part, on_copy_id, |this, id| this.copy_id(&id));
        on!(state, part, on_open_details, |this, id| this.open_details(&id));
        on!(state, part, on_accept, |this, id| this.accept(&id));
        on!(state, part, on_delete_requests, |this| this.delete_requests());
        on!(state, part, on_select, |this, id| this.select(&id));
        on!(state, part, on_selection_done, |this| this.end_selection());
    }

    /// The chats that an action is for; with those that are selected, the selection ends.
    fn chosen(&self, id: &str) -> Vec<ListRow> {
        if !id.is_empty() {
            return self.row(id).into_iter().collect();
        }
        let chosen = self.selected.borrow_mut().take();
        self.show_selection();
        self.known.borrow().iter().flatten().filter(|row| chosen.contains(&row.conversation.id)).cloned().collect()
    }

    /// Does something with each chat, in order, and says what went wrong.
    fn each<F>(&self, id: &str, act: impl Fn(Client, ConversationId) -> F + Send + 'static)
    where
        F: Future<Output = Result<(), Error>> + Send + 'static,
    {
        let chats = self.chosen(id).into_iter().map(|row| row.conversation.id).collect();
        self.all(chats, None, act);
    }

    fn all<F>(
        &self,
        chats: Vec<ConversationId>,
        done: Option<ToastKind>,
        act: impl Fn(Client, ConversationId) -> F + Send + 'static,
    ) where
        F: Future<Output = Result<(), Error>> + Send + 'static,
    {
        self.context.run(done, move |account| async move {
            for chat in chats {
                act(account.client.clone(), chat).await?;
            }
            Ok(())
        });
    }

    /// Pins what is not pinned; if all is, unpins it.
    fn pin(&self, id: &str) {
        let rows = self.chosen(id);
        let pinned = rows.iter().any(|row| row.conversation.pinned == 0);
        let chats = rows.into_iter().map(|row| row.conversation.id).collect();
        self.all(chats, None, move |client, id| async move { client.set_pinned(id, pinned).await });
    }

    fn mute(&self, id: &str, minutes: i32) {
        let until = mute_until(minutes, device_now());
        self.each(id, move |client, id| async move { client.set_muted_until(id, until).await });
    }

    /// Puts chats away, or brings them back; a toast can take that back.
    fn archive(&self, id: &str) {
        let chats: Vec<_> = self.chosen(id).into_iter().map(|row| row.conversation).collect();
        let Some(first) = chats.first() else { return };
        let archived = !first.archived;
        let chats: Vec<_> = chats.into_iter().map(|chat| chat.id).collect();
        self.set_archived(chats.clone(), archived);
        let Some(this) = self.me.upgrade() else { return };
        let toast = if archived { ToastKind::Archived } else { ToastKind::Unarchived };
        self.context.offer(toast, move || this.set_archived(chats, !archived));
    }

    fn set_archived(&self, chats: Vec<ConversationId>, archived: bool) {
        self.all(chats, None, move |client, id| async move { client.set_archived(id, archived).await });
    }

    fn delete(&self, id: &str) {
        if id.is_empty() {
            return self.delete_selected();
        }
        let (Some(row), Some(this)) = (self.row(id), self.me.upgrade()) else { return };
        let kind = if row.conversation.request { DialogKind::DeleteRequest } else { DialogKind::DeleteConversation };
        self.context.ask(kind, &rows::name(&row), move || this.delete_now(vec![row.conversation.id]));
    }

    fn delete_selected(&self) {
        let Some(this) = self.me.upgrade() else { return };
        let count = self.selected.borrow().count();
        if count > 0 {
            self.context.ask(DialogKind::DeleteConversations, &count.to_string(), move || {
                let chats = this.chosen("").into_iter().map(|row| row.conversation.id).collect();
                this.delete_now(chats);
            });
        }
    }

    fn delete_requests(&self) {
        let Some(this) = self.me.upgrade() else { return };
        self.context.ask(DialogKind::DeleteRequests, "", move || {
            let chats = this.known.borrow()[REQUESTS].iter().map(|row| row.conversation.id).collect();
            this.delete_now(chats);
        });
    }

    fn delete_now(&self, chats: Vec<ConversationId>) {
        self.all(chats, Some(ToastKind::Deleted), delete);
    }

    fn block(&self, id: &str) {
        let (Some(row), Some(this)) = (self.row(id), self.me.upgrade()) else { return };
        let Some(who) = row.conversation.peer.account() else { return };
        let blocked = !row.blocked;
        let act = move || {
            let toast = if blocked { ToastKind::Blocked } else { ToastKind::Unblocked };
            this.context
                .run(Some(toast), move |account| async move { account.client.set_blocked(&who, blocked).await });
        };
        if blocked { self.context.ask(DialogKind::BlockPerson, &rows::name(&row), act) } else { act() }
    }

    fn copy_id(&self, id: &str) {
        if let Some(who) = self.row(id).and_then(|row| row.conversation.peer.account()) {
            self.context.copy(&who.to_hex(), ToastKind::IdCopied);
        }
    }

    fn accept(&self, id: &str) {
        if let Some(who) = self.row(id).and_then(|row| row.conversation.peer.account()) {
            self.context
                .run(Some(ToastKind::RequestAccepted), move |account| async move { account.client.accept(&who).await });
        }
    }

    fn open_details(&self, id: &str) {
        if let Some(id) = conversation_of(id) {
            self.context.tell(|part| part.open_details(id));
        }
    }

    pub(super) fn select(&self, id: &str) {
        if let Some(row) = self.row(id) {
            self.selected.borrow_mut().toggle(row.conversation.id);
            self.show_selection();
        }
    }

    pub(super) fn end_selection(&self) {
        self.selected.borrow_mut().take();
        self.show_selection();
    }

    fn show_selection(&self) {
        let (on, count) = (self.selected.borrow().is_on(), self.selected.borrow().count());
        self.context.with(|window| {
            let state = window.global::<HomeState>();
            state.set_selecting(on);
            state.set_selected(i32::try_from(count).unwrap_or(i32::MAX));
        });
        self.refresh();
    }
}

/// The note to self leaves the list with its notes.
async fn delete(client: Client, id: ConversationId) -> Result<(), Error> {
    let is_self = client.conversation(id).await?.peer.kind() == ConversationKind::NoteToSelf;
    client.delete_conversation(id).await?;
    if is_self { client.hide_note_to_self().await } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn muting_lasts_as_long_as_was_chosen() {
        let now = TimestampMs(1_000);
        assert_eq!(mute_until(0, now), None);
        assert_eq!(mute_until(60, now), Some(TimestampMs(3_601_000)));
        assert!(mute_until(-1, now).is_some_and(is_forever));
        assert!(!is_forever(TimestampMs(3_601_000)));
    }
}

//! What can be done with messages and with the person.

use slint::ComponentHandle as _;
use tacit_client::Message;
use tacit_ui::{ConversationState, DialogKind, Screen, SelectTextState, SheetKind, ToastKind};

use super::{Conversation, PLACE, message_of};
use crate::context::go;

impl Conversation {
    /// The message that a row stands for, as it was read last.
    pub(super) fn message_at(&self, key: &str) -> Option<Message> {
        let id = message_of(key)?;
        self.open.borrow().as_ref()?.message(id).cloned()
    }

    pub(super) fn retry(&self, key: &str) {
        if let Some(message) = message_of(key) {
            self.context.run(None, move |account| async move { account.client.retry(message).await.map(drop) });
        }
    }

    pub(super) fn copy(&self, key: &str) {
        if let Some(message) = self.message_at(key) {
            self.context.copy(&message.text, ToastKind::TextCopied);
        }
    }

    pub(super) fn select_text(&self, key: &str) {
        if let Some(row) = self.rows.find(key) {
            self.context.with(|window| window.global::<SelectTextState>().set_text(row.text));
            self.context.open_sheet(SheetKind::SelectText);
        }
    }

    pub(super) fn delete(&self, key: &str) {
        // The message may stand outside the window: then it was opened by itself.
        let (Some(id), Some(this)) = (message_of(key), self.me.upgrade()) else { return };
        let context = std::rc::Rc::clone(&self.context);
        go(async move {
            match context.call(move |account| async move { account.client.message(id).await }).await {
                Ok(message) => this.ask_to_delete_messages(&[message]),
                Err(error) => context.report(&error),
            }
        });
    }

    pub(super) fn info(&self, key: &str) {
        if let Some(message) = message_of(key) {
            self.context.tell(|part| part.open_message_info(message));
        }
    }

    pub(super) fn accept(&self) {
        if let Some(who) = self.peer() {
            // It is a chat now: back leads to the chats.
            self.context.forget(Screen::Requests);
            self.context
                .run(Some(ToastKind::RequestAccepted), move |account| async move { account.client.accept(&who).await });
        }
    }

    pub(super) fn delete_request(&self) {
        self.ask_to_delete(DialogKind::DeleteRequest);
    }

    pub(super) fn delete_conversation(&self) {
        self.ask_to_delete(DialogKind::DeleteConversation);
    }

    fn ask_to_delete(&self, kind: DialogKind) {
        let (Some(id), Some(this)) = (self.open_id(), self.me.upgrade()) else { return };
        self.context.ask(kind, &self.name(), move || {
            this.close_and_leave();
            this.context.run(Some(ToastKind::Deleted), move |account| async move {
                account.client.delete_conversation(id).await
            });
        });
    }

    /// Closes it without a slide: it is gone.
    pub(super) fn close_and_leave(&self) {
        self.context.keep_setting(PLACE, String::new());
        self.close();
        if matches!(self.context.at(), Screen::Conversation | Screen::MessageInfo) {
            self.context.go(Screen::Home);
        }
    }

    pub(super) fn block(&self) {
        let (Some(who), Some(this)) = (self.peer(), self.me.upgrade()) else { return };
        self.context.ask(DialogKind::BlockPerson, &self.name(), move || {
            this.context.run(Some(ToastKind::Blocked), move |account| async move {
                account.client.set_blocked(&who, true).await
            });
        });
    }

    pub(super) fn unblock(&self) {
        if let Some(who) = self.peer() {
            self.context.run(Some(ToastKind::Unblocked), move |account| async move {
                account.client.set_blocked(&who, false).await
            });
        }
    }

    pub(super) fn copy_peer_id(&self) {
        if let Some(who) = self.peer() {
            self.context.copy(&who.to_hex(), ToastKind::IdCopied);
        }
    }

    pub(super) fn peer(&self) -> Option<tacit_wire::AccountId> {
        self.open.borrow().as_ref().and_then(|open| open.about.peer)
    }

    pub(super) fn name(&self) -> String {
        let name = self.context.window().map(|window| window.global::<ConversationState>().get_peer().name);
        name.map(Into::into).unwrap_or_default()
    }
}

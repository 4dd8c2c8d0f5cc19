//! Messages are deleted: here, on our own devices, for everyone.

use slint::ComponentHandle as _;
use tacit_client::{DeleteFor, Message, MessageId};
use tacit_ui::{DeleteScope, DeleteState, DialogKind, Screen, ToastKind};

use super::Conversation;

impl Conversation {
    /// Asks from where they are to go, and deletes them.
    pub(super) fn ask_to_delete_messages(&self, messages: &[Message]) {
        let Some(this) = self.me.upgrade().filter(|_| !messages.is_empty()) else { return };
        let to_self = self.with_open(|open| open.about.is_self).unwrap_or_default();
        let whole = messages.iter().all(|message| !message.deleted);
        self.context.with(|window| {
            let state = window.global::<DeleteState>();
            state.set_count(i32::try_from(messages.len()).unwrap_or(i32::MAX));
            state.set_can_everyone(whole && !to_self && messages.iter().all(Message::outgoing));
            state.set_can_my_devices(whole && to_self);
            state.set_scope(DeleteScope::Here);
        });
        let ids: Vec<MessageId> = messages.iter().map(|message| message.id).collect();
        self.context.ask(DialogKind::DeleteMessage, "", move || {
            let scope = this.context.window().map(|window| window.global::<DeleteState>().get_scope());
            this.delete_messages(ids, scope.unwrap_or(DeleteScope::Here));
        });
    }

    fn delete_messages(&self, ids: Vec<MessageId>, scope: DeleteScope) {
        if self.context.at() == Screen::MessageInfo {
            self.context.back();
        }
        self.end_selection();
        let scope = match scope {
            DeleteScope::Here => DeleteFor::ThisDevice,
            DeleteScope::MyDevices => DeleteFor::OurDevices,
            DeleteScope::Everyone => DeleteFor::Everyone,
        };
        self.context.run(Some(ToastKind::Deleted), move |account| async move {
            account.client.delete_messages(&ids, scope).await
        });
    }
}

//! What is tapped within a text, and on cards.

use std::rc::{Rc, Weak};

use slint::ComponentHandle as _;
use tacit_ui::{DialogKind, Texts, ToastKind};
use tacit_wire::AccountId;

use super::Conversation;
use super::linked::{Place, only_account, place};
use crate::context::go;

/// Stands in the address of a room.
const ROOM: &str = "?public_key=";

impl Conversation {
    /// A link within a text. An address that looks like another one is shown first.
    pub(super) fn open_link(&self, link: &str) {
        match place(link) {
            Some(Place::Account(id)) => self.open_person(id),
            Some(Place::Web { url, .. }) if url.contains(ROOM) => self.offer_room(&url),
            Some(Place::Web { url, shown, deceptive: true }) => {
                let Some(this) = self.me.upgrade() else { return };
                self.context.ask(DialogKind::OpenLink, &shown, move || this.open_url(&url));
            }
            Some(Place::Web { url, .. }) => self.open_url(&url),
            None => {}
        }
    }

    fn open_url(&self, url: &str) {
        if let Err(error) = self.context.platform.open_url(url) {
            self.context.refuse(&error);
        }
    }

    /// The invitation that a message is.
    pub(super) fn join(&self, key: &str) {
        if let Some(invitation) = self.message_at(key).and_then(|message| message.invitation) {
            self.offer_room(&invitation.url);
        }
    }

    fn offer_room(&self, url: &str) {
        self.context.copy(url, ToastKind::TextCopied);
        self.context.say_text(|app| app.global::<Texts>().invoke_no_rooms());
    }

    /// The person whose ID a message is.
    pub(super) fn write_to(&self, key: &str) {
        if let Some(id) = self.message_at(key).and_then(|message| only_account(&message.text)) {
            self.open_person(id);
        }
    }

    fn open_person(&self, id: AccountId) {
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            match context.call(move |account| async move { account.client.open_conversation(&id).await }).await {
                Ok(id) => {
                    if let Some(this) = me.upgrade() {
                        this.show(id);
                    }
                }
                Err(error) => context.report(&error),
            }
        });
    }

    /// The other side's timer becomes ours.
    pub(super) fn follow_timer(&self, key: &str) {
        let (Some(message), Some(id)) = (self.message_at(key), self.open_id()) else { return };
        let to = message.expiry;
        self.context
            .run(Some(ToastKind::TimerSet), move |account| async move { account.client.set_expiry(id, to).await });
    }
}

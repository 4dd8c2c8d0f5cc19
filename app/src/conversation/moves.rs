//! Moving the window over the messages: by scrolling, and by jumps.

use std::rc::{Rc, Weak};

use slint::{ComponentHandle as _, SharedString};
use tacit_client::view::Move;
use tacit_client::{Error, MessageId};
use tacit_ui::{ConversationState, ToastKind};

use super::{Conversation, message_key, message_of};
use crate::context::go;

impl Conversation {
    fn step(&self, step: Move) {
        let sent = self.with_open(|open| {
            let idle = !open.moving;
            // A queue that is full holds moves enough.
            open.moving |= idle && open.mover.try_send(step).is_ok();
        });
        debug_assert!(sent.is_some() || self.open_id().is_none());
    }

    pub(super) fn near_top(&self) {
        if self.with_open(|open| !open.at_start && !open.messages.is_empty()) == Some(true) {
            self.step(Move::Older);
        }
    }

    pub(super) fn near_bottom(&self) {
        if self.with_open(|open| open.has_newer) == Some(true) {
            self.step(Move::Newer);
        }
    }

    pub(super) fn jump_to_newest(&self) {
        self.context.with(|window| window.global::<ConversationState>().set_stick(true));
        self.with_open(|open| (open.moving, open.aim) = (false, None));
        self.step(Move::Newest);
    }

    /// Shows a message where it stands, and lights it up.
    pub(super) fn jump_to(&self, message: MessageId) {
        let jump = self.jump.get() + 1;
        self.jump.set(jump);
        if self.with_open(|open| open.message(message).is_some()) == Some(true) {
            return self.show_target(message);
        }
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        let Some(id) = self.open_id() else { return };
        go(async move {
            let found = context.call(move |account| async move { account.client.message(message).await }).await;
            let Some(this) = me.upgrade().filter(|this| this.open_id() == Some(id)) else { return };
            if this.jump.get() != jump {
                return;
            }
            match found {
                Ok(found) if found.conversation == id => this.go_to(message),
                Ok(_) | Err(Error::Unknown { .. }) => context.toast(ToastKind::OriginalGone),
                Err(error) => context.report(&error),
            }
        });
    }

    fn go_to(&self, message: MessageId) {
        self.context.with(|window| window.global::<ConversationState>().set_stick(false));
        self.with_open(|open| (open.moving, open.aim) = (false, Some(message)));
        self.step(Move::To(message));
    }

    /// The window has moved: what was jumped to may be there now.
    pub(super) fn arrive(&self) {
        let there = self.with_open(|open| open.aim.filter(|aim| open.message(*aim).is_some()));
        if let Some(Some(message)) = there {
            self.with_open(|open| open.aim = None);
            self.show_target(message);
        }
    }

    fn show_target(&self, message: MessageId) {
        self.aim_at(message_key(message), true);
    }

    /// Scrolls a row to where it is seen.
    pub(super) fn aim_at(&self, row: SharedString, flash: bool) {
        self.context.with(|window| {
            let state = window.global::<ConversationState>();
            state.set_stick(false);
            state.set_target("".into());
            state.set_target(row.clone());
            if flash {
                state.set_flash(row);
            }
        });
    }

    /// The message that another one answers.
    pub(super) fn open_quote(&self, key: &str) {
        let original = message_of(key).and_then(|id| {
            self.with_open(|open| open.message(id).and_then(|m| m.quote.as_ref()?.original.as_ref().map(|o| o.id)))
        });
        match original.flatten() {
            Some(original) => self.jump_to(original),
            None => self.context.toast(ToastKind::OriginalGone),
        }
    }
}

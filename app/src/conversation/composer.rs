//! Writing: the draft, the counter, sending.

use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::time::Duration;

use slint::{ComponentHandle as _, Timer, TimerMode};
use tacit_client::text::{TextError, check_text, remaining};
use tacit_client::{ConversationId, Draft as Letter, OutgoingFile};
use tacit_ui::ConversationState;

use super::Conversation;
use super::mentions::with_ids;
use super::rows::Pending;
use crate::context::go;

/// A draft is kept so long after the last key.
const REST: Duration = Duration::from_millis(300);

/// What was typed and is not kept yet.
#[derive(Default)]
pub(super) struct Draft {
    unsaved: RefCell<Option<(ConversationId, String)>>,
    resting: Timer,
}

/// What the counter shows.
fn left(text: &str) -> i32 {
    i32::try_from(remaining(text)).unwrap_or(i32::MIN)
}

impl Conversation {
    pub(super) fn focus(&self) {
        self.context.with(|window| {
            let state = window.global::<ConversationState>();
            state.set_serial(state.get_serial().wrapping_add(1));
        });
    }

    /// Puts a text into the field.
    pub(super) fn fill_draft(&self, text: &str) {
        self.context.with(|window| {
            let state = window.global::<ConversationState>();
            state.set_draft(text.into());
            state.set_left(left(text));
        });
    }

    pub(super) fn draft_edited(&self, text: &str) {
        self.context.with(|window| window.global::<ConversationState>().set_left(left(text)));
        let (Some(id), Some(account)) = (self.open_id(), self.context.account()) else { return };
        self.find_mentions(text);
        self.preview_edited(text);
        let empty = text.trim().is_empty();
        self.context.bridge.spawn(async move { account.client.typed(id, empty) });
        *self.draft.unsaved.borrow_mut() = Some((id, text.to_owned()));
        let me = Weak::clone(&self.me);
        self.draft.resting.start(TimerMode::SingleShot, REST, move || {
            if let Some(this) = me.upgrade() {
                this.keep_draft();
            }
        });
    }

    fn unsaved(&self) -> Option<(ConversationId, String)> {
        self.draft.resting.stop();
        self.draft.unsaved.borrow_mut().take()
    }

    /// Keeps what is being typed.
    pub(super) fn keep_draft(&self) {
        if let (Some((id, text)), Some(account)) = (self.unsaved(), self.context.account()) {
            self.context.bridge.launch(async move { account.client.set_draft(id, &text).await });
        }
    }

    /// Keeps it before this returns: the account closes.
    pub(super) fn keep_draft_now(&self) {
        if let (Some((id, text)), Some(account)) = (self.unsaved(), self.context.account())
            && !matches!(self.context.bridge.wait_for(account.client.set_draft(id, &text)), Some(Ok(())))
        {
            tracing::warn!("a draft could not be kept");
        }
    }

    /// Sends a text as it stands, with what goes with it. Nothing is cut: a text that is not
    /// accepted stays in the field.
    pub(super) fn send(&self, text: String) {
        let sent = with_ids(&text, &self.members());
        match check_text(&sent) {
            Ok(_) => {}
            Err(TextError::Empty) if !self.outgoing.is_empty() => {}
            Err(TextError::Empty) => return self.fill_draft(""),
            Err(error) => return self.context.say(&error.to_string()),
        }
        if self.outgoing.is_empty() {
            return self.post(sent, text, Vec::new());
        }
        if self.posting.replace(true) {
            return;
        }
        let Some(id) = self.open_id() else { return };
        let me = Weak::clone(&self.me);
        go(async move {
            let Some(this) = me.upgrade() else { return };
            let files = this.outgoing.take().await;
            this.posting.set(false);
            // Files were taken away, or another conversation was opened meanwhile.
            if let Some(files) = files.filter(|files| !files.is_empty() && this.open_id() == Some(id)) {
                this.post(sent, text, files);
            }
        });
    }

    /// Hands a message over; until the database has it, a row stands for it. `typed` goes back into
    /// the field if it cannot be kept.
    fn post(&self, sent: String, typed: String, files: Vec<OutgoingFile>) {
        let (Some(id), Some(account)) = (self.open_id(), self.context.account()) else { return };
        let quote = self.quote_to_send();
        let mut letter = Letter { text: sent, quote: quote.as_ref().map(|(id, _)| *id), files, ..Letter::default() };
        if let Some(preview) = self.take_preview(&letter.text) {
            preview.add_to(&mut letter);
        }
        let (text, quote) = (typed, quote.map(|(_, quote)| quote));
        let files = self.outgoing.pending_rows();
        drop(self.unsaved());
        self.fill_draft("");
        self.cancel_reply();
        self.outgoing.clear();
        let serial = self.with_open(|open| {
            let serial = open.pending.last().map_or(0, |pending| pending.serial + 1);
            open.pending.push(Pending { serial, text: text.clone(), quote, files, id: None });
            serial
        });
        self.context.with(|window| window.global::<ConversationState>().set_stick(true));
        if self.with_open(|open| open.has_newer) == Some(true) {
            self.jump_to_newest();
        }
        self.render();
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            let sent = context.bridge.call(account.send(id, letter)).await;
            let Some(this) = me.upgrade() else { return };
            let still_open = this.open_id() == Some(id);
            match sent {
                Ok(message) if still_open => {
                    this.with_open(|open| {
                        let known = open.message(message).is_some();
                        open.pending.retain(|pending| Some(pending.serial) != serial || !known);
                        if let Some(pending) = open.pending.iter_mut().find(|p| Some(p.serial) == serial) {
                            pending.id = Some(message);
                        }
                    });
                }
                Ok(_) => {}
                Err(error) => {
                    if still_open {
                        this.with_open(|open| open.pending.retain(|pending| Some(pending.serial) != serial));
                        this.give_back(&text);
                    }
                    context.report(&error);
                }
            }
            this.render();
        });
    }

    /// A text that could not even be kept goes back into the field, before what was typed since.
    fn give_back(&self, text: &str) {
        let typed = self.context.window().map(|window| window.global::<ConversationState>().get_draft());
        let whole = match typed.filter(|typed| !typed.is_empty()) {
            Some(typed) => format!("{text}\n{typed}"),
            None => text.to_owned(),
        };
        self.fill_draft(&whole);
        self.draft_edited(&whole);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counter_counts_characters_as_messages_do() {
        assert_eq!(left(""), 2_000);
        assert_eq!(left(&"😀".repeat(2_038)), -38);
        assert_eq!(tacit_client::text::TEXT_LIMIT, 2_000);
    }
}

//! What is on the screen counts as read after a moment.

use std::rc::Weak;
use std::time::Duration;

use slint::{ComponentHandle as _, TimerMode};
use tacit_ui::ConversationState;

use super::Conversation;

/// Rows have to stand on the screen so long before they count as read.
const GLANCE: Duration = Duration::from_millis(250);

impl Conversation {
    /// What is on the screen is read in a moment, unless it is gone by then.
    pub(super) fn look(&self) {
        let me = Weak::clone(&self.me);
        self.reading.start(TimerMode::SingleShot, GLANCE, move || {
            if let Some(this) = me.upgrade() {
                this.read();
            }
        });
        self.render();
    }

    /// Whoever opens it wants it to be marked as unread no longer.
    pub(super) fn unmark(&self) {
        let marked = self.with_open(|open| std::mem::take(&mut open.about.marked_unread).then_some(open.id)).flatten();
        if let (Some(id), Some(account)) = (marked, self.context.account()) {
            self.context.bridge.launch(async move { account.client.set_marked_unread(id, false).await });
        }
    }

    fn read(&self) {
        let at_bottom =
            self.context.window().is_some_and(|window| window.global::<ConversationState>().get_at_bottom());
        if !at_bottom || !self.is_on_screen() {
            return;
        }
        let newest = self.with_open(|open| {
            let newest = open.messages.last().map(|message| message.sort_at);
            let news = newest.filter(|newest| *newest > open.read_until && !open.has_newer);
            open.read_until = news.unwrap_or(open.read_until);
            news.map(|until| (open.id, until))
        });
        if let (Some(Some((id, until))), Some(account)) = (newest, self.context.account()) {
            self.context.bridge.launch(async move { account.client.mark_read(id, Some(until)).await });
            self.render();
            self.look_for_named();
        }
    }
}

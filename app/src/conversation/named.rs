//! What names us and is unread: how many there are, and the way from one to the next.

use std::rc::{Rc, Weak};

use slint::ComponentHandle as _;
use tacit_client::{MessageId, Place};
use tacit_ui::ConversationState;
use tacit_wire::TimestampMs;

use super::Conversation;
use crate::context::go;

/// So many are counted.
const COUNTED: u32 = 99;

/// What names us below.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// Up to here they were jumped to.
    seen: TimestampMs,
    /// Those that follow, oldest first.
    next: Vec<Place>,
}

impl Named {
    /// The next one; from then on it counts no more.
    fn step(&mut self) -> Option<MessageId> {
        let next = (!self.next.is_empty()).then(|| self.next.remove(0))?;
        self.seen = next.sort_at;
        Some(next.id)
    }
}

impl Conversation {
    /// Looks again how many there are.
    pub(super) fn look_for_named(&self) {
        let Some((id, after)) = self.with_open(|open| (open.id, open.read_until.max(open.named.seen))) else { return };
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            let finding =
                context.call(move |account| async move { account.client.mentions_after(id, after, COUNTED).await });
            let (Ok(found), Some(this)) = (finding.await, me.upgrade()) else { return };
            if this.open_id() == Some(id) {
                this.with_open(|open| {
                    let after = open.read_until.max(open.named.seen);
                    open.named.next = found.into_iter().filter(|place| place.sort_at > after).collect();
                });
                this.show_named();
            }
        });
    }

    fn show_named(&self) {
        let count = self.with_open(|open| open.named.next.len()).unwrap_or_default();
        self.context.with(|window| {
            window.global::<ConversationState>().set_mentions_below(i32::try_from(count).unwrap_or(i32::MAX));
        });
    }

    pub(super) fn jump_to_mention(&self) {
        let next = self.with_open(|open| open.named.step()).flatten();
        self.show_named();
        if let Some(message) = next {
            self.jump_to(message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_jumped_to_once() {
        let place = |id, time| Place { id: MessageId(id), sort_at: TimestampMs(time) };
        let mut named = Named { seen: TimestampMs(0), next: vec![place(4, 40), place(7, 70)] };
        assert_eq!([named.step(), named.step(), named.step()], [Some(MessageId(4)), Some(MessageId(7)), None]);
        assert_eq!(named.seen, TimestampMs(70));
    }
}

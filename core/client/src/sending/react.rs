//! Reactions (protocol: messages 4.6).

use std::collections::VecDeque;

use tacit_store::{MessageKind, NewReaction, Reacted, ReactionGroup, Store};
use tacit_wire::TimestampMs;

use super::sealer::{Sealer, Sending, expiry_of};
use crate::client::Client;
use crate::encode;
use crate::text::is_reaction;
use crate::{ConversationId, Error, MessageId};

/// Reactions that one may send …
const AT_MOST: usize = 20;
/// … within so many ms.
const WITHIN_MS: u64 = 60_000;

/// Remembers when reactions went out, so that there are never too many within a minute.
#[derive(Default)]
pub(crate) struct Pace(VecDeque<TimestampMs>);

impl Pace {
    /// Whether one more may go out now; if so, it counts.
    fn take(&mut self, now: TimestampMs) -> bool {
        self.0.retain(|at| at.0.saturating_add(WITHIN_MS) > now.0);
        let free = self.0.len() < AT_MOST;
        if free {
            self.0.push_back(now);
        }
        free
    }
}

impl Client {
    /// Sets an emoji under a message.
    ///
    /// # Errors
    /// [`Error::Reaction`] when it is no emoji, [`Error::TooFast`] after 20 within a minute,
    /// [`Error::Blocked`], [`Error::Unknown`], those of the database.
    pub async fn react(&self, message: MessageId, emoji: &str) -> Result<(), Error> {
        self.set_reaction(message, emoji, false).await
    }

    /// Takes an emoji of ours off a message.
    ///
    /// # Errors
    /// As [`Client::react`].
    pub async fn unreact(&self, message: MessageId, emoji: &str) -> Result<(), Error> {
        self.set_reaction(message, emoji, true).await
    }

    async fn set_reaction(&self, message: MessageId, emoji: &str, removed: bool) -> Result<(), Error> {
        if !is_reaction(emoji) {
            return Err(Error::Reaction);
        }
        let inner = &self.inner;
        let (now, sealer, emoji) = (inner.now(), inner.sealer(), emoji.to_owned());
        if !inner.reaction_pace.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take(now) {
            return Err(Error::TooFast);
        }
        let set = move |store: &mut Store| sealer.queue_reaction(store, message, &emoji, removed, now);
        let conversation = inner.database.call(set).await?;
        inner.tell_messages(conversation);
        inner.outbox_wake.notify_one();
        Ok(())
    }
}

impl Sealer {
    pub(super) fn queue_reaction(
        &self,
        store: &mut Store,
        message: MessageId,
        emoji: &str,
        removed: bool,
        now: TimestampMs,
    ) -> Result<ConversationId, Error> {
        store.write(|tx| {
            let target = tx.message(message)?;
            if target.deleted || target.kind != MessageKind::Text {
                return Err(Error::Unknown { what: "message" });
            }
            let place = tx.conversation(target.conversation)?;
            let peer = self.writable_peer(tx, &place)?;
            let ours = |group: &ReactionGroup| group.emoji == emoji && group.senders.contains(&self.me);
            if target.reactions.iter().any(ours) != removed {
                // Nobody would be told of a new T, which would then outweigh what our other devices do.
                return Ok(target.conversation);
            }
            if peer != self.me {
                self.approve(tx, &peer, now)?;
            }
            let sent_at = tx.next_sent_at(now)?;
            let (of, sender) = (target.reference(), self.me);
            let new = NewReaction { conversation: target.conversation, target: of, sender, emoji, sent_at, removed };
            if let Reacted::Changed(_) = tx.react(&new, now)? {
                let expiry = expiry_of(&place);
                let sending = Sending { message: None, peer: &peer, sent_at, expiry };
                let content =
                    |audience: encode::Audience<'_>| encode::reaction(&of, emoji, removed, sent_at, expiry, audience);
                self.send_out(tx, &sending, content, now)?;
            }
            Ok(target.conversation)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_twenty_within_any_minute() {
        let mut pace = Pace::default();
        let taken = (0..1_000_u64).filter(|n| pace.take(TimestampMs(n * 500))).count();
        // 500 s: twenty in each of the eight minutes, and in what is left of the ninth.
        assert_eq!(taken, 9 * AT_MOST);
    }
}

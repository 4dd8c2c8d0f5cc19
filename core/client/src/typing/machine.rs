//! When typing is told and how long it is shown: pure functions of events and time.

use std::collections::HashMap;

use tacit_wire::{AccountId, TimestampMs};

use crate::ConversationId;

/// Between two messages while we go on typing, in ms.
const AGAIN_MS: u64 = 10_000;
/// Without a key for so long, we no longer type.
const PAUSE_MS: u64 = 3_000;
/// Others are shown as typing for so long after they said it.
pub(crate) const SHOWN_MS: u64 = 15_000;

struct Typed {
    told: TimestampMs,
    key: TimestampMs,
}

/// Where we type.
#[derive(Default)]
pub(super) struct Ours(HashMap<ConversationId, Typed>);

impl Ours {
    /// A key was pressed: `Some(true)` when the other side is to be told.
    pub(super) fn key(&mut self, conversation: ConversationId, now: TimestampMs) -> Option<bool> {
        match self.0.get_mut(&conversation) {
            Some(typed) => {
                typed.key = now;
                let again = now.0 >= typed.told.0 + AGAIN_MS;
                if again {
                    typed.told = now;
                }
                again.then_some(true)
            }
            None => {
                self.0.insert(conversation, Typed { told: now, key: now });
                Some(true)
            }
        }
    }

    /// The text was emptied: `Some(false)` when the other side is to be told.
    pub(super) fn stopped(&mut self, conversation: ConversationId) -> Option<bool> {
        self.0.remove(&conversation).map(|_| false)
    }

    /// The message went out: that tells it.
    pub(super) fn sent(&mut self, conversation: ConversationId) {
        self.0.remove(&conversation);
    }

    /// Where we no longer type.
    pub(super) fn tick(&mut self, now: TimestampMs) -> Vec<ConversationId> {
        let over: Vec<_> =
            self.0.iter().filter(|(_, typed)| typed.key.0 + PAUSE_MS <= now.0).map(|(id, _)| *id).collect();
        for id in &over {
            self.0.remove(id);
        }
        over
    }

    pub(super) fn next(&self) -> Option<TimestampMs> {
        self.0.values().map(|typed| TimestampMs(typed.key.0 + PAUSE_MS)).min()
    }
}

/// Who else types, and until when it is shown.
#[derive(Default)]
pub(super) struct Theirs(HashMap<(ConversationId, AccountId), TimestampMs>);

impl Theirs {
    /// Somebody types until a time, or no longer: whether that is to be shown, if it is news.
    pub(super) fn heard(
        &mut self,
        conversation: ConversationId,
        from: AccountId,
        until: Option<TimestampMs>,
        now: TimestampMs,
    ) -> Option<bool> {
        let until = until.map(|until| until.min(TimestampMs(now.0 + SHOWN_MS))).filter(|until| *until > now);
        match until {
            Some(until) => {
                self.0.insert((conversation, from), until);
                Some(true)
            }
            None => self.0.remove(&(conversation, from)).map(|_| false),
        }
    }

    /// Who is no longer shown.
    pub(super) fn tick(&mut self, now: TimestampMs) -> Vec<(ConversationId, AccountId)> {
        let over: Vec<_> = self.0.iter().filter(|(_, until)| **until <= now).map(|(who, _)| *who).collect();
        for who in &over {
            self.0.remove(who);
        }
        over
    }

    pub(super) fn next(&self) -> Option<TimestampMs> {
        self.0.values().min().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{account, after};

    const CHAT: ConversationId = ConversationId(1);

    #[test]
    fn typing_is_told_at_the_first_key_every_ten_seconds_and_at_the_end() {
        let mut ours = Ours::default();
        let told: Vec<u64> = (0..=25).filter(|s| ours.key(CHAT, after(s * 1_000)).is_some()).collect();
        assert_eq!(told, [0, 10, 20]);
        assert_eq!(ours.next(), Some(after(28_000)));
        assert!(ours.tick(after(27_999)).is_empty());
        assert_eq!(ours.tick(after(28_000)), [CHAT]);
        assert_eq!(ours.stopped(CHAT), None, "told already");
        assert_eq!(ours.key(CHAT, after(29_000)), Some(true));
        assert_eq!(ours.stopped(CHAT), Some(false));
        ours.key(CHAT, after(30_000));
        ours.sent(CHAT);
        assert!(ours.tick(after(90_000)).is_empty(), "a message tells it");
    }

    #[test]
    fn others_type_until_they_stop_or_fifteen_seconds_are_over() {
        let (mut theirs, (_, bob)) = (Theirs::default(), account(2));
        let until = |at| Some(TimestampMs(after(at).0 + SHOWN_MS));
        assert_eq!(theirs.heard(CHAT, bob, until(0), after(1_000)), Some(true));
        assert_eq!(theirs.next(), Some(after(15_000)));
        assert_eq!(theirs.heard(CHAT, bob, None, after(2_000)), Some(false));
        assert_eq!(theirs.heard(CHAT, bob, None, after(2_000)), None);
        assert_eq!(theirs.heard(CHAT, bob, until(0), after(15_000)), None, "it came too late");
        // A clock that runs ahead does not make it last.
        assert_eq!(theirs.heard(CHAT, bob, Some(TimestampMs(u64::MAX)), after(0)), Some(true));
        assert_eq!(theirs.tick(after(15_000)), [(CHAT, bob)]);
    }
}

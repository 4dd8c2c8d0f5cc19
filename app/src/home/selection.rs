//! Which chats are ticked: pure.

use std::collections::BTreeSet;

use tacit_client::ConversationId;

/// Selection mode, and what is selected.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Selection(Option<BTreeSet<ConversationId>>);

impl Selection {
    pub(super) fn is_on(&self) -> bool {
        self.0.is_some()
    }

    pub(super) fn has(&self, id: ConversationId) -> bool {
        self.0.as_ref().is_some_and(|chosen| chosen.contains(&id))
    }

    pub(super) fn count(&self) -> usize {
        self.0.as_ref().map_or(0, BTreeSet::len)
    }

    /// Begins with a chat, or ticks and unticks it.
    pub(super) fn toggle(&mut self, id: ConversationId) {
        let chosen = self.0.get_or_insert_default();
        if !chosen.remove(&id) {
            chosen.insert(id);
        }
    }

    /// Ends the mode and hands over what was selected.
    pub(super) fn take(&mut self) -> Vec<ConversationId> {
        self.0.take().into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chat_is_ticked_and_unticked_and_the_mode_stays_until_it_is_ended() {
        let mut selection = Selection::default();
        assert!(!selection.is_on());
        let (one, two) = (ConversationId(1), ConversationId(2));
        selection.toggle(one);
        selection.toggle(two);
        selection.toggle(one);
        assert!(selection.has(two) && !selection.has(one));
        selection.toggle(two);
        assert!(selection.is_on(), "nothing is selected, and the bar is still there");
        assert_eq!(selection.take(), []);
        assert!(!selection.is_on());
    }
}

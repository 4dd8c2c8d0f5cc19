//! Reactions (protocol: messages 4.6).

use tacit_store::{MessageRef, NewReaction, Reacted};
use tacit_wire::proto::data_message::{self, reaction::Action};
use tacit_wire::{AccountId, TimestampMs};

use crate::events::Event;
use crate::inbox::apply::{Batch, Outcome};
use crate::inbox::read::Incoming;
use crate::text::is_reaction;

/// An emoji set or taken off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reaction {
    pub(crate) target: MessageRef,
    pub(crate) emoji: String,
    pub(crate) removed: bool,
}

pub(in crate::inbox) fn parse_reaction(reaction: &data_message::Reaction) -> Result<Reaction, &'static str> {
    let author = AccountId::parse(&reaction.author).map_err(|_| "reaction")?;
    let emoji = reaction.emoji();
    if !is_reaction(emoji) {
        return Err("reaction");
    }
    let target = MessageRef { author, sent_at: TimestampMs(reaction.id) };
    Ok(Reaction { target, emoji: emoji.to_owned(), removed: reaction.action() == Action::Remove })
}

impl Batch<'_> {
    pub(in crate::inbox) fn reaction(&self, incoming: &Incoming, reaction: &Reaction) -> Outcome {
        let Some(conversation) = self.conversation_of(incoming)? else { return Ok(Err("no_conversation")) };
        // Only what one of the two wrote can stand in their conversation.
        if ![*self.me, incoming.peer].contains(&reaction.target.author) {
            return Ok(Err("reaction"));
        }
        let Reaction { target, emoji, removed } = reaction;
        let (sender, sent_at, removed) = (incoming.from, incoming.sent_at, *removed);
        let new = NewReaction { conversation, target: *target, sender, emoji, sent_at, removed };
        let Reacted::Changed(message) = self.tx.react(&new, self.now)? else { return Ok(Ok(Vec::new())) };
        self.update_profile(incoming)?;
        let event = Event::Reaction { conversation, message, from: sender, emoji: emoji.clone(), removed };
        Ok(Ok(vec![event, Event::Messages { conversation }]))
    }
}

//! Receipts, typing, and lines that tell of something (protocol: messages 4.7, 4.9, 4.12).

use tacit_store::{Error, MessageKind, NewMessage, State};
use tacit_wire::TimestampMs;
use tacit_wire::proto::data_extraction_notification::Type as Extraction;
use tacit_wire::proto::typing_message::Action;
use tacit_wire::proto::{DataExtractionNotification, TypingMessage};

use crate::events::Event;
use crate::inbox::apply::{Batch, Outcome};
use crate::inbox::expiry::Arrival;
use crate::inbox::read::Incoming;
use crate::sending::{READ_RECEIPTS, TYPING_INDICATORS, is_on};
use crate::typing::SHOWN_MS;

/// Messages that one receipt may name.
const RECEIPT_MAX: usize = 1_000;

pub(in crate::inbox) fn parse_typing(typing: &TypingMessage) -> bool {
    typing.action() == Action::Started
}

pub(in crate::inbox) fn parse_extraction(notice: &DataExtractionNotification) -> MessageKind {
    match notice.r#type() {
        Extraction::Screenshot => MessageKind::Screenshot,
        Extraction::MediaSaved => MessageKind::MediaSaved,
    }
}

impl Batch<'_> {
    /// A line in a conversation that is there. A timer that somebody else sets changes nothing of
    /// ours: each side has its own.
    pub(in crate::inbox) fn line(&self, incoming: &Incoming, kind: MessageKind, arrival: &Arrival) -> Outcome {
        let Some(conversation) = self.conversation_of(incoming)? else { return Ok(Err("no_conversation")) };
        let ours = incoming.from == *self.me;
        let state = if ours { State::Sent { kept: 0, of: 0 } } else { State::Received };
        let copy = ours && incoming.peer != *self.me;
        let line = NewMessage {
            kind,
            hash: (!copy).then(|| arrival.hash.clone()),
            expiry: incoming.expiry,
            ..NewMessage::text(conversation, incoming.from, state, incoming.sent_at, "")
        };
        let Some(id) = self.keep(&line, copy, arrival)? else { return Ok(Ok(Vec::new())) };
        self.update_profile(incoming)?;
        Ok(Ok(vec![Event::Notice(Box::new(self.tx.message(id)?)), Event::Messages { conversation }]))
    }

    /// The other side read messages of ours; counts only where both want that.
    pub(in crate::inbox) fn read(&self, incoming: &Incoming, messages: &[TimestampMs]) -> Outcome {
        let Some(conversation) = self.conversation_of(incoming)? else { return Ok(Err("no_conversation")) };
        if !is_on(self.tx, READ_RECEIPTS)? || !self.is_approved(incoming)? {
            return Ok(Err("receipt_unwanted"));
        }
        let mut read = Vec::new();
        for sent_at in messages.iter().take(RECEIPT_MAX) {
            read.extend(self.tx.set_peer_read(conversation, self.me, *sent_at, incoming.sent_at.min(self.now))?);
        }
        if read.is_empty() {
            return Ok(Ok(Vec::new()));
        }
        Ok(Ok(vec![Event::ReadByPeer { conversation, messages: read }, Event::Messages { conversation }]))
    }

    pub(in crate::inbox) fn typing(&mut self, incoming: &Incoming, started: bool) -> Outcome {
        let Some(conversation) = self.conversation_of(incoming)? else { return Ok(Err("no_conversation")) };
        if !is_on(self.tx, TYPING_INDICATORS)? || !self.is_approved(incoming)? {
            return Ok(Err("typing_unwanted"));
        }
        let until = started.then(|| TimestampMs(incoming.sent_at.0.saturating_add(SHOWN_MS)));
        self.typing.push((conversation, incoming.from, until));
        Ok(Ok(Vec::new()))
    }

    fn is_approved(&self, incoming: &Incoming) -> Result<bool, Error> {
        Ok(self.tx.contact(&incoming.from)?.is_some_and(|contact| contact.approved))
    }
}

//! Contents that change or tell something and are no messages of their own
//! (protocol: messages 4.6 to 4.9, 4.12).

use tacit_store::{Expiry, MessageRef};
use tacit_wire::TimestampMs;
use tacit_wire::proto::data_extraction_notification::Type as Extraction;
use tacit_wire::proto::data_message::reaction::Action;
use tacit_wire::proto::data_message::{Flags, Reaction};
use tacit_wire::proto::receipt_message::Type as Receipt;
use tacit_wire::proto::typing_message::Action as Typing;
use tacit_wire::proto::{
    Content, DataExtractionNotification, DataMessage, ReceiptMessage, TypingMessage, UnsendRequest,
};

use super::{Audience, content, data};

/// An emoji set under a message, or taken off.
pub fn reaction(
    target: &MessageRef,
    emoji: &str,
    removed: bool,
    sent_at: TimestampMs,
    expiry: Expiry,
    audience: Audience<'_>,
) -> Content {
    let action = if removed { Action::Remove } else { Action::React };
    let reaction = Reaction {
        id: target.sent_at.0,
        author: target.author.to_string(),
        emoji: Some(emoji.to_owned()),
        action: action.into(),
    };
    data(DataMessage { reaction: Some(reaction), ..DataMessage::default() }, sent_at, expiry, audience)
}

/// Says that from now on messages disappear so.
pub fn timer_change(to: Expiry, sent_at: TimestampMs, audience: Audience<'_>) -> Content {
    let flags = Some(Flags::ExpirationTimerUpdate as u32);
    data(DataMessage { flags, ..DataMessage::default() }, sent_at, to, audience)
}

/// Says which messages were read.
pub fn read_receipt(messages: &[TimestampMs], sent_at: TimestampMs) -> Content {
    let receipt =
        ReceiptMessage { r#type: Receipt::Read.into(), timestamp: messages.iter().map(|message| message.0).collect() };
    Content { receipt_message: Some(receipt), ..content(sent_at, Expiry::Off) }
}

/// Says that we type, or no longer.
pub fn typing(started: bool, sent_at: TimestampMs) -> Content {
    let action = if started { Typing::Started } else { Typing::Stopped };
    let typing = TypingMessage { timestamp: sent_at.0, action: action.into() };
    Content { typing_message: Some(typing), ..content(sent_at, Expiry::Off) }
}

/// Asks to remove a message.
pub fn unsend(target: &MessageRef, sent_at: TimestampMs) -> Content {
    let request = UnsendRequest { timestamp: target.sent_at.0, author: target.author.to_string() };
    Content { unsend_request: Some(request), ..content(sent_at, Expiry::Off) }
}

/// Says that an attachment of a message was saved; runs out as if it were read at once.
pub fn media_saved(message: TimestampMs, sent_at: TimestampMs, expiry: Expiry) -> Content {
    let expiry = match expiry {
        Expiry::AfterSend { seconds } => Expiry::AfterRead { seconds },
        expiry => expiry,
    };
    let notice = DataExtractionNotification { r#type: Extraction::MediaSaved.into(), timestamp: Some(message.0) };
    Content { data_extraction_notification: Some(notice), ..content(sent_at, expiry) }
}

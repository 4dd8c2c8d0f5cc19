//! What a message is, by the fields that are set (protocol: messages 4.1): looked at in a
//! fixed order, the first found counts.

use crate::TimestampMs;
use crate::proto::call_message::Type as CallType;
use crate::proto::content::ExpirationType;
use crate::proto::data_message::{Flags, Reaction};
use crate::proto::receipt_message::Type as ReceiptType;
use crate::proto::{
    CallMessage, Content, DataExtractionNotification, DataMessage, GroupUpdateMessage, MessageRequestResponse,
    ReceiptMessage, TypingMessage, UnsendRequest,
};

/// Most attachments of one message.
pub const MAX_ATTACHMENTS: usize = 32;
/// Longest emoji of a reaction, in bytes.
pub const MAX_EMOJI: usize = 64;

/// The kind of a message, with the part that matters.
#[derive(Debug, Clone, Copy)]
pub enum Kind<'a> {
    /// Something to show: text, attachments, a quote, a preview or an invitation.
    Visible(&'a DataMessage),
    /// A reaction set or taken back.
    Reaction(&'a Reaction),
    /// The timer of the conversation changes; see [`expiration`].
    TimerChange(&'a DataMessage),
    /// Control of a group, or an invitation to one.
    GroupControl(&'a GroupUpdateMessage),
    /// Messages that were read.
    ReadReceipt(&'a ReceiptMessage),
    /// Starts or stops typing.
    Typing(&'a TypingMessage),
    /// Media was saved, or a picture of the screen made.
    DataExtraction(&'a DataExtractionNotification),
    /// A message shall go.
    Unsend(&'a UnsendRequest),
    /// Signalling of a call.
    Call(&'a CallMessage),
    /// A message request was answered.
    RequestResponse(&'a MessageRequestResponse),
}

/// Why a message is dropped though it parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Dropped {
    /// It holds nothing that is known.
    #[error("says nothing known")]
    Nothing,
    /// A visible message without anything to show.
    #[error("shows nothing")]
    Empty,
    /// Flags of another meaning.
    #[error("unknown flags")]
    Flags,
    /// More than [`MAX_ATTACHMENTS`].
    #[error("too many attachments")]
    Attachments,
    /// An emoji that is none.
    #[error("malformed reaction")]
    Reaction,
    /// A kind of receipt that nobody sends any more.
    #[error("unknown kind of receipt")]
    Receipt,
    /// Typing with another timestamp than the message's.
    #[error("typing timestamp differs")]
    Typing,
    /// A call message that lacks what its type needs.
    #[error("malformed call message")]
    Call,
}

/// Finds out what `content`, sent at `timestamp`, is.
///
/// # Errors
/// Why it is to be dropped.
pub fn classify(content: &Content, timestamp: TimestampMs) -> Result<Kind<'_>, Dropped> {
    if let Some(message) = &content.data_message {
        return classify_data(message);
    }
    if let Some(receipt) = &content.receipt_message {
        return match receipt.r#type() {
            ReceiptType::Read => Ok(Kind::ReadReceipt(receipt)),
            ReceiptType::Delivery => Err(Dropped::Receipt),
        };
    }
    if let Some(typing) = &content.typing_message {
        return if typing.timestamp == timestamp.0 { Ok(Kind::Typing(typing)) } else { Err(Dropped::Typing) };
    }
    if let Some(notice) = &content.data_extraction_notification {
        return Ok(Kind::DataExtraction(notice));
    }
    if let Some(request) = &content.unsend_request {
        return Ok(Kind::Unsend(request));
    }
    if let Some(call) = &content.call_message {
        return if is_well_formed(call) { Ok(Kind::Call(call)) } else { Err(Dropped::Call) };
    }
    content.message_request_response.as_ref().map(Kind::RequestResponse).ok_or(Dropped::Nothing)
}

fn classify_data(message: &DataMessage) -> Result<Kind<'_>, Dropped> {
    if let Some(update) = &message.group_update_message {
        let known = update.invite_message.is_some()
            || update.info_change_message.is_some()
            || update.member_change_message.is_some()
            || update.promote_message.is_some()
            || update.member_left_message.is_some()
            || update.invite_response.is_some()
            || update.delete_member_content.is_some()
            || update.member_left_notification_message.is_some();
        return if known { Ok(Kind::GroupControl(update)) } else { Err(Dropped::Nothing) };
    }
    let flags = message.flags();
    let timer = Flags::ExpirationTimerUpdate as u32;
    if flags & !timer != 0 {
        return Err(Dropped::Flags);
    }
    if flags & timer != 0 {
        return Ok(Kind::TimerChange(message));
    }
    if let Some(reaction) = &message.reaction {
        let emoji = reaction.emoji();
        let fits = !emoji.is_empty() && emoji.len() <= MAX_EMOJI;
        return if fits { Ok(Kind::Reaction(reaction)) } else { Err(Dropped::Reaction) };
    }
    if message.attachments.len() > MAX_ATTACHMENTS {
        return Err(Dropped::Attachments);
    }
    let shows_something = !message.body().trim().is_empty()
        || !message.attachments.is_empty()
        || message.open_group_invitation.is_some()
        || message.quote.is_some()
        || !message.preview.is_empty();
    if shows_something { Ok(Kind::Visible(message)) } else { Err(Dropped::Empty) }
}

/// Descriptions where the type needs them; candidates with their places (messages 8.1).
fn is_well_formed(call: &CallMessage) -> bool {
    let described = !call.sdps.is_empty();
    match call.r#type() {
        CallType::PreOffer | CallType::EndCall => true,
        CallType::Offer | CallType::Answer | CallType::ProvisionalAnswer => described,
        CallType::IceCandidates => {
            described && call.sdp_m_line_indexes.len() == call.sdps.len() && call.sdp_mids.len() == call.sdps.len()
        }
    }
}

impl Kind<'_> {
    /// Whether it counts when it comes from ourselves (protocol: messages 4.2); everything
    /// else with our own signature is dropped. A request response counts, and is ignored.
    #[must_use]
    pub fn is_accepted_from_self(&self) -> bool {
        match self {
            Self::Visible(_)
            | Self::Reaction(_)
            | Self::TimerChange(_)
            | Self::GroupControl(_)
            | Self::Unsend(_)
            | Self::RequestResponse(_) => true,
            Self::Call(call) => matches!(call.r#type(), CallType::Answer | CallType::EndCall),
            Self::ReadReceipt(_) | Self::Typing(_) | Self::DataExtraction(_) => false,
        }
    }
}

/// When a message disappears (protocol: messages 4.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiration {
    /// Never.
    Off,
    /// So many seconds after it was read.
    AfterRead(u32),
    /// So many seconds after it was sent.
    AfterSend(u32),
}

/// The timer that a message carries. In groups and notes to self any timer counts as
/// [`Expiration::AfterSend`]; that is for the caller to know.
#[must_use]
pub fn expiration(content: &Content) -> Expiration {
    match (content.expiration_type(), content.expiration_timer()) {
        (ExpirationType::Unknown, _) | (_, 0) => Expiration::Off,
        (ExpirationType::DeleteAfterRead, seconds) => Expiration::AfterRead(seconds),
        (ExpirationType::DeleteAfterSend, seconds) => Expiration::AfterSend(seconds),
    }
}

/// Puts a timer into a message, as [`expiration`] reads it.
pub fn set_expiration(content: &mut Content, expiration: Expiration) {
    let (kind, seconds) = match expiration {
        Expiration::Off => (ExpirationType::Unknown, 0),
        Expiration::AfterRead(seconds) => (ExpirationType::DeleteAfterRead, seconds),
        Expiration::AfterSend(seconds) => (ExpirationType::DeleteAfterSend, seconds),
    };
    content.set_expiration_type(kind);
    content.expiration_timer = Some(seconds);
}

#[cfg(test)]
mod tests;

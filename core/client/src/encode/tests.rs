//! Contents for tests of what reads them.

use super::*;

/// A text message.
pub fn text(body: &str, sent_at: TimestampMs, profile: Option<&Profile>) -> Content {
    let message = DataMessage { body: Some(body.to_owned()), ..DataMessage::default() };
    data(message, sent_at, Expiry::Off, profile.map_or(Audience::NoteToSelf, Audience::Recipient))
}

/// The copy of a text message for our own other devices.
pub fn copy_to_self(body: &str, sent_at: TimestampMs, recipient: &AccountId) -> Content {
    let message = DataMessage { body: Some(body.to_owned()), ..DataMessage::default() };
    data(message, sent_at, Expiry::Off, Audience::OurDevices(recipient))
}

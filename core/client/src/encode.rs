//! What we say: contents of messages (protocol: messages 3, 4.2, 4.10, 4.11).

use tacit_wire::proto::content::ExpirationType;
use tacit_wire::proto::{Content, DataMessage, LokiProfile, MessageRequestResponse};
use tacit_wire::{AccountId, TimestampMs};

/// Lifetime of a message on the swarm: 14 days, the most that a public namespace takes.
pub const MESSAGE_TTL_MS: u64 = 14 * 24 * 60 * 60 * 1_000;

/// What goes along with each message so that the other side can show a name.
#[derive(Clone)]
pub struct OwnProfile {
    /// Display name.
    pub name: String,
    /// When it was last changed, seconds since 1970.
    pub updated_s: u64,
}

/// A text message.
pub fn text(body: &str, sent_at: TimestampMs, profile: Option<&OwnProfile>) -> Content {
    let data =
        DataMessage { body: Some(body.to_owned()), profile: profile.map(wire_profile), ..DataMessage::default() };
    Content { data_message: Some(data), ..content(sent_at) }
}

/// The copy of a text message for our own other devices: no profile, and whom it went to.
pub fn copy_to_self(body: &str, sent_at: TimestampMs, recipient: &AccountId) -> Content {
    let data =
        DataMessage { body: Some(body.to_owned()), sync_target: Some(recipient.to_string()), ..DataMessage::default() };
    Content { data_message: Some(data), ..content(sent_at) }
}

/// Tells somebody who wrote first that we accept.
pub fn request_response(sent_at: TimestampMs, profile: &OwnProfile) -> Content {
    let response =
        MessageRequestResponse { is_approved: true, profile_key: None, profile: Some(wire_profile(profile)) };
    Content { message_request_response: Some(response), ..content(sent_at) }
}

fn content(sent_at: TimestampMs) -> Content {
    Content {
        expiration_type: Some(ExpirationType::Unknown.into()),
        expiration_timer: Some(0),
        sig_timestamp: Some(sent_at.0),
        ..Content::default()
    }
}

fn wire_profile(profile: &OwnProfile) -> LokiProfile {
    LokiProfile {
        display_name: Some(profile.name.clone()),
        profile_picture: None,
        last_update_seconds: Some(profile.updated_s),
    }
}

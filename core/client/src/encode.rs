//! What we say: contents of messages (protocol: messages 3, 4, 6.1).

mod control;
mod visible;

use tacit_store::{Expiry, OwnProfile as Profile};
use tacit_wire::content::{Expiration, set_expiration};
use tacit_wire::proto::{Content, DataMessage, LokiProfile, MessageRequestResponse};
use tacit_wire::{AccountId, TimestampMs};

pub use control::{media_saved, reaction, read_receipt, timer_change, typing, unsend};
pub use visible::visible;

/// Lifetime of a message on the swarm: 14 days, the most that a public namespace takes.
pub const MESSAGE_TTL_MS: u64 = 14 * 24 * 60 * 60 * 1_000;

/// Our name as views show it.
#[derive(Clone)]
pub struct OwnProfile {
    /// Display name.
    pub name: String,
    /// When it was last changed, seconds since 1970.
    pub updated_s: u64,
}

/// Who shall read a content.
#[derive(Clone, Copy)]
pub enum Audience<'a> {
    /// Somebody else, who is shown our profile.
    Recipient(&'a Profile),
    /// Our own other devices, of what went to this account.
    OurDevices(&'a AccountId),
    /// Ourselves alone.
    NoteToSelf,
}

/// A content with a data message, addressed as its readers need it (protocol: messages 4.2, 4.11).
fn data(message: DataMessage, sent_at: TimestampMs, expiry: Expiry, audience: Audience<'_>) -> Content {
    let message = match audience {
        Audience::Recipient(profile) if !profile.name.is_empty() => {
            DataMessage { profile: Some(wire_profile(profile)), profile_key: picture_key(profile), ..message }
        }
        Audience::OurDevices(recipient) => DataMessage { sync_target: Some(recipient.to_string()), ..message },
        Audience::Recipient(_) | Audience::NoteToSelf => message,
    };
    Content { data_message: Some(message), ..content(sent_at, expiry) }
}

/// Tells somebody who wrote first that we accept.
pub fn request_response(sent_at: TimestampMs, profile: &Profile) -> Content {
    let response = MessageRequestResponse {
        is_approved: true,
        profile_key: picture_key(profile),
        profile: Some(wire_profile(profile)),
    };
    Content { message_request_response: Some(response), ..content(sent_at, Expiry::Off) }
}

fn content(sent_at: TimestampMs, expiry: Expiry) -> Content {
    let mut content = Content { sig_timestamp: Some(sent_at.0), ..Content::default() };
    let expiration = match expiry {
        Expiry::Off => Expiration::Off,
        Expiry::AfterRead { seconds } => Expiration::AfterRead(seconds),
        Expiry::AfterSend { seconds } => Expiration::AfterSend(seconds),
    };
    set_expiration(&mut content, expiration);
    content
}

fn wire_profile(profile: &Profile) -> LokiProfile {
    LokiProfile {
        display_name: Some(profile.name.clone()),
        profile_picture: picture_key(profile).map(|_| profile.picture_url.clone()),
        last_update_seconds: Some(profile.updated_s),
    }
}

/// A picture needs both its address and its key.
fn picture_key(profile: &Profile) -> Option<Vec<u8>> {
    let whole = !profile.picture_url.is_empty() && matches!(profile.picture_key.len(), 16 | 32);
    whole.then(|| profile.picture_key.clone())
}

#[cfg(test)]
pub(crate) mod tests;

//! The names that the vectors give to kinds of content, found from the parsed message.

use tacit_wire::TimestampMs;
use tacit_wire::content::{Expiration, Kind, classify, expiration};
use tacit_wire::proto::call_message::Type as Call;
use tacit_wire::proto::data_extraction_notification::Type as Extraction;
use tacit_wire::proto::data_message::reaction::Action;
use tacit_wire::proto::group_update_info_change_message::Type as Info;
use tacit_wire::proto::group_update_member_change_message::Type as Members;
use tacit_wire::proto::typing_message::Action as Typing;
use tacit_wire::proto::{Content, DataMessage, GroupUpdateMessage, attachment_pointer};

/// What `content` is, or why it would be dropped.
pub(super) fn name(content: &Content) -> String {
    let timestamp = TimestampMs(content.sig_timestamp.unwrap_or(0));
    let kind = match classify(content, timestamp) {
        Ok(kind) => kind,
        Err(dropped) => return format!("dropped: {dropped}"),
    };
    match kind {
        Kind::Visible(message) => visible(message, expiration(content)),
        Kind::Reaction(reaction) if reaction.action() == Action::Remove => "reaction_removed",
        Kind::Reaction(_) => "reaction",
        Kind::TimerChange(_) if expiration(content) == Expiration::Off => "timer_off",
        Kind::TimerChange(_) => "timer_update",
        Kind::GroupControl(update) => group(update),
        Kind::ReadReceipt(_) => "read_receipt",
        Kind::Typing(typing) if typing.action() == Typing::Started => "typing_started",
        Kind::Typing(_) => "typing_stopped",
        Kind::DataExtraction(notice) if notice.r#type() == Extraction::MediaSaved => "media_saved",
        Kind::DataExtraction(_) => "screenshot",
        Kind::Unsend(_) => "unsend",
        Kind::Call(call) => match call.r#type() {
            Call::Offer => "call_offer",
            Call::Answer => "call_answer",
            Call::ProvisionalAnswer => "call_provisional_answer",
            Call::IceCandidates => "call_ice",
            Call::EndCall => "call_end",
            Call::PreOffer => "call_pre_offer",
        },
        Kind::RequestResponse(response) if response.is_approved => "request_accepted",
        Kind::RequestResponse(_) => "request_refused",
    }
    .to_owned()
}

fn visible(message: &DataMessage, expiration: Expiration) -> &'static str {
    let voice = attachment_pointer::Flags::VoiceMessage as u32;
    if message.sync_target.is_some() {
        "copy_to_self"
    } else if message.quote.is_some() {
        "quote"
    } else if !message.preview.is_empty() {
        "preview"
    } else if message.open_group_invitation.is_some() {
        "community_invitation"
    } else if message.attachments.iter().any(|pointer| pointer.flags() & voice != 0) {
        "voice_message"
    } else if !message.attachments.is_empty() {
        "attachment"
    } else {
        match expiration {
            Expiration::Off => "text",
            Expiration::AfterRead(_) => "text_expiring_after_read",
            Expiration::AfterSend(_) => "text_expiring_after_send",
        }
    }
}

fn group(update: &GroupUpdateMessage) -> &'static str {
    if update.invite_message.is_some() {
        "group_invite"
    } else if update.promote_message.is_some() {
        "group_promote"
    } else if let Some(change) = &update.info_change_message {
        match change.r#type() {
            Info::Name => "group_name",
            Info::Avatar => "group_picture",
            Info::DisappearingMessages => "group_timer",
        }
    } else if let Some(change) = &update.member_change_message {
        match change.r#type() {
            Members::Added => "group_members_added",
            Members::Removed => "group_members_removed",
            Members::Promoted => "group_members_promoted",
        }
    } else if update.member_left_message.is_some() {
        "group_left"
    } else if update.member_left_notification_message.is_some() {
        "group_left_notice"
    } else if let Some(response) = &update.invite_response {
        if response.is_approved { "group_invite_accepted" } else { "group_invite_refused" }
    } else if update.delete_member_content.is_some() {
        "group_delete_content"
    } else {
        "group_unknown"
    }
}

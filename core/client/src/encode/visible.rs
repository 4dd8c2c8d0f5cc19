//! Messages that people see: text, quote, attachments, preview, invitation
//! (protocol: messages 4.3 to 4.5, 6.1).

use tacit_store::{Attachment, AttachmentRole, Message};
use tacit_wire::file_url::FileUrl;
use tacit_wire::proto::attachment_pointer::Flags;
use tacit_wire::proto::data_message::{OpenGroupInvitation, Preview, Quote};
use tacit_wire::proto::{AttachmentPointer, Content, DataMessage};

use super::{Audience, data};

/// The content of a message of ours as it stands in the database, its files uploaded.
pub fn visible(message: &Message, audience: Audience<'_>) -> Content {
    let (pictures, files): (Vec<_>, Vec<_>) =
        message.attachments.iter().partition(|attachment| attachment.role == AttachmentRole::Preview);
    let quote = message.quote.as_ref().map(|quote| Quote {
        id: quote.of.sent_at.0,
        author: quote.of.author.to_string(),
        ..Quote::default()
    });
    let preview = message.preview.as_ref().map(|preview| Preview {
        url: preview.url.clone(),
        title: Some(preview.title.clone()).filter(|title| !title.is_empty()),
        image: pictures.first().map(|picture| pointer(picture)),
    });
    let invitation = message
        .invitation
        .as_ref()
        .map(|invitation| OpenGroupInvitation { url: invitation.url.clone(), name: invitation.name.clone() });
    let said = DataMessage {
        body: Some(message.text.clone()).filter(|text| !text.is_empty()),
        attachments: files.into_iter().map(pointer).collect(),
        quote,
        preview: preview.into_iter().collect(),
        open_group_invitation: invitation,
        ..DataMessage::default()
    };
    data(said, message.sent_at, message.expiry, audience)
}

fn pointer(attachment: &Attachment) -> AttachmentPointer {
    let filled = |bytes: &Vec<u8>| Some(bytes.clone()).filter(|bytes| !bytes.is_empty());
    let known = |number: u32| Some(number).filter(|number| *number > 0);
    let voice = attachment.role == AttachmentRole::Voice;
    AttachmentPointer {
        // Must be written, also where the file's name is no number.
        id: FileUrl::parse(&attachment.pointer.url).ok().and_then(|url| url.id.parse().ok()).unwrap_or_default(),
        content_type: Some(attachment.content_type.clone()),
        key: filled(&attachment.pointer.key),
        size: Some(u32::try_from(attachment.size).unwrap_or(u32::MAX)),
        digest: filled(&attachment.pointer.digest),
        file_name: Some(attachment.file_name.clone()),
        flags: voice.then_some(Flags::VoiceMessage as u32),
        width: known(attachment.width),
        height: known(attachment.height),
        caption: Some(attachment.caption.clone()).filter(|caption| !caption.is_empty()),
        url: Some(attachment.pointer.url.clone()),
    }
}

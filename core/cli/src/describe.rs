//! Messages and events as JSON.

use serde_json::{Value, json};
use tacit_client::{
    Attachment, AttachmentRole, AttachmentState, Client, ConversationId, Event, Expiry, Message, MessageKind, Quote,
};

use crate::failure::Failure;

/// A message, as `receive` and `history` print it.
pub async fn describe(client: &Client, message: &Message) -> Result<Value, Failure> {
    let reactions = message.reactions.iter().map(|group| {
        let senders: Vec<_> = group.senders.iter().map(ToString::to_string).collect();
        json!({"emoji": group.emoji, "from": senders})
    });
    Ok(json!({
        "event": "message",
        "kind": match message.kind {
            MessageKind::Text => "text",
            MessageKind::RequestAccepted => "request_accepted",
            MessageKind::TimerChanged => "timer_changed",
            MessageKind::MediaSaved => "media_saved",
            MessageKind::Screenshot => "screenshot",
            MessageKind::Unknown => "unknown",
        },
        "id": message.id.to_string(),
        "hash": message.hash.as_ref().or(message.copy_hash.as_ref()).map(ToString::to_string),
        "from": message.author.to_string(),
        "conversation": peer(client, message.conversation).await?,
        "sent_at": message.sent_at.0,
        "text": message.text,
        "attachments": message.attachments.iter().map(attachment).collect::<Vec<_>>(),
        "quote": message.quote.as_ref().map(quote),
        "preview": message.preview.as_ref().map(|preview| json!({"url": preview.url, "title": preview.title})),
        "invitation": message.invitation.as_ref().map(|room| json!({"url": room.url, "name": room.name})),
        "reactions": reactions.collect::<Vec<_>>(),
        "mention": message.mention,
        "deleted": message.deleted,
        "read_at": message.peer_read_at.map(|at| at.0),
        "expiry": expiry(message.expiry),
        "expires_at": message.expires_at.map(|at| at.0),
    }))
}

/// An event that is no message of its own: as JSON, and as a line for people.
pub async fn describe_event(client: &Client, event: &Event) -> Result<Option<(Value, String)>, Failure> {
    Ok(Some(match event {
        Event::Reaction { conversation, message, from, emoji, removed } => {
            let value = json!({"event": "reaction", "conversation": peer(client, *conversation).await?,
                "message": message.to_string(), "from": from.to_string(), "emoji": emoji, "removed": removed});
            (value, format!("{from} {} {emoji}", if *removed { "took off" } else { "reacted with" }))
        }
        Event::ReadByPeer { conversation, messages } => {
            let ids: Vec<_> = messages.iter().map(ToString::to_string).collect();
            let value = json!({"event": "receipt", "conversation": peer(client, *conversation).await?,
                "messages": ids});
            (value, format!("{} of your messages were read", ids.len()))
        }
        Event::Typing { conversation, from, typing } => {
            let value = json!({"event": "typing", "conversation": peer(client, *conversation).await?,
                "from": from.to_string(), "typing": typing});
            (value, format!("{from} {}", if *typing { "types" } else { "no longer types" }))
        }
        Event::Unsent { conversation, message } => {
            let value = json!({"event": "unsend", "conversation": peer(client, *conversation).await?,
                "message": message.to_string()});
            (value, "A message was taken back".to_owned())
        }
        Event::Notice(message) => {
            let mut value = describe(client, message).await?;
            let timer = message.kind == MessageKind::TimerChanged;
            value["event"] = if timer { "timer" } else { "notice" }.into();
            let plain = format!("{}: {}", message.author, value["kind"].as_str().unwrap_or_default());
            (value, plain)
        }
        _ => return Ok(None),
    }))
}

/// Null when the conversation was removed in the meantime.
async fn peer(client: &Client, conversation: ConversationId) -> Result<Option<String>, Failure> {
    match client.conversation(conversation).await {
        Ok(conversation) => Ok(conversation.peer.account().map(|account| account.to_string())),
        Err(error) if error.code() == "unknown" => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn attachment(attachment: &Attachment) -> Value {
    json!({
        "id": attachment.id.to_string(),
        "role": match attachment.role {
            AttachmentRole::File => "file",
            AttachmentRole::Voice => "voice",
            AttachmentRole::Preview => "preview",
        },
        "content_type": attachment.content_type,
        "name": attachment.file_name,
        "size": attachment.size,
        "width": attachment.width,
        "height": attachment.height,
        "duration_ms": attachment.duration_ms,
        "caption": attachment.caption,
        "state": match attachment.state {
            AttachmentState::Idle => "idle",
            AttachmentState::Moving => "moving",
            AttachmentState::Done => "done",
            AttachmentState::Failed => "failed",
            AttachmentState::Gone => "gone",
        },
        "failure": attachment.failure,
    })
}

/// The original is null when it is not here any more, or never was.
fn quote(quote: &Quote) -> Value {
    let original = quote.original.as_ref();
    json!({
        "from": quote.of.author.to_string(),
        "sent_at": quote.of.sent_at.0,
        "original": original.map(|original| json!({
            "id": original.id.to_string(), "text": original.text, "deleted": original.deleted})),
    })
}

/// `off`, `read:SECONDS` or `send:SECONDS`.
fn expiry(expiry: Expiry) -> String {
    match expiry {
        Expiry::Off => "off".to_owned(),
        Expiry::AfterRead { seconds } => format!("read:{seconds}"),
        Expiry::AfterSend { seconds } => format!("send:{seconds}"),
    }
}

//! One message as one row: a pure function.

use std::collections::HashSet;

use tacit_client::{AttachmentRole, Message, MessageId, Original, ReactionGroup};
use tacit_ui::{
    ContentWord, Invitation, LinkPreview, Message as Bubble, MessageKind as Kind, Quote, QuoteStatus, Reaction,
    SendState,
};
use tacit_wire::AccountId;

use super::View;
use crate::conversation::link_preview::host;
use crate::conversation::linked::{linked, only_account, with_names};
use crate::conversation::message_key;
use crate::conversation::wording::{Wording, timer_parts};
use crate::files;
use crate::home::rows::send_state;
use crate::model::list;
use crate::person;
use crate::text::{emoji_count, is_rtl, one_line};
use crate::time::{clock, local};

/// Once all nodes have a message, the number goes after this time.
const KEPT_SHOWN_MS: u64 = 60_000;

/// Where a row stands in its run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) first: bool,
    pub(crate) last: bool,
}

impl Place {
    /// A message of its own.
    pub(crate) const ALONE: Self = Self { first: true, last: true };
}

/// A message as its own bubble, also one that was taken back or that only a newer version shows.
pub(crate) fn bubble(
    message: &Message,
    view: &View<'_>,
    kind: Kind,
    place: Place,
    now_ms: u64,
    words: &impl Wording,
) -> Bubble {
    let (state, kept, of) = send_state(&message.state);
    let out = message.outgoing();
    let author = view.names.of(&message.author);
    let young = now_ms.saturating_sub(message.sent_at.0) < KEPT_SHOWN_MS;
    let envelope = Bubble {
        id: message_key(message.id),
        kind,
        time: clock(&local(message.sort_at)).into(),
        out,
        first: place.first,
        last: place.last,
        state,
        kept,
        of,
        show_kept: state == SendState::Stored && of > 0 && (kept < of || young),
        read: out && message.peer_read_at.is_some(),
        sender: if out { "" } else { &author }.into(),
        sender_id: message.author.to_hex().into(),
        initials: person::initials(view.names.known(&message.author), Some(&message.author)).into(),
        tone: person::tone(&message.author),
        vanishes: timer_parts(message.expiry).is_some(),
        vanishing: vanishing(message, now_ms),
        chosen: view.chosen.contains(&message.id),
        found: view.found.contains(&message.id),
        can_delete_everywhere: out && !view.to_self,
        ..Bubble::default()
    };
    if kind == Kind::Text { with_content(envelope, message, view, words) } else { envelope }
}

/// Adds what was written.
fn with_content(row: Bubble, message: &Message, view: &View<'_>, words: &impl Wording) -> Bubble {
    let called = |id: &AccountId| view.names.called(id, words);
    let text = linked(&message.text, called);
    let contact = only_account(&message.text);
    let parts = files::parts(&message.attachments, !message.outgoing(), view.files);
    Bubble {
        rtl: is_rtl(&text.text),
        emoji: emoji_count(&text.text),
        linked: text.styled.is_some(),
        styled: text.styled.unwrap_or_default(),
        text: text.text.into(),
        mentions_me: message.mention,
        has_quote: message.quote.is_some(),
        quote: message.quote.as_ref().map(|quote| quoted(quote, view, words)).unwrap_or_default(),
        pictures: list(parts.pictures),
        files: list(parts.files),
        has_voice: parts.voice.is_some(),
        voice: parts.voice.unwrap_or_default(),
        has_preview: message.preview.is_some(),
        preview: message.preview.as_ref().map(|of| preview(of, parts.preview)).unwrap_or_default(),
        has_invitation: message.invitation.is_some(),
        invitation: message.invitation.as_ref().map(invitation).unwrap_or_default(),
        has_contact: contact.is_some(),
        contact: contact.map(|id| person::person(view.names.known(&id), &id)).unwrap_or_default(),
        reactions: list(reactions(&message.reactions, view, words)),
        ..row
    }
}

/// How much of the time is over, once it has begun.
fn vanishing(message: &Message, now_ms: u64) -> f32 {
    let (Some((seconds, _)), Some(ends)) = (timer_parts(message.expiry), message.expires_at) else { return 0. };
    let whole = f64::from(seconds.max(1)) * 1_000.;
    let left = ends.0.saturating_sub(now_ms) as f64;
    (1. - left / whole).clamp(0., 1.) as f32
}

fn preview(of: &tacit_client::Preview, picture: Option<slint::Image>) -> LinkPreview {
    LinkPreview {
        url: of.url.as_str().into(),
        title: of.title.as_str().into(),
        host: host(&of.url).into(),
        has_picture: picture.is_some(),
        picture: picture.unwrap_or_default(),
    }
}

fn invitation(of: &tacit_client::Invitation) -> Invitation {
    Invitation { name: one_line(&of.name).into(), url: of.url.as_str().into(), joined: false }
}

/// What a message answers.
fn quoted(quote: &tacit_client::Quote, view: &View<'_>, words: &impl Wording) -> Quote {
    let author = quote.of.author;
    let row = Quote {
        own: author == view.names.me,
        name: view.names.of(&author).into(),
        tone: person::tone(&author),
        ..Quote::default()
    };
    match &quote.original {
        None => Quote { status: QuoteStatus::Lost, ..row },
        Some(original) if original.deleted => Quote { status: QuoteStatus::Deleted, ..row },
        Some(original) => Quote {
            status: QuoteStatus::Ok,
            text: excerpt(&original.text, view, words).into(),
            what: original_is(original),
            ..row
        },
    }
}

fn excerpt(text: &str, view: &View<'_>, words: &impl Wording) -> String {
    one_line(&with_names(text, |id| view.names.called(id, words)))
}

fn original_is(original: &Original) -> ContentWord {
    match &original.attachment {
        Some(kind) => content_word(kind.role, &kind.content_type),
        None if original.text.trim().is_empty() => ContentWord::Invitation,
        None if only_account(&original.text).is_some() => ContentWord::Contact,
        None => ContentWord::None,
    }
}

/// A message as it stands in the bar over the field, and later in the answer.
pub(crate) fn answered(message: &Message, view: &View<'_>, words: &impl Wording) -> Quote {
    let attachment = message.attachments.first();
    let original = Original {
        id: message.id,
        text: message.text.clone(),
        deleted: message.deleted,
        attachment: attachment
            .map(|file| tacit_client::AttachmentKind { role: file.role, content_type: file.content_type.clone() }),
    };
    quoted(&tacit_client::Quote { of: message.reference(), original: Some(original) }, view, words)
}

/// What stands for a file where there is no room for it.
pub(crate) fn content_word(role: AttachmentRole, content_type: &str) -> ContentWord {
    match (role, content_type.split('/').next()) {
        (AttachmentRole::Voice, _) => ContentWord::VoiceMessage,
        (AttachmentRole::Preview, _) => ContentWord::None,
        (AttachmentRole::File, Some("image")) if content_type == "image/gif" => ContentWord::Animation,
        (AttachmentRole::File, Some("image")) => ContentWord::Photo,
        (AttachmentRole::File, Some("video")) => ContentWord::Video,
        (AttachmentRole::File, _) => ContentWord::File,
    }
}

/// The most used ones first.
fn reactions(groups: &[ReactionGroup], view: &View<'_>, words: &impl Wording) -> Vec<Reaction> {
    let mut rows: Vec<Reaction> = groups
        .iter()
        .map(|group| Reaction {
            emoji: group.emoji.as_str().into(),
            count: i32::try_from(group.senders.len()).unwrap_or(i32::MAX),
            own: group.senders.contains(&view.names.me),
            names: group.senders.iter().map(|id| view.names.called(id, words)).collect::<Vec<_>>().join(", ").into(),
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.count));
    rows
}

/// Nothing is marked.
pub(crate) fn none() -> &'static HashSet<MessageId> {
    static NONE: std::sync::OnceLock<HashSet<MessageId>> = std::sync::OnceLock::new();
    NONE.get_or_init(HashSet::new)
}

//! Messages that are shown: text, quote, attachments, preview, invitation
//! (protocol: messages 4.3 to 4.5).

use tacit_store::{
    AttachmentRole, AttachmentState, Conversation, ConversationId, Invitation, MessageId, MessageKind, MessageRef,
    NewAttachment, NewMessage, Peer, Pointer, Preview, State,
};
use tacit_wire::file_url::FileUrl;
use tacit_wire::name::{MAX_NAME, cut_to};
use tacit_wire::proto::attachment_pointer::Flags;
use tacit_wire::proto::{AttachmentPointer, DataMessage};
use tacit_wire::{AccountId, TimestampMs, mention};

use crate::events::Event;
use crate::files::state_of_received;
use crate::inbox::apply::{Batch, Outcome};
use crate::inbox::expiry::Arrival;
use crate::inbox::read::Incoming;
use crate::sending::{is_on, peer_of};
use crate::text::{indexed, safe_display, safe_file_name};

/// Most bytes of a file, as it is uploaded (protocol: messages 9): larger ones are not fetched.
const FILE_MAX: u64 = 10_000_000;
/// Setting: a conversation in the archive stays there when a message comes; `1` for yes.
const ARCHIVE_STAYS: &str = "archive_stays";
/// Most bytes of a caption, a title or an address that are kept.
const LINE_MAX: usize = 2_000;

/// A message to show.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Visible {
    pub(crate) text: String,
    pub(crate) quote: Option<MessageRef>,
    pub(crate) attachments: Vec<NewAttachment>,
    pub(crate) preview: Option<Preview>,
    pub(crate) invitation: Option<Invitation>,
    /// Names us, or answers a message of ours.
    pub(crate) mention: bool,
}

impl Visible {
    /// What came held nothing that can be shown; perhaps a newer version can.
    fn is_unknown(&self) -> bool {
        self.text.trim().is_empty() && self.attachments.is_empty() && self.invitation.is_none()
    }
}

pub(in crate::inbox) fn parse_visible(message: &DataMessage, me: &AccountId) -> Result<Visible, &'static str> {
    let text = message.body().to_owned();
    let quote = message.quote.as_ref().and_then(|quote| {
        let author = AccountId::parse(&quote.author).ok()?;
        Some(MessageRef { author, sent_at: TimestampMs(quote.id) })
    });
    let mut attachments: Vec<_> = message.attachments.iter().filter_map(attachment).collect();
    let preview = message.preview.first().and_then(|preview| {
        let picture = preview.image.as_ref().and_then(attachment);
        let title = safe_display(cut_to(preview.title(), LINE_MAX));
        let web = preview.url.starts_with("https://") || preview.url.starts_with("http://");
        let shown = !title.is_empty() || picture.is_some();
        if !web || !shown || preview.url.len() > LINE_MAX || !text.contains(&preview.url) {
            return None;
        }
        attachments.extend(picture.map(|picture| NewAttachment { role: AttachmentRole::Preview, ..picture }));
        Some(Preview { url: preview.url.clone(), title })
    });
    let invitation = message
        .open_group_invitation
        .as_ref()
        .filter(|i| is_room(&i.url))
        .map(|i| Invitation { url: i.url.clone(), name: safe_display(cut_to(&i.name, MAX_NAME)) });
    let mention =
        quote.is_some_and(|quote| quote.author == *me) || mention::find(&text).iter().any(|found| found.id == *me);
    Ok(Visible { text, quote, attachments, preview, invitation, mention })
}

/// A pointer that can be followed one day; others are left out, and the message stays.
fn attachment(pointer: &AttachmentPointer) -> Option<NewAttachment> {
    let url = FileUrl::parse(pointer.url()).ok()?;
    let (key, digest) = (pointer.key().to_vec(), pointer.digest().to_vec());
    let sound = if url.stream { key.len() == 32 } else { key.len() == 64 && digest.len() == 32 };
    if !sound {
        return None;
    }
    let size = u64::from(pointer.size?);
    let file_name = safe_file_name(pointer.file_name());
    let voice = pointer.flags() & Flags::VoiceMessage as u32 != 0;
    Some(NewAttachment {
        role: if voice { AttachmentRole::Voice } else { AttachmentRole::File },
        content_type: content_type(pointer.content_type(), &file_name),
        file_name,
        size,
        width: pointer.width(),
        height: pointer.height(),
        duration_ms: 0,
        caption: cut_to(pointer.caption(), LINE_MAX).to_owned(),
        pointer: Pointer { url: pointer.url().to_owned(), key, digest },
        state: if size > FILE_MAX { AttachmentState::Failed } else { AttachmentState::Idle },
        file: None,
        thumbnail: None,
        waveform: Vec::new(),
    })
}

/// What it says, if that is a MIME type; else by the name.
fn content_type(said: &str, file_name: &str) -> String {
    let letters =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-+._".contains(&b));
    let said = said.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if said.len() <= MAX_NAME && said.split_once('/').is_some_and(|(a, b)| letters(a) && letters(b)) {
        return said;
    }
    let ending = file_name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    match ending.as_deref() {
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("png") => "image/png",
        Some("gif") => "image/gif",
        Some("webp") => "image/webp",
        Some("mp4") => "video/mp4",
        Some("m4a") => "audio/mp4",
        Some("mp3") => "audio/mpeg",
        Some("pdf") => "application/pdf",
        Some("txt") => "text/plain",
        _ => "application/octet-stream",
    }
    .to_owned()
}

/// `https://host/room?public_key=<64 hex digits>` (protocol: messages 4.5).
fn is_room(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let Some((place, key)) = rest.and_then(|rest| rest.split_once("?public_key=")) else { return false };
    let room = place.split_once('/').is_some_and(|(host, room)| !host.is_empty() && !room.is_empty());
    room && url.len() <= LINE_MAX
        && key.len() == 64
        && key.bytes().all(|byte| byte.is_ascii_hexdigit())
        && !url.chars().any(|c| c.is_control() || c.is_whitespace())
}

impl Batch<'_> {
    pub(in crate::inbox) fn visible(&mut self, incoming: &Incoming, visible: &Visible, arrival: &Arrival) -> Outcome {
        if incoming.from == *self.me {
            self.own(incoming, visible, arrival)
        } else {
            self.others(incoming, visible, arrival)
        }
    }

    fn others(&mut self, incoming: &Incoming, visible: &Visible, arrival: &Arrival) -> Outcome {
        let from = &incoming.from;
        let before = self.place_of(&Peer::person(from))?;
        let old = incoming.sent_at <= self.tx.removed_until(from)?;
        if old && before.is_none() {
            return Ok(Err("removed"));
        }
        let was_request = before.as_ref().is_some_and(|before| before.request);
        let first = !self.tx.contact(from)?.is_some_and(|contact| contact.approved_me);
        if first {
            self.tx.set_approved_me(from, true, self.now)?;
        }
        let place = match before {
            Some(place) if !first => place,
            // Perhaps it has become a request.
            _ => self.tx.conversation(self.tx.open_conversation(&Peer::person(from), self.now)?)?,
        };
        self.update_profile(incoming)?;
        let mut events = Vec::new();
        // Also after an earlier request of theirs was declined: it is a new one.
        if place.request && !was_request {
            events.push(Event::Request { from: *from, conversation: place.id });
        }
        let message = NewMessage {
            hash: Some(arrival.hash.clone()),
            ..self.message(place.id, incoming, visible, State::Received)
        };
        if let Some(id) = self.keep_visible(&message, visible, false, arrival)? {
            self.typing.push((place.id, *from, None));
            self.told(&place, id, old, &mut events)?;
        }
        Ok(Ok(events))
    }

    /// What another device of ours sent, perhaps to ourselves.
    fn own(&mut self, incoming: &Incoming, visible: &Visible, arrival: &Arrival) -> Outcome {
        let to = &incoming.peer;
        let peer = peer_of(self.me, to);
        let before = self.place_of(&peer)?;
        let old = incoming.sent_at <= self.tx.removed_until(to)?;
        if old && before.is_none() {
            return Ok(Err("removed"));
        }
        let copy = to != self.me;
        if copy && !self.tx.contact(to)?.is_some_and(|contact| contact.approved) {
            self.tx.set_approved(to, true, self.now)?;
        }
        let place = match before {
            Some(place) => place,
            None => self.tx.conversation(self.tx.open_conversation(&peer, self.now)?)?,
        };
        let state = State::Sent { kept: 0, of: 0 };
        // How the recipient's nodes call it is not known here.
        let hash = (!copy).then(|| arrival.hash.clone());
        let message = NewMessage { hash, ..self.message(place.id, incoming, visible, state) };
        let mut events = Vec::new();
        if let Some(id) = self.keep_visible(&message, visible, copy, arrival)? {
            self.told(&place, id, old, &mut events)?;
        }
        Ok(Ok(events))
    }

    fn place_of(&self, peer: &Peer) -> Result<Option<Conversation>, tacit_store::Error> {
        self.tx.conversation_with(peer)?.map(|id| self.tx.conversation(id)).transpose()
    }

    fn message<'t>(
        &self,
        conversation: ConversationId,
        incoming: &Incoming,
        visible: &'t Visible,
        state: State,
    ) -> NewMessage<'t> {
        NewMessage {
            kind: if visible.is_unknown() { MessageKind::Unknown } else { MessageKind::Text },
            expiry: incoming.expiry,
            quote: visible.quote,
            mention: visible.mention && incoming.from != *self.me,
            ..NewMessage::text(conversation, incoming.from, state, incoming.sent_at, &visible.text)
        }
    }

    fn keep_visible(
        &self,
        message: &NewMessage<'_>,
        visible: &Visible,
        copy: bool,
        arrival: &Arrival,
    ) -> Result<Option<MessageId>, tacit_store::Error> {
        let Some(id) = self.keep(message, copy, arrival)? else { return Ok(None) };
        if !visible.attachments.is_empty() {
            let mut attachments = visible.attachments.clone();
            for attachment in &mut attachments {
                attachment.state = state_of_received(self.tx, self.me, message, attachment)?;
            }
            self.tx.insert_attachments(id, &attachments)?;
        }
        visible.preview.as_ref().map_or(Ok(()), |preview| self.tx.insert_preview(id, preview))?;
        visible.invitation.as_ref().map_or(Ok(()), |invitation| self.tx.insert_invitation(id, invitation))?;
        let words = indexed(&visible.text, &visible.attachments);
        if !words.trim().is_empty() {
            self.tx.index_text(id, &words)?;
        }
        Ok(Some(id))
    }

    fn told(
        &self,
        place: &Conversation,
        id: MessageId,
        old: bool,
        events: &mut Vec<Event>,
    ) -> Result<(), tacit_store::Error> {
        if place.hidden && !old {
            self.tx.set_hidden(place.id, false)?;
        }
        let message = self.tx.message(id)?;
        if place.archived && !old && (message.mention || !is_on(self.tx, ARCHIVE_STAYS)?) {
            self.tx.set_archived(place.id, false)?;
        }
        events.push(Event::Received(Box::new(message)));
        events.push(Event::Messages { conversation: place.id });
        Ok(())
    }
}

//! From items to the rows of the screen.

use std::collections::BTreeSet;

use jiff::ZonedDateTime;
use slint::SharedString;
use tacit_client::{AttachmentRole, Client, ConversationId, Error, MediaItem};
use tacit_ui::{Attachment, MediaRow, MediaRowKind as Kind, Texts};

use crate::conversation::linked::{Place, place};
use crate::conversation::names::Names;
use crate::files::{self, AMONG, Files, file_key, is_visual};
use crate::model::list;
use crate::time::local;
use crate::{size, words};

/// What the rows depend on besides the items.
pub(super) struct Look<'a, F: Files> {
    /// Pictures in a row.
    pub(super) columns: usize,
    pub(super) chosen: &'a BTreeSet<String>,
    pub(super) names: &'a Names,
    pub(super) files: &'a F,
    pub(super) now: ZonedDateTime,
}

/// Everybody who may have sent something in a conversation.
pub(super) async fn names(client: &Client, conversation: ConversationId) -> Result<Names, Error> {
    let peer = client.conversation(conversation).await?.peer.account();
    let contact = match peer {
        Some(peer) => client.contact(&peer).await?,
        None => None,
    };
    let named = contact.map(|contact| (contact.account, contact.shown_name().to_owned()));
    Ok(Names::new(client.account_id(), client.display_name(), named))
}

/// An item's identity on the screen: its file, else its message.
pub(super) fn item_key(item: &MediaItem) -> SharedString {
    match &item.attachment {
        Some(file) => file_key(file.id),
        None => slint::format!("l{}", item.place.message.0),
    }
}

/// Months with what came in them, newest first. Pictures stand in rows of `columns`.
pub(super) fn build<F: Files>(items: &[MediaItem], look: &Look<'_, F>, texts: &Texts<'_>) -> Vec<MediaRow> {
    let mut rows: Vec<MediaRow> = Vec::new();
    let mut cells: Vec<Attachment> = Vec::new();
    let mut month = None;
    for item in items {
        let at = local(item.place.sort_at);
        if month != Some((at.year(), at.month())) {
            month = Some((at.year(), at.month()));
            rows.extend(pictures(&mut cells));
            rows.push(heading(&at, texts));
        }
        match visual(item, look) {
            Some(cell) => {
                cells.push(cell);
                if cells.len() == look.columns {
                    rows.extend(pictures(&mut cells));
                }
            }
            None => rows.push(other(item, look, texts)),
        }
    }
    rows.extend(pictures(&mut cells));
    rows
}

fn heading(at: &ZonedDateTime, texts: &Texts<'_>) -> MediaRow {
    let name = texts.invoke_month(i32::from(at.month()));
    MediaRow {
        id: slint::format!("month-{}-{}", at.year(), at.month()),
        kind: Kind::Month,
        title: slint::format!("{name} {}", at.year()),
        ..MediaRow::default()
    }
}

fn pictures(cells: &mut Vec<Attachment>) -> Option<MediaRow> {
    let first = cells.first()?.id.clone();
    let cells = std::mem::take(cells);
    Some(MediaRow {
        id: slint::format!("row-{first}"),
        kind: Kind::Pictures,
        cells: list(cells),
        ..MediaRow::default()
    })
}

/// A cell, if the item is a picture or a video.
fn visual<F: Files>(item: &MediaItem, look: &Look<'_, F>) -> Option<Attachment> {
    let file = item.attachment.as_ref().filter(|file| file.role == AttachmentRole::File)?;
    let shown = is_visual(files::kind(&file.content_type, &file.file_name));
    let chosen = look.chosen.contains(item_key(item).as_str());
    shown.then(|| Attachment { chosen, ..files::row(file, AMONG, look.files) })
}

fn other<F: Files>(item: &MediaItem, look: &Look<'_, F>, texts: &Texts<'_>) -> MediaRow {
    let id = item_key(item);
    let who = look.names.called(&item.author, texts);
    let when = words::list_time(&local(item.place.sort_at), &look.now, texts);
    let row = MediaRow { chosen: look.chosen.contains(id.as_str()), id, ..MediaRow::default() };
    match &item.attachment {
        None => link(item, &who, &when, row),
        Some(file) if file.role == AttachmentRole::Voice => MediaRow {
            kind: Kind::Voice,
            title: who.into(),
            subtitle: when.into(),
            voice: files::voice(file, item.author != look.names.me, look.files),
            ..row
        },
        Some(file) => MediaRow {
            kind: Kind::File,
            title: file.file_name.as_str().into(),
            subtitle: slint::format!("{} · {who} · {when}", size::bytes(file.size)),
            file: files::row(file, AMONG, look.files),
            ..row
        },
    }
}

fn link(item: &MediaItem, who: &str, when: &str, row: MediaRow) -> MediaRow {
    let link = item.links.first().map(String::as_str).unwrap_or_default();
    let host = match place(link) {
        Some(Place::Web { shown, .. }) => shown,
        _ => String::new(),
    };
    MediaRow { kind: Kind::Link, title: link.into(), subtitle: slint::format!("{host} · {who} · {when}"), ..row }
}

//! From messages to the rows of the screen: a pure function of the messages and of now.

pub(crate) mod bubble;

use std::collections::HashSet;

use jiff::ZonedDateTime;
use slint::SharedString;
use tacit_client::{Expiry, Message, MessageId, MessageKind, State};
use tacit_ui::{Attachment, Message as Bubble, MessageKind as Kind, NoticeKind, Quote, SendState};
use tacit_wire::TimestampMs;

use super::message_key;
use super::names::Names;
use super::wording::Wording;
use crate::files::{Files, is_visual};
use crate::model::list;
use crate::text::{emoji_count, is_rtl};
use crate::time::{clock, day, local};
use bubble::{Place, bubble};

/// Identity of the unread line.
pub(super) const UNREAD: &str = "unread";
/// Messages of one sender belong together within this time.
const RUN_MS: u64 = 5 * 60 * 1_000;

/// What was handed over and is not among the messages yet.
pub(crate) struct Pending {
    pub(super) serial: u32,
    pub(super) text: String,
    /// What it answers.
    pub(super) quote: Option<Quote>,
    /// What goes with it.
    pub(super) files: Vec<Attachment>,
    /// Its ID, once the database has it.
    pub(super) id: Option<MessageId>,
}

/// Where the unread line stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Unread {
    /// What was sorted up to here was read when the conversation opened.
    pub(crate) after: TimestampMs,
    /// How many messages were not.
    pub(crate) count: usize,
}

/// What the rows depend on besides the messages.
pub(crate) struct View<'a> {
    pub(crate) names: &'a Names,
    pub(crate) files: &'a dyn Files,
    pub(crate) to_self: bool,
    /// When messages disappear here.
    pub(crate) expiry: Expiry,
    /// Whether anything may be changed here.
    pub(crate) is_open: bool,
    pub(crate) unread: Option<Unread>,
    pub(crate) at_start: bool,
    pub(crate) pending: &'a [Pending],
    /// Selected.
    pub(crate) chosen: &'a HashSet<MessageId>,
    /// Found by the search.
    pub(crate) found: &'a HashSet<MessageId>,
}

impl<'a> View<'a> {
    /// Of a message by itself.
    pub(crate) fn alone(names: &'a Names, files: &'a dyn Files, to_self: bool) -> Self {
        Self {
            names,
            files,
            to_self,
            expiry: Expiry::Off,
            is_open: false,
            unread: None,
            at_start: false,
            pending: &[],
            chosen: bubble::none(),
            found: bubble::none(),
        }
    }
}

/// All rows, oldest first.
pub(super) fn build(messages: &[Message], view: &View<'_>, now: &ZonedDateTime, words: &impl Wording) -> Vec<Bubble> {
    let mut rows = Vec::with_capacity(messages.len() + 8);
    if view.at_start {
        rows.push(divider("start", Kind::Start, ""));
    }
    let unread = unread(messages, view);
    let now_ms = u64::try_from(now.timestamp().as_millisecond()).unwrap_or_default();
    let mut before: Option<&Message> = None;
    for (index, message) in messages.iter().enumerate() {
        let at = local(message.sort_at);
        let new_day = before.is_none_or(|before| local(before.sort_at).date() != at.date());
        if new_day {
            let name = words.day(day(at.date(), now.date()), i32::from(at.year()));
            rows.push(divider(&format!("day-{}", at.date()), Kind::Day, &name));
        }
        let line = unread.is_some_and(|(first, _)| first == index);
        if let Some((_, count)) = unread.filter(|_| line) {
            rows.push(divider(UNREAD, Kind::Unread, &count.to_string()));
        }
        let follows = |a: Option<&Message>, b: &Message| a.is_some_and(|a| same_run(a, b));
        let first = new_day || line || !follows(before, message);
        let next = messages.get(index + 1);
        let next_breaks = unread.is_some_and(|(first, _)| first == index + 1);
        let last = next_breaks || next.is_none_or(|next| !same_run(message, next));
        let place = Place { first, last };
        rows.push(match bubble_kind(message) {
            Some(kind) => bubble(message, view, kind, place, now_ms, words),
            None => notice(message, view, words),
        });
        before = Some(message);
    }
    rows.extend(view.pending.iter().map(|pending| waiting(pending, now)));
    rows
}

/// Index of the first unread message, and how many there are.
fn unread(messages: &[Message], view: &View<'_>) -> Option<(usize, usize)> {
    let Unread { after, count } = view.unread?;
    let first = messages.iter().position(|message| is_unread(message, after))?;
    // Above the window there may be more: then the line is up there too.
    let earlier = messages.first().is_some_and(|first| first.sort_at > after) && !view.at_start;
    (!earlier).then_some((first, count))
}

/// Whether a message counts as unread when everything up to a time was read.
pub(super) fn is_unread(message: &Message, after: TimestampMs) -> bool {
    message.state == State::Received && message.kind == MessageKind::Text && !message.deleted && message.sort_at > after
}

/// What kind of bubble a message is, if it is one.
pub(crate) fn bubble_kind(message: &Message) -> Option<Kind> {
    match message.kind {
        MessageKind::Text if message.deleted => Some(Kind::Deleted),
        MessageKind::Text => Some(Kind::Text),
        MessageKind::Unknown => Some(Kind::Newer),
        _ => None,
    }
}

/// A line that nobody wrote.
fn notice(message: &Message, view: &View<'_>, words: &impl Wording) -> Bubble {
    let (own, name) = (message.outgoing(), view.names.of(&message.author));
    let line = |notice, text: String| Bubble { notice, ..divider(&message_key(message.id), Kind::Notice, &text) };
    match message.kind {
        MessageKind::TimerChanged => Bubble {
            can_follow: !own && view.is_open && message.expiry != view.expiry,
            ..line(NoticeKind::Timer, words.timer(own, &name, message.expiry))
        },
        MessageKind::MediaSaved => line(NoticeKind::Saved, words.saved(&name)),
        MessageKind::Screenshot => line(NoticeKind::Screenshot, words.screenshot(&name)),
        _ => line(NoticeKind::Plain, words.accepted(&name)),
    }
}

fn same_run(a: &Message, b: &Message) -> bool {
    let texts = bubble_kind(a).is_some() && bubble_kind(b).is_some();
    let near = b.sort_at.0.abs_diff(a.sort_at.0) < RUN_MS;
    texts && a.author == b.author && near && local(a.sort_at).date() == local(b.sort_at).date()
}

fn divider(id: &str, kind: Kind, text: &str) -> Bubble {
    Bubble { id: id.into(), kind, text: text.into(), ..Bubble::default() }
}

fn waiting(pending: &Pending, now: &ZonedDateTime) -> Bubble {
    let (pictures, files): (Vec<_>, Vec<_>) = pending.files.iter().cloned().partition(|file| is_visual(file.kind));
    Bubble {
        id: slint::format!("p{}", pending.serial),
        kind: Kind::Text,
        text: pending.text.as_str().into(),
        time: clock(now).into(),
        out: true,
        first: true,
        last: true,
        rtl: is_rtl(&pending.text),
        emoji: emoji_count(&pending.text),
        state: SendState::Queued,
        pictures: list(pictures),
        files: list(files),
        has_quote: pending.quote.is_some(),
        quote: pending.quote.clone().unwrap_or_default(),
        ..Bubble::default()
    }
}

/// A row that stays, so that the view can keep its place: the middle one of those that stood there.
pub(super) fn anchor(old: &[SharedString], new: &[Bubble]) -> SharedString {
    let stays: HashSet<&SharedString> = new.iter().map(|row| &row.id).collect();
    let kept: Vec<&SharedString> = old.iter().filter(|id| stays.contains(id)).collect();
    kept.get(kept.len() / 2).map(|id| SharedString::clone(id)).unwrap_or_default()
}

#[cfg(test)]
mod tests;

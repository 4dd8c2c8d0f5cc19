//! From messages to the rows of the screen: a pure function of the messages and of now.

use std::collections::HashSet;

use jiff::ZonedDateTime;
use tacit_client::{Message, MessageId, MessageKind, State};
use tacit_ui::{Message as Bubble, MessageKind as Kind, SendState};
use tacit_wire::TimestampMs;

use super::message_key;
use crate::home::rows::send_state;
use crate::person;
use crate::text::{emoji_count, is_rtl};
use crate::time::{clock, day, local};
use crate::words::Words;

/// Identity of the unread line.
pub(super) const UNREAD: &str = "unread";
/// Messages of one sender belong together within this time.
const RUN_MS: u64 = 5 * 60 * 1_000;
/// Once all nodes have a message, the number goes after this time.
const KEPT_SHOWN_MS: u64 = 60_000;

/// A text that was handed over and is not among the messages yet.
pub(crate) struct Pending {
    pub(super) serial: u32,
    pub(super) text: String,
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
    pub(crate) peer_name: &'a str,
    pub(crate) unread: Option<Unread>,
    pub(crate) at_start: bool,
    pub(crate) pending: &'a [Pending],
}

/// All rows, oldest first.
pub(super) fn build(messages: &[Message], view: &View<'_>, now: &ZonedDateTime, words: &impl Words) -> Vec<Bubble> {
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
        rows.push(match message.kind {
            MessageKind::Text => bubble(message, view, first, last, now_ms),
            MessageKind::RequestAccepted => {
                divider(&message_key(message.id), Kind::Notice, &words.accepted(view.peer_name))
            }
            // Their words come with the screens that show them.
            _ => divider(&message_key(message.id), Kind::Notice, ""),
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
    message.state == State::Received && message.kind == MessageKind::Text && message.sort_at > after
}

fn same_run(a: &Message, b: &Message) -> bool {
    let texts = a.kind == MessageKind::Text && b.kind == MessageKind::Text;
    let near = b.sort_at.0.abs_diff(a.sort_at.0) < RUN_MS;
    texts && a.author == b.author && near && local(a.sort_at).date() == local(b.sort_at).date()
}

fn divider(id: &str, kind: Kind, text: &str) -> Bubble {
    Bubble { id: id.into(), kind, text: text.into(), ..Bubble::default() }
}

/// A message as its own bubble.
pub(crate) fn bubble(message: &Message, view: &View<'_>, first: bool, last: bool, now_ms: u64) -> Bubble {
    let (state, kept, of) = send_state(&message.state);
    let out = message.outgoing();
    let young = now_ms.saturating_sub(message.sent_at.0) < KEPT_SHOWN_MS;
    Bubble {
        id: message_key(message.id),
        kind: Kind::Text,
        text: message.text.as_str().into(),
        time: clock(&local(message.sort_at)).into(),
        out,
        first,
        last,
        rtl: is_rtl(&message.text),
        emoji: emoji_count(&message.text),
        state,
        kept,
        of,
        show_kept: state == SendState::Stored && of > 0 && (kept < of || young),
        sender: if out { "" } else { view.peer_name }.into(),
        sender_id: message.author.to_hex().into(),
        initials: person::initials(view.peer_name, Some(&message.author)).into(),
        tone: person::tone(&message.author),
        ..Bubble::default()
    }
}

fn waiting(pending: &Pending, now: &ZonedDateTime) -> Bubble {
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
        ..Bubble::default()
    }
}

/// A row that stays, so that the view can keep its place: the middle one.
pub(super) fn anchor(old: &[Bubble], new: &[Bubble]) -> String {
    let stays: HashSet<&str> = new.iter().map(|row| row.id.as_str()).collect();
    let kept: Vec<&Bubble> = old.iter().filter(|row| stays.contains(row.id.as_str())).collect();
    kept.get(kept.len() / 2).map(|row| row.id.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests;

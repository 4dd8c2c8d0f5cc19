//! Notifications: which happening is told outside of the app, and with how many words.
//!
//! [`decide`] is pure. The task around it listens to events, looks up what it needs and hands the
//! result to whoever shows it: the desktop's notification service, Android, iOS. Texts are given
//! as what they mean, so that the app says them in its language.

mod task;

use std::fmt;

use tacit_store::{ConversationId, MessageId};
use tacit_wire::TimestampMs;

use crate::settings::NotifyLevel;
use crate::text::{is_format, limit_marks};

/// Characters of a message that a notification shows.
const TEXT_MAX: usize = 200;

/// Something for the platform to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notified {
    /// Show it, in place of the one with the same tag.
    Show(Notification),
    /// Take it away: it was read.
    Withdraw {
        /// [`Notification::tag`].
        tag: String,
    },
}

/// A notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// Where a tap leads.
    pub conversation: ConversationId,
    /// The message that it is about, if it is about one.
    pub message: Option<MessageId>,
    /// Who wrote; `None` for the name of the app.
    pub title: Option<String>,
    /// What is said.
    pub body: NotificationBody,
    /// Unread messages of the conversation, this one among them.
    pub unread: u32,
    /// It replaces the one with the same tag. A hash: it names neither account nor person.
    pub tag: String,
    /// Without sound and vibration.
    pub quiet: bool,
    /// The app is in front, with something else on the screen.
    pub in_app: bool,
}

/// What a notification says. Its `Display` is the English text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotificationBody {
    /// The text of a message, on one line.
    Text(String),
    /// There is a new message.
    NewMessage,
    /// Somebody whom we do not know wrote.
    Request,
    /// Somebody reacted with this emoji to what we wrote.
    Reaction(String),
    /// Somebody reacted to what we wrote.
    NewReaction,
}

impl fmt::Display for NotificationBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::NewMessage => f.write_str("New message"),
            Self::Request => f.write_str("Somebody new wants to write to you"),
            Self::Reaction(emoji) => write!(f, "Reacted with {emoji} to your message"),
            Self::NewReaction => f.write_str("Reacted to your message"),
        }
    }
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening<'a> {
    /// A message came.
    Message {
        /// Its row.
        id: MessageId,
        /// Its text.
        text: &'a str,
        /// Whether it is ours, from another device.
        own: bool,
        /// Whether it names us or answers us.
        mention: bool,
        /// By which it is ordered.
        sort_at: TimestampMs,
    },
    /// Somebody whom we do not know wrote for the first time.
    Request,
    /// Somebody reacted.
    Reaction {
        /// To which message.
        to: MessageId,
        /// The emoji.
        emoji: &'a str,
        /// Whether what they reacted to is ours.
        to_own: bool,
        /// Whether it was another device of ours.
        own: bool,
    },
}

/// Where it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place<'a> {
    /// The conversation.
    pub id: ConversationId,
    /// Its [`Notification::tag`].
    pub tag: &'a str,
    /// The name to show: of the person who wrote, or of the group.
    pub name: &'a str,
    /// Whether it is a request.
    pub request: bool,
    /// Whether the person is blocked.
    pub blocked: bool,
    /// Until when it is muted.
    pub muted_until: Option<TimestampMs>,
    /// What it notifies of.
    pub rule: Rule,
    /// Up to which sort time everything is read, perhaps on another device.
    pub read_until: TimestampMs,
    /// How much is unread.
    pub unread: u32,
}

/// What a conversation notifies of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rule {
    /// Everything.
    #[default]
    All,
    /// What names us or answers us.
    Mentions,
    /// Nothing.
    Off,
}

/// What holds for all conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Circumstances {
    /// How much is shown.
    pub level: NotifyLevel,
    /// Whether reactions are told.
    pub reactions: bool,
    /// Whether the app is in front.
    pub in_front: bool,
    /// The conversation on the screen.
    pub shown: Option<ConversationId>,
    /// Network time.
    pub now: TimestampMs,
}

/// What is told of a happening, if anything.
pub fn decide(happening: Happening<'_>, place: &Place<'_>, circumstances: &Circumstances) -> Option<Notification> {
    let in_view = circumstances.in_front && circumstances.shown == Some(place.id);
    let muted = place.muted_until.is_some_and(|until| until > circumstances.now) || place.rule == Rule::Off;
    if in_view || muted || place.blocked {
        return None;
    }
    let hidden = circumstances.level == NotifyLevel::Nothing;
    let with_text = circumstances.level == NotifyLevel::NameAndText;
    let title = (!hidden && !place.name.is_empty()).then(|| one_line(place.name));
    let (title, message, body) = match happening {
        Happening::Request => (None, None, NotificationBody::Request),
        // The first message of a request was told as one; the others of a stranger are not.
        _ if place.request => return None,
        Happening::Message { own: true, .. } | Happening::Reaction { own: true, .. } => return None,
        Happening::Message { sort_at, .. } if sort_at <= place.read_until => return None,
        Happening::Message { mention: false, .. } if place.rule == Rule::Mentions => return None,
        Happening::Message { id, text, .. } => {
            let text = one_line(text);
            let shown = with_text && !text.is_empty();
            (title, Some(id), if shown { NotificationBody::Text(text) } else { NotificationBody::NewMessage })
        }
        Happening::Reaction { to_own: false, .. } => return None,
        Happening::Reaction { .. } if !circumstances.reactions || place.rule == Rule::Mentions => return None,
        Happening::Reaction { to, emoji, .. } => {
            let body =
                if with_text { NotificationBody::Reaction(one_line(emoji)) } else { NotificationBody::NewReaction };
            (title, Some(to), body)
        }
    };
    let quiet =
        matches!(body, NotificationBody::Request | NotificationBody::Reaction(_) | NotificationBody::NewReaction);
    Some(Notification {
        conversation: place.id,
        message,
        title,
        body,
        unread: place.unread,
        tag: place.tag.to_owned(),
        quiet,
        in_app: circumstances.in_front,
    })
}

/// The beginning of a text on one line, without what turns the direction of the text around it or
/// paints over it.
fn one_line(text: &str) -> String {
    let kept = limit_marks(text.chars().take(4 * TEXT_MAX).filter(|letter| !is_format(*letter)));
    let line = kept.split(|letter: char| letter.is_whitespace() || letter.is_control());
    let line = line.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(TEXT_MAX) {
        None => line,
        Some((end, _)) => format!("{}…", &line[..end]),
    }
}

#[cfg(test)]
mod tests;

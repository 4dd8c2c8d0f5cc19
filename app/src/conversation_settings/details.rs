//! What is told of a conversation: read from the core, and put into the screens' words.

use slint::ComponentHandle as _;
use tacit_client::{
    Attachment, Client, Contact, Conversation, ConversationId, ConversationKind, Error, Expiry, MediaKind,
};
use tacit_ui::{App, NameStatus, Texts, VanishMode};
use tacit_wire::{AccountId, TimestampMs};

use crate::home::is_forever;
use crate::person;
use crate::time::{self, Day, local};
use crate::words::Words as _;

/// Bytes of a nickname, as the core takes it.
const NAME_LIMIT: usize = 100;
/// Things of one kind in a gallery that are counted.
const COUNTED: u32 = 1_000;
/// Pictures that are shown beside their number.
const NEWEST: u32 = 4;

/// What the screen tells of.
pub(super) struct Details {
    pub(super) conversation: Conversation,
    pub(super) contact: Option<Contact>,
    pub(super) media: usize,
    /// The newest pictures and videos.
    pub(super) newest: Vec<Attachment>,
}

impl Details {
    pub(super) fn peer(&self) -> Option<AccountId> {
        self.conversation.peer.account()
    }

    pub(super) fn is_self(&self) -> bool {
        self.conversation.peer.kind() == ConversationKind::NoteToSelf
    }

    pub(super) fn name(&self) -> String {
        let name = self.contact.as_ref().map_or("", |contact| contact.shown_name());
        self.peer().map_or_else(|| self.conversation.name.clone(), |peer| person::shown_name(name, &peer))
    }

    pub(super) fn blocked(&self) -> bool {
        self.contact.as_ref().is_some_and(|contact| contact.blocked)
    }

    /// The name that a nickname hides.
    pub(super) fn own_name(&self) -> &str {
        self.contact.as_ref().filter(|contact| !contact.nickname.is_empty()).map_or("", |contact| &contact.name)
    }
}

pub(super) async fn load(client: Client, id: ConversationId) -> Result<Details, Error> {
    let conversation = client.conversation(id).await?;
    let contact = match conversation.peer.account() {
        Some(peer) => client.contact(&peer).await?,
        None => None,
    };
    let mut media = 0;
    for kind in [MediaKind::Media, MediaKind::Files, MediaKind::Links, MediaKind::Voice] {
        media += client.gallery(id, kind, None, COUNTED).await?.len();
    }
    let newest = client.gallery(id, MediaKind::Media, None, NEWEST).await?;
    let newest = newest.into_iter().filter_map(|item| item.attachment).collect();
    Ok(Details { conversation, contact, media, newest })
}

/// `05a1c9f2…19d47a`.
pub(super) fn short(id: &str) -> String {
    format!("{}…{}", &id[..8], &id[id.len() - 6..])
}

pub(super) fn nickname_status(name: &str) -> NameStatus {
    match name.trim().len() {
        0 => NameStatus::Empty,
        length if length > NAME_LIMIT => NameStatus::TooLong,
        _ => NameStatus::Ok,
    }
}

/// Until when it is muted, in words; nothing for “until turned on again”.
pub(super) fn until_words(window: &App, until: TimestampMs) -> String {
    if is_forever(until) {
        return String::new();
    }
    let (at, today) = (local(until), jiff::ZonedDateTime::now().date());
    let texts = window.global::<Texts>();
    match time::day(at.date(), today) {
        Day::Today if at.date() == today => time::clock(&at),
        _ if (at.date() - today).get_days() < 7 => {
            let weekday = i32::from(at.weekday().to_monday_zero_offset());
            format!("{}, {}", texts.invoke_weekday_short(weekday), time::clock(&at))
        }
        _ => texts.short_day(Day::ThisYear(i32::from(at.day()), i32::from(at.month()))),
    }
}

/// A setting of disappearing messages, in the screens' words.
pub(super) fn vanish(expiry: Expiry) -> (VanishMode, i32) {
    let number = |seconds| i32::try_from(seconds).unwrap_or(i32::MAX);
    match expiry {
        Expiry::Off => (VanishMode::Off, 0),
        Expiry::AfterRead { seconds } => (VanishMode::AfterRead, number(seconds)),
        Expiry::AfterSend { seconds } => (VanishMode::AfterSend, number(seconds)),
    }
}

pub(super) fn expiry(mode: VanishMode, seconds: i32) -> Expiry {
    match (mode, u32::try_from(seconds).unwrap_or_default()) {
        (VanishMode::Off, _) | (_, 0) => Expiry::Off,
        (VanishMode::AfterRead, seconds) => Expiry::AfterRead { seconds },
        (VanishMode::AfterSend, seconds) => Expiry::AfterSend { seconds },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers_come_and_go_between_screen_and_core() {
        for kept in [Expiry::Off, Expiry::AfterRead { seconds: 300 }, Expiry::AfterSend { seconds: 86_400 }] {
            let (mode, seconds) = vanish(kept);
            assert_eq!(expiry(mode, seconds), kept);
        }
        assert_eq!(expiry(VanishMode::AfterRead, -4), Expiry::Off);
    }

    #[test]
    fn an_id_is_shortened_in_the_middle() {
        assert_eq!(short(&format!("05{}", "ab".repeat(32))), "05ababab…ababab");
        assert_eq!(nickname_status(&"x".repeat(101)), NameStatus::TooLong);
    }
}

//! From a row of the database to a row of the screen: pure functions.

use jiff::ZonedDateTime;
use tacit_client::{
    AttachmentKind, AttachmentRole, ConversationKind, Expiry, LastMessage, ListRow, MessageKind, State,
};
use tacit_ui::{ChatItem, PreviewKind, SendState};

use crate::person;
use crate::text::one_line;
use crate::time::local;
use crate::words::{Words, list_time};

/// How far a message got, in the screens' words.
pub(crate) fn send_state(state: &State) -> (SendState, i32, i32) {
    let number = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
    match state {
        State::Received => (SendState::None, 0, 0),
        State::Queued => (SendState::Queued, 0, 0),
        State::Sending => (SendState::Sending, 0, 0),
        State::Sent { kept, of } => (SendState::Stored, number(*kept), number(*of)),
        State::Failed { .. } => (SendState::Failed, 0, 0),
    }
}

/// The name that is shown for a conversation.
pub(crate) fn name(row: &ListRow) -> String {
    match row.conversation.peer.account() {
        Some(account) => person::shown_name(&row.name, &account),
        None => row.name.clone(),
    }
}

/// What the last message is, and the words to it.
fn said(last: &LastMessage, name: &str) -> (PreviewKind, String) {
    let nothing = String::new();
    if last.deleted {
        return (PreviewKind::Deleted, nothing);
    }
    match last.kind {
        MessageKind::Text => said_by_file(last).unwrap_or_else(|| (PreviewKind::Text, one_line(&last.preview))),
        MessageKind::RequestAccepted => (PreviewKind::Accepted, name.to_owned()),
        MessageKind::TimerChanged => (PreviewKind::TimerChanged, nothing),
        MessageKind::MediaSaved => (PreviewKind::MediaSaved, nothing),
        MessageKind::Screenshot => (PreviewKind::Screenshot, nothing),
        MessageKind::Unknown => (PreviewKind::Newer, nothing),
    }
}

/// The words for a message with files: a caption, a length, a name.
fn said_by_file(last: &LastMessage) -> Option<(PreviewKind, String)> {
    let AttachmentKind { role, content_type } = last.attachment.as_ref()?;
    let is = |kind: &str| content_type.starts_with(kind);
    Some(match role {
        AttachmentRole::Preview => return None,
        AttachmentRole::Voice => (PreviewKind::Voice, length(last.duration_ms)),
        AttachmentRole::File if is("image/") => (PreviewKind::Photo, one_line(&last.preview)),
        AttachmentRole::File if is("video/") => (PreviewKind::Video, one_line(&last.preview)),
        AttachmentRole::File if is("audio/") => (PreviewKind::Audio, length(last.duration_ms)),
        AttachmentRole::File => (PreviewKind::File, last.file_name.clone()),
    })
}

/// `0:24`.
fn length(ms: u32) -> String {
    let seconds = ms.div_ceil(1_000);
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// A row as it is shown. `open` is the conversation whose draft is being typed.
pub(super) fn item(row: &ListRow, open: &str, now: &ZonedDateTime, words: &impl Words) -> ChatItem {
    let key = super::key(row.conversation.id);
    let account = row.conversation.peer.account();
    let draft = one_line(&row.conversation.draft);
    let is_draft = !draft.is_empty() && key != open;
    let last = row.last.as_ref();
    let (kind, said) = last.map_or((PreviewKind::Text, String::new()), |last| said(last, &name(row)));
    let (state, kept, of) = last.map_or((SendState::None, 0, 0), |last| send_state(&last.state));
    let at = last.map_or(row.conversation.active_at, |last| last.sort_at);
    ChatItem {
        id: key,
        name: name(row).into(),
        initials: person::initials(&row.name, account.as_ref()).into(),
        tone: account.as_ref().map_or(0, person::tone),
        is_self: row.conversation.peer.kind() == ConversationKind::NoteToSelf,
        kind,
        preview: if is_draft { draft } else { said }.into(),
        preview_count: last.map_or(0, |last| i32::try_from(last.files).unwrap_or(i32::MAX)),
        time: list_time(&local(at), now, words).into(),
        out: state != SendState::None,
        state,
        kept,
        of,
        is_draft,
        unread: i32::try_from(row.unread).unwrap_or(i32::MAX),
        unread_mark: row.conversation.marked_unread,
        muted: row
            .conversation
            .muted_until
            .is_some_and(|until| until.0 > now.timestamp().as_millisecond().max(0) as u64),
        pinned: row.conversation.pinned > 0,
        blocked: row.blocked,
        archived: row.conversation.archived,
        mention: row.mention && row.unread > 0,
        vanishing: row.conversation.expiry != Expiry::Off,
        ..ChatItem::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Day;
    use tacit_client::{Conversation, ConversationId, LastMessage, MessageId, Peer};
    use tacit_wire::{AccountId, TimestampMs};

    struct Plain;
    impl Words for Plain {
        fn day(&self, day: Day, _year: i32) -> String {
            format!("{day:?}")
        }
        fn short_day(&self, day: Day) -> String {
            format!("{day:?}")
        }
        fn accepted(&self, name: &str) -> String {
            format!("{name} accepted")
        }
    }

    fn chat(name: &str, draft: &str, said: &str, state: State) -> ListRow {
        let (account, now) = (AccountId::from_x25519(&[9; 32]), TimestampMs(1_000));
        let conversation = Conversation {
            id: ConversationId(4),
            peer: Peer::person(&account),
            name: String::new(),
            request: false,
            hidden: false,
            archived: false,
            pinned: 0,
            marked_unread: false,
            muted_until: None,
            notify: tacit_client::Notify::Default,
            expiry: Default::default(),
            draft: draft.to_owned(),
            created: now,
            active_at: now,
            read_until: now,
        };
        let last = LastMessage {
            id: MessageId(1),
            author: account,
            kind: MessageKind::Text,
            preview: said.to_owned(),
            state,
            sent_at: now,
            sort_at: now,
            deleted: false,
            attachment: None,
            file_name: String::new(),
            duration_ms: 0,
            files: 0,
        };
        let last = Some(last);
        ListRow {
            conversation,
            name: name.to_owned(),
            approved: true,
            approved_me: true,
            blocked: false,
            unread: 2,
            mention: false,
            last,
        }
    }

    fn item_of(row: &ListRow, open: &str) -> ChatItem {
        item(row, open, &ZonedDateTime::now(), &Plain)
    }

    #[test]
    fn a_chat_shows_its_last_words_on_one_line_and_how_far_they_got() {
        let row = item_of(&chat("Ines", "", "see\n  you", State::Sent { kept: 5, of: 6 }), "");
        assert_eq!((row.name.as_str(), row.preview.as_str(), row.unread), ("Ines", "see you", 2));
        assert_eq!((row.out, row.state, row.kept, row.of), (true, SendState::Stored, 5, 6));
        let row = item_of(&chat("", "", "hi", State::Received), "");
        assert_eq!((row.name.as_str(), row.out), ("0509…0909", false));
    }

    #[test]
    fn a_draft_is_shown_unless_it_is_being_typed() {
        let row = chat("Ines", "half a", "said", State::Received);
        assert_eq!((item_of(&row, "").is_draft, item_of(&row, "").preview.as_str()), (true, "half a"));
        assert_eq!((item_of(&row, "4").is_draft, item_of(&row, "4").preview.as_str()), (false, "said"));
    }

    #[test]
    fn a_file_is_told_by_what_it_is() {
        let with = |content_type: &str, role, caption: &str| {
            let mut row = chat("Ines", "", caption, State::Received);
            let last = row.last.as_mut().unwrap();
            last.attachment = Some(AttachmentKind { role, content_type: content_type.to_owned() });
            (last.file_name, last.duration_ms, last.files) = ("tides.pdf".to_owned(), 83_200, 3);
            let item = item_of(&row, "");
            (item.kind, item.preview.to_string(), item.preview_count)
        };
        assert_eq!(with("image/jpeg", AttachmentRole::File, "the sea"), (PreviewKind::Photo, "the sea".to_owned(), 3));
        assert_eq!(with("audio/mp4", AttachmentRole::Voice, ""), (PreviewKind::Voice, "1:24".to_owned(), 3));
        assert_eq!(with("application/pdf", AttachmentRole::File, ""), (PreviewKind::File, "tides.pdf".to_owned(), 3));
        assert_eq!(with("image/png", AttachmentRole::Preview, "a link"), (PreviewKind::Text, "a link".to_owned(), 3));
    }

    #[test]
    fn a_message_that_was_taken_back_says_so() {
        let mut row = chat("Ines", "", "oops", State::Received);
        row.last.as_mut().unwrap().deleted = true;
        assert_eq!((item_of(&row, "").kind, item_of(&row, "").preview.as_str()), (PreviewKind::Deleted, ""));
    }
}

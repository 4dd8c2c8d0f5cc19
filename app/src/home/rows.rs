//! From a row of the database to a row of the screen: pure functions.

use jiff::ZonedDateTime;
use tacit_client::{ConversationKind, ListRow, MessageKind, State};
use tacit_ui::{ChatItem, SendState};

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

/// Whether a search finds it: by name, draft or last message, whatever the case.
pub(super) fn matches(row: &ListRow, search: &str) -> bool {
    let wanted = search.trim().to_lowercase();
    let has = |text: &str| text.to_lowercase().contains(&wanted);
    wanted.is_empty()
        || has(&name(row))
        || has(&row.conversation.draft)
        || row.last.as_ref().is_some_and(|last| has(&last.preview))
        || row.conversation.peer.account().is_some_and(|id| wanted.len() >= 4 && id.to_hex().contains(&wanted))
}

/// A row as it is shown. `open` is the conversation whose draft is being typed.
pub(super) fn item(row: &ListRow, open: &str, now: &ZonedDateTime, words: &impl Words) -> ChatItem {
    let key = super::key(row.conversation.id);
    let account = row.conversation.peer.account();
    let draft = one_line(&row.conversation.draft);
    let is_draft = !draft.is_empty() && key != open;
    let last = row.last.as_ref();
    let said = last.map(|last| match last.kind {
        MessageKind::Text => one_line(&last.preview),
        MessageKind::RequestAccepted => words.accepted(&name(row)),
        // Their words come with the screens that show them.
        _ => String::new(),
    });
    let (state, kept, of) = last.map_or((SendState::None, 0, 0), |last| send_state(&last.state));
    let at = last.map_or(row.conversation.active_at, |last| last.sort_at);
    ChatItem {
        id: key,
        name: name(row).into(),
        initials: person::initials(&row.name, account.as_ref()).into(),
        tone: account.as_ref().map_or(0, person::tone),
        is_self: row.conversation.peer.kind() == ConversationKind::NoteToSelf,
        preview: if is_draft { draft } else { said.unwrap_or_default() }.into(),
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
        };
        let last = Some(last);
        ListRow {
            conversation,
            name: name.to_owned(),
            approved: true,
            approved_me: true,
            blocked: false,
            unread: 2,
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
    fn a_search_looks_at_names_and_words_whatever_the_case() {
        let row = chat("Ines Okafor", "", "Water levels", State::Received);
        for (search, found) in [("", true), (" OKA", true), ("level", true), ("050909", true), ("zeppelin", false)] {
            assert_eq!(matches(&row, search), found, "{search}");
        }
    }
}

//! From stored bytes to one action: a pure function.

use tacit_crypto::AccountKeys;
use tacit_wire::content::{self, Dropped, Kind};
use tacit_wire::envelope::{self, Direct};
use tacit_wire::proto::{DataMessage, LokiProfile};
use tacit_wire::{AccountId, Prefix, TimestampMs};

/// A profile as it came along.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) updated_s: u64,
}

/// What a message asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// Somebody wrote to us.
    Text { from: AccountId, sent_at: TimestampMs, text: String, profile: Option<Profile> },
    /// Another device of ours wrote to `to`, perhaps a note to self.
    Own { to: AccountId, sent_at: TimestampMs, text: String },
    /// Somebody accepted our request.
    Accepted { from: AccountId, sent_at: TimestampMs, profile: Option<Profile> },
    /// Nothing that we can use, and why.
    Skip(&'static str),
}

impl Action {
    /// The sender's time; messages that cannot be used come first.
    pub(crate) fn sent_at(&self) -> TimestampMs {
        match self {
            Self::Text { sent_at, .. } | Self::Own { sent_at, .. } | Self::Accepted { sent_at, .. } => *sent_at,
            Self::Skip(_) => TimestampMs(0),
        }
    }
}

/// Opens, verifies and sorts one message of namespace 0 (protocol: messages 2.2).
pub(crate) fn read(data: &[u8], keys: &AccountKeys, me: &AccountId) -> Action {
    match envelope::decode_direct(data, keys) {
        Err(error) => Action::Skip(error.kind()),
        Ok(direct) => match content::classify(&direct.content, direct.timestamp) {
            Err(dropped) => Action::Skip(dropped_name(dropped)),
            Ok(kind) if direct.sender == *me => own(&kind, &direct, me),
            Ok(kind) => others(&kind, &direct),
        },
    }
}

fn others(kind: &Kind<'_>, direct: &Direct) -> Action {
    let (from, sent_at) = (direct.sender, direct.timestamp);
    match kind {
        // A copy names whom it went to; only our own devices may send us copies.
        Kind::Visible(message) if message.sync_target.is_some() => Action::Skip("foreign_copy"),
        Kind::Visible(message) => match text_of(message) {
            Some(text) => Action::Text { from, sent_at, text, profile: message.profile.as_ref().map(profile) },
            None => Action::Skip("later_kind"),
        },
        Kind::RequestResponse(response) if response.is_approved => {
            Action::Accepted { from, sent_at, profile: response.profile.as_ref().map(profile) }
        }
        Kind::RequestResponse(_) => Action::Skip("request_declined"),
        _ => Action::Skip("later_kind"),
    }
}

/// From ourselves only copies are accepted (protocol: messages 4.2).
fn own(kind: &Kind<'_>, direct: &Direct, me: &AccountId) -> Action {
    let Kind::Visible(message) = kind else { return Action::Skip("own_control") };
    let to = match message.sync_target.as_deref().filter(|target| !target.is_empty()) {
        None => Some(*me),
        Some(target) => AccountId::parse(target).ok().filter(|id| id.prefix() == Prefix::Account),
    };
    match (to, text_of(message)) {
        (None, _) => Action::Skip("sync_target"),
        (_, None) => Action::Skip("later_kind"),
        (Some(to), Some(text)) => Action::Own { to, sent_at: direct.timestamp, text },
    }
}

fn text_of(message: &DataMessage) -> Option<String> {
    message.body.clone().filter(|body| !body.trim().is_empty())
}

fn profile(profile: &LokiProfile) -> Profile {
    Profile { name: tacit_wire::name::cut(profile.display_name()).to_owned(), updated_s: profile.last_update_seconds() }
}

fn dropped_name(dropped: Dropped) -> &'static str {
    match dropped {
        Dropped::Nothing => "nothing",
        Dropped::Empty => "empty",
        Dropped::Flags => "flags",
        Dropped::Attachments => "attachments",
        Dropped::Reaction => "reaction",
        Dropped::Receipt => "receipt",
        Dropped::Typing => "typing",
        Dropped::Call => "call",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::{self, OwnProfile};
    use crate::testing::{account, rng};
    use proptest::prelude::*;
    use tacit_wire::proto::Content;

    fn sealed(content: &Content, from: &AccountKeys, to: &AccountId) -> Vec<u8> {
        envelope::encode_direct(content, from, to, &mut rng(3)).unwrap()
    }

    #[test]
    fn a_text_comes_out_as_it_went_in() {
        let ((alice, alice_id), (bob, bob_id)) = (account(1), account(2));
        let profile = OwnProfile { name: "Alice".into(), updated_s: 7 };
        let content = encode::tests::text("hi \0\u{202e}", TimestampMs(55), Some(&profile));
        let action = read(&sealed(&content, &alice, &bob_id), &bob, &bob_id);
        let profile = Some(Profile { name: "Alice".into(), updated_s: 7 });
        let text = "hi \0\u{202e}".to_owned();
        assert_eq!(action, Action::Text { from: alice_id, sent_at: TimestampMs(55), text, profile });
    }

    #[test]
    fn copies_count_only_from_ourselves() {
        let ((alice, alice_id), (bob, bob_id)) = (account(1), account(2));
        let copy = encode::tests::copy_to_self("hi", TimestampMs(9), &bob_id);
        let own = read(&sealed(&copy, &alice, &alice_id), &alice, &alice_id);
        assert_eq!(own, Action::Own { to: bob_id, sent_at: TimestampMs(9), text: "hi".into() });
        let foreign = read(&sealed(&copy, &bob, &alice_id), &alice, &alice_id);
        assert_eq!(foreign, Action::Skip("foreign_copy"));
        let note = encode::tests::text("milk", TimestampMs(10), None);
        let note = read(&sealed(&note, &alice, &alice_id), &alice, &alice_id);
        assert_eq!(note, Action::Own { to: alice_id, sent_at: TimestampMs(10), text: "milk".into() });
    }

    #[test]
    fn what_is_not_for_us_or_no_message_is_skipped_with_its_reason() {
        let ((alice, alice_id), (bob, bob_id)) = (account(1), account(2));
        let for_bob = sealed(&encode::tests::text("hi", TimestampMs(1), None), &alice, &bob_id);
        assert_eq!(read(&for_bob, &alice, &alice_id), Action::Skip("decrypt"));
        assert_eq!(read(&[0; 76_800], &bob, &bob_id), Action::Skip("wrapper"));
        assert_eq!(read(&vec![1; 76_801], &bob, &bob_id), Action::Skip("too_long"));
        let blank = sealed(&encode::tests::text(" \n ", TimestampMs(1), None), &alice, &bob_id);
        assert_eq!(read(&blank, &bob, &bob_id), Action::Skip("empty"));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_are_skipped(data in proptest::collection::vec(any::<u8>(), 0..2_000)) {
            let (keys, me) = account(1);
            prop_assert!(matches!(read(&data, &keys, &me), Action::Skip(_)));
        }
    }
}

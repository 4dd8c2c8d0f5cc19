//! What stored bytes become, good and bad.

use proptest::prelude::*;
use tacit_store::{AttachmentRole, AttachmentState, OwnProfile};
use tacit_wire::proto::data_message::{OpenGroupInvitation, Preview, Quote, Reaction};
use tacit_wire::proto::{AttachmentPointer, Content, DataMessage, LokiProfile, TypingMessage, UnsendRequest};

use super::*;
use crate::encode;
use crate::testing::{account, rng};

fn sealed(content: &Content, from: &AccountKeys, to: &AccountId) -> Vec<u8> {
    envelope::encode_direct(content, from, to, &mut rng(3)).unwrap()
}

/// Alice says something to Bob.
fn received(content: Content) -> Result<Incoming, &'static str> {
    let ((alice, _), (bob, bob_id)) = (account(1), account(2));
    read(&sealed(&Content { sig_timestamp: Some(55), ..content }, &alice, &bob_id), &bob, &bob_id)
}

fn message(data: DataMessage) -> Result<Incoming, &'static str> {
    received(Content { data_message: Some(data), ..Content::default() })
}

fn shown(data: DataMessage) -> Visible {
    let Ok(Incoming { what: What::Visible(visible), .. }) = message(data) else { panic!("a message to show") };
    *visible
}

fn pointer() -> AttachmentPointer {
    AttachmentPointer {
        id: 7,
        content_type: Some("image/jpeg".to_owned()),
        key: Some(vec![1; 64]),
        size: Some(9),
        digest: Some(vec![2; 32]),
        file_name: Some("lake.jpg".to_owned()),
        url: Some("http://filev2.getsession.org/file/7".to_owned()),
        ..AttachmentPointer::default()
    }
}

fn with(attachments: Vec<AttachmentPointer>) -> DataMessage {
    DataMessage { body: Some("look".to_owned()), attachments, ..DataMessage::default() }
}

#[test]
fn a_text_comes_out_as_it_went_in() {
    let (_, alice_id) = account(1);
    let profile = OwnProfile {
        name: "Alice".into(),
        updated_s: 7,
        picture_url: "http://filev2.getsession.org/file/9".into(),
        picture_key: vec![4; 32],
    };
    let came = received(encode::tests::text("hi \0\u{202e}", TimestampMs(55), Some(&profile))).unwrap();
    assert_eq!((came.from, came.peer, came.sent_at), (alice_id, alice_id, TimestampMs(55)));
    let said = came.profile.unwrap();
    assert_eq!((said.name.as_str(), said.updated_s, said.picture_key), ("Alice", 7, vec![4; 32]));
    let What::Visible(visible) = came.what else { panic!("a message to show") };
    assert_eq!(*visible, Visible { text: "hi \0\u{202e}".to_owned(), ..Visible::default() });
}

#[test]
fn copies_count_only_from_ourselves() {
    let ((alice, alice_id), (bob, bob_id)) = (account(1), account(2));
    let copy = encode::tests::copy_to_self("hi", TimestampMs(9), &bob_id);
    let own = read(&sealed(&copy, &alice, &alice_id), &alice, &alice_id).unwrap();
    assert_eq!((own.from, own.peer, own.sent_at), (alice_id, bob_id, TimestampMs(9)));
    assert_eq!(read(&sealed(&copy, &bob, &alice_id), &alice, &alice_id), Err("foreign_copy"));
    let note = encode::tests::text("milk", TimestampMs(10), None);
    assert_eq!(read(&sealed(&note, &alice, &alice_id), &alice, &alice_id).unwrap().peer, alice_id);
    // What is told others and never to our own devices, does not count from ourselves.
    for content in [
        encode::typing(true, TimestampMs(1)),
        encode::read_receipt(&[TimestampMs(1)], TimestampMs(2)),
        encode::media_saved(TimestampMs(1), TimestampMs(3), Expiry::Off),
    ] {
        assert_eq!(read(&sealed(&content, &alice, &alice_id), &alice, &alice_id), Err("own_control"));
    }
}

#[test]
fn what_is_not_for_us_or_no_message_is_skipped_with_its_reason() {
    let ((alice, alice_id), (bob, bob_id)) = (account(1), account(2));
    let for_bob = sealed(&encode::tests::text("hi", TimestampMs(1), None), &alice, &bob_id);
    assert_eq!(read(&for_bob, &alice, &alice_id), Err("decrypt"));
    assert_eq!(read(&[0; 76_800], &bob, &bob_id), Err("wrapper"));
    assert_eq!(read(&vec![1; 76_801], &bob, &bob_id), Err("too_long"));
    assert_eq!(message(DataMessage { body: Some(" \n ".into()), ..DataMessage::default() }), Err("empty"));
    assert_eq!(message(with(vec![pointer(); 33])), Err("attachments"));
    let typing = TypingMessage { timestamp: 54, action: 0 };
    assert_eq!(received(Content { typing_message: Some(typing), ..Content::default() }), Err("typing"));
    let unsend = UnsendRequest { timestamp: 1, author: "nobody".to_owned() };
    assert_eq!(received(Content { unsend_request: Some(unsend), ..Content::default() }), Err("unsend"));
}

#[test]
fn a_pointer_that_leads_nowhere_is_left_out_and_the_message_stays() {
    let broken = [
        AttachmentPointer { url: None, ..pointer() },
        AttachmentPointer { url: Some("https://example.org/file/7".into()), ..pointer() },
        AttachmentPointer { key: None, ..pointer() },
        AttachmentPointer { key: Some(vec![1; 63]), ..pointer() },
        AttachmentPointer { digest: None, ..pointer() },
        AttachmentPointer { size: None, ..pointer() },
    ];
    let visible = shown(with(broken.into_iter().chain([pointer()]).collect()));
    assert_eq!((visible.text.as_str(), visible.attachments.len()), ("look", 1));
}

#[test]
fn what_a_pointer_claims_is_made_safe() {
    let claims = AttachmentPointer {
        content_type: None,
        size: Some(u32::MAX),
        file_name: Some("../../etc/\u{202e}gpj.exe.jpg".into()),
        width: Some(u32::MAX),
        caption: Some("é".repeat(10_000)),
        ..pointer()
    };
    let visible = shown(with(vec![claims, AttachmentPointer { content_type: Some("x/<b>".into()), ..pointer() }]));
    let [claimed, typed] = &visible.attachments[..] else { panic!("two") };
    assert_eq!((claimed.file_name.as_str(), claimed.content_type.as_str()), ("gpj.exe.jpg", "image/jpeg"));
    assert_eq!((claimed.size, claimed.state), (u64::from(u32::MAX), AttachmentState::Failed), "never fetched");
    assert_eq!(claimed.caption.len(), 2_000);
    assert_eq!(typed.content_type, "image/jpeg");
}

#[test]
fn a_preview_counts_only_for_a_link_of_the_text() {
    let preview = |url: &str, title: &str, body: &str| {
        let preview = Preview { url: url.into(), title: Some(title.into()), image: Some(pointer()) };
        shown(DataMessage { body: Some(body.into()), preview: vec![preview; 3], ..DataMessage::default() })
    };
    let good = preview("https://example.org/a", "A page\u{202e}", "see https://example.org/a");
    assert_eq!(good.preview.unwrap().title, "\u{2068}A page\u{2069}");
    assert_eq!(good.attachments[0].role, AttachmentRole::Preview);
    for (url, body) in [("https://evil.org", "see https://example.org"), ("javascript:x", "javascript:x")] {
        let bad = preview(url, "A page", body);
        assert!(bad.preview.is_none() && bad.attachments.is_empty());
    }
}

#[test]
fn an_invitation_names_a_room_and_its_key() {
    let invitation = |url: &str| {
        let invitation = OpenGroupInvitation { url: url.into(), name: "Lake".repeat(1_000) };
        message(DataMessage { open_group_invitation: Some(invitation), ..DataMessage::default() })
    };
    let good = invitation(&format!("https://rooms.org/lake?public_key={}", "ab".repeat(32))).unwrap();
    let What::Visible(visible) = good.what else { panic!("a message to show") };
    assert_eq!(visible.invitation.unwrap().name.len(), 100);
    for url in ["https://rooms.org/lake", "ftp://rooms.org/lake?public_key=00", ""] {
        let What::Visible(visible) = invitation(url).unwrap().what else { panic!("a message to show") };
        assert_eq!(*visible, Visible::default(), "nothing that can be shown: {url}");
    }
}

#[test]
fn a_mention_or_an_answer_is_for_us() {
    let (_, alice_id) = account(1);
    let (_, bob_id) = account(2);
    let said = |body: String| shown(DataMessage { body: Some(body), ..DataMessage::default() }).mention;
    assert!(said(format!("hey @{bob_id}!")) && !said(format!("hey @{alice_id}!")));
    let quote = |author: String| {
        let quote = Quote { id: 3, author, ..Quote::default() };
        shown(DataMessage { body: Some("yes".into()), quote: Some(quote), ..DataMessage::default() })
    };
    assert!(quote(bob_id.to_string()).mention && !quote(alice_id.to_string()).mention);
    assert_eq!(quote("someone".to_owned()).quote, None);
}

#[test]
fn a_reaction_is_one_emoji() {
    let react = |emoji: &str| {
        let author = account(2).1.to_string();
        let reaction = Reaction { id: 1, author, emoji: Some(emoji.to_owned()), action: 0 };
        message(DataMessage { reaction: Some(reaction), ..DataMessage::default() })
    };
    for good in ["😂", "👩‍👩‍👧", "🏳️‍🌈", "❤️"] {
        assert!(matches!(react(good).unwrap().what, What::Reaction(_)), "{good}");
    }
    for bad in ["", "😂😂", "ha ha", "\n", &"😂".repeat(2_560), &format!("a{}", "\u{301}".repeat(40))] {
        assert_eq!(react(bad), Err("reaction"), "{bad}");
    }
}

#[test]
fn a_name_is_cut_and_a_picture_needs_its_key() {
    let named = |name: String, url: String, key: Option<Vec<u8>>| {
        let profile = LokiProfile { display_name: Some(name), profile_picture: Some(url), last_update_seconds: None };
        let data = DataMessage { profile: Some(profile), profile_key: key, ..with(vec![]) };
        message(data).unwrap().profile.unwrap()
    };
    let url = "http://filev2.getsession.org/file/9".to_owned();
    let marked = named(format!("Z{}", "\u{0335}".repeat(20_000)), url.clone(), Some(vec![1; 32]));
    assert!(marked.name.len() <= 100 && marked.picture_url == url);
    assert!(crate::text::safe_display(&marked.name).chars().count() <= 5);
    assert_eq!(named(String::new(), url.clone(), None).picture_url, "");
    assert_eq!(named(String::new(), url, Some(vec![1; 31])).picture_url, "");
    assert_eq!(named(String::new(), "x".repeat(224), Some(vec![1; 32])).picture_url, "");
}

#[test]
fn any_timer_is_taken() {
    let content = |expiry| encode::timer_change(expiry, TimestampMs(55), encode::Audience::NoteToSelf);
    for expiry in [Expiry::Off, Expiry::AfterRead { seconds: u32::MAX }, Expiry::AfterSend { seconds: 1 }] {
        let came = received(content(expiry)).unwrap();
        assert_eq!((came.what, came.expiry), (What::TimerChange, expiry));
    }
    let ((alice, alice_id), _) = (account(1), ());
    let note = sealed(&content(Expiry::AfterRead { seconds: 5 }), &alice, &alice_id);
    assert_eq!(read(&note, &alice, &alice_id).unwrap().expiry, Expiry::AfterSend { seconds: 5 }, "to ourselves");
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_skipped(data in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let (keys, me) = account(1);
        prop_assert!(read(&data, &keys, &me).is_err());
    }
}

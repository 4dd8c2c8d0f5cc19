//! What is told, to whom, and with how many words.

use super::*;
use crate::testing::{NOW, after};

const HERE: ConversationId = ConversationId(1);

fn message(text: &str) -> Happening<'_> {
    Happening::Message { id: MessageId(7), text, own: false, mention: false, sort_at: after(1) }
}

fn reaction() -> Happening<'static> {
    Happening::Reaction { to: MessageId(7), emoji: "👍", to_own: true, own: false }
}

fn ines() -> Place<'static> {
    Place {
        id: HERE,
        tag: "t",
        name: "Ines",
        request: false,
        blocked: false,
        muted_until: None,
        rule: Rule::All,
        read_until: NOW,
        unread: 2,
    }
}

fn away(level: NotifyLevel) -> Circumstances {
    Circumstances { level, reactions: true, in_front: false, shown: None, now: after(2) }
}

fn said(happening: Happening<'_>, place: &Place<'_>, circumstances: &Circumstances) -> Option<(String, String)> {
    decide(happening, place, circumstances).map(|told| (told.title.unwrap_or_default(), told.body.to_string()))
}

#[test]
fn the_level_says_how_much_is_shown() {
    let told = |level| said(message("at\nthe  sea"), &ines(), &away(level)).unwrap();
    assert_eq!(told(NotifyLevel::NameAndText), ("Ines".to_owned(), "at the sea".to_owned()));
    assert_eq!(told(NotifyLevel::Name), ("Ines".to_owned(), "New message".to_owned()));
    assert_eq!(told(NotifyLevel::Nothing), (String::new(), "New message".to_owned()));
    let reacted = |level| said(reaction(), &ines(), &away(level)).unwrap();
    assert_eq!(reacted(NotifyLevel::NameAndText).1, "Reacted with 👍 to your message");
    assert_eq!(reacted(NotifyLevel::Nothing), (String::new(), "Reacted to your message".to_owned()));
}

#[test]
fn a_stranger_is_told_of_once_and_never_by_name_or_text() {
    let stranger = Place { request: true, name: "Prize department", ..ines() };
    let first = decide(Happening::Request, &stranger, &away(NotifyLevel::NameAndText)).unwrap();
    assert_eq!((first.title, first.body, first.quiet), (None, NotificationBody::Request, true));
    assert_eq!(said(message("You won"), &stranger, &away(NotifyLevel::NameAndText)), None);
    assert_eq!(said(reaction(), &stranger, &away(NotifyLevel::NameAndText)), None);
}

#[test]
fn the_muted_the_blocked_and_our_own_devices_are_never_told_of() {
    let everything = away(NotifyLevel::NameAndText);
    for place in [
        Place { muted_until: Some(after(3)), ..ines() },
        Place { rule: Rule::Off, ..ines() },
        Place { blocked: true, ..ines() },
    ] {
        for happening in [message("x"), reaction(), Happening::Request] {
            assert_eq!(said(happening, &place, &everything), None);
        }
    }
    assert!(said(message("x"), &Place { muted_until: Some(after(2)), ..ines() }, &everything).is_some());
    let own = Happening::Message { id: MessageId(7), text: "x", own: true, mention: true, sort_at: after(1) };
    assert_eq!(said(own, &ines(), &everything), None);
    let read_elsewhere = Place { read_until: after(1), ..ines() };
    assert_eq!(said(message("x"), &read_elsewhere, &everything), None);
}

#[test]
fn only_mentions_where_only_mentions_were_wanted() {
    let place = Place { rule: Rule::Mentions, ..ines() };
    let everything = away(NotifyLevel::NameAndText);
    let named = Happening::Message { id: MessageId(7), text: "@you", own: false, mention: true, sort_at: after(1) };
    assert_eq!(said(message("x"), &place, &everything), None);
    assert!(said(named, &place, &everything).is_some());
}

#[test]
fn reactions_are_for_the_author_alone() {
    let everything = away(NotifyLevel::NameAndText);
    let to_others = Happening::Reaction { to: MessageId(7), emoji: "👍", to_own: false, own: false };
    let from_us = Happening::Reaction { to: MessageId(7), emoji: "👍", to_own: true, own: true };
    assert_eq!(said(to_others, &ines(), &everything), None);
    assert_eq!(said(from_us, &ines(), &everything), None);
    assert_eq!(said(reaction(), &ines(), &Circumstances { reactions: false, ..everything }), None);
}

#[test]
fn what_is_on_the_screen_needs_no_telling() {
    let everything = away(NotifyLevel::NameAndText);
    let looking = Circumstances { in_front: true, shown: Some(HERE), ..everything };
    assert_eq!(said(message("x"), &ines(), &looking), None);
    let elsewhere = Circumstances { in_front: true, shown: Some(ConversationId(2)), ..everything };
    assert!(decide(message("x"), &ines(), &elsewhere).unwrap().in_app);
    let asleep = Circumstances { in_front: false, shown: Some(HERE), ..everything };
    assert!(decide(message("x"), &ines(), &asleep).is_some());
}

#[test]
fn texts_of_others_cannot_disturb_the_line() {
    let told = |text: &str| said(message(text), &ines(), &away(NotifyLevel::NameAndText)).unwrap().1;
    assert_eq!(told("a\u{202e}b\r\nc\0d\u{2069}"), "ab c d");
    assert_eq!(told("\u{202e}\n"), "New message");
    assert_eq!(told(&"x".repeat(5_000)).chars().count(), TEXT_MAX + 1);
    assert_eq!(told(&format!("Z{}o", "\u{0335}".repeat(500))), "Z\u{0335}\u{0335}\u{0335}\u{0335}o");
    let named = |name: &str| {
        let place = Place { name, ..ines() };
        said(message("hi"), &place, &away(NotifyLevel::Name)).unwrap().0
    };
    assert_eq!(named("\u{202e}kcatta\u{061c}\n"), "kcatta");
    assert_eq!(named(&"n".repeat(10_000_000)).chars().count(), TEXT_MAX + 1);
}

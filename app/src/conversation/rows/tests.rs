use jiff::civil::date;
use jiff::tz::TimeZone;
use tacit_client::ConversationId;
use tacit_wire::AccountId;

use super::*;
use crate::time::Day;
use crate::words::Words;
use tacit_client::{MessageRef, Original, ReactionGroup};

/// Words that are easy to compare.
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

impl Wording for Plain {
    fn you(&self) -> String {
        "You".to_owned()
    }
    fn timer(&self, own: bool, name: &str, to: Expiry) -> String {
        format!("{} {to:?}", if own { "You" } else { name })
    }
    fn saved(&self, name: &str) -> String {
        format!("{name} saved")
    }
    fn screenshot(&self, name: &str) -> String {
        format!("{name} took a picture")
    }
}

fn names() -> &'static Names {
    static NAMES: std::sync::OnceLock<Names> = std::sync::OnceLock::new();
    let ines = (AccountId::from_x25519(&[1; 32]), "Ines".to_owned());
    NAMES.get_or_init(|| Names::new(AccountId::from_x25519(&[0; 32]), "Mara".to_owned(), [ines]))
}

fn now() -> ZonedDateTime {
    date(2026, 11, 24).at(12, 0, 0, 0).to_zoned_datetime(TimeZone::system()).unwrap()
}

/// A message that was written so many minutes ago.
fn message(id: i64, author: u8, minutes: i64) -> Message {
    let at = u64::try_from(now().timestamp().as_millisecond() - minutes * 60_000).unwrap();
    let ours = author == 0;
    Message {
        id: MessageId(id),
        conversation: ConversationId(1),
        author: AccountId::from_x25519(&[author; 32]),
        kind: MessageKind::Text,
        state: if ours { State::Sent { kept: 6, of: 6 } } else { State::Received },
        sent_at: TimestampMs(at),
        sort_at: TimestampMs(at),
        received_at: TimestampMs(at),
        text: format!("text {id}"),
        hash: None,
        copy_hash: None,
        expiry: Default::default(),
        expires_at: None,
        deleted: false,
        mention: false,
        peer_read_at: None,
        assembling: false,
        quote: None,
        attachments: Vec::new(),
        preview: None,
        invitation: None,
        reactions: Vec::new(),
    }
}

fn view(unread: Option<Unread>) -> View<'static> {
    View { unread, at_start: true, is_open: true, ..View::alone(names(), &crate::files::NoFiles, false) }
}

fn shape(rows: &[Bubble]) -> Vec<String> {
    rows.iter()
        .map(|row| match row.kind {
            Kind::Text => format!("{}{}{}", row.id, if row.first { "<" } else { "" }, if row.last { ">" } else { "" }),
            Kind::Day => format!("[{}]", row.text),
            Kind::Unread => format!("{} new", row.text),
            kind => format!("{kind:?} {}", row.text).trim().to_owned(),
        })
        .collect()
}

#[test]
fn days_runs_and_the_unread_line_stand_where_they_belong() {
    let messages = [
        message(1, 0, 60 * 25),
        message(2, 0, 30),
        message(3, 0, 29),
        message(4, 1, 28),
        message(5, 1, 10),
        message(6, 1, 9),
    ];
    let unread = Unread { after: messages[4].sort_at, count: 1 };
    let rows = build(&messages, &view(Some(unread)), &now(), &Plain);
    assert_eq!(
        shape(&rows),
        ["Start", "[Yesterday]", "m1<>", "[Today]", "m2<", "m3>", "m4<>", "m5<>", "1 new", "m6<>"]
    );
}

#[test]
fn the_unread_line_is_not_shown_while_it_lies_above_the_window() {
    let messages = [message(5, 1, 10), message(6, 1, 9)];
    let unread = Unread { after: message(4, 1, 28).sort_at, count: 3 };
    let middle = View { at_start: false, ..view(Some(unread)) };
    assert_eq!(shape(&build(&messages, &middle, &now(), &Plain)), ["[Today]", "m5<", "m6>"]);
    assert_eq!(shape(&build(&messages, &view(Some(unread)), &now(), &Plain))[2], "3 new");
}

#[test]
fn the_number_of_nodes_goes_a_minute_after_all_of_them_have_it() {
    let (young, old) = (message(1, 0, 0), message(2, 0, 2));
    let few = Message { state: State::Sent { kept: 3, of: 6 }, ..message(3, 0, 2) };
    let elsewhere = Message { state: State::Sent { kept: 0, of: 0 }, ..message(4, 0, 0) };
    let rows = build(&[old, few, young, elsewhere], &view(None), &now(), &Plain);
    let shown: Vec<_> = rows.iter().filter(|row| row.kind == Kind::Text).map(|row| row.show_kept).collect();
    assert_eq!(shown, [false, true, true, false]);
}

#[test]
fn what_was_just_sent_is_there_before_the_database_has_it() {
    let pending = [Pending { serial: 7, text: "soon".to_owned(), quote: None, files: Vec::new(), id: None }];
    let rows = build(&[message(1, 1, 1)], &View { pending: &pending, ..view(None) }, &now(), &Plain);
    let last = rows.last().unwrap();
    assert_eq!((last.id.as_str(), last.text.as_str(), last.state), ("p7", "soon", SendState::Queued));
    assert_eq!(super::super::message_of(&last.id), None, "it cannot be deleted or sent again yet");
}

#[test]
fn a_row_that_stays_keeps_the_place() {
    let rows = |ids: &[i64]| {
        let messages: Vec<_> = ids.iter().map(|id| message(*id, 1, 100 - id)).collect();
        build(&messages, &View { at_start: false, ..view(None) }, &now(), &Plain)
    };
    let keys = |rows: Vec<Bubble>| rows.into_iter().map(|row| row.id).collect::<Vec<_>>();
    let (old, new) = (keys(rows(&[10, 11, 12, 13])), rows(&[8, 9, 10, 11, 12]));
    let kept = anchor(&old, &new);
    assert!(["m10", "m11", "m12"].contains(&kept.as_str()), "{kept}");
    assert_eq!(anchor(&keys(rows(&[1])), &[]), "");
}

#[test]
fn a_notice_stands_between_the_bubbles_and_ends_a_run() {
    let notice = Message { kind: MessageKind::RequestAccepted, text: String::new(), ..message(2, 1, 9) };
    let rows = build(&[message(1, 1, 10), notice, message(3, 1, 8)], &view(None), &now(), &Plain);
    assert_eq!(shape(&rows), ["Start", "[Today]", "m1<>", "Notice Ines accepted", "m3<>"]);
}

#[test]
fn lines_that_nobody_wrote_say_what_happened() {
    let day = Expiry::AfterRead { seconds: 86_400 };
    let timer = Message { kind: MessageKind::TimerChanged, expiry: day, ..message(1, 1, 9) };
    let own = Message { kind: MessageKind::TimerChanged, ..message(2, 0, 8) };
    let saved = Message { kind: MessageKind::MediaSaved, ..message(3, 1, 7) };
    let newer = Message { kind: MessageKind::Unknown, ..message(4, 1, 6) };
    let gone = Message { deleted: true, text: String::new(), ..message(5, 1, 5) };
    let rows = build(&[timer.clone(), own, saved, newer, gone], &view(None), &now(), &Plain);
    assert_eq!(
        shape(&rows)[2..],
        ["Notice Ines AfterRead { seconds: 86400 }", "Notice You Off", "Notice Ines saved", "Newer", "Deleted"]
    );
    assert!(rows[2].can_follow && !rows[3].can_follow);
    let same = View { expiry: day, ..view(None) };
    assert!(!build(&[timer], &same, &now(), &Plain)[2].can_follow, "it is so already");
}

#[test]
fn an_answer_shows_what_it_answers_as_far_as_it_is_there() {
    let of = MessageRef { author: AccountId::from_x25519(&[1; 32]), sent_at: TimestampMs(5) };
    let original = Original { id: MessageId(1), text: "the\n sea".to_owned(), deleted: false, attachment: None };
    let quote = |original| tacit_client::Quote { of, original };
    let shown = |original| {
        let answer = Message { quote: Some(quote(original)), ..message(2, 0, 1) };
        build(&[answer], &view(None), &now(), &Plain)[2].quote.clone()
    };
    let found = shown(Some(original.clone()));
    assert_eq!((found.name.as_str(), found.text.as_str(), found.own), ("Ines", "the sea", false));
    assert_eq!(shown(Some(Original { deleted: true, ..original })).status, tacit_ui::QuoteStatus::Deleted);
    assert_eq!(shown(None).status, tacit_ui::QuoteStatus::Lost);
}

#[test]
fn reactions_stand_by_number_and_name_who_set_them() {
    use slint::Model as _;
    let group = |emoji: &str, senders: &[u8]| ReactionGroup {
        emoji: emoji.to_owned(),
        senders: senders.iter().map(|n| AccountId::from_x25519(&[*n; 32])).collect(),
    };
    let reactions = vec![group("👍", &[1]), group("❤️", &[1, 0])];
    let rows = build(&[Message { reactions, ..message(1, 1, 1) }], &view(None), &now(), &Plain);
    let shown: Vec<_> = rows[2].reactions.iter().map(|r| (r.emoji.to_string(), r.own, r.names.to_string())).collect();
    assert_eq!(shown, [("❤️".to_owned(), true, "Ines, You".to_owned()), ("👍".to_owned(), false, "Ines".to_owned())]);
}

#[test]
fn the_ring_of_a_message_that_disappears_empties() {
    let now_ms = u64::try_from(now().timestamp().as_millisecond()).unwrap();
    let expiry = Expiry::AfterRead { seconds: 100 };
    let begun = Message { expiry, expires_at: Some(TimestampMs(now_ms + 25_000)), ..message(1, 1, 1) };
    let unread = Message { expires_at: None, ..begun.clone() };
    let rows = build(&[begun, unread], &view(None), &now(), &Plain);
    assert!(rows[2].vanishes && (rows[2].vanishing - 0.75).abs() < 0.01);
    assert!(rows[3].vanishes && rows[3].vanishing == 0.);
}

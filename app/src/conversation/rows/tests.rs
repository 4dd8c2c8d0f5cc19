use jiff::civil::date;
use jiff::tz::TimeZone;
use tacit_client::ConversationId;
use tacit_wire::AccountId;

use super::*;
use crate::time::Day;

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
    View { peer_name: "Ines", unread, at_start: true, pending: &[] }
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
    let pending = [Pending { serial: 7, text: "soon".to_owned(), id: None }];
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
    let (old, new) = (rows(&[10, 11, 12, 13]), rows(&[8, 9, 10, 11, 12]));
    let kept = anchor(&old, &new);
    assert!(["m10", "m11", "m12"].contains(&kept.as_str()), "{kept}");
    assert_eq!(anchor(&rows(&[1]), &[]), "");
}

#[test]
fn a_notice_stands_between_the_bubbles_and_ends_a_run() {
    let notice = Message { kind: MessageKind::RequestAccepted, text: String::new(), ..message(2, 1, 9) };
    let rows = build(&[message(1, 1, 10), notice, message(3, 1, 8)], &view(None), &now(), &Plain);
    assert_eq!(shape(&rows), ["Start", "[Today]", "m1<>", "Notice Ines accepted", "m3<>"]);
}

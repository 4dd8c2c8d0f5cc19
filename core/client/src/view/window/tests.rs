//! Walking through a conversation of 500 messages.

use tacit_store::{ConversationId, Message, NewMessage, State};
use tacit_wire::{AccountId, TimestampMs};

use super::*;
use crate::testing::{Home, account, after};

/// A conversation with somebody, read through a window as the watching does it.
struct Reader {
    home: Home,
    conversation: ConversationId,
    window: Window,
    rows: Vec<Message>,
}

impl Reader {
    /// `times` are the senders' times of messages "0", "1", ….
    fn of(times: impl IntoIterator<Item = TimestampMs>) -> Self {
        let mut home = Home::new();
        let conversation = home.conversation(&account(2).1);
        let mut reader = Self { home, conversation, window: Window::new(), rows: Vec::new() };
        reader.arrive(times.into_iter().enumerate());
        reader.look();
        reader
    }

    fn arrives(&mut self, number: usize, sent_at: TimestampMs) {
        self.arrive([(number, sent_at)]);
    }

    fn arrive(&mut self, messages: impl IntoIterator<Item = (usize, TimestampMs)>) {
        let conversation = self.conversation;
        let keep = |tx: &tacit_store::Tx<'_>, number: usize, sent_at| {
            // Author and time make each unique.
            let (author, text) =
                (AccountId::from_x25519(&[u8::try_from(number % 100).unwrap(); 32]), number.to_string());
            let message = NewMessage::text(conversation, author, State::Received, sent_at, &text);
            tx.insert_message(&message, after(1_000_000)).map(drop)
        };
        let all = |tx: &tacit_store::Tx<'_>| messages.into_iter().try_for_each(|(number, at)| keep(tx, number, at));
        self.home.store.write::<_, Error>(all).unwrap();
    }

    fn look(&mut self) {
        (self.window, self.rows) = self.window.look(&self.home.store, self.conversation).unwrap();
    }

    fn go(&mut self, step: Move) {
        self.window = self.window.moved(Some(step), &self.rows, &self.home.store, self.conversation).unwrap();
        self.look();
    }

    /// The numbers of the first and the last message shown; all between are there, in order.
    fn shown(&self) -> (usize, usize) {
        let numbers: Vec<usize> = self.rows.iter().map(|row| row.text.parse().unwrap()).collect();
        let (first, last) = (numbers[0], *numbers.last().unwrap());
        assert_eq!(numbers, (first..=last).collect::<Vec<_>>(), "no gap and no repetition");
        assert!(numbers.len() <= LARGEST as usize);
        (first, last)
    }
}

fn seconds(count: u64) -> impl Iterator<Item = TimestampMs> {
    (0..count).map(|n| after(n * 1_000))
}

#[test]
fn it_starts_at_the_newest_and_grows_to_its_bound_before_it_moves() {
    let mut reader = Reader::of(seconds(500));
    assert_eq!(reader.shown(), (440, 499));
    reader.go(Move::Older);
    assert_eq!(reader.shown(), (420, 499));
    reader.go(Move::Older);
    assert_eq!(reader.shown(), (400, 499));
    reader.go(Move::Older);
    assert_eq!(reader.shown(), (380, 479), "the newest leave at the bound");
}

#[test]
fn it_goes_back_to_the_first_message_and_again_to_the_last() {
    let mut reader = Reader::of(seconds(500));
    for _ in 0..40 {
        let (before, _) = reader.shown();
        reader.go(Move::Older);
        assert_eq!(reader.shown().0, before.saturating_sub(20));
    }
    assert_eq!(reader.shown(), (0, 99));
    for _ in 0..40 {
        let (_, before) = reader.shown();
        reader.go(Move::Newer);
        assert_eq!(reader.shown().1, (before + 20).min(499));
    }
    assert_eq!(reader.shown(), (400, 499));
    reader.arrives(500, after(500_000));
    reader.look();
    assert_eq!(reader.shown(), (401, 500), "at the end it follows what comes");
}

#[test]
fn in_the_past_it_stands_still_while_messages_come() {
    let mut reader = Reader::of(seconds(500));
    (0..6).for_each(|_| reader.go(Move::Older));
    let before = reader.shown();
    reader.arrive((500..530).map(|number| (number, after(number as u64 * 1_000))));
    reader.look();
    assert_eq!(reader.shown(), before);
    reader.go(Move::Newest);
    assert_eq!(reader.shown(), (470, 529));
}

#[test]
fn messages_of_the_same_time_are_neither_lost_nor_shown_twice() {
    // 500 messages, a hundred at a time in the same millisecond.
    let mut reader = Reader::of((0..500).map(|number| after(number / 100)));
    while reader.shown().0 > 0 {
        let (first, _) = reader.shown();
        reader.go(Move::Older);
        assert_eq!(reader.shown().0, first - 20);
    }
    while reader.shown().1 < 499 {
        let (_, last) = reader.shown();
        reader.go(Move::Newer);
        assert_eq!(reader.shown().1, last + 20);
    }
}

#[test]
fn short_and_empty_conversations_stay_as_they_are() {
    let mut empty = Reader::of([]);
    for step in [Move::Older, Move::Newer, Move::Newest] {
        empty.go(step);
        assert!(empty.rows.is_empty());
    }
    empty.arrives(0, after(1));
    empty.look();
    assert_eq!(empty.shown(), (0, 0));
    let mut short = Reader::of(seconds(61));
    assert_eq!(short.shown(), (1, 60));
    for step in [Move::Older, Move::Older, Move::Newer, Move::Older] {
        short.go(step);
        assert_eq!(short.shown(), (0, 60));
    }
}

#[test]
fn a_late_message_from_the_past_appears_in_its_place() {
    let mut reader = Reader::of((0..100).map(|number| after(number * 2_000)));
    reader.arrives(100, after(150_001));
    reader.look();
    let texts: Vec<&str> = reader.rows.iter().map(|row| row.text.as_str()).collect();
    let late = texts.iter().position(|text| *text == "100").unwrap();
    assert_eq!((texts[late - 1], texts[late + 1]), ("75", "76"));
}

#[test]
fn when_all_that_is_shown_was_deleted_the_rest_comes_into_view() {
    let mut reader = Reader::of(seconds(500));
    (0..3).for_each(|_| reader.go(Move::Older));
    let all = reader.home.store.messages(reader.conversation, Page::Newest, 1_000).unwrap();
    let delete = |tx: &tacit_store::Tx<'_>| all[380..].iter().try_for_each(|row| tx.delete_message(row.id).map(drop));
    reader.home.store.write::<_, Error>(delete).unwrap();
    reader.look();
    assert_eq!(reader.shown(), (320, 379));
}

//! Words that Rust puts together itself, taken from the screens' catalogue.

use jiff::ZonedDateTime;
use slint::ComponentHandle as _;
use tacit_ui::{App, Texts};
use tacit_wire::TimestampMs;

use crate::time::{self, Day};

/// Names of days and moments in the user's language.
pub(crate) trait Words {
    /// Between messages: “Today”, “Tuesday”, “12 November 2026”.
    fn day(&self, day: Day, year: i32) -> String;
    /// In the chat list: “Yesterday”, “Tue”, “12 Nov”.
    fn short_day(&self, day: Day) -> String;
    /// “Ines accepted your request.”
    fn accepted(&self, name: &str) -> String;
}

impl Words for Texts<'_> {
    fn day(&self, day: Day, year: i32) -> String {
        match day {
            Day::Today => self.invoke_today(),
            Day::Yesterday => self.invoke_yesterday(),
            Day::Weekday(weekday) => self.invoke_weekday(weekday),
            Day::ThisYear(day, month) => self.invoke_full_date(day, month, year),
            Day::Date(day, month, year) => self.invoke_full_date(day, month, year),
        }
        .into()
    }

    fn short_day(&self, day: Day) -> String {
        match day {
            Day::Today => self.invoke_today().into(),
            Day::Yesterday => self.invoke_yesterday().into(),
            Day::Weekday(weekday) => self.invoke_weekday_short(weekday).into(),
            Day::ThisYear(day, month) => self.invoke_day_and_month(day, month).into(),
            Day::Date(day, month, year) => format!("{} {year}", self.invoke_day_and_month(day, month)),
        }
    }

    fn accepted(&self, name: &str) -> String {
        self.invoke_accepted(name.into()).into()
    }
}

/// A moment in the chat list.
pub(crate) fn list_time(at: &ZonedDateTime, now: &ZonedDateTime, words: &impl Words) -> String {
    match time::day(at.date(), now.date()) {
        Day::Today => time::clock(at),
        day => words.short_day(day),
    }
}

/// A moment to the second: “24 Nov 2026, 09:05:12”.
pub(crate) fn exact(window: &App, at: TimestampMs) -> String {
    let at = time::local(at);
    let texts = window.global::<Texts>();
    let day = texts.invoke_day_and_month(i32::from(at.day()), i32::from(at.month()));
    format!("{day} {}, {}", at.year(), time::clock_with_seconds(&at))
}

/// A moment that is not far: “Today, 03:12”.
pub(crate) fn when(window: &App, at: TimestampMs) -> String {
    let (at, today) = (time::local(at), jiff::ZonedDateTime::now().date());
    let day = window.global::<Texts>().short_day(time::day(at.date(), today));
    format!("{day}, {}", time::clock(&at))
}

/// A day and its month: “8 Dec 2026”.
pub(crate) fn date(window: &App, at: TimestampMs) -> String {
    let at = time::local(at);
    let texts = window.global::<Texts>();
    texts.invoke_full_date(i32::from(at.day()), i32::from(at.month()), i32::from(at.year())).into()
}

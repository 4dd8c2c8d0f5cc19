//! Words of lines that nobody wrote, and of people.

use tacit_client::Expiry;
use tacit_ui::Texts;

use crate::words::Words;

/// What the rows of a conversation say in the user's language.
pub(crate) trait Wording: Words {
    /// “You”.
    fn you(&self) -> String;
    /// “Ines set messages to vanish 1 day after reading.”
    fn timer(&self, own: bool, name: &str, to: Expiry) -> String;
    /// “Ines saved media.”
    fn saved(&self, name: &str) -> String;
    /// “Ines took a screenshot.”
    fn screenshot(&self, name: &str) -> String;
}

impl Wording for Texts<'_> {
    fn you(&self) -> String {
        self.invoke_you().into()
    }

    fn timer(&self, own: bool, name: &str, to: Expiry) -> String {
        match timer_parts(to) {
            None => self.invoke_timer_off(own, name.into()),
            Some((seconds, after_read)) => {
                self.invoke_timer_set(own, name.into(), length(self, seconds.into()).into(), after_read)
            }
        }
        .into()
    }

    fn saved(&self, name: &str) -> String {
        self.invoke_media_saved(name.into()).into()
    }

    fn screenshot(&self, name: &str) -> String {
        self.invoke_screenshot(name.into()).into()
    }
}

/// Seconds of a timer, and whether they count from reading; `None` when messages stay.
pub(crate) fn timer_parts(expiry: Expiry) -> Option<(u32, bool)> {
    match expiry {
        Expiry::Off => None,
        Expiry::AfterRead { seconds } => Some((seconds, true)),
        Expiry::AfterSend { seconds } => Some((seconds, false)),
    }
}

/// “vanish 1 day after reading”; empty when messages stay.
pub(crate) fn vanishing(texts: &Texts<'_>, expiry: Expiry) -> String {
    timer_parts(expiry).map_or_else(String::new, |(seconds, after_read)| {
        texts.invoke_vanishing(length(texts, seconds.into()).into(), after_read).into()
    })
}

/// A length of time in its largest whole unit: “12 hours”.
pub(crate) fn length(texts: &Texts<'_>, seconds: u64) -> String {
    let (count, unit) = unit(seconds);
    let count = i32::try_from(count).unwrap_or(i32::MAX);
    match unit {
        Unit::Weeks => texts.invoke_weeks(count),
        Unit::Days => texts.invoke_days(count),
        Unit::Hours => texts.invoke_hours(count),
        Unit::Minutes => texts.invoke_minutes(count),
        Unit::Seconds => texts.invoke_seconds(count),
    }
    .into()
}

/// A time that passes, to two units: “6 days 3 hours”.
pub(crate) fn remaining(texts: &Texts<'_>, seconds: u64) -> String {
    const UNITS: [u64; 4] = [86_400, 3_600, 60, 1];
    let large = UNITS.into_iter().find(|unit| seconds >= *unit).unwrap_or(1);
    let whole = seconds - seconds % large;
    let small = UNITS.into_iter().find(|unit| *unit < large).unwrap_or(1);
    let rest = (seconds % large) - (seconds % large) % small;
    match rest {
        0 => in_units(texts, whole, large),
        rest => format!("{} {}", in_units(texts, whole, large), in_units(texts, rest, small)),
    }
}

fn in_units(texts: &Texts<'_>, seconds: u64, unit: u64) -> String {
    let count = i32::try_from(seconds / unit).unwrap_or(i32::MAX);
    match unit {
        86_400 => texts.invoke_days(count),
        3_600 => texts.invoke_hours(count),
        60 => texts.invoke_minutes(count),
        _ => texts.invoke_seconds(count),
    }
    .into()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Weeks,
    Days,
    Hours,
    Minutes,
    Seconds,
}

fn unit(seconds: u64) -> (u64, Unit) {
    let units =
        [(604_800, Unit::Weeks), (86_400, Unit::Days), (3_600, Unit::Hours), (60, Unit::Minutes), (1, Unit::Seconds)];
    let fits = units.into_iter().find(|(length, _)| seconds >= *length && seconds.is_multiple_of(*length));
    fits.map_or((0, Unit::Seconds), |(length, unit)| (seconds / length, unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_told_in_its_largest_whole_unit() {
        for (seconds, expected) in [
            (5, (5, Unit::Seconds)),
            (300, (5, Unit::Minutes)),
            (90, (90, Unit::Seconds)),
            (43_200, (12, Unit::Hours)),
            (86_400, (1, Unit::Days)),
            (1_209_600, (2, Unit::Weeks)),
            (0, (0, Unit::Seconds)),
        ] {
            assert_eq!(unit(seconds), expected, "{seconds}");
        }
    }
}

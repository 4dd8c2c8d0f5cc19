//! Days and times as people read them: pure functions of a moment and of now.

use jiff::ZonedDateTime;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tacit_wire::TimestampMs;

/// A moment where the reader is. Moments that no calendar holds count as 1970.
pub(crate) fn local(at: TimestampMs) -> ZonedDateTime {
    in_zone(at, TimeZone::system())
}

fn in_zone(at: TimestampMs, zone: TimeZone) -> ZonedDateTime {
    let ms = i64::try_from(at.0).unwrap_or_default();
    jiff::Timestamp::from_millisecond(ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_zoned_datetime(zone)
}

/// A day, seen from today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Day {
    /// Today, and whatever a wrong clock puts after it.
    Today,
    /// The day before.
    Yesterday,
    /// Within the last six days; 0 is Monday.
    Weekday(i32),
    /// Longer ago, this year: day and month (1 to 12).
    ThisYear(i32, i32),
    /// In another year.
    Date(i32, i32, i32),
}

/// What to call a day.
pub(crate) fn day(date: Date, today: Date) -> Day {
    let ago = (today - date).get_days();
    match ago {
        ..=0 => Day::Today,
        1 => Day::Yesterday,
        2..=6 => Day::Weekday(i32::from(date.weekday().to_monday_zero_offset())),
        _ if date.year() == today.year() => Day::ThisYear(i32::from(date.day()), i32::from(date.month())),
        _ => Day::Date(i32::from(date.day()), i32::from(date.month()), i32::from(date.year())),
    }
}

/// `09:41`.
pub(crate) fn clock(at: &ZonedDateTime) -> String {
    at.strftime("%H:%M").to_string()
}

/// `09:41:07`.
pub(crate) fn clock_with_seconds(at: &ZonedDateTime) -> String {
    at.strftime("%H:%M:%S").to_string()
}

/// Waits on the UI thread, without holding it up.
pub(crate) async fn pause(time: std::time::Duration) {
    let (done, wait) = tokio::sync::oneshot::channel();
    slint::Timer::single_shot(time, move || {
        // Nobody waits any more when the task was dropped.
        let _ = done.send(());
    });
    // The timer is never dropped before it fires while the event loop runs.
    let _ = wait.await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn days_are_called_as_people_call_them() {
        let today = date(2026, 11, 24); // a Tuesday
        for (then, expected) in [
            (date(2026, 11, 24), Day::Today),
            (date(2026, 11, 25), Day::Today),
            (date(2026, 11, 23), Day::Yesterday),
            (date(2026, 11, 22), Day::Weekday(6)),
            (date(2026, 11, 18), Day::Weekday(2)),
            (date(2026, 11, 17), Day::ThisYear(17, 11)),
            (date(2026, 1, 2), Day::ThisYear(2, 1)),
            (date(2025, 12, 31), Day::Date(31, 12, 2025)),
        ] {
            assert_eq!(day(then, today), expected, "{then}");
        }
        assert_eq!(day(date(2025, 12, 31), date(2026, 1, 1)), Day::Yesterday);
    }

    #[test]
    fn times_are_of_the_readers_place() {
        let tokyo = TimeZone::fixed(jiff::tz::offset(9));
        let at = in_zone(TimestampMs(1_000_000_000_000), tokyo);
        assert_eq!((clock(&at).as_str(), clock_with_seconds(&at).as_str()), ("10:46", "10:46:40"));
        assert_eq!(in_zone(TimestampMs(u64::MAX), TimeZone::UTC).year(), 1970);
    }
}

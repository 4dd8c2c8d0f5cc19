//! When a message that arrives disappears (protocol: messages 4.9): a pure function of its timer,
//! of how long the swarm keeps it, and of whether it was read.

use tacit_store::Expiry;
use tacit_wire::{MessageHash, TimestampMs};

/// How a message came.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    /// Its name at our nodes.
    pub(crate) hash: MessageHash,
    /// Until when they keep it.
    pub(crate) kept_until: TimestampMs,
}

/// When it disappears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Not yet known: it has no timer, or was not read.
    Stays,
    /// At this time.
    Until(TimestampMs),
    /// At this time, which the swarm does not know yet.
    Shorten(TimestampMs),
    /// Its time is over: it is never shown.
    Over,
}

/// Decides for a message sent at T, ours or read already or not.
pub(crate) fn fate(
    expiry: Expiry,
    sent_at: TimestampMs,
    kept_until: TimestampMs,
    ours: bool,
    read: bool,
    now: TimestampMs,
) -> Fate {
    let after = |start: TimestampMs, seconds: u32| TimestampMs(start.0.saturating_add(u64::from(seconds) * 1_000));
    let until = match expiry {
        Expiry::Off => return Fate::Stays,
        Expiry::AfterRead { seconds } if !ours => {
            let full = after(now, seconds);
            match () {
                () if !read => return Fate::Stays,
                () if kept_until > full => return Fate::Shorten(full),
                () => kept_until,
            }
        }
        // What we sent we have read.
        Expiry::AfterRead { seconds } | Expiry::AfterSend { seconds } => after(sent_at, seconds).min(kept_until),
    };
    if until <= now { Fate::Over } else { Fate::Until(until) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, after};

    const SENT: Expiry = Expiry::AfterSend { seconds: 60 };
    const READ: Expiry = Expiry::AfterRead { seconds: 60 };
    const FORTNIGHT: u64 = 14 * 86_400_000;

    #[test]
    fn what_disappears_after_sending_does_so_at_the_earlier_time() {
        let at = |kept, now| fate(SENT, NOW, after(kept), false, false, after(now));
        assert_eq!(at(61_000, 5_000), Fate::Until(after(60_000)));
        assert_eq!(at(59_000, 5_000), Fate::Until(after(59_000)));
        assert_eq!(at(FORTNIGHT, 60_000), Fate::Over, "expired on arrival");
        let future = fate(SENT, TimestampMs(u64::MAX), TimestampMs(u64::MAX), false, false, NOW);
        assert_eq!(future, Fate::Until(TimestampMs(u64::MAX)));
    }

    #[test]
    fn what_disappears_after_reading_waits_for_that() {
        let at = |kept, read| fate(READ, NOW, after(kept), false, read, after(5_000));
        assert_eq!(at(FORTNIGHT, false), Fate::Stays);
        assert_eq!(at(30_000, true), Fate::Until(after(30_000)), "read elsewhere: the swarm knows when");
        assert_eq!(at(FORTNIGHT, true), Fate::Shorten(after(65_000)));
        assert_eq!(at(5_000, true), Fate::Over);
        assert_eq!(fate(READ, NOW, after(FORTNIGHT), true, false, after(1)), Fate::Until(after(60_000)), "ours");
        assert_eq!(fate(Expiry::Off, NOW, after(1), false, true, after(5)), Fate::Stays);
        let longest = fate(Expiry::AfterRead { seconds: u32::MAX }, NOW, after(FORTNIGHT), false, true, NOW);
        assert_eq!(longest, Fate::Until(after(FORTNIGHT)));
    }
}

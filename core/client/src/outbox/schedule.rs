//! When a message that did not go out is tried again: a pure function of what happened.

use std::time::Duration;

use rand_core::CryptoRng;
use tacit_wire::TimestampMs;

/// Waiting times between attempts while the network answers, in milliseconds.
const BACK_OFF_MS: [u64; 8] = [1_000, 2_000, 5_000, 15_000, 30_000, 60_000, 300_000, 600_000];

/// Waiting times before a message that fewer than a quorum keep is stored again
/// (protocol: messages 5.3), in milliseconds.
const RESTORE_MS: [u64; 3] = [2 * 60_000, 10 * 60_000, 60 * 60_000];

/// Longest time between two looks at the outbox.
const IDLE: Duration = Duration::from_secs(60);

/// Shortest time: what was due and could not be taken, since the database failed, is not looked
/// for without a pause.
const SOONEST: Duration = Duration::from_millis(100);

/// When to try again after `attempts` failures (at least 1), with ±20 % of jitter.
pub fn next_attempt(attempts: u32, now: TimestampMs, rng: &mut impl CryptoRng) -> TimestampMs {
    let step = (attempts.max(1) as usize - 1).min(BACK_OFF_MS.len() - 1);
    TimestampMs(now.0 + jitter(BACK_OFF_MS[step], rng))
}

/// When to store again what was first stored at `sent_at` and too few members keep; `None` after
/// the last time.
pub fn next_restore(sent_at: TimestampMs, now: TimestampMs) -> Option<TimestampMs> {
    RESTORE_MS.iter().map(|ms| TimestampMs(sent_at.0.saturating_add(*ms))).find(|at| *at > now)
}

/// How long the outbox may wait for something to happen by itself before it looks again, when it
/// could take on `room` more rows and the next of those that wait is due at `next`.
pub fn wait(room: usize, next: Option<TimestampMs>, now: TimestampMs) -> Duration {
    match next {
        // Without room, what is due waits until a try ends.
        Some(at) if room > 0 => Duration::from_millis(at.0.saturating_sub(now.0)).clamp(SOONEST, IDLE),
        _ => IDLE,
    }
}

/// Members that must keep a message before it counts as safe: ⌊n/2⌋ + 1.
pub fn quorum(swarm_size: u32) -> u32 {
    swarm_size / 2 + 1
}

/// `ms` ± 20 %, so that many devices do not wake together.
pub fn jitter(ms: u64, rng: &mut impl CryptoRng) -> u64 {
    let fifth = ms / 5;
    ms - fifth + u64::from(rng.next_u32()) * (2 * fifth) / u64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::rng;

    #[test]
    fn waits_grow_to_ten_minutes_and_stay_there() {
        let now = TimestampMs(1_000_000);
        let mut rng = rng(1);
        let mut wait = |attempts| next_attempt(attempts, now, &mut rng).0 - now.0;
        assert!((800..=1_200).contains(&wait(1)));
        assert!((4_000..=6_000).contains(&wait(3)));
        for attempts in [8, 100, u32::MAX] {
            assert!((480_000..=720_000).contains(&wait(attempts)));
        }
    }

    #[test]
    fn the_outbox_looks_again_when_something_is_due_that_it_can_take() {
        let now = TimestampMs(1_000_000);
        let at = |ms| Some(TimestampMs(ms));
        assert_eq!(wait(3, at(1_005_000), now), Duration::from_secs(5));
        assert_eq!(wait(3, None, now), IDLE);
        assert_eq!(wait(3, at(u64::MAX), now), IDLE);
        assert_eq!(wait(3, at(10), now), SOONEST);
        assert_eq!(wait(0, at(10), now), IDLE, "all hands are busy: the end of a try wakes it");
    }

    #[test]
    fn a_message_below_the_quorum_is_stored_again_three_times() {
        let sent_at = TimestampMs(1_000);
        let mut now = sent_at;
        let mut minutes = Vec::new();
        while let Some(next) = next_restore(sent_at, now) {
            minutes.push((next.0 - sent_at.0) / 60_000);
            now = next;
        }
        assert_eq!(minutes, [2, 10, 60]);
        assert_eq!([1, 2, 5, 6, 7].map(quorum), [1, 2, 3, 4, 4]);
    }
}

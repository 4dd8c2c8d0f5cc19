//! Whose clock says what (protocol: network 5, TTL).

use tacit_wire::rpc::{Rejection, Store};
use tacit_wire::{Namespace, TimestampMs};

/// How far a message's time may lie ahead, and its end back.
const STORE_TOLERANCE_MS: u64 = 10_000;
const SIGNED_TOLERANCE_MS: u64 = 60_000;
/// What time on the way between members adds.
const FORWARD_MS: u64 = 10_000;
const SHORTEST_MS: u64 = 10_000;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;
const LONGEST_PUBLIC_MS: u64 = 14 * DAY_MS;
/// Longest life in signed namespaces, and when extended.
pub(super) const LONGEST_MS: u64 = 30 * DAY_MS;

/// The time by which a request is judged.
#[derive(Clone, Copy)]
pub(super) struct Clock {
    now: TimestampMs,
    slack_ms: u64,
}

impl Clock {
    /// For requests that come from users.
    pub(super) fn direct(now: TimestampMs) -> Self {
        Self { now, slack_ms: 0 }
    }

    /// For requests that a fellow member passes on.
    pub(super) fn forwarded(now: TimestampMs) -> Self {
        Self { now, slack_ms: FORWARD_MS }
    }

    /// A signed time must be near.
    pub(super) fn check_signed(self, method: &str, at: TimestampMs) -> Result<(), Rejection> {
        if self.now.distance(at) <= SIGNED_TOLERANCE_MS + self.slack_ms {
            Ok(())
        } else {
            Err(Rejection::timestamp_too_far(method))
        }
    }

    /// Times of a message to be stored.
    fn check_store(self, request: &Store) -> Result<(), Rejection> {
        let expiry = request.expiry();
        let lifetime = expiry.since(request.timestamp);
        if !(SHORTEST_MS..=longest(request.namespace)).contains(&lifetime) {
            return Err(Rejection::lifetime());
        }
        let tolerance = STORE_TOLERANCE_MS + self.slack_ms;
        if request.timestamp > self.now.plus_ms(tolerance) || expiry.plus_ms(tolerance) < self.now {
            return Err(Rejection::store_timestamp());
        }
        Ok(())
    }

    /// Times of a message to be stored, and of the signature where one is needed.
    pub(super) fn check_stored(self, request: &Store) -> Result<(), Rejection> {
        self.check_store(request)?;
        if request.namespace.is_public() || request.auth.is_none() {
            return Ok(());
        }
        self.check_signed("store", request.sig_timestamp.unwrap_or(request.timestamp))
    }

    /// The ends that an `expire` asks for may lie at most a minute back.
    pub(super) fn check_expire(self, expiries: &[TimestampMs]) -> Result<(), Rejection> {
        let earliest = self.now.minus_ms(SIGNED_TOLERANCE_MS + self.slack_ms);
        if expiries.iter().any(|expiry| *expiry < earliest) {
            return Err(Rejection::expire_in_the_past());
        }
        Ok(())
    }

    /// A `delete_before` may not reach into the future.
    pub(super) fn check_before(self, before: TimestampMs) -> Result<(), Rejection> {
        if before > self.now.plus_ms(SIGNED_TOLERANCE_MS + self.slack_ms) {
            return Err(Rejection::delete_before_in_the_future());
        }
        Ok(())
    }

    /// The end that an `expire_all` asks for may lie at most a minute back.
    pub(super) fn check_expire_all(self, expiry: TimestampMs) -> Result<(), Rejection> {
        if expiry < self.now.minus_ms(SIGNED_TOLERANCE_MS + self.slack_ms) {
            return Err(Rejection::expire_all_in_the_past());
        }
        Ok(())
    }

    /// Whether a fellow member's clock says about the same.
    pub(super) fn agrees_with(self, at: TimestampMs) -> bool {
        self.now.distance(at) <= SIGNED_TOLERANCE_MS + self.slack_ms
    }
}

fn longest(namespace: Namespace) -> u64 {
    if namespace.is_public() { LONGEST_PUBLIC_MS } else { LONGEST_MS }
}

#[cfg(test)]
mod tests {
    use tacit_wire::AccountId;

    use super::*;

    const NOW: TimestampMs = TimestampMs(1_700_000_000_000);

    fn store(timestamp: u64, ttl: u64, namespace: i16) -> Store {
        let account = AccountId::from_x25519(&[7; 32]);
        Store::public(account, Namespace(namespace), TimestampMs(timestamp), ttl, Vec::new())
    }

    #[test]
    fn the_borders_of_a_store_are_where_the_protocol_puts_them() {
        let status = |timestamp: u64, ttl, namespace| {
            Clock::direct(NOW).check_store(&store(timestamp, ttl, namespace)).map_err(|r| r.status)
        };
        assert_eq!(status(NOW.0, 9_999, 0), Err(403));
        assert_eq!(status(NOW.0, 10_000, 0), Ok(()));
        assert_eq!(status(NOW.0, 14 * DAY_MS, 0), Ok(()));
        assert_eq!(status(NOW.0, 14 * DAY_MS + 1, 0), Err(403));
        assert_eq!(status(NOW.0, 30 * DAY_MS, 2), Ok(()));
        assert_eq!(status(NOW.0, 30 * DAY_MS + 1, 2), Err(403));
        assert_eq!(status(NOW.0 + 10_000, 20_000, 0), Ok(()));
        assert_eq!(status(NOW.0 + 10_001, 20_000, 0), Err(406));
        assert_eq!(status(NOW.0 - 30_000, 20_000, 0), Ok(()));
        assert_eq!(status(NOW.0 - 30_001, 20_000, 0), Err(406));
        assert_eq!(status(NOW.0, u64::MAX, 0), Err(403));
    }

    #[test]
    fn sweeps_reach_a_minute_ahead_or_back_at_most() {
        let clock = Clock::direct(NOW);
        assert_eq!(clock.check_before(NOW.plus_ms(60_000)), Ok(()));
        let text = clock.check_before(NOW.plus_ms(60_001)).unwrap_err().to_string();
        assert_eq!(text, "401: delete_before timestamp too far in the future");
        assert_eq!(clock.check_before(TimestampMs(0)), Ok(()));
        assert_eq!(clock.check_expire_all(NOW.minus_ms(60_000)), Ok(()));
        let text = clock.check_expire_all(NOW.minus_ms(60_001)).unwrap_err().to_string();
        assert_eq!(text, "406: expire_all timestamp should be >= current time");
        assert_eq!(clock.check_expire(&[NOW.plus_ms(5), NOW.minus_ms(60_000)]), Ok(()));
        let text = clock.check_expire(&[NOW, NOW.minus_ms(60_001)]).unwrap_err().to_string();
        assert_eq!(text, "401: expire: timestamp should be >= current time");
    }

    #[test]
    fn forwarded_requests_have_ten_seconds_more() {
        for (clock, most) in [(Clock::direct(NOW), 60_000), (Clock::forwarded(NOW), 70_000)] {
            for at in [NOW.plus_ms(most), NOW.minus_ms(most)] {
                assert!(clock.check_signed("retrieve", at).is_ok());
            }
            for at in [NOW.plus_ms(most + 1), NOW.minus_ms(most + 1)] {
                assert_eq!(
                    clock.check_signed("retrieve", at).unwrap_err().to_string(),
                    "406: retrieve timestamp too far from current time"
                );
            }
        }
    }
}

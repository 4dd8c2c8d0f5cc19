//! Waiting times between tries (protocol: network 2 and 3). Pure.

use std::time::Duration;

use rand::RngExt;
use rand_core::CryptoRng;

/// Doubling delays from a first one up to a longest, with a bounded or endless number of tries.
#[derive(Clone, Debug)]
pub(crate) struct Backoff {
    first: Duration,
    longest: Duration,
    /// Part by which a delay may deviate, in percent.
    jitter: u32,
    done: u32,
}

impl Backoff {
    /// Delays of a request that is tried again: 100 ms, 200 ms, 400 ms, …
    pub fn request() -> Self {
        Self::new(Duration::from_millis(100), Duration::from_secs(5), 10)
    }

    /// Delays between attempts to reach the network at all: from 1 s, doubling, to `longest`.
    pub fn connect(longest: Duration) -> Self {
        Self::new(Duration::from_secs(1).min(longest), longest, 20)
    }

    pub fn new(first: Duration, longest: Duration, jitter: u32) -> Self {
        Self { first, longest, jitter: jitter.min(100), done: 0 }
    }

    /// How many delays were taken since the start or the last reset.
    pub fn done(&self) -> u32 {
        self.done
    }

    /// Starts again at the first delay.
    pub fn reset(&mut self) {
        self.done = 0;
    }

    /// The next delay, spread so that many clients do not come back in step.
    pub fn next(&mut self, rng: &mut impl CryptoRng) -> Duration {
        let doubled = self.first.saturating_mul(1u32.checked_shl(self.done.min(20)).unwrap_or(1));
        self.done = self.done.saturating_add(1);
        let percent = 100 - self.jitter + rng.random_range(0..=2 * self.jitter);
        (doubled.min(self.longest) * percent / 100).min(self.longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    #[test]
    fn delays_double_with_jitter_until_the_longest() {
        let mut rng = StdRng::seed_from_u64(1);
        let mut backoff = Backoff::connect(Duration::from_secs(60));
        for doubled in [1u64, 2, 4, 8, 16, 32, 60, 60] {
            let delay = backoff.next(&mut rng);
            let whole = Duration::from_secs(doubled);
            assert!(delay >= whole * 4 / 5 && delay <= (whole * 6 / 5).min(Duration::from_secs(60)));
        }
        backoff.reset();
        assert!(backoff.next(&mut rng) <= Duration::from_millis(1200));
    }

    #[test]
    fn years_of_failures_do_not_overflow() {
        let mut rng = StdRng::seed_from_u64(2);
        let mut backoff = Backoff::request();
        for _ in 0..10_000 {
            assert!(backoff.next(&mut rng) <= Duration::from_secs(5));
        }
    }
}

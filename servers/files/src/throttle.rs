//! How many bytes a second are taken from all together: no identity is needed for that.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// A bucket of bytes that fills with time. Who begins while there are some may finish: what it
/// takes too much is missing for the next.
pub(crate) struct Throttle {
    rate: f64,
    burst: f64,
    state: Mutex<(f64, Instant)>,
}

impl Throttle {
    pub fn new(rate: u64, burst: u64) -> Self {
        let burst = burst.max(1) as f64;
        Self { rate: rate.max(1) as f64, burst, state: Mutex::new((burst, Instant::now())) }
    }

    /// Whether one more may begin now.
    pub fn admits(&self) -> bool {
        self.at(Instant::now(), 0) > 0.0
    }

    /// Takes bytes out.
    pub fn spend(&self, bytes: usize) {
        self.at(Instant::now(), bytes);
    }

    fn at(&self, now: Instant, bytes: usize) -> f64 {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (level, since) = *state;
        let filled = level + self.rate * now.saturating_duration_since(since).as_secs_f64();
        let level = filled.min(self.burst) - bytes as f64;
        *state = (level, since.max(now));
        level
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_was_taken_too_much_is_waited_for() {
        let throttle = Throttle::new(100, 1_000);
        let start = throttle.state.lock().unwrap().1;
        assert!(throttle.at(start, 0) > 0.0);
        assert!(throttle.at(start, 1_500) < 0.0);
        assert!(throttle.at(start + Duration::from_secs(5), 0) <= 0.0);
        assert!(throttle.at(start + Duration::from_secs(6), 0) > 0.0);
        assert!(throttle.at(start + Duration::from_secs(10_000), 0) <= 1_000.0);
    }
}

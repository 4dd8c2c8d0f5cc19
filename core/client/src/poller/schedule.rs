//! When the swarm is asked next (protocol: messages 5.1): a pure function of what is on the screen
//! and how often it failed.

use std::time::Duration;

use rand_core::CryptoRng;

use crate::outbox::schedule::jitter;

const VISIBLE: Duration = Duration::from_secs(2);
const BACKGROUND: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(60);
/// How often a second member is asked with cursors of its own, since members can lag.
pub const SECOND_MEMBER_EVERY: Duration = Duration::from_secs(3_600);

/// Time until the next poll: short while a conversation is on the screen, doubled with each failure
/// up to a minute, ±20 %.
pub fn wait(visible: bool, failures: u32, rng: &mut impl CryptoRng) -> Duration {
    let base = if visible { VISIBLE } else { BACKGROUND };
    let grown = base.saturating_mul(1_u32 << failures.min(6)).min(LONGEST);
    Duration::from_millis(jitter(grown.as_millis() as u64, rng))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::rng;

    #[test]
    fn polls_slow_down_while_nobody_answers() {
        let mut rng = rng(2);
        let mut seconds = |visible, failures| wait(visible, failures, &mut rng).as_secs_f64();
        assert!((1.6..=2.4).contains(&seconds(true, 0)));
        assert!((4.0..=6.0).contains(&seconds(false, 0)));
        assert!((6.4..=9.6).contains(&seconds(true, 2)));
        for failures in [6, 40, u32::MAX] {
            assert!((48.0..=72.0).contains(&seconds(true, failures)));
        }
    }
}

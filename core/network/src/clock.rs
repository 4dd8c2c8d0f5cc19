//! The network's time as this client sees it (protocol: network 5, "Ours").
//!
//! The offset is the median over the last five answers, each from another node and all through
//! the onion, of the node's `t` minus the own time half-way through the request. Pure.

use std::collections::VecDeque;

use tacit_wire::{NodeId, TimestampMs};

/// Answers the median is taken over.
const SAMPLES: usize = 5;
/// Times before this, 2020-01-01, are no times of a living network.
const EARLIEST: u64 = 1_577_836_800_000;
/// Times after this, 2200-01-01, neither.
const LATEST: u64 = 7_258_118_400_000;

/// The last answers and the offset they give.
#[derive(Default)]
pub(crate) struct Clock {
    samples: VecDeque<(NodeId, i64)>,
}

impl Clock {
    /// Takes the time `network_time` out of an answer of `node` to a request sent at `sent` and
    /// answered at `received`, both own time. Times no node can honestly have are left out.
    pub fn observe(&mut self, node: NodeId, network_time: TimestampMs, sent: TimestampMs, received: TimestampMs) {
        if !(EARLIEST..=LATEST).contains(&network_time.0) || received.0 < sent.0 {
            return;
        }
        let half_way = sent.0 + (received.0 - sent.0) / 2;
        let (Ok(theirs), Ok(own)) = (i64::try_from(network_time.0), i64::try_from(half_way)) else {
            return;
        };
        self.samples.retain(|(known, _)| *known != node);
        self.samples.push_back((node, theirs - own));
        if self.samples.len() > SAMPLES {
            self.samples.pop_front();
        }
    }

    /// Milliseconds to add to the own clock; 0 while no node has answered.
    pub fn offset(&self) -> i64 {
        let mut offsets: Vec<i64> = self.samples.iter().map(|(_, offset)| *offset).collect();
        offsets.sort_unstable();
        match offsets.len() {
            0 => 0,
            n if n % 2 == 1 => offsets[n / 2],
            // Between the two in the middle; they lie within two centuries, so no overflow.
            n => (offsets[n / 2 - 1] + offsets[n / 2]) / 2,
        }
    }

    /// From how many nodes the offset comes.
    pub fn samples(&self) -> usize {
        self.samples.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: u64 = 1_790_000_000_000;

    fn node(n: u8) -> NodeId {
        NodeId([n; 32])
    }

    #[test]
    fn a_clock_one_day_slow_is_put_right() {
        let mut clock = Clock::default();
        let day = 86_400_000;
        for n in 0..3 {
            let own = TimestampMs(NOW - day);
            clock.observe(node(n), TimestampMs(NOW + 50), own, TimestampMs(own.0 + 100));
        }
        assert_eq!(clock.offset(), i64::try_from(day).unwrap());
    }

    #[test]
    fn one_lying_node_among_three_moves_nothing() {
        let mut clock = Clock::default();
        let now = TimestampMs(NOW);
        clock.observe(node(1), TimestampMs(NOW + 3), now, now);
        clock.observe(node(2), TimestampMs(NOW + 999_999_999), now, now);
        clock.observe(node(3), TimestampMs(NOW + 1), now, now);
        assert_eq!(clock.offset(), 3);
    }

    #[test]
    fn one_node_has_one_vote_however_often_it_answers() {
        let mut clock = Clock::default();
        let now = TimestampMs(NOW);
        clock.observe(node(1), TimestampMs(NOW), now, now);
        clock.observe(node(2), TimestampMs(NOW), now, now);
        for _ in 0..10 {
            clock.observe(node(3), TimestampMs(NOW + 500_000), now, now);
        }
        assert_eq!(clock.samples(), 3);
        assert_eq!(clock.offset(), 0);
    }

    #[test]
    fn impossible_times_are_left_out() {
        let mut clock = Clock::default();
        let now = TimestampMs(NOW);
        for t in [0, 1, u64::MAX, 1 << 62] {
            clock.observe(node(1), TimestampMs(t), now, now);
        }
        // The own clock was set back between request and answer.
        clock.observe(node(2), now, now, TimestampMs(NOW - 1));
        assert_eq!(clock.samples(), 0);
        assert_eq!(clock.offset(), 0);
    }

    proptest! {
        #[test]
        fn the_offset_lies_between_the_samples(times in prop::collection::vec(EARLIEST..LATEST, 1..9)) {
            let mut clock = Clock::default();
            for (n, t) in times.iter().enumerate() {
                clock.observe(node(u8::try_from(n).unwrap()), TimestampMs(*t), TimestampMs(NOW), TimestampMs(NOW));
            }
            let last: Vec<i64> = times.iter().rev().take(SAMPLES).map(|t| *t as i64 - NOW as i64).collect();
            prop_assert!(clock.offset() >= *last.iter().min().unwrap());
            prop_assert!(clock.offset() <= *last.iter().max().unwrap());
        }
    }
}

//! Taking turns: A B, B A, A B, …, so that whatever else the machine does meets both alike.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// Seconds of one call of each, medians over all rounds.
#[derive(Debug, Clone, Copy)]
pub struct Pair {
    pub ours: f64,
    pub reference: f64,
}

impl Pair {
    /// How many times the reference we take.
    pub fn ratio(self) -> f64 {
        self.ours / self.reference
    }
}

/// Times of one call, round by round.
#[derive(Default)]
pub struct Samples {
    pub ours: Vec<f64>,
    pub reference: Vec<f64>,
}

impl Samples {
    /// The medians.
    pub fn pair(self) -> Pair {
        Pair { ours: median(self.ours), reference: median(self.reference) }
    }
}

/// Measures two pieces of work in turns. A round calls each `calls` times, which shall take about
/// a millisecond: short enough that most rounds are not interrupted on a busy machine, so that
/// their median is the time on the processor.
pub fn in_turns<A, B>(
    rounds: usize,
    calls: u32,
    mut ours: impl FnMut() -> A,
    mut reference: impl FnMut() -> B,
) -> Pair {
    let mut samples = Samples::default();
    for round in 0..rounds + rounds / 10 {
        let (first, second) = if round % 2 == 0 {
            let first = timed(calls, &mut ours);
            (first, timed(calls, &mut reference))
        } else {
            let second = timed(calls, &mut reference);
            (timed(calls, &mut ours), second)
        };
        // The first tenth warms up.
        if round >= rounds / 10 {
            samples.ours.push(first);
            samples.reference.push(second);
        }
    }
    samples.pair()
}

fn timed<T>(calls: u32, work: &mut impl FnMut() -> T) -> f64 {
    let start = Instant::now();
    for _ in 0..calls {
        black_box(work());
    }
    seconds(start.elapsed()) / f64::from(calls)
}

/// A duration in seconds.
pub fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

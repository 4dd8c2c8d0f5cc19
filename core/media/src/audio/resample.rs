use std::f64::consts::PI;

/// Zero crossings of the filter on either side.
const CROSSINGS: usize = 16;
/// Steps of the filter's table between two crossings.
const STEPS: usize = 256;
/// Share of the narrower band that is kept; the rest lets the filter fall off.
const BAND: f64 = 0.94;

/// Changes the sample rate of one channel: windowed sinc, block by block, the same result however it is cut.
pub struct Resampler {
    from: u64,
    to: u64,
    /// Half of the filter, from its middle outwards.
    table: Vec<f32>,
    /// Crossings of the filter for each input sample.
    pace: f64,
    reach: usize,
    /// Input still needed; its first sample is number `start`, counted with the silence before the sound.
    input: Vec<f32>,
    start: u64,
    next_output: u64,
    taken: u64,
}

impl Resampler {
    /// From and to samples a second; neither may be 0 (then nothing is changed).
    pub fn new(from: u32, to: u32) -> Self {
        let (from, to) = if from == 0 || to == 0 { (1, 1) } else { (u64::from(from), u64::from(to)) };
        let pace = BAND * (to as f64 / from as f64).min(1.0);
        let reach = (CROSSINGS as f64 / pace).ceil() as usize;
        // The silence before the sound lets the first output have a whole filter.
        let input = vec![0.0; reach];
        Self { from, to, table: table(), pace, reach, input, start: 0, next_output: 0, taken: 0 }
    }

    /// Takes samples and appends what can be made of them to `out`.
    pub fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        self.taken += samples.len() as u64;
        if self.from == self.to {
            return out.extend_from_slice(samples);
        }
        self.input.extend_from_slice(samples);
        self.produce(u64::MAX, out);
    }

    /// Appends what the last samples still give.
    pub fn finish(&mut self, out: &mut Vec<f32>) {
        if self.from == self.to {
            return;
        }
        self.input.extend(std::iter::repeat_n(0.0, self.reach + 1));
        self.produce((self.taken * self.to).div_ceil(self.from), out);
    }

    fn produce(&mut self, end: u64, out: &mut Vec<f32>) {
        while self.next_output < end {
            let whole = self.next_output * self.from / self.to;
            let part = (self.next_output * self.from % self.to) as f64 / self.to as f64;
            // In `input`, silence included, the middle of the filter lies at `first` + `reach`.
            let first = (whole - self.start) as usize;
            let Some(window) = self.input.get(first..first + 2 * self.reach + 1) else {
                break;
            };
            out.push(self.filter(window, part));
            self.next_output += 1;
        }
        let done = ((self.next_output * self.from / self.to - self.start) as usize).min(self.input.len());
        self.input.drain(..done);
        self.start += done as u64;
    }

    fn filter(&self, window: &[f32], part: f64) -> f32 {
        let sum: f32 = window
            .iter()
            .enumerate()
            .map(|(index, sample)| {
                let distance = (index as f64 - self.reach as f64 - part).abs() * self.pace * STEPS as f64;
                let (at, rest) = (distance as usize, distance.fract() as f32);
                match self.table.get(at..at + 2) {
                    Some([a, b]) => sample * (a + (b - a) * rest),
                    _ => 0.0,
                }
            })
            .sum();
        sum * self.pace as f32
    }
}

fn table() -> Vec<f32> {
    let entry = |index: usize| {
        let x = index as f64 / STEPS as f64;
        let sinc = if index == 0 { 1.0 } else { (PI * x).sin() / (PI * x) };
        let w = PI * x / CROSSINGS as f64;
        // Blackman's window.
        (sinc * (0.42 + 0.5 * w.cos() + 0.08 * (2.0 * w).cos())) as f32
    };
    (0..=CROSSINGS * STEPS).map(entry).collect()
}

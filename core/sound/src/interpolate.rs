/// Changes the sample rate of interleaved sound by cubic curves: for the last step to a device that insists on a rate.
pub(crate) struct Interpolate {
    channels: usize,
    /// Source frames for each frame that is made.
    step: f64,
    at: f64,
    frames: Vec<f32>,
}

impl Interpolate {
    pub fn new(from: u32, to: u32, channels: u16) -> Self {
        let channels = usize::from(channels.max(1));
        let step = f64::from(from.max(1)) / f64::from(to.max(1));
        Self { channels, step, at: 1.0, frames: vec![0.0; channels] }
    }

    /// Takes whole frames and appends what can be made of them.
    pub fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        if self.step == 1.0 {
            return out.extend_from_slice(samples);
        }
        self.frames.extend_from_slice(samples);
        let count = self.frames.len() / self.channels;
        while (self.at as usize) + 2 < count {
            let (index, part) = (self.at as usize, self.at.fract() as f32);
            out.extend((0..self.channels).map(|channel| self.curve(index, channel, part)));
            self.at += self.step;
        }
        let done = (self.at as usize - 1).min(count);
        self.frames.drain(..done * self.channels);
        self.at -= done as f64;
    }

    /// Between the frames `index` and the next, by Catmull and Rom.
    fn curve(&self, index: usize, channel: usize, part: f32) -> f32 {
        let frame = |number: usize| self.frames[number * self.channels + channel];
        let (a, b, c, d) = (frame(index - 1), frame(index), frame(index + 1), frame(index + 2));
        let cubic = 3.0 * (b - c) + d - a;
        let square = 2.0 * a - 5.0 * b + 4.0 * c - d;
        b + 0.5 * part * (c - a + part * (square + part * cubic))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_stays_the_curve_at_another_rate() {
        let wave = |rate: u32, i: usize| (i as f32 / rate as f32 * 440.0 * std::f32::consts::TAU).sin();
        for (from, to) in [(16_000, 48_000), (48_000, 44_100), (44_100, 44_100), (8000, 44_100)] {
            let mut interpolate = Interpolate::new(from, to, 2);
            let mut out = Vec::new();
            let source: Vec<f32> = (0..from as usize).flat_map(|i| [wave(from, i), -wave(from, i)]).collect();
            source.chunks(222).for_each(|part| interpolate.push(part, &mut out));
            assert!((out.len() / 2).abs_diff(to as usize) < 20);
            // The first frames still curve up from the silence before.
            for (i, frame) in out.chunks(2).enumerate().skip(20) {
                assert!((frame[0] - wave(to, i)).abs() < 0.02 && frame[1] == -frame[0], "{from} {to} {i}");
            }
        }
    }
}

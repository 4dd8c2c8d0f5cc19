/// Length of a piece in milliseconds, and how far its place may be shifted to fit.
const PIECE_MS: usize = 40;
const SHIFT_MS: usize = 10;

/// Plays faster or slower at the same pitch: overlapping pieces are laid closer or wider, each shifted to where it
/// continues the one before best (waveform similarity overlap-add).
pub struct Stretch {
    channels: usize,
    speed: f64,
    /// Frames of a piece, half of which overlaps the next.
    piece: usize,
    shift: usize,
    window: Vec<f32>,
    /// Input still needed, channels interleaved.
    input: Vec<f32>,
    /// Where in `input` the next piece would lie without shift, in frames.
    at: f64,
    /// The second half of the last piece, faded out.
    tail: Vec<f32>,
    /// Where in `input` the sound continues the last piece, in frames.
    natural: Option<usize>,
}

impl Stretch {
    /// `speed`: kept within 0.5 to 4.
    pub fn new(rate: u32, channels: u16, speed: f32) -> Self {
        let frames = |ms: usize| (rate as usize * ms / 1000).max(8);
        let piece = frames(PIECE_MS) / 2 * 2;
        let window = (0..piece).map(|i| {
            let x = std::f32::consts::TAU * (i as f32 + 0.5) / piece as f32;
            0.5 - 0.5 * x.cos()
        });
        let channels = usize::from(channels.max(1));
        Self {
            channels,
            speed: 1.0,
            piece,
            shift: frames(SHIFT_MS),
            window: window.collect(),
            input: Vec::new(),
            at: 0.0,
            tail: Vec::new(),
            natural: None,
        }
        .with_speed(speed)
    }

    fn with_speed(mut self, speed: f32) -> Self {
        self.set_speed(speed);
        self
    }

    /// Takes effect with the next piece.
    pub fn set_speed(&mut self, speed: f32) {
        self.speed = if speed.is_finite() { f64::from(speed).clamp(0.5, 4.0) } else { 1.0 };
    }

    /// Seconds of sound that were taken and not given yet.
    pub fn held_frames(&self) -> usize {
        (self.input.len() / self.channels).saturating_sub(self.at as usize)
    }

    /// Takes whole frames and appends what can be made of them to `out`.
    pub fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        self.input.extend_from_slice(samples);
        while self.input.len() / self.channels >= self.at as usize + self.piece + 2 * self.shift {
            let start = self.place();
            self.lay(start, out);
            self.at += self.piece as f64 / 2.0 * self.speed;
            self.forget();
        }
    }

    /// Appends the rest and is as new.
    pub fn finish(&mut self, out: &mut Vec<f32>) {
        let silence = (self.piece + 2 * self.shift) * self.channels;
        let rest = self.held_frames();
        let expected = out.len() + ((rest as f64 / self.speed) as usize * self.channels);
        self.push(&vec![0.0; silence], out);
        out.truncate(expected.max(self.channels) / self.channels * self.channels);
        self.clear();
    }

    /// Forgets everything that was taken.
    pub fn clear(&mut self) {
        self.input.clear();
        self.tail.clear();
        (self.at, self.natural) = (0.0, None);
    }

    /// The place near `at` whose beginning is most like the natural continuation of the last piece.
    fn place(&self) -> usize {
        let at = self.at as usize;
        let Some(natural) = self.natural else {
            return at;
        };
        let low = at.saturating_sub(self.shift);
        let score = |place: usize| self.likeness(natural, place);
        // Coarse first, then around the best: a whole search costs too much on a phone.
        let coarse = (low..=at + self.shift).step_by(4).max_by(|&a, &b| score(a).total_cmp(&score(b))).unwrap_or(at);
        let near = coarse.saturating_sub(3).max(low)..=(coarse + 3).min(at + self.shift);
        near.max_by(|&a, &b| score(a).total_cmp(&score(b))).unwrap_or(coarse)
    }

    fn likeness(&self, a: usize, b: usize) -> f32 {
        let half = self.piece / 2;
        // Every other frame of the first channel tells enough.
        let frame = |index: usize| self.input.get(index * self.channels).copied().unwrap_or(0.0);
        let (mut product, mut energy) = (0.0, 1e-9);
        for i in (0..half).step_by(2) {
            let (x, y) = (frame(a + i), frame(b + i));
            product += x * y;
            energy += y * y;
        }
        product / energy.sqrt()
    }

    /// Adds the piece at `start` to the tail of the last; gives the first half, keeps the second.
    fn lay(&mut self, start: usize, out: &mut Vec<f32>) {
        let (half, channels) = (self.piece / 2, self.channels);
        let from = start * channels;
        let piece: Vec<f32> = (0..self.piece * channels)
            .map(|i| self.input.get(from + i).copied().unwrap_or(0.0) * self.window[i / channels])
            .collect();
        let (first, second) = piece.split_at(half * channels);
        if self.tail.is_empty() {
            // Nothing to fade from: the beginning as it is.
            out.extend_from_slice(&self.input[from..from + half * channels]);
        } else {
            out.extend(first.iter().zip(&self.tail).map(|(a, b)| a + b));
        }
        self.tail = second.to_vec();
        self.natural = Some(start + half);
    }

    /// Drops input that no later piece can touch.
    fn forget(&mut self) {
        let needed = (self.at as usize).saturating_sub(self.shift).min(self.natural.unwrap_or(0));
        if needed > self.piece {
            self.input.drain(..needed * self.channels);
            self.at -= needed as f64;
            self.natural = self.natural.map(|natural| natural - needed);
        }
    }
}

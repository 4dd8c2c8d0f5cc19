use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

/// Samples on their way from one thread to one other, without locks. What does not fit is not taken.
pub(crate) struct Ring {
    slots: Box<[AtomicU32]>,
    /// Samples ever written, read, and to be passed over.
    written: AtomicUsize,
    read: AtomicUsize,
    dropped: AtomicUsize,
}

impl Ring {
    pub fn new(capacity: usize) -> Self {
        let slots = (0..capacity.max(1)).map(|_| AtomicU32::new(0)).collect();
        Self { slots, written: AtomicUsize::new(0), read: AtomicUsize::new(0), dropped: AtomicUsize::new(0) }
    }

    /// Samples that could be written now. For the writer.
    pub fn space(&self) -> usize {
        self.slots.len() - self.written.load(Ordering::Relaxed).wrapping_sub(self.read.load(Ordering::Acquire))
    }

    /// Writes what fits; gives how many. For the writer.
    pub fn write(&self, samples: &[f32]) -> usize {
        let written = self.written.load(Ordering::Relaxed);
        let count = samples.len().min(self.space());
        for (index, sample) in samples[..count].iter().enumerate() {
            self.slots[written.wrapping_add(index) % self.slots.len()].store(sample.to_bits(), Ordering::Relaxed);
        }
        self.written.store(written.wrapping_add(count), Ordering::Release);
        count
    }

    /// Lets the reader pass over all that was written so far. For the writer.
    pub fn drop_written(&self) {
        self.dropped.store(self.written.load(Ordering::Relaxed), Ordering::Release);
    }

    /// Reads what there is; gives how many. For the reader.
    pub fn read(&self, out: &mut [f32]) -> usize {
        let written = self.written.load(Ordering::Acquire);
        let read = self.start(written);
        let count = out.len().min(written.wrapping_sub(read));
        for (index, sample) in out[..count].iter_mut().enumerate() {
            let slot = &self.slots[read.wrapping_add(index) % self.slots.len()];
            *sample = f32::from_bits(slot.load(Ordering::Relaxed));
        }
        self.read.store(read.wrapping_add(count), Ordering::Release);
        count
    }

    /// Samples that were neither read nor passed over.
    pub fn waiting(&self) -> usize {
        let written = self.written.load(Ordering::Acquire);
        written.wrapping_sub(self.start(written))
    }

    /// Where the next reading starts.
    fn start(&self, written: usize) -> usize {
        let read = self.read.load(Ordering::Acquire);
        let dropped = self.dropped.load(Ordering::Acquire);
        // Whichever leaves less to read is further on.
        if written.wrapping_sub(dropped) < written.wrapping_sub(read) { dropped } else { read }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn samples_come_out_as_they_went_in_across_threads() {
        let ring = Arc::new(Ring::new(100));
        let writer = Arc::clone(&ring);
        let thread = std::thread::spawn(move || {
            let all: Vec<f32> = (0..10_000_u16).map(f32::from).collect();
            let mut rest = all.as_slice();
            while !rest.is_empty() {
                rest = &rest[writer.write(&rest[..rest.len().min(37)])..];
                std::thread::yield_now();
            }
        });
        let mut heard = Vec::new();
        while heard.len() < 10_000 {
            let mut block = [0.0; 29];
            let count = ring.read(&mut block);
            heard.extend_from_slice(&block[..count]);
            std::thread::yield_now();
        }
        thread.join().unwrap();
        assert!(heard.iter().zip(0_u16..).all(|(&sample, number)| sample == f32::from(number)));
    }

    #[test]
    fn what_was_dropped_is_not_heard() {
        let ring = Ring::new(8);
        assert_eq!(ring.write(&[1.0; 10]), 8);
        assert_eq!((ring.space(), ring.waiting()), (0, 8));
        ring.drop_written();
        assert_eq!(ring.waiting(), 0);
        let mut out = [0.0; 8];
        assert_eq!((ring.read(&mut out), ring.space()), (0, 8));
        ring.write(&[2.0; 3]);
        assert_eq!((ring.read(&mut out), out[0]), (3, 2.0));
    }
}

//! A number of bytes (or of tasks) that many share, taken before and given back after.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How much may be in use at once. Cloned handles share one budget.
#[derive(Clone, Debug)]
pub struct Budget {
    left: Arc<AtomicUsize>,
}

/// A part of a [`Budget`], given back when dropped.
#[derive(Debug)]
pub struct Reservation {
    left: Arc<AtomicUsize>,
    held: usize,
}

impl Budget {
    /// A budget of `total` units.
    #[must_use]
    pub fn new(total: usize) -> Self {
        Self { left: Arc::new(AtomicUsize::new(total)) }
    }

    /// Takes `units`, or nothing at all if fewer are left.
    #[must_use]
    pub fn reserve(&self, units: usize) -> Option<Reservation> {
        let mut reservation = Reservation { left: Arc::clone(&self.left), held: 0 };
        reservation.grow_to(units).then_some(reservation)
    }

    /// What is left.
    #[must_use]
    pub fn left(&self) -> usize {
        self.left.load(Ordering::Relaxed)
    }
}

impl Reservation {
    /// Holds at least `units` from now on; false (and unchanged) if the budget has not that much.
    #[must_use]
    pub fn grow_to(&mut self, units: usize) -> bool {
        let more = units.saturating_sub(self.held);
        let taken = self.left.try_update(Ordering::AcqRel, Ordering::Relaxed, |left| left.checked_sub(more));
        if taken.is_ok() {
            self.held += more;
        }
        taken.is_ok()
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.left.fetch_add(self.held, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::Budget;

    #[test]
    fn what_is_taken_comes_back_and_never_more_than_there_is() {
        let budget = Budget::new(10);
        let mut first = budget.reserve(4).unwrap();
        assert!(first.grow_to(7));
        assert!(budget.reserve(4).is_none());
        assert!(!first.grow_to(11));
        assert_eq!(budget.left(), 3);
        drop(first);
        assert_eq!(budget.left(), 10);
    }
}

//! Counts and sums of ids, by which two sets are found equal without being sent.

use std::collections::BTreeMap;

use super::reconcile::Item;

const HOUR_MS: u64 = 60 * 60 * 1000;

/// The hour that a time belongs to, counted from 1970.
#[must_use]
pub fn hour_of(time_ms: u64) -> u64 {
    time_ms / HOUR_MS
}

/// When an hour begins, ms.
#[must_use]
pub fn hour_start(hour: u64) -> u64 {
    hour.saturating_mul(HOUR_MS)
}

/// A sum of ids mod 2^256: least significant word first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum(pub [u64; 4]);

impl Sum {
    fn words(id: &[u8; 32]) -> [u64; 4] {
        let mut words = [0; 4];
        for (word, bytes) in words.iter_mut().zip(id.chunks_exact(8)) {
            *word = bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        }
        words
    }

    /// Adds an id.
    pub fn add(&mut self, id: &[u8; 32]) {
        self.plus(&Self(Self::words(id)));
    }

    /// Adds a sum of other ids.
    pub fn plus(&mut self, other: &Self) {
        let mut carry = false;
        for (mine, other) in self.0.iter_mut().zip(other.0) {
            let (sum, over) = mine.overflowing_add(other);
            let (sum, again) = sum.overflowing_add(carry.into());
            (*mine, carry) = (sum, over || again);
        }
    }

    /// Takes an id away again.
    pub fn subtract(&mut self, id: &[u8; 32]) {
        let mut borrow = false;
        for (mine, other) in self.0.iter_mut().zip(Self::words(id)) {
            let (rest, under) = mine.overflowing_sub(other);
            let (rest, again) = rest.overflowing_sub(borrow.into());
            (*mine, borrow) = (rest, under || again);
        }
    }
}

/// A set of items in short.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// How many.
    pub count: u64,
    /// Their ids.
    pub sum: Sum,
}

impl Bucket {
    /// The bucket of these items.
    #[must_use]
    pub fn of(items: &[Item]) -> Self {
        let mut bucket = Self::default();
        for item in items {
            bucket.add(&item.id);
        }
        bucket
    }

    fn add(&mut self, id: &[u8; 32]) {
        self.count += 1;
        self.sum.add(id);
    }

    /// Takes in the bucket of other items.
    pub fn plus(&mut self, other: &Self) {
        self.count += other.count;
        self.sum.plus(&other.sum);
    }
}

/// One bucket for each hour that has items.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Buckets(pub BTreeMap<u64, Bucket>);

impl Buckets {
    /// An item has come.
    pub fn add(&mut self, item: &Item) {
        self.0.entry(hour_of(item.time)).or_default().add(&item.id);
    }

    /// An item that was there has gone.
    pub fn remove(&mut self, item: &Item) {
        let hour = hour_of(item.time);
        if let Some(bucket) = self.0.get_mut(&hour) {
            bucket.count = bucket.count.saturating_sub(1);
            bucket.sum.subtract(&item.id);
            if bucket.count == 0 {
                self.0.remove(&hour);
            }
        }
    }

    /// The hours in which the two differ, newest first, each with the larger count.
    #[must_use]
    pub fn unequal(&self, other: &Self) -> Vec<(u64, u64)> {
        let mut hours: Vec<u64> = self.0.keys().chain(other.0.keys()).copied().collect();
        hours.sort_unstable_by(|a, b| b.cmp(a));
        hours.dedup();
        let bucket = |of: &Self, hour: u64| of.0.get(&hour).copied().unwrap_or_default();
        hours
            .into_iter()
            .map(|hour| (hour, bucket(self, hour), bucket(other, hour)))
            .filter(|(_, mine, theirs)| mine != theirs)
            .map(|(hour, mine, theirs)| (hour, mine.count.max(theirs.count)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn items() -> impl Strategy<Value = Vec<Item>> {
        prop::collection::vec((0..3 * HOUR_MS, any::<[u8; 32]>()).prop_map(|(time, id)| Item { time, id }), 0..20)
    }

    proptest! {
        #[test]
        fn what_goes_leaves_no_trace(kept in items(), gone in items()) {
            let mut buckets = Buckets::default();
            for item in gone.iter().chain(&kept) {
                buckets.add(item);
            }
            for item in &gone {
                buckets.remove(item);
            }
            let mut expected = Buckets::default();
            for item in &kept {
                expected.add(item);
            }
            prop_assert_eq!(&buckets, &expected);
            prop_assert!(buckets.unequal(&expected).is_empty());
        }
    }

    #[test]
    fn a_sum_carries_and_borrows_through_all_words() {
        let mut sum = Sum([u64::MAX; 4]);
        let mut one = [0; 32];
        one[0] = 1;
        sum.add(&one);
        assert_eq!(sum, Sum::default());
        sum.subtract(&one);
        assert_eq!(sum, Sum([u64::MAX; 4]));
    }

    #[test]
    fn the_newest_hour_that_differs_comes_first() {
        let (mut a, mut b) = (Buckets::default(), Buckets::default());
        for hour in 0..4 {
            let item = Item { time: hour * HOUR_MS, id: [7; 32] };
            a.add(&item);
            if hour % 2 == 0 {
                b.add(&item);
            }
        }
        assert_eq!(a.unequal(&b), [(3, 1), (1, 1)]);
    }
}

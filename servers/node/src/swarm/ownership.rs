//! Which part of the ring of accounts belongs to which swarm.
//!
//! A swarm owns what lies nearer to it than to its neighbours, the middle itself going to the left
//! one (protocol: network 6).

use tacit_wire::SwarmId;

/// Places on the ring from `lo` to `hi`, both included; never over the end of the ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interval {
    /// First place.
    pub lo: u64,
    /// Last place.
    pub hi: u64,
}

/// Parts of the ring: ascending, without overlap or touch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Intervals(Vec<Interval>);

impl Intervals {
    /// The whole ring.
    #[must_use]
    pub fn all() -> Self {
        Self(vec![Interval { lo: 0, hi: u64::MAX }])
    }

    /// What a swarm owns among others. `sorted` is ascending; [`SwarmId::NONE`] is no swarm.
    #[must_use]
    pub fn owned(swarm: SwarmId, sorted: &[SwarmId]) -> Self {
        let swarms: Vec<u64> = sorted.iter().filter(|s| **s != SwarmId::NONE).map(|s| s.0).collect();
        let Ok(at) = swarms.binary_search(&swarm.0) else { return Self::default() };
        if swarms.len() == 1 {
            return Self::all();
        }
        let own = swarm.0;
        let left = swarms[(at + swarms.len() - 1) % swarms.len()];
        let right = swarms[(at + 1) % swarms.len()];
        // The middle goes to the left one: mine begins after it and ends with it.
        let lo = left.wrapping_add(own.wrapping_sub(left) / 2).wrapping_add(1);
        let hi = own.wrapping_add(right.wrapping_sub(own) / 2);
        if lo <= hi {
            Self(vec![Interval { lo, hi }])
        } else {
            Self::from_unsorted(vec![Interval { lo, hi: u64::MAX }, Interval { lo: 0, hi }])
        }
    }

    /// Any intervals as a set.
    #[must_use]
    pub fn from_unsorted(mut intervals: Vec<Interval>) -> Self {
        intervals.retain(|i| i.lo <= i.hi);
        intervals.sort_unstable();
        let mut joined: Vec<Interval> = Vec::with_capacity(intervals.len());
        for next in intervals {
            match joined.last_mut() {
                Some(last) if last.hi == u64::MAX || next.lo <= last.hi + 1 => last.hi = last.hi.max(next.hi),
                _ => joined.push(next),
            }
        }
        Self(joined)
    }

    /// Those intervals.
    #[must_use]
    pub fn as_slice(&self) -> &[Interval] {
        &self.0
    }

    /// Whether it is no place at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a place belongs to it.
    #[must_use]
    pub fn contains(&self, space: u64) -> bool {
        let after = self.0.partition_point(|i| i.lo <= space);
        after.checked_sub(1).and_then(|at| self.0.get(at)).is_some_and(|i| space <= i.hi)
    }

    /// Whether all of another set belongs to it.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        other.minus(self).is_empty()
    }

    /// What belongs to either.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self::from_unsorted([&self.0[..], &other.0].concat())
    }

    /// What belongs to both.
    #[must_use]
    pub fn common(&self, other: &Self) -> Self {
        let mut common = Vec::new();
        for a in &self.0 {
            for b in &other.0 {
                common.push(Interval { lo: a.lo.max(b.lo), hi: a.hi.min(b.hi) });
            }
        }
        Self::from_unsorted(common)
    }

    /// What belongs to this one alone.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        let mut rest = self.0.clone();
        for cut in &other.0 {
            rest = rest.into_iter().flat_map(|i| without(i, *cut)).flatten().collect();
        }
        Self(rest)
    }
}

impl From<Interval> for Intervals {
    fn from(interval: Interval) -> Self {
        Self::from_unsorted(vec![interval])
    }
}

fn without(whole: Interval, cut: Interval) -> [Option<Interval>; 2] {
    if cut.hi < whole.lo || cut.lo > whole.hi {
        return [Some(whole), None];
    }
    let before = (cut.lo > whole.lo).then(|| Interval { lo: whole.lo, hi: cut.lo - 1 });
    let after = (cut.hi < whole.hi).then(|| Interval { lo: cut.hi + 1, hi: whole.hi });
    [before, after]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tacit_wire::swarm::nearest;

    use super::*;

    fn swarms() -> impl Strategy<Value = Vec<SwarmId>> {
        let id = prop_oneof![0..20u64, u64::MAX - 20..u64::MAX, any::<u64>()];
        prop::collection::btree_set(id, 1..8).prop_map(|ids| ids.into_iter().map(SwarmId).collect())
    }

    fn place() -> impl Strategy<Value = u64> {
        prop_oneof![0..40u64, u64::MAX - 40..=u64::MAX, any::<u64>()]
    }

    fn intervals() -> impl Strategy<Value = Intervals> {
        prop::collection::vec((0..30u64, 0..30u64).prop_map(|(lo, hi)| Interval { lo, hi }), 0..5)
            .prop_map(Intervals::from_unsorted)
    }

    proptest! {
        #[test]
        fn each_place_belongs_to_the_nearest_swarm_alone(swarms in swarms(), places in prop::collection::vec(place(), 30)) {
            // Around each swarm and each middle it is decided by one.
            let near = swarms.iter().flat_map(|s| {
                let middle = s.0 / 2;
                [s.0, s.0.wrapping_add(1), s.0.wrapping_sub(1), middle, middle.wrapping_add(1)]
            });
            for place in places.into_iter().chain(near) {
                for swarm in swarms.iter().filter(|s| **s != SwarmId::NONE) {
                    let owns = Intervals::owned(*swarm, &swarms).contains(place);
                    prop_assert_eq!(owns, nearest(place, &swarms) == Some(*swarm), "{} of {:?}", place, swarms);
                }
            }
        }

        #[test]
        fn sets_of_places_add_and_subtract(a in intervals(), b in intervals(), place in 0..32u64) {
            let (x, y) = (a.contains(place), b.contains(place));
            prop_assert_eq!(a.plus(&b).contains(place), x || y);
            prop_assert_eq!(a.common(&b).contains(place), x && y);
            prop_assert_eq!(a.minus(&b).contains(place), x && !y);
            prop_assert!(a.plus(&b).covers(&a));
        }
    }

    #[test]
    fn the_middle_belongs_to_the_left_swarm() {
        let swarms = [SwarmId(10), SwarmId(20)];
        assert!(Intervals::owned(SwarmId(10), &swarms).contains(15));
        assert!(!Intervals::owned(SwarmId(20), &swarms).contains(15));
        assert_eq!(Intervals::owned(SwarmId(7), &swarms), Intervals::default());
        assert_eq!(Intervals::owned(SwarmId(3), &[SwarmId(3), SwarmId::NONE]), Intervals::all());
    }
}

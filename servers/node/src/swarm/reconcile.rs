//! Finding out what one of two sets has and the other has not, at a cost that follows the
//! differences: range-based set reconciliation.
//!
//! Both sort their items. A [`Frame`] cuts the order into ranges and says of each that it is done,
//! what its items sum up to, or which items it has. The answer splits ranges whose sums differ,
//! until few items are left, which are named.

use super::buckets::{Bucket, hour_start};

/// What is compared: a time (ms) and an id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item {
    /// Sorts first.
    pub time: u64,
    /// Names it for certain.
    pub id: [u8; 32],
}

/// What one says of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Nothing is left to do there.
    Done,
    /// What the items are in short.
    Sum(Bucket),
    /// The items, ascending.
    Items(Vec<Item>),
}

/// Everything from the end of the range before up to, not including, `end`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// Where it ends; `None`: nowhere.
    pub end: Option<Item>,
    /// What is said of it.
    pub claim: Claim,
}

/// Ranges in ascending order. What lies behind the last one is done.
pub type Frame = Vec<Range>;

/// Ranges with so few items name them.
const NAMED: usize = 16;
/// Into how many parts a range is split.
const PARTS: usize = 16;
/// Most ranges and items of a frame: below 64 KiB on the wire.
pub const FRAME_LIMIT: usize = 1200;

/// Items that one has and the other has not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Here, not there.
    pub have: Vec<Item>,
    /// There, not here.
    pub need: Vec<Item>,
}

/// The first frame: the sums of some hours. `items` is ascending.
#[must_use]
pub fn open(items: &[Item], hours: &[u64]) -> Frame {
    let mut hours = hours.to_vec();
    hours.sort_unstable();
    let mut writer = Writer::default();
    for hour in hours {
        let (lo, hi) = (start_of(hour), start_of(hour.saturating_add(1)));
        writer.push(Some(lo), Claim::Done);
        writer.push(Some(hi), Claim::Sum(Bucket::of(slice(items, Some(lo), Some(hi)))));
    }
    writer.frame
}

fn start_of(hour: u64) -> Item {
    Item { time: hour_start(hour), id: [0; 32] }
}

/// The other side's answer. `items` is ascending.
#[must_use]
pub fn answer(items: &[Item], frame: &Frame) -> Frame {
    step(items, frame, None)
}

/// What the side that opened learns from an answer; the next frame, or `None` when all is known.
pub fn learn(items: &[Item], frame: &Frame, difference: &mut Difference) -> Option<Frame> {
    let next = step(items, frame, Some(difference));
    next.iter().any(|range| range.claim != Claim::Done).then_some(next)
}

/// Whether a frame from outside is one.
#[must_use]
pub fn is_sound(frame: &Frame) -> bool {
    let mut weight = 0;
    let mut before: Option<Option<Item>> = None;
    for range in frame {
        let ascends = match (before, range.end) {
            (None, _) => true,
            (Some(Some(before)), Some(end)) => before < end,
            (Some(Some(_)), None) => true,
            (Some(None), _) => false,
        };
        before = Some(range.end);
        weight += if let Claim::Items(items) = &range.claim { items.len() + 1 } else { 1 };
        let sorted = !matches!(&range.claim, Claim::Items(items) if !items.is_sorted());
        if !ascends || !sorted || weight > 2 * FRAME_LIMIT {
            return false;
        }
    }
    true
}

fn slice(items: &[Item], lo: Option<Item>, hi: Option<Item>) -> &[Item] {
    let from = lo.map_or(0, |lo| items.partition_point(|item| *item < lo));
    let to = hi.map_or(items.len(), |hi| items.partition_point(|item| *item < hi));
    items.get(from..to).unwrap_or_default()
}

fn step(items: &[Item], frame: &Frame, mut opened: Option<&mut Difference>) -> Frame {
    let mut writer = Writer::default();
    let mut lo = None;
    for range in frame {
        let own = slice(items, lo, range.end);
        match &range.claim {
            Claim::Done => writer.push(range.end, Claim::Done),
            Claim::Sum(sum) if *sum == Bucket::of(own) => writer.push(range.end, Claim::Done),
            // No room for particulars: the same question comes back, and is answered next time.
            Claim::Sum(_) if writer.weight >= FRAME_LIMIT => writer.push(range.end, Claim::Sum(Bucket::of(own))),
            Claim::Sum(sum) if own.len() <= NAMED || sum.count == 0 && opened.is_some() => {
                if sum.count == 0
                    && let Some(difference) = &mut opened
                {
                    difference.have.extend_from_slice(own);
                    writer.push(range.end, Claim::Done);
                } else {
                    writer.push(range.end, Claim::Items(own.to_vec()));
                }
            }
            Claim::Sum(_) => split(own, range.end, &mut writer),
            Claim::Items(theirs) => match &mut opened {
                Some(difference) => {
                    difference.have.extend(own.iter().filter(|item| theirs.binary_search(item).is_err()));
                    difference.need.extend(theirs.iter().filter(|item| own.binary_search(item).is_err()));
                    writer.push(range.end, Claim::Done);
                }
                None if own.len() <= FRAME_LIMIT.saturating_sub(writer.weight) => {
                    writer.push(range.end, Claim::Items(own.to_vec()));
                }
                None if own.len() <= NAMED || writer.weight >= FRAME_LIMIT => {
                    writer.push(range.end, Claim::Sum(Bucket::of(own)));
                }
                None => split(own, range.end, &mut writer),
            },
        }
        lo = range.end;
    }
    writer.frame
}

/// Sums of equal parts of a range that has more than a few items.
fn split(own: &[Item], end: Option<Item>, writer: &mut Writer) {
    let size = own.len().div_ceil(PARTS).max(1);
    let mut parts = own.chunks(size).peekable();
    while let Some(part) = parts.next() {
        let upto = parts.peek().and_then(|next| next.first().copied()).or(end);
        writer.push(upto, Claim::Sum(Bucket::of(part)));
    }
}

#[derive(Default)]
struct Writer {
    frame: Frame,
    weight: usize,
}

impl Writer {
    fn push(&mut self, end: Option<Item>, claim: Claim) {
        if claim == Claim::Done {
            match self.frame.last_mut() {
                Some(last) if last.claim == Claim::Done => {
                    last.end = end;
                    return;
                }
                None if end.is_some_and(|end| end == Item::default()) => return,
                _ => (),
            }
        }
        if let (Some(last), Some(end)) = (self.frame.last(), end)
            && last.end == Some(end)
        {
            return;
        }
        self.weight += 1 + if let Claim::Items(items) = &claim { items.len() } else { 0 };
        self.frame.push(Range { end, claim });
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::super::buckets::hour_of;
    use super::*;

    /// Lets two sets find their differences; how many rounds it took.
    fn compare(a: &[Item], b: &[Item]) -> (Difference, usize) {
        let hours: BTreeSet<u64> = a.iter().chain(b).map(|item| hour_of(item.time)).collect();
        let mut frame = open(a, &hours.into_iter().collect::<Vec<_>>());
        let mut difference = Difference::default();
        for round in 1..200 {
            assert!(is_sound(&frame));
            let reply = answer(b, &frame);
            assert!(is_sound(&reply));
            match learn(a, &reply, &mut difference) {
                Some(next) => frame = next,
                None => return (difference, round),
            }
        }
        panic!("no end");
    }

    fn item(n: u64) -> Item {
        // No pattern in the ids: their sums would meet.
        Item { time: n * 1000 % 20_000_000, id: tacit_crypto::blake2b::hash256(&[&n.to_be_bytes()]) }
    }

    fn set(numbers: impl IntoIterator<Item = u64>) -> Vec<Item> {
        numbers.into_iter().map(item).collect::<BTreeSet<_>>().into_iter().collect()
    }

    proptest! {
        #[test]
        fn the_differences_are_found_and_nothing_else(
            a in prop::collection::btree_set(0..600u64, 0..300),
            b in prop::collection::btree_set(0..600u64, 0..300),
        ) {
            let (mut found, _) = compare(&set(a.clone()), &set(b.clone()));
            found.have.sort_unstable();
            found.need.sort_unstable();
            prop_assert_eq!(found.have, set(a.difference(&b).copied()));
            prop_assert_eq!(found.need, set(b.difference(&a).copied()));
        }

        #[test]
        fn any_frame_is_answered_within_bounds(
            own in prop::collection::btree_set(0..2000u64, 0..900),
            ends in prop::collection::btree_set(0..20_000_000u64, 0..40),
        ) {
            let frame: Frame = ends
                .into_iter()
                .map(|time| Range { end: Some(Item { time, id: [0; 32] }), claim: Claim::Sum(Bucket::default()) })
                .collect();
            prop_assert!(is_sound(&frame));
            prop_assert!(is_sound(&answer(&set(own), &frame)));
        }
    }

    #[test]
    fn large_sets_that_differ_a_little_take_few_rounds() {
        let a = set(0..20_000);
        let b = set((0..20_000).filter(|n| n % 5000 != 7));
        let (found, rounds) = compare(&a, &b);
        assert_eq!((found.have.len(), found.need.len()), (4, 0));
        assert!(rounds <= 4, "{rounds}");
    }

    #[test]
    fn a_set_can_be_fetched_whole() {
        let all = set(0..20_000);
        let (found, _) = compare(&[], &all);
        assert_eq!(found.need.len(), all.len());
        let (found, _) = compare(&all, &[]);
        assert_eq!(found.have.len(), all.len());
    }

    #[test]
    fn frames_out_of_order_are_no_frames() {
        let range = |time| Range { end: Some(Item { time, id: [0; 32] }), claim: Claim::Done };
        assert!(!is_sound(&vec![range(2), range(1)]));
        assert!(!is_sound(&vec![Range { end: None, claim: Claim::Done }, range(1)]));
        let unsorted = Claim::Items(vec![item(2), item(1)]);
        assert!(!is_sound(&vec![Range { end: None, claim: unsorted }]));
    }
}

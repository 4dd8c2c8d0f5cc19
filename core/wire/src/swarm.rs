//! Which swarm keeps an account (protocol: network 6).

use crate::{AccountId, SwarmId};

/// The account's place on the ring of swarms: the four words of its key, XORed.
#[must_use]
pub fn space(account: &AccountId) -> u64 {
    account
        .key()
        .chunks_exact(8)
        .fold(0, |space, word| space ^ word.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
}

/// The swarm of an account: the nearest on the ring, the left one on a tie.
/// `sorted` is ascending; [`SwarmId::NONE`] in it is passed over. `None` without swarms.
#[must_use]
pub fn swarm_of(account: &AccountId, sorted: &[SwarmId]) -> Option<SwarmId> {
    nearest(space(account), sorted)
}

/// As [`swarm_of`], for a place on the ring.
#[must_use]
pub fn nearest(space: u64, sorted: &[SwarmId]) -> Option<SwarmId> {
    let swarms = match sorted.split_last() {
        Some((&SwarmId::NONE, rest)) => rest,
        _ => sorted,
    };
    let first = *swarms.first()?;
    let last = *swarms.last()?;
    let at = swarms.partition_point(|swarm| swarm.0 < space);
    let right = swarms.get(at).copied().unwrap_or(first);
    let left = at.checked_sub(1).and_then(|before| swarms.get(before).copied()).unwrap_or(last);
    let to_right = right.0.wrapping_sub(space);
    let to_left = space.wrapping_sub(left.0);
    Some(if to_right < to_left { right } else { left })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_without_swarms_keeps_nobody() {
        assert_eq!(nearest(7, &[]), None);
        assert_eq!(nearest(7, &[SwarmId::NONE]), None);
    }

    #[test]
    fn a_tie_goes_to_the_left_even_over_the_end_of_the_ring() {
        let swarms = [SwarmId(0x10), SwarmId(u64::MAX - 15)];
        assert_eq!(nearest(0, &swarms), Some(swarms[1]));
        assert_eq!(nearest(1, &swarms), Some(swarms[0]));
        assert_eq!(nearest(u64::MAX, &swarms), Some(swarms[1]));
    }

    #[test]
    fn an_account_that_sits_on_a_swarm_belongs_to_it() {
        let swarms = [SwarmId(5), SwarmId(9)];
        assert_eq!(nearest(9, &swarms), Some(SwarmId(9)));
    }

    proptest::proptest! {
        #[test]
        fn the_chosen_swarm_is_never_farther_than_another(
            space: u64,
            mut swarms in proptest::collection::vec(0..u64::MAX, 1..20),
        ) {
            swarms.sort_unstable();
            let swarms: Vec<_> = swarms.into_iter().map(SwarmId).collect();
            let distance = |s: SwarmId| s.0.wrapping_sub(space).min(space.wrapping_sub(s.0));
            let chosen = nearest(space, &swarms).unwrap();
            proptest::prop_assert!(swarms.iter().all(|s| distance(chosen) <= distance(*s)));
        }
    }
}

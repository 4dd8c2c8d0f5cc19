use proptest::prelude::*;
use tacit_wire::SwarmId;

use super::*;

fn node(n: u8) -> NodeId {
    NodeId([n; 32])
}

fn view(ids: &[u64]) -> View {
    let swarms = ids.iter().zip(0..).map(|(id, n)| (SwarmId(*id), vec![node(n)])).collect();
    View { no: 1, swarms, spare: Vec::new() }
}

fn held(lo: u64, hi: u64, state: Held) -> Holding {
    Holding { interval: Interval { lo, hi }, state }
}

fn places(kept: &[Holding], of: impl Fn(&Held) -> bool) -> Intervals {
    Intervals::from_unsorted(kept.iter().filter(|h| of(&h.state)).map(|h| h.interval).collect())
}

fn swarm_ids() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::btree_set(prop_oneof![0..50u64, any::<u64>()], 1..5)
        .prop_map(|ids| ids.into_iter().filter(|id| *id != u64::MAX).collect())
        .prop_filter("a swarm", |ids: &Vec<u64>| !ids.is_empty())
}

proptest! {
    #[test]
    fn nothing_kept_is_ever_forgotten(changes in prop::collection::vec((swarm_ids(), any::<u8>()), 1..6)) {
        let mut kept: Vec<Holding> = Vec::new();
        for (ids, own) in changes {
            let view = view(&ids);
            let owned = view.owned_by(&node(own % ids.len() as u8));
            let before = places(&kept, |_| true);
            kept = rearrange(&kept, &owned, &view, 5);
            let all = places(&kept, |_| true);
            prop_assert!(all.covers(&before) && all.covers(&owned));
            let here = places(&kept, |state| !matches!(state, Held::Lost { .. }));
            prop_assert_eq!(here, owned);
            for (a, b) in kept.iter().zip(kept.iter().skip(1)) {
                prop_assert!(a.interval.hi < b.interval.lo, "{:?} {:?}", a, b);
            }
        }
    }
}

#[test]
fn what_was_whole_and_left_for_a_while_is_whole_again() {
    let lost = held(0, 9, Held::Lost { since_ms: 1, whole: true });
    let kept = rearrange(&[lost], &Interval { lo: 5, hi: 20 }.into(), &View::default(), 7);
    assert_eq!(
        kept,
        [
            held(0, 4, Held::Lost { since_ms: 1, whole: true }),
            held(5, 9, Held::Whole),
            held(10, 20, Held::Gaining(None)),
        ]
    );
}

#[test]
fn a_place_on_the_way_is_kept_while_the_part_stays_the_same() {
    let cursor = Held::Gaining(Some((node(1), Bytes::from_static(b"x"))));
    let part = held(5, 9, cursor.clone());
    let same = rearrange(std::slice::from_ref(&part), &Interval { lo: 5, hi: 9 }.into(), &View::default(), 7);
    assert_eq!(same, [held(5, 9, cursor)]);
    let smaller = rearrange(&[part], &Interval { lo: 6, hi: 9 }.into(), &View::default(), 7);
    assert_eq!(smaller, [held(5, 5, Held::Lost { since_ms: 7, whole: false }), held(6, 9, Held::Gaining(None))]);
}

#[test]
fn a_new_part_is_pulled_from_one_and_made_equal_with_two_more() {
    let candidates = [node(1), node(2), node(3), node(4)];
    let mut gain = Gain::new(100, None, 0);
    assert_eq!(gain.step(100, &candidates), Step::Pull(node(1)));
    gain.started(node(1));
    assert_eq!(gain.step(100, &candidates), Step::Wait(u64::MAX));
    gain.page_came(false);
    gain.page_kept(200);
    assert_eq!(gain.step(200, &candidates), Step::Pull(node(1)));
    gain.started(node(1));
    gain.failed(300);
    assert_eq!(gain.step(300, &candidates), Step::Wait(300 + FIRST_RETRY_MS));
    assert_eq!(gain.step(300 + FIRST_RETRY_MS, &candidates), Step::Pull(node(2)));
    gain.started(node(2));
    gain.page_came(true);
    gain.page_kept(6000);
    assert_eq!(gain.step(6000, &candidates), Step::Compare(node(3)));
    gain.started(node(3));
    gain.equal(6100, node(3));
    gain.started(node(4));
    gain.not_whole(6200, node(4));
    assert_eq!(gain.step(6200, &candidates), Step::Compare(node(1)));
    gain.started(node(1));
    gain.equal(6300, node(1));
    assert_eq!(gain.step(6300, &candidates), Step::Finish);
}

#[test]
fn where_nobody_has_anything_all_begin() {
    let mut gain = Gain::new(0, None, 0);
    gain.started(node(1));
    gain.not_whole(10, node(1));
    assert_eq!(gain.step(10, &[node(1)]), Step::Finish);
    assert_eq!(Gain::new(0, None, 0).step(0, &[]), Step::Finish);
    assert_eq!(Gain::new(0, None, 0).step(GIVE_UP_MS, &[node(1)]), Step::Finish);
}

#[test]
fn what_goes_is_kept_until_a_quorum_has_it_and_a_day_has_gone_by() {
    let owners = [node(1), node(2), node(3)];
    let mut loss = Loss::new(0, 1000, 0);
    assert_eq!(loss.step(0, 1000, &owners, KEEP_MS), Step::Wait(PUSH_MS / 2));
    assert_eq!(loss.step(PUSH_MS, 1000, &owners, KEEP_MS), Step::Compare(node(1)));
    loss.started();
    loss.ended(PUSH_MS, PUSH_MS, node(1), true);
    let after = SETTLE_MS + PUSH_MS;
    assert_eq!(loss.step(after, 1000, &owners, KEEP_MS), Step::Compare(node(2)), "the first was too early");
    loss.ended(after, after, node(2), true);
    loss.ended(after, after, node(3), true);
    assert_eq!(loss.step(after, 1000 + KEEP_MS, &owners, KEEP_MS), Step::Finish);
    assert_eq!(loss.step(after, 500 + KEEP_MS, &owners, KEEP_MS), Step::Wait(after + 500));
    let later = after + PUSH_MS;
    assert_eq!(loss.step(later, 1000 + KEEP_MS, &[node(3), node(7), node(8)], KEEP_MS), Step::Compare(node(8)));
}

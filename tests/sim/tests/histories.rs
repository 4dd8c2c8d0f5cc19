//! Promises under faults, and that the simulation would notice if they were broken.
#![allow(clippy::expect_used)]

use tacit_sim::{Bug, run, run_many};

const HISTORIES: u64 = 2000;

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

#[test]
fn two_thousand_histories_keep_every_promise() {
    let summary = run_many(0..HISTORIES, None, cores(), false);
    assert_eq!(summary.histories, HISTORIES);
    assert!(summary.violations.is_empty(), "{}", summary.violations[0]);
    assert!(summary.confirmed > 50 * HISTORIES, "clients had little to do: {}", summary.confirmed);
}

#[test]
fn histories_that_once_went_wrong_go_right() {
    for line in include_str!("seeds.txt").lines().filter(|line| !line.starts_with('#')) {
        let seed = line.trim().parse().expect("a seed");
        let outcome = run(seed, None, false);
        assert_eq!(outcome.violation, None);
    }
}

#[test]
fn a_seed_makes_the_same_history_each_time() {
    for seed in 0..20 {
        let first = run(seed, None, false);
        assert_eq!(first, run(seed, None, false));
        assert_ne!(first.fingerprint, run(seed + 1000, None, false).fingerprint);
    }
}

#[track_caller]
fn is_found(bug: Bug) {
    let summary = run_many(0..HISTORIES, Some(bug), cores(), true);
    assert!(!summary.violations.is_empty(), "{bug:?} was not found in {HISTORIES} histories");
    let found = &summary.violations[0];
    let again = run(found.seed, Some(bug), false).violation;
    assert_eq!(again.as_ref(), Some(found), "it does not happen again");
}

#[test]
fn an_answer_before_the_commit_is_found() {
    is_found(Bug::AnswerBeforeCommit);
}

#[test]
fn forgotten_deletions_are_found() {
    is_found(Bug::NoTombstones);
}

#[test]
fn pushing_once_instead_of_pulling_is_found() {
    is_found(Bug::PushOnce);
}

#[test]
fn missing_comparison_is_found() {
    is_found(Bug::NoAntiEntropy);
}

#[test]
fn deletions_without_proof_are_found() {
    is_found(Bug::UnprovenDeletes);
}

#[test]
fn cursors_by_time_are_found() {
    is_found(Bug::CursorByTime);
}

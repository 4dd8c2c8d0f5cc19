//! Feeds every fuzz body on stable Rust: any bytes, and inputs that parse with some bytes
//! changed, cut out or put in. `PROPTEST_CASES` says how many.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tacit_conformance::fuzz::{TARGETS, Target};

/// One change of an input: where (as a fraction), how much to take out, what to put in.
type Edit = (f64, usize, Vec<u8>);

fn edit(input: &mut Vec<u8>, (at, out, new): &Edit) {
    let at = (at * input.len() as f64) as usize;
    let end = (at + out).min(input.len());
    input.splice(at..end, new.iter().copied());
}

fn feed(target: &Target) {
    let seeds = (target.seeds)();
    assert!(!seeds.is_empty(), "{}", target.name);
    let edits = prop::collection::vec((0.0..1.0_f64, 0..4_usize, prop::collection::vec(any::<u8>(), 0..4)), 0..4);
    let changed = (prop::sample::select(seeds), edits).prop_map(|(mut input, edits)| {
        edits.iter().for_each(|change| edit(&mut input, change));
        input
    });
    let input = prop_oneof![1 => prop::collection::vec(any::<u8>(), 0..600), 3 => changed];
    // Nothing is written beside the sources: a failing input is printed, and small.
    let config = Config { failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&input, |input| {
        (target.body)(&input);
        Ok(())
    });
    assert!(outcome.is_ok(), "{}: {}", target.name, outcome.unwrap_err());
}

#[test]
fn no_parser_panics() {
    TARGETS.iter().for_each(feed);
}

#[test]
fn unchanged_seeds_pass() {
    for target in &TARGETS {
        for seed in (target.seeds)() {
            (target.body)(&seed);
        }
        (target.body)(&[]);
    }
}

#[test]
fn every_body_has_its_program_for_the_fuzzer() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
    let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    for target in &TARGETS {
        let name = target.name;
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
        let program = std::fs::read_to_string(folder.join(format!("fuzz_targets/{name}.rs"))).unwrap();
        assert!(program.contains(&format!("fuzz::{name}(data)")), "{name}");
    }
}

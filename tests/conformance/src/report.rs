//! Counts what passed and keeps what did not.

use std::fmt::{Debug, Display};

/// The outcome of one file of test vectors.
#[derive(Debug, Default)]
pub struct Report {
    passed: usize,
    failures: Vec<Failure>,
}

/// A case that did not do what the vector says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Where it stands in the file.
    pub case: String,
    /// What was expected and what came.
    pub what: String,
}

/// Longest value printed in full; ciphertexts of a megabyte tell nobody anything.
const SHOWN: usize = 400;

impl Report {
    /// One check: passes when both are equal.
    #[allow(clippy::needless_pass_by_value)] // callers build both sides on the spot
    pub fn equal<T: PartialEq + Debug>(&mut self, case: &str, expected: T, got: T) {
        if expected == got {
            self.passed += 1;
        } else {
            let (expected, got) = (shown(&expected), shown(&got));
            self.fail(case, format_args!("expected {expected}, got {got}"));
        }
    }

    /// One check that failed otherwise than by an unequal value.
    #[allow(clippy::needless_pass_by_value)]
    pub fn fail(&mut self, case: &str, what: impl Display) {
        self.failures.push(Failure { case: case.to_owned(), what: what.to_string() });
    }

    /// Checks that passed.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.passed
    }

    /// Checks that failed.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.failures.len()
    }

    /// What failed.
    #[must_use]
    pub fn failures(&self) -> &[Failure] {
        &self.failures
    }
}

fn shown(value: &impl Debug) -> String {
    let text = format!("{value:?}");
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}… ({} characters)", &text[..at], text.chars().count()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_case_expected_and_got() {
        let mut report = Report::default();
        report.equal("one", 1, 1);
        report.equal("two", 1, 2);
        assert_eq!((report.passed(), report.failed()), (1, 1));
        let expected = Failure { case: "two".into(), what: "expected 1, got 2".into() };
        assert_eq!(report.failures(), [expected]);
    }

    #[test]
    fn long_values_are_cut() {
        let mut report = Report::default();
        report.equal("long", "x".repeat(1_000_000), String::new());
        assert!(report.failures()[0].what.len() < 1_000);
    }
}

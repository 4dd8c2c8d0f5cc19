//! The one table that a run prints.

use std::fmt::Write as _;

use crate::measure::Pair;

/// A line of the table.
pub enum Row {
    /// What was measured, in seconds, and how many times the reference it may take, if that is
    /// bounded.
    Measured { name: String, pair: Pair, bound: Option<f64> },
    /// The same in bytes.
    Memory { name: String, pair: Pair, bound: f64 },
    /// What could not be measured here, and why.
    Skipped { name: &'static str, reason: &'static str },
}

impl Row {
    /// A row whose ratio must stay within `bound`.
    pub fn bounded(name: impl Into<String>, pair: Pair, bound: f64) -> Self {
        Self::Measured { name: name.into(), pair, bound: Some(bound) }
    }

    /// A row of bytes whose ratio must stay within `bound`.
    pub fn memory(name: impl Into<String>, pair: Pair, bound: f64) -> Self {
        Self::Memory { name: name.into(), pair, bound }
    }

    /// A row that explains others.
    pub fn free(name: impl Into<String>, pair: Pair) -> Self {
        Self::Measured { name: name.into(), pair, bound: None }
    }
}

/// All rows under one heading, in columns.
pub fn render(rows: &[Row]) -> String {
    let mut text = String::new();
    line(&mut text, ["", "ours", "reference", "ratio", "bound", ""]);
    for row in rows {
        match row {
            Row::Measured { name, pair, bound } => measured(&mut text, name, *pair, *bound, time),
            Row::Memory { name, pair, bound } => measured(&mut text, name, *pair, Some(*bound), memory),
            Row::Skipped { name, reason } => {
                let _ = writeln!(text, "{name:<46} skipped: {reason}");
            }
        }
    }
    text
}

fn measured(text: &mut String, name: &str, pair: Pair, bound: Option<f64>, show: fn(f64) -> String) {
    let ratio = pair.ratio();
    let (bound, verdict) = match bound {
        Some(bound) => (format!("{bound:.2}"), if ratio <= bound { "ok" } else { "OVER" }),
        None => ("-".to_owned(), ""),
    };
    let [ours, reference] = [show(pair.ours), show(pair.reference)];
    line(text, [name, &ours, &reference, &format!("{ratio:.2}"), &bound, verdict]);
}

fn line(text: &mut String, [name, ours, reference, ratio, bound, verdict]: [&str; 6]) {
    let line = format!("{name:<46} {ours:>11} {reference:>11} {ratio:>7} {bound:>7}  {verdict}");
    let _ = writeln!(text, "{}", line.trim_end()); // a String takes everything
}

/// Seconds in a unit that suits them.
fn time(seconds: f64) -> String {
    if seconds < 1e-3 { format!("{:.1} µs", seconds * 1e6) } else { format!("{:.2} ms", seconds * 1e3) }
}

fn memory(bytes: f64) -> String {
    format!("{:.1} MB", bytes / 1e6)
}

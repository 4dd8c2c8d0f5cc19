//! Standard output: one JSON object a line, or plain lines for people. Progress goes to standard
//! error.

use std::io::{self, Write as _};

use serde_json::{Value, json};

use crate::failure::Failure;

/// Where answers go.
pub struct Output {
    json: bool,
}

impl Output {
    /// JSON or plain.
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    /// One answer: `value` as JSON, or `plain` for people.
    ///
    /// # Errors
    /// When standard output is closed.
    pub fn line(&self, value: &Value, plain: &str) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        let text = if self.json { value.to_string() } else { harmless(plain) };
        writeln!(out, "{text}")
            .and_then(|()| out.flush())
            .map_err(|error| Failure::new("output", format!("Standard output cannot be written: {error}")))
    }

    /// Something on the way, for people only.
    pub fn progress(&self, text: &str) {
        if !self.json {
            eprintln!("{text}");
        }
    }

    /// Something that should be known, and ends nothing.
    pub fn warn(&self, text: &str) {
        if self.json {
            eprintln!("{}", json!({"warning": text}));
        } else {
            eprintln!("{text}");
        }
    }

    /// The error that ends the program.
    pub fn failure(&self, failure: &Failure) {
        if self.json {
            eprintln!("{}", json!({"error": failure.code, "message": failure.message}));
        } else {
            eprintln!("{}", harmless(&failure.to_string()));
        }
    }
}

/// What others wrote moves no cursor and colours nothing: a terminal obeys control characters.
fn harmless(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && !matches!(c, '\n' | '\t') { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn a_terminal_is_not_steered_by_what_others_wrote() {
        assert_eq!(harmless("\u{1b}]0;owned\u{7}\r\u{9b}2Jhi"), "\u{fffd}]0;owned\u{fffd}\u{fffd}\u{fffd}2Jhi");
        assert_eq!(harmless("two\nlines\t👩‍👩‍👧 نور"), "two\nlines\t👩‍👩‍👧 نور");
    }
}

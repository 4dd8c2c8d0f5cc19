//! What a person may send as text (protocol: messages 4.3): refused or kept exactly, never cut.
//! And what others sent, made safe to show.

mod safe;

pub(crate) use safe::{is_format, limit_marks};
pub use safe::{safe_display, safe_file_name};

use tacit_store::NewAttachment;
use unicode_segmentation::UnicodeSegmentation as _;

/// What the index of words holds of a message: its text, with captions and names of files.
pub(crate) fn indexed(text: &str, files: &[NewAttachment]) -> String {
    let mut all = text.to_owned();
    for file in files {
        for part in [&file.caption, &file.file_name].into_iter().filter(|part| !part.is_empty()) {
            all.push('\n');
            all.push_str(part);
        }
    }
    all
}

/// Whether a text can stand as a reaction: one grapheme of at most 64 bytes
/// (protocol: messages 4.6).
pub fn is_reaction(emoji: &str) -> bool {
    emoji.len() <= tacit_wire::content::MAX_EMOJI
        && emoji.graphemes(true).count() == 1
        && !emoji.chars().any(|c| c.is_control() || c.is_whitespace())
}

/// Longest text that is sent, in Unicode code points.
pub const TEXT_LIMIT: usize = 2_000;

/// Why a text is not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but white space.
    #[error("There is nothing to send yet.")]
    Empty,
    /// More code points than a message holds.
    #[error("This message is too long: {over} characters too many. Split it into several.")]
    TooLong {
        /// How many code points are too many.
        over: usize,
    },
}

/// Accepts a text as it stands: bidi controls, NUL and spaces at its ends are kept.
pub fn check_text(text: &str) -> Result<&str, TextError> {
    if text.trim().is_empty() { Err(TextError::Empty) } else { check_length(text).map(|()| text) }
}

/// Accepts a text of any length up to the limit, also none.
pub fn check_length(text: &str) -> Result<(), TextError> {
    match remaining(text) {
        left if left < 0 => Err(TextError::TooLong { over: left.unsigned_abs() }),
        _ => Ok(()),
    }
}

/// Code points that still fit; negative when the text is too long.
pub fn remaining(text: &str) -> isize {
    // Bounded on both sides: the limit is small, and a text in memory has at most isize::MAX bytes.
    TEXT_LIMIT as isize - text.chars().count() as isize
}

/// Longest name, in bytes of UTF-8 (protocol: messages 4.11).
pub const NAME_LIMIT: usize = 100;

/// Why a display name is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing but white space.
    #[error("Please enter a name. It needn't be your real one.")]
    Empty,
    /// More than [`NAME_LIMIT`] bytes.
    #[error("This name is too long.")]
    TooLong,
}

/// Trims a display name and checks its length.
pub fn check_name(name: &str) -> Result<&str, NameError> {
    let name = name.trim();
    if name.is_empty() {
        Err(NameError::Empty)
    } else if name.len() > NAME_LIMIT {
        Err(NameError::TooLong)
    } else {
        Ok(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_alone_is_refused() {
        for text in ["", " ", "\n\t ", "\u{2003}\u{00a0}"] {
            assert_eq!(check_text(text), Err(TextError::Empty), "{text:?}");
        }
    }

    #[test]
    fn a_text_is_kept_exactly_or_refused() {
        for text in ["  hello\n", "\u{202e}gnirts\u{202c}", "a\0b", "👩‍👩‍👧"] {
            assert_eq!(check_text(text), Ok(text));
        }
        let full = "é".repeat(TEXT_LIMIT);
        assert_eq!(check_text(&full), Ok(full.as_str()));
        assert_eq!(check_text(&"😀".repeat(10_000)), Err(TextError::TooLong { over: 8_000 }));
    }

    #[test]
    fn names_are_trimmed_and_bounded_in_bytes() {
        assert_eq!(check_name("  Mara "), Ok("Mara"));
        assert_eq!(check_name(" \n"), Err(NameError::Empty));
        assert_eq!(check_name(&"é".repeat(50)).map(str::len), Ok(100));
        assert_eq!(check_name(&"é".repeat(51)), Err(NameError::TooLong));
    }
}

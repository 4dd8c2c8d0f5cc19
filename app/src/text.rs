//! What the screens need to know about a text.

use unicode_segmentation::UnicodeSegmentation as _;

/// More emoji than this are ordinary text.
const BIG_EMOJI: usize = 8;

/// Whether the first strong letter reads from right to left.
pub(crate) fn is_rtl(text: &str) -> bool {
    text.chars().find(|c| c.is_alphabetic()).is_some_and(is_rtl_letter)
}

fn is_rtl_letter(c: char) -> bool {
    matches!(u32::from(c), 0x0590..=0x08ff | 0xfb1d..=0xfdff | 0xfe70..=0xfeff | 0x1_0800..=0x1_0fff | 0x1_e800..=0x1_efff)
}

/// How many emoji a text is made of, if it is 1 to 8 of them and nothing else; otherwise 0.
pub(crate) fn emoji_count(text: &str) -> i32 {
    let mut count = 0;
    for grapheme in text.trim().graphemes(true) {
        let is_space = grapheme.chars().all(char::is_whitespace);
        if !is_space && emojis::get(grapheme).is_none() {
            return 0;
        }
        count += i32::from(!is_space);
        if count > BIG_EMOJI as i32 {
            return 0;
        }
    }
    count
}

/// A text on one line.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_strong_letter_decides_the_direction() {
        assert!(is_rtl("123 - مرحبا Bob"));
        assert!(is_rtl("שלום"));
        assert!(!is_rtl("Bob says مرحبا"));
        assert!(!is_rtl("12:30"));
    }

    #[test]
    fn only_few_emoji_and_nothing_else_are_large() {
        for (text, count) in [("😀", 1), ("👩‍👩‍👧 ❤️\n", 2), ("👍🏽👍🏽", 2), ("ok 😀", 0), ("", 0), ("1", 0)]
        {
            assert_eq!(emoji_count(text), count, "{text:?}");
        }
        assert_eq!(emoji_count(&"😀".repeat(8)), 8);
        assert_eq!(emoji_count(&"😀".repeat(9)), 0);
    }

    #[test]
    fn previews_are_one_line() {
        assert_eq!(one_line(" a\r\n\tb  c "), "a b c");
    }
}

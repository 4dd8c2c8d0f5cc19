//! What is shown of a message that was found.

use std::ops::Range;

use super::fold::{Token, tokens, unfolded_length};
use super::query::{Phrase, Words};

/// Characters of a snippet.
const LENGTH: usize = 160;
/// Characters before the first hit.
const BEFORE: usize = 40;
/// Places that are marked in one snippet.
const MARKS_MAX: usize = 32;

/// A part of a message's text, on one line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Snippet {
    /// The text, at most 160 characters.
    pub text: String,
    /// What was found, as ranges of bytes of `text`, in order and apart from each other. Empty
    /// when it was found by something else than text.
    pub marks: Vec<Range<usize>>,
    /// Whether the message has text before it.
    pub cut_before: bool,
    /// Whether the message has text after it.
    pub cut_after: bool,
}

impl Snippet {
    /// The part of `body` around the first of the words.
    pub(super) fn cut(body: &str, words: &Words) -> Self {
        let marks = marks(body, words);
        let start = marks.first().map_or(0, |first| window_start(body, first.start));
        let end = window_end(body, start);
        let inside = |mark: Range<usize>| (mark.start.max(start) - start)..(mark.end.min(end) - start);
        Self {
            // Line breaks become spaces of the same length, so that the marks hold.
            text: on_one_line(&body[start..end]),
            marks: marks.into_iter().take_while(|mark| mark.start < end).map(inside).collect(),
            cut_before: start > 0,
            cut_after: end < body.len(),
        }
    }
}

fn on_one_line(text: &str) -> String {
    // Most texts have no line breaks.
    if text.bytes().any(|byte| byte.is_ascii_control()) {
        text.replace(|letter: char| letter.is_ascii_control(), " ")
    } else {
        text.to_owned()
    }
}

/// The end of so many characters as are shown.
fn window_end(body: &str, start: usize) -> usize {
    let rest = &body[start..];
    // No text has more characters than bytes.
    let cut = if rest.len() > LENGTH { rest.char_indices().nth(LENGTH) } else { None };
    cut.map_or(body.len(), |(at, _)| start + at)
}

/// Some characters before a hit, at the beginning of a word where there is one near.
fn window_start(body: &str, hit: usize) -> usize {
    let before = &body[..hit];
    let Some((start, _)) = before.char_indices().rev().nth(BEFORE) else { return 0 };
    before[start..].find(char::is_whitespace).map_or(start, |space| {
        let after = start + space;
        after + before[after..].chars().next().map_or(0, char::len_utf8)
    })
}

/// Where the phrases stand in a text.
fn marks(body: &str, words: &Words) -> Vec<Range<usize>> {
    if words.is_empty() {
        return Vec::new();
    }
    let found = tokens(body);
    let mut marks: Vec<Range<usize>> = Vec::new();
    for start in 0..found.len() {
        let longest = words
            .phrases()
            .iter()
            .filter_map(|phrase| match_at(body, &found[start..], phrase))
            .max_by_key(|mark| mark.end);
        let Some(mark) = longest else { continue };
        let full = marks.len() == MARKS_MAX;
        match marks.last_mut() {
            Some(last) if mark.start <= last.end => last.end = last.end.max(mark.end),
            _ if full => break,
            _ => marks.push(mark),
        }
    }
    marks
}

fn match_at(body: &str, found: &[Token<'_>], phrase: &Phrase) -> Option<Range<usize>> {
    let (last, first) = phrase.tokens.split_last()?;
    let (here, rest) = found.split_at_checked(first.len())?;
    let end = rest.first()?;
    // Most words begin otherwise.
    if end.text.as_bytes().first() != last.as_bytes().first() {
        return None;
    }
    if here.iter().zip(first).any(|(token, wanted)| token.text != *wanted) {
        return None;
    }
    let matches = if phrase.prefix { end.text.starts_with(last.as_str()) } else { end.text == *last };
    let length = || unfolded_length(&body[end.range.clone()], last.len());
    let until = if end.text.len() == last.len() { end.range.end } else { end.range.start + length() };
    matches.then(|| found[0].range.start..until)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn marked(body: &str, query: &str) -> (String, Vec<String>) {
        let snippet = Snippet::cut(body, &Words::parse(query));
        let marks = snippet.marks.iter().map(|mark| snippet.text[mark.clone()].to_owned()).collect();
        (snippet.text, marks)
    }

    #[test]
    fn what_was_typed_is_marked_as_it_stands_in_the_text() {
        assert_eq!(marked("Crème brûlée at\nten", "brul creme").1, ["Crème", "brûl"]);
        assert_eq!(marked("Crème brûlée at\nten", "").0, "Crème brûlée at ten");
        assert_eq!(marked("我在北京很好", "北京").1, ["北京"]);
        assert_eq!(marked("see you at the sea", "\"at the\"").1, ["at the"]);
        assert_eq!(marked("party 🎉 now", "🎉").1, ["🎉"]);
        assert_eq!(marked("aa ab", "a").1, Vec::<String>::new());
    }

    #[test]
    fn a_long_text_is_cut_around_the_first_hit() {
        let body = format!("{} needle {}", "hay ".repeat(100), "hay ".repeat(100));
        let snippet = Snippet::cut(&body, &Words::parse("needle"));
        assert!(snippet.cut_before && snippet.cut_after);
        assert!(snippet.text.starts_with("hay ") && snippet.text.chars().count() == LENGTH);
        assert_eq!(&snippet.text[snippet.marks[0].clone()], "needle");
    }

    proptest! {
        #[test]
        fn any_text_can_be_cut(body in "\\PC{0,300}", query in "\\PC{0,40}") {
            let snippet = Snippet::cut(&body, &Words::parse(&query));
            prop_assert!(snippet.text.chars().count() <= LENGTH);
            for mark in &snippet.marks {
                prop_assert!(!snippet.text[mark.clone()].is_empty());
            }
        }
    }
}

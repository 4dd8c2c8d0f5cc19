//! What a person typed, as the index is asked. The text of a person never becomes syntax: only
//! letters and digits of its tokens get through.

use super::fold::{Token, tokens};
use crate::Error;

/// Characters of a query that are looked at.
const LENGTH_MAX: usize = 256;
/// Phrases that are looked at.
const PHRASES_MAX: usize = 16;
/// Up to so many words that begin alike are asked for one by one.
pub(super) const TERMS_MAX: usize = 64;
/// Beginnings of two and three letters have an index of their own.
const INDEXED_PREFIX: usize = 3;

/// The phrases of a query: one for each word, and one for all words between quotes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Words(Vec<Phrase>);

/// Words that stand side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Phrase {
    pub(super) tokens: Vec<String>,
    /// Whether the last token may go on.
    pub(super) prefix: bool,
}

impl Words {
    pub(super) fn parse(text: &str) -> Self {
        let text: String = text.chars().take(LENGTH_MAX).collect();
        let mut phrases = Vec::new();
        let parts = text.split(['"', '“', '”', '„', '«', '»']);
        for (part, quoted) in parts.zip([false, true].into_iter().cycle()) {
            if quoted {
                phrases.extend(Phrase::of(tokens(part), false));
            } else {
                phrases.extend(part.split_whitespace().filter_map(|word| Phrase::of(tokens(word), true)));
            }
        }
        phrases.truncate(PHRASES_MAX);
        Self(phrases)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn phrases(&self) -> &[Phrase] {
        &self.0
    }
}

impl Phrase {
    fn of(tokens: Vec<Token<'_>>, open: bool) -> Option<Self> {
        let last = tokens.last()?;
        // One letter begins a good part of all words.
        let prefix = open && last.is_word && last.text.chars().nth(1).is_some();
        Some(Self { tokens: tokens.into_iter().map(|token| token.text.into_owned()).collect(), prefix })
    }

    /// As the index is asked. `longer` gives the longer words that begin with a text, or `None`
    /// for too many.
    ///
    /// A longer beginning is asked for word by word: the index then walks each from its end, where
    /// it would else gather all hits before it gave the first.
    pub(super) fn expression(
        &self,
        longer: impl FnOnce(&str) -> Result<Option<Vec<String>>, Error>,
    ) -> Result<String, Error> {
        let whole = exact(&self.tokens.join(" "));
        let Some((last, first)) = self.tokens.split_last().filter(|_| self.prefix) else { return Ok(whole) };
        if last.chars().count() <= INDEXED_PREFIX {
            return Ok(format!("{whole}*"));
        }
        Ok(match longer(last)? {
            None => format!("{whole}*"),
            // SQLite ends words at letters that are newer than its tables, and knows this one in parts.
            Some(longer) if longer.is_empty() && !last.is_ascii() => format!("{whole}*"),
            Some(longer) if longer.is_empty() => whole,
            Some(longer) => {
                let phrase = |term: &String| {
                    let words: Vec<&str> = first.iter().chain([term]).map(String::as_str).collect();
                    exact(&words.join(" "))
                };
                let all: Vec<String> = std::iter::once(whole).chain(longer.iter().map(phrase)).collect();
                format!("({})", all.join(" OR "))
            }
        })
    }
}

/// A phrase word for word.
pub(super) fn exact(tokens: &str) -> String {
    format!("\"{}\"", tokens.replace('"', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Vec<String> {
        let known = |prefix: &str| Ok(Some(vec![format!("{prefix}s")]));
        let words = Words::parse(text);
        words.phrases().iter().map(|phrase| phrase.expression(known).unwrap()).collect()
    }

    #[test]
    fn words_are_beginnings_and_quotes_make_phrases() {
        assert_eq!(asked("a new Café"), ["\"a\"", "\"new\"*", "(\"cafe\" OR \"cafes\")"]);
        assert_eq!(asked("\"at the sea\" to"), ["\"at the sea\"", "\"to\"*"]);
        assert_eq!(asked("e-mail"), ["(\"e mail\" OR \"e mails\")"]);
        assert_eq!(asked("北京"), ["\"北 京\""]);
        assert_eq!(asked("“open quote"), ["\"open quote\""]);
    }

    #[test]
    fn nothing_of_the_syntax_gets_through() {
        assert_eq!(asked("NEAR(a b) OR"), ["\"near a\"", "\"b\"", "\"or\"*"]);
        assert_eq!(asked("body:x* -^\0 {"), ["\"body x\""]);
        assert!(asked("\" ' * ( ) : ^ -").is_empty());
    }
}

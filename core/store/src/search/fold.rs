//! Words as they are compared: without case, accents and width. What is indexed and what is asked
//! for go through the same function, so they meet whatever SQLite knows of Unicode.

use std::borrow::Cow;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Stands before the code of an emoji. A letter of private use, which no text can bring in.
const EMOJI: char = '\u{E002}';
/// Bytes of a text and of a word with its gap, as a guess at how many words there are.
const LENGTH_USUAL: usize = 1_000;
const WORD_USUAL: usize = 5;

/// A word, or a character of a script that sets no spaces between words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token<'t> {
    /// Its bytes in the text.
    pub(super) range: Range<usize>,
    /// As it is compared. Most words are written so, and need no copy.
    pub(super) text: Cow<'t, str>,
    /// Whether it can be the beginning of a longer one.
    pub(super) is_word: bool,
}

enum Class {
    Word,
    Alone,
    Mark,
    Gap,
}

/// The tokens of a text, in order.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens: Vec<Token<'_>> = Vec::with_capacity(text.len().min(LENGTH_USUAL) / WORD_USUAL);
    let mut within = false;
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let start = text.len() - rest.len();
        // Most text is made of such letters: they go by the word.
        let plain = rest.bytes().take_while(|byte| is_plain(*byte)).count();
        let end = start + if plain > 0 { plain } else { letter.len_utf8() };
        rest = &text[end..];
        match class(letter) {
            Class::Gap => within = false,
            Class::Mark => {
                if let Some(last) = tokens.last_mut().filter(|last| last.range.end == start) {
                    last.range.end = end;
                }
            }
            Class::Alone => {
                within = false;
                let text = if is_emoji(letter) { format!("{EMOJI}{:x}", u32::from(letter)) } else { folded(letter) };
                tokens.push(Token { range: start..end, text: text.into(), is_word: false });
            }
            Class::Word => match tokens.last_mut().filter(|_| within) {
                Some(last) => {
                    // With an accent in between, the word is not what stands in the text.
                    let whole = last.range.len() == last.text.len();
                    last.range.end = end;
                    match &mut last.text {
                        Cow::Borrowed(word) if whole && plain > 0 => *word = &text[last.range.clone()],
                        other if plain > 0 => other.to_mut().push_str(&text[start..end]),
                        other => fold_into(letter, other.to_mut()),
                    }
                }
                None => {
                    within = true;
                    let folded = if plain > 0 { text[start..end].into() } else { folded(letter).into() };
                    tokens.push(Token { range: start..end, text: folded, is_word: true });
                }
            },
        }
    }
    tokens.retain(|token| !token.text.is_empty());
    tokens
}

/// How many bytes of `text`, the text of a token, the first `length` bytes of its folded form are.
pub(super) fn unfolded_length(text: &str, length: usize) -> usize {
    if text.bytes().take(length + 1).all(is_plain) {
        return length.min(text.len());
    }
    let mut so_far = String::new();
    let mut end = 0;
    for (start, letter) in text.char_indices() {
        // Accents belong to the letter before them.
        if so_far.len() >= length && !matches!(class(letter), Class::Mark) {
            break;
        }
        fold_into(letter, &mut so_far);
        end = start + letter.len_utf8();
    }
    end
}

/// Whether a letter is compared as it is written.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

fn folded(letter: char) -> String {
    let mut text = String::new();
    fold_into(letter, &mut text);
    text
}

fn fold_into(letter: char, text: &mut String) {
    if letter.is_ascii() {
        text.push(letter.to_ascii_lowercase());
    } else if is_kana(letter) {
        text.push(letter); // its marks make other sounds of it
    } else {
        let parts = std::iter::once(letter).nfkd().filter(|part| !is_combining_mark(*part));
        for part in parts.flat_map(char::to_lowercase).filter(|part| part.is_alphanumeric()) {
            match plain(part) {
                Some(others) => text.push_str(others),
                None => text.push(part),
            }
        }
    }
}

/// Letters that people type in another way when their keyboard lacks them.
fn plain(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ı' => "i",
        'þ' => "th",
        'ς' => "σ",
        _ => return None,
    })
}

fn class(letter: char) -> Class {
    if letter.is_ascii() {
        return if letter.is_ascii_alphanumeric() { Class::Word } else { Class::Gap };
    }
    if is_combining_mark(letter) || matches!(letter, '\u{200C}' | '\u{200D}' | '\u{AD}' | '\u{640}') {
        Class::Mark // also joiners, the soft hyphen and the stroke that stretches Arabic words
    } else if is_emoji(letter) || (is_unspaced(letter) && letter.is_alphanumeric()) {
        Class::Alone
    } else if letter.is_alphanumeric() {
        Class::Word
    } else {
        Class::Gap
    }
}

fn is_emoji(letter: char) -> bool {
    matches!(letter, '\u{2600}'..='\u{27BF}' | '\u{1F300}'..='\u{1F3FA}' | '\u{1F400}'..='\u{1FAFF}')
}

fn is_kana(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}')
}

/// Scripts that are written without spaces: Han, kana, Thai, Lao, Khmer, Burmese.
fn is_unspaced(letter: char) -> bool {
    is_kana(letter)
        || matches!(letter,
            '\u{2E80}'..='\u{2FDF}' | '\u{3005}'..='\u{3007}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
            | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFD}' | '\u{FF66}'..='\u{FF9F}'
            | '\u{0E00}'..='\u{0EFF}'
            | '\u{1780}'..='\u{17FF}'
            | '\u{1000}'..='\u{109F}' | '\u{A9E0}'..='\u{A9FF}' | '\u{AA60}'..='\u{AA7F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        tokens(text).into_iter().map(|token| token.text.into_owned()).collect()
    }

    #[test]
    fn case_accents_and_width_do_not_matter() {
        assert_eq!(texts("Crème Brûlée, ÅNGSTRÖM!"), ["creme", "brulee", "angstrom"]);
        assert_eq!(texts("e\u{301}te\u{301} Ｆｕｌｌ Straße"), ["ete", "full", "strasse"]);
        assert_eq!(texts("ΛΌΓΟΣ λόγος"), ["λογοσ", "λογοσ"]);
        assert_eq!(texts("مَرْحَبًا"), ["مرحبا"]);
    }

    #[test]
    fn unspaced_scripts_and_emoji_are_taken_apart() {
        assert_eq!(texts("我在北京ok"), ["我", "在", "北", "京", "ok"]);
        assert_eq!(texts("ガス"), ["ガ", "ス"]);
        assert_eq!(texts("a🎉b"), ["a", "\u{E002}1f389", "b"]);
        assert!(texts("\u{E000}\u{E002} ?! — …").is_empty());
    }

    #[test]
    fn ranges_name_the_bytes_of_the_text() {
        let text = "(Crème) 北";
        let found: Vec<_> = tokens(text).into_iter().map(|token| &text[token.range]).collect();
        assert_eq!(found, ["Crème", "北"]);
        assert_eq!(unfolded_length("Crème", 3), "Crè".len());
        assert_eq!(unfolded_length("Straße", 5), "Straß".len());
        assert_eq!(unfolded_length("e\u{301}te", 1), 3);
    }
}

//! From what was typed or pasted to words.

use zeroize::Zeroizing;

/// Words kept; more are only counted. No phrase is as long as this.
const KEPT_WORDS: usize = 32;
/// Letters kept of each word. No word of a list is as long as this.
const KEPT_LETTERS: usize = 32;

/// Runs of the letters a to z, in lower case, in one buffer that is wiped.
pub(super) struct Words {
    text: Zeroizing<String>,
    ends: Vec<usize>,
    count: usize,
}

impl Words {
    /// Splits at everything that is no letter, whatever its size in bounded memory.
    pub(super) fn split(input: &str) -> Self {
        // Full size at once: a string that grows leaves its old copies behind.
        let mut words = Self {
            text: Zeroizing::new(String::with_capacity(KEPT_WORDS * KEPT_LETTERS)),
            ends: Vec::with_capacity(KEPT_WORDS),
            count: 0,
        };
        let mut inside = false;
        for letter in input.chars().flat_map(char::to_lowercase) {
            let is_letter = letter.is_ascii_lowercase();
            match (inside, is_letter) {
                (false, true) => words.start(),
                (true, false) => words.finish(),
                _ => {}
            }
            if is_letter {
                words.push(letter);
            }
            inside = is_letter;
        }
        if inside {
            words.finish();
        }
        words
    }

    fn start(&mut self) {
        self.count += 1;
    }

    fn finish(&mut self) {
        if self.count <= KEPT_WORDS {
            self.ends.push(self.text.len());
        }
    }

    fn push(&mut self, letter: char) {
        let start = self.ends.last().copied().unwrap_or(0);
        if self.count <= KEPT_WORDS && self.text.len() - start < KEPT_LETTERS {
            self.text.push(letter);
        }
    }

    /// How many words there are, kept or not.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The kept words.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(self.ends.iter().copied()).filter_map(|(start, end)| self.text.get(start..end))
    }

    /// All words with single spaces between them.
    pub(super) fn joined(&self) -> Zeroizing<String> {
        let mut joined = String::with_capacity(self.text.len() + self.ends.len());
        for word in self.iter() {
            if !joined.is_empty() {
                joined.push(' ');
            }
            joined.push_str(word);
        }
        Zeroizing::new(joined)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(input: &str) -> Vec<String> {
        Words::split(input).iter().map(str::to_owned).collect()
    }

    #[test]
    fn only_letters_make_words() {
        assert_eq!(split("1.One, 2)TWO\n\tthree…four5five"), ["one", "two", "three", "four", "five"]);
        assert_eq!(Words::split(" a  b ").joined().as_str(), "a b");
        assert!(split("…123…").is_empty());
    }

    #[test]
    fn huge_input_is_counted_and_not_kept() {
        let words = Words::split(&"word ".repeat(100_000));
        assert_eq!(words.count(), 100_000);
        assert_eq!(words.iter().count(), KEPT_WORDS);
        let long = "x".repeat(1_000_000);
        assert_eq!(split(&long), ["x".repeat(KEPT_LETTERS)]);
    }
}

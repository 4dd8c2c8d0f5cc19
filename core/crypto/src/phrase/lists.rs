//! The two word lists.

use std::sync::LazyLock;

use bip39::Language;

/// A word list that phrases are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// The 1,626 words of the 13-word phrase; three letters tell them apart.
    Session,
    /// The 2,048 words of BIP39 English; four letters tell them apart.
    Bip39,
}

static SESSION: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| include_str!("../../data/words_english.txt").lines().collect());

impl List {
    /// All words, sorted.
    #[must_use]
    pub fn words(self) -> &'static [&'static str] {
        match self {
            Self::Session => &SESSION,
            Self::Bip39 => Language::English.word_list(),
        }
    }

    /// The other list.
    pub(super) fn other(self) -> Self {
        match self {
            Self::Session => Self::Bip39,
            Self::Bip39 => Self::Session,
        }
    }

    /// Whether a phrase of this list may hold the word: the first three letters decide in
    /// Session's list, the whole word in BIP39.
    pub(super) fn accepts(self, word: &str) -> bool {
        match self {
            Self::Session => session_index(word).is_some(),
            Self::Bip39 => self.contains(word),
        }
    }

    /// Whether the word stands in the list as it is.
    pub(super) fn contains(self, word: &str) -> bool {
        self.words().binary_search(&word).is_ok()
    }

    /// The list most words are of, if more are of one than of the other.
    pub(super) fn of_most<'a>(words: impl Iterator<Item = &'a str>) -> Option<Self> {
        let (mut session, mut bip39) = (0, 0);
        for word in words {
            let short = word.len() == SESSION_LETTERS && Self::Session.accepts(word);
            session += usize::from(short || Self::Session.contains(word));
            bip39 += usize::from(Self::Bip39.contains(word));
        }
        match session.cmp(&bip39) {
            std::cmp::Ordering::Less => Some(Self::Bip39),
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Greater => Some(Self::Session),
        }
    }
}

/// The letters of a word of Session's list that count.
pub(super) const SESSION_LETTERS: usize = 3;

/// The index in Session's list of the word that begins with the same three letters.
pub(super) fn session_index(word: &str) -> Option<usize> {
    let prefix = word.get(..SESSION_LETTERS)?;
    List::Session.words().binary_search_by(|known| known[..SESSION_LETTERS].cmp(prefix)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn both_lists_are_whole_and_sorted() {
        assert_eq!(List::Session.words().len(), 1626);
        assert_eq!(List::Bip39.words().len(), 2048);
        for list in [List::Session, List::Bip39] {
            assert!(list.words().is_sorted());
            let plain = |word: &&str| word.bytes().all(|byte| byte.is_ascii_lowercase());
            assert!(list.words().iter().all(plain));
        }
    }

    #[test]
    fn three_letters_tell_the_words_of_session_apart() {
        let prefixes: HashSet<_> = List::Session.words().iter().map(|word| &word[..3]).collect();
        assert_eq!(prefixes.len(), 1626);
        for (index, word) in List::Session.words().iter().enumerate() {
            assert_eq!(session_index(word), Some(index));
            assert_eq!(session_index(&word[..3]), Some(index));
        }
        assert_eq!(session_index("ab"), None);
        assert_eq!(session_index("äöü"), None);
    }
}

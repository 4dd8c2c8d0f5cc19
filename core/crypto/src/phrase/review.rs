//! Word by word: known, of the other list, or unknown and what may have been meant.

use zeroize::Zeroizing;

use super::nearest::nearest_in;
use super::split::Words;
use super::{List, PhraseError};

/// How many words are offered for an unknown one.
const OFFERS: usize = 3;

/// What a word of an unfinished phrase is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// A word of the list most words are of, or of any list while that is undecided.
    Known,
    /// A word that belongs to the other list.
    OtherList,
    /// A word of no list, with up to three that may have been meant, nearest first.
    Unknown(Vec<&'static str>),
}

/// A word as it was read, and what it is.
pub struct ReviewedWord {
    /// The word in lower case.
    pub word: Zeroizing<String>,
    /// What it is.
    pub mark: Mark,
}

/// Splits an unfinished phrase and looks every word up, to mark it while it is typed. At most 32
/// words come back.
#[must_use]
pub fn review(input: &str) -> Vec<ReviewedWord> {
    let words = Words::split(input);
    let list = List::of_most(words.iter());
    let reviewed =
        words.iter().map(|word| ReviewedWord { word: Zeroizing::new(word.to_owned()), mark: mark(word, list) });
    reviewed.collect()
}

/// The list of which most words of an unfinished phrase are, as soon as there is one: it tells how
/// many words are to come.
#[must_use]
pub fn list_of(input: &str) -> Option<List> {
    List::of_most(Words::split(input).iter())
}

fn mark(word: &str, list: Option<List>) -> Mark {
    let lists = match list {
        Some(list) => &[list][..],
        None => &[List::Session, List::Bip39][..],
    };
    if lists.iter().any(|list| list.accepts(word)) {
        return Mark::Known;
    }
    if list.is_some_and(|list| list.other().contains(word)) {
        return Mark::OtherList;
    }
    Mark::Unknown(nearest_in(lists, word, OFFERS))
}

/// Says what is wrong with words that are not all of the list: the first that is of no list, else
/// those that are of the other.
pub(super) fn explain<'a>(words: impl Iterator<Item = &'a str>, list: List) -> PhraseError {
    let mut foreign = Vec::new();
    for (index, word) in words.enumerate() {
        match mark(word, Some(list)) {
            Mark::Known => {}
            Mark::OtherList => foreign.push(index),
            Mark::Unknown(suggestions) => {
                return PhraseError::UnknownWord { index, word: word.to_owned(), suggestions };
            }
        }
    }
    PhraseError::MixedLists { list, foreign }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(input: &str) -> Vec<Mark> {
        review(input).into_iter().map(|word| word.mark).collect()
    }

    #[test]
    fn a_growing_phrase_is_marked_word_by_word() {
        assert_eq!(marks("abyss nouns"), [Mark::Known, Mark::Known]);
        assert_eq!(marks("pip aby nouns"), [Mark::Known, Mark::Known, Mark::Known]);
        let [_, Mark::Unknown(offers)] = &marks("happy hapy")[..] else {
            panic!("the second word is unknown");
        };
        assert_eq!(offers.first(), Some(&"happy"));
    }

    #[test]
    fn the_odd_word_out_is_marked() {
        let marked = marks("pipeline abyss nouns expire");
        assert_eq!(marked.last(), Some(&Mark::OtherList));
    }

    #[test]
    fn the_list_is_known_as_soon_as_most_words_are_of_one() {
        assert_eq!(list_of("expire gasp"), Some(List::Bip39));
        assert_eq!(list_of("pipeline nouns"), Some(List::Session));
        assert_eq!(list_of("qqq"), None);
    }

    #[test]
    fn words_come_back_in_lower_case() {
        let words = review("1. Abyss\n2. NOUNS");
        let words: Vec<_> = words.iter().map(|word| word.word.as_str()).collect();
        assert_eq!(words, ["abyss", "nouns"]);
    }
}

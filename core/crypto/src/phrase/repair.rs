//! The one slip that would explain a wrong checksum.

use zeroize::Zeroizing;

use super::session::{self, Indexes, PHRASE_WORDS};
use super::split::Words;
use super::{List, PhraseError};

/// A single change that makes a phrase right. Indexes count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repair {
    /// Another word in this place.
    Replace {
        /// Which word.
        index: usize,
        /// What it may have been.
        word: &'static str,
    },
    /// This word and the next in the other order.
    Swap {
        /// The first of the two.
        index: usize,
    },
}

impl Repair {
    /// The phrase with the change made, if it is a phrase of 13 known words.
    #[must_use]
    pub fn apply(self, input: &str) -> Option<Zeroizing<String>> {
        let mut indexes = session::read(&Words::split(input)).ok()?;
        match self {
            Self::Replace { index, word } => {
                *indexes.get_mut(index)? = List::Session.words().binary_search(&word).ok()?;
            }
            Self::Swap { index } if index + 1 < PHRASE_WORDS => indexes.swap(index, index + 1),
            Self::Swap { .. } => return None,
        }
        Some(session::join(&indexes))
    }
}

/// For a phrase of 13 known words with a wrong checksum: the single replaced word or swap of
/// neighbours that makes it right, when exactly one exists. To be offered, never to be made
/// silently.
///
/// The checksum tells only one in twelve phrases from another, so several changes fit as soon as
/// it still names a word of the phrase; then there is no answer.
#[must_use]
pub fn repair(input: &str) -> Option<Repair> {
    let words = Words::split(input);
    if session::decode(&words).err() != Some(PhraseError::Checksum) {
        return None;
    }
    let mut indexes = session::read(&words).ok()?;
    let mut only = None;
    for index in 0..PHRASE_WORDS {
        let typed = indexes[index];
        for (other, word) in List::Session.words().iter().enumerate() {
            indexes[index] = other;
            if other != typed && fits(&indexes) && only.replace(Repair::Replace { index, word }).is_some() {
                return None;
            }
        }
        indexes[index] = typed;
    }
    for index in 0..PHRASE_WORDS - 1 {
        indexes.swap(index, index + 1);
        // Equal neighbours swap to the phrase as it was, which does not fit.
        if fits(&indexes) && only.replace(Repair::Swap { index }).is_some() {
            return None;
        }
        indexes.swap(index, index + 1);
    }
    only
}

fn fits(indexes: &Indexes) -> bool {
    session::checksum(indexes) == indexes[PHRASE_WORDS - 1] && session::number_of(indexes).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seed;
    use crate::phrase::{parse, session13};

    /// Every phrase whose last word was mistyped as some other: whenever a repair is offered, it
    /// is applied to a valid phrase, and often enough it is the right one.
    #[test]
    fn a_wrong_last_word_is_often_found() {
        let mut offered = 0;
        for byte in 0..40 {
            let right = session13(&Seed::from_bytes([byte; 16]));
            let (twelve, _) = right.rsplit_once(' ').unwrap();
            let wrong = format!("{twelve} zoom");
            let Some(change) = repair(&wrong) else {
                continue;
            };
            let repaired = change.apply(&wrong).unwrap();
            assert!(parse(&repaired).is_ok());
            offered += usize::from(*repaired == *right);
        }
        assert!(offered > 4, "offered {offered} of 40");
    }

    #[test]
    fn what_is_right_or_hopeless_is_left_alone() {
        let right = session13(&Seed::from_bytes([1; 16]));
        assert_eq!(repair(&right), None);
        assert_eq!(repair("abyss nouns"), None);
        assert_eq!(repair(""), None);
        // The last word still names one of the twelve: very many changes fit.
        let words: Vec<_> = right.split(' ').collect();
        let another = words[..12].iter().find(|word| **word != words[12]).unwrap();
        let wrong = format!("{} {another}", words[..12].join(" "));
        assert_eq!(repair(&wrong), None);
    }

    #[test]
    fn a_change_outside_the_phrase_cannot_be_applied() {
        let right = session13(&Seed::from_bytes([1; 16]));
        assert!(Repair::Swap { index: 12 }.apply(&right).is_none());
        let word = "abyss";
        assert!(Repair::Replace { index: 13, word }.apply(&right).is_none());
        assert!(Repair::Replace { index: 1, word: "x" }.apply(&right).is_none());
    }
}

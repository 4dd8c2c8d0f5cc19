//! Why a phrase was refused, in enough detail to say it to a person.

use thiserror::Error;

use super::List;

/// What is wrong with a recovery phrase. Indexes count from 0.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PhraseError {
    /// Nothing was typed, or nothing that could be a word.
    #[error("there are no words")]
    Empty,
    /// Fewer words than a phrase has, or 12 of the list whose phrases have 13.
    #[error("a phrase has 13 or 12 words; this has {count}")]
    TooFewWords {
        /// How many were found.
        count: usize,
    },
    /// More words than a phrase has.
    #[error("a phrase has 13 or 12 words; this has {count}")]
    TooManyWords {
        /// How many were found.
        count: usize,
    },
    /// A word that stands in neither list.
    #[error("word {}, \"{word}\", is not in the list", index + 1)]
    UnknownWord {
        /// Which word.
        index: usize,
        /// The word as it was read: lower case, at most 32 letters.
        word: String,
        /// Up to three words of the list the phrase is of, nearest first.
        suggestions: Vec<&'static str>,
    },
    /// Words of two lists.
    #[error("some words belong to another word list")]
    MixedLists {
        /// The list most words are of.
        list: List,
        /// Which words belong to the other one.
        foreign: Vec<usize>,
    },
    /// Three words that stand for no number of 32 bits.
    #[error("these words do not stand for an account")]
    InvalidWords,
    /// All words are known, but one of them is wrong or two are swapped.
    #[error("one of these words is wrong, or two are swapped")]
    Checksum,
    /// An account ID instead of a secret.
    #[error("this is an account ID, not a recovery phrase")]
    AccountId,
}

impl PhraseError {
    /// The short stable name of this kind of error, as the test vectors spell it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Empty | Self::TooFewWords { .. } => "too_few_words",
            Self::TooManyWords { .. } => "too_many_words",
            Self::UnknownWord { .. } | Self::MixedLists { .. } => "unknown_word",
            Self::InvalidWords => "invalid_words",
            Self::Checksum => "checksum",
            Self::AccountId => "account_id",
        }
    }
}

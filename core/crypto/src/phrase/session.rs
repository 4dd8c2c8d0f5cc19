//! The phrase of 13 words (protocol: messages 1.3).
//!
//! Four bytes are three words, each counted from the one before; the thirteenth repeats one of
//! the twelve, chosen by their CRC-32.

use zeroize::Zeroizing;

use super::lists::{SESSION_LETTERS, session_index};
use super::review;
use super::split::Words;
use super::{List, PhraseError};
use crate::Seed;

const COUNT: u64 = 1626;
pub(super) const DATA_WORDS: usize = 12;
pub(super) const PHRASE_WORDS: usize = 13;

/// Indexes in the list of all words of a phrase.
pub(super) type Indexes = Zeroizing<[usize; PHRASE_WORDS]>;

pub(super) fn encode(seed: &Seed) -> Zeroizing<String> {
    let mut indexes = Zeroizing::new([0; PHRASE_WORDS]);
    for (bytes, words) in seed.as_bytes().chunks_exact(4).zip(indexes.chunks_exact_mut(3)) {
        let number = bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        let first = number % COUNT;
        let second = (number / COUNT + first) % COUNT;
        let third = (number / COUNT / COUNT + second) % COUNT;
        for (word, index) in words.iter_mut().zip([first, second, third]) {
            *word = usize::try_from(index).unwrap_or_default();
        }
    }
    indexes[DATA_WORDS] = checksum(&indexes);
    join(&indexes)
}

/// The words of these indexes, with single spaces between them.
pub(super) fn join(indexes: &Indexes) -> Zeroizing<String> {
    // Full size at once, so that no copy is left behind.
    let mut phrase = Zeroizing::new(String::with_capacity(PHRASE_WORDS * 16));
    for index in indexes.iter() {
        if !phrase.is_empty() {
            phrase.push(' ');
        }
        phrase.push_str(List::Session.words()[*index]);
    }
    phrase
}

/// Which index the thirteenth word must have.
pub(super) fn checksum(indexes: &Indexes) -> usize {
    let mut hash = crc32fast::Hasher::new();
    for index in &indexes[..DATA_WORDS] {
        hash.update(&List::Session.words()[*index].as_bytes()[..SESSION_LETTERS]);
    }
    let position = hash.finalize() as usize % DATA_WORDS;
    indexes[position]
}

pub(super) fn decode(words: &Words) -> Result<Seed, PhraseError> {
    let indexes = read(words)?;
    let seed = number_of(&indexes).ok_or(PhraseError::InvalidWords)?;
    if checksum(&indexes) == indexes[DATA_WORDS] { Ok(seed) } else { Err(PhraseError::Checksum) }
}

/// Finds all words in the list.
pub(super) fn read(words: &Words) -> Result<Indexes, PhraseError> {
    let count = words.count();
    match count {
        0 => return Err(PhraseError::Empty),
        1..PHRASE_WORDS => return Err(PhraseError::TooFewWords { count }),
        PHRASE_WORDS => {}
        _ => return Err(PhraseError::TooManyWords { count }),
    }
    let mut indexes = Zeroizing::new([0; PHRASE_WORDS]);
    for (index, word) in indexes.iter_mut().zip(words.iter()) {
        *index = session_index(word).ok_or_else(|| review::explain(words.iter(), List::Session))?;
    }
    Ok(indexes)
}

/// The seed that the first twelve words stand for, unless a triple is no number of 32 bits.
pub(super) fn number_of(indexes: &Indexes) -> Option<Seed> {
    let mut bytes = Zeroizing::new([0; 16]);
    for (out, words) in bytes.chunks_exact_mut(4).zip(indexes.chunks_exact(3)) {
        let [a, b, c] = [words[0] as u64, words[1] as u64, words[2] as u64];
        let step = |from: u64, to: u64| (to + COUNT - from) % COUNT;
        let number = a + COUNT * step(a, b) + COUNT * COUNT * step(b, c);
        out.copy_from_slice(&u32::try_from(number).ok()?.to_le_bytes());
    }
    Some(Seed::from_bytes(*bytes))
}

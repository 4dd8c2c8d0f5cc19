//! Recovery phrases: the 16 bytes of a [`Seed`] as words (protocol: messages 1.3, 1.4).
//!
//! Two forms stand for the same account: 13 words of the list all Session apps know, and 12 words
//! of BIP39, taken as entropy. [`parse`] tells them apart, never guesses and never corrects
//! silently; what it refuses, it explains.

mod bip;
mod error;
mod lists;
mod nearest;
mod repair;
mod review;
mod session;
mod split;

use zeroize::{Zeroize, Zeroizing};

use crate::Seed;
use split::Words;

pub use error::PhraseError;
pub use lists::List;
pub use nearest::{complete, nearest};
pub use repair::{Repair, repair};
pub use review::{Mark, ReviewedWord, list_of, review};

/// Which form a seed was given in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 13 words of Session's list.
    Session13,
    /// 12 words of the BIP39 English list.
    Bip39_12,
    /// 32 hexadecimal characters.
    HexSeed,
}

impl Kind {
    /// The short stable name, as the test vectors spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Session13 => "session13",
            Self::Bip39_12 => "bip39_12",
            Self::HexSeed => "hex_seed",
        }
    }
}

/// A seed read from what somebody typed.
pub struct Parsed {
    /// The form it was given in.
    pub kind: Kind,
    /// The account.
    pub seed: Seed,
}

/// Reads whatever the restore field may hold: 13 words, 12 words or the seed in hexadecimal.
///
/// Capitals, numbers, punctuation and white space between the words do not matter. Of the words
/// of Session's list only the first three letters count.
///
/// # Errors
/// [`PhraseError`] says what is wrong and with which word.
pub fn parse(input: &str) -> Result<Parsed, PhraseError> {
    let trimmed = input.trim();
    if let Some(seed) = hex_seed(trimmed) {
        return Ok(Parsed { kind: Kind::HexSeed, seed });
    }
    if is_account_id(trimmed) {
        return Err(PhraseError::AccountId);
    }
    let words = Words::split(input);
    let (kind, seed) = match words.count() {
        12 => (Kind::Bip39_12, bip::decode(&words)?),
        _ => (Kind::Session13, session::decode(&words)?),
    };
    Ok(Parsed { kind, seed })
}

/// Reads a phrase of 13 words, and that form alone (protocol: messages 1.3).
///
/// # Errors
/// [`PhraseError`], in the order of the protocol: count, unknown word, impossible words, checksum.
pub fn parse_session13(input: &str) -> Result<Seed, PhraseError> {
    session::decode(&Words::split(input))
}

/// The 13 words that every Session app takes.
#[must_use]
pub fn session13(seed: &Seed) -> Zeroizing<String> {
    session::encode(seed)
}

/// The 12 BIP39 words of the same account.
#[must_use]
pub fn bip39(seed: &Seed) -> Zeroizing<String> {
    bip::encode(seed)
}

fn hex_seed(text: &str) -> Option<Seed> {
    let digits = text.as_bytes();
    if digits.len() != 32 {
        return None;
    }
    let mut bytes = [0; 16];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let high = char::from(pair[0]).to_digit(16)?;
        let low = char::from(pair[1]).to_digit(16)?;
        *byte = u8::try_from(high << 4 | low).ok()?;
    }
    let seed = Seed::from_bytes(bytes);
    bytes.zeroize();
    Some(seed)
}

fn is_account_id(text: &str) -> bool {
    let known = ["05", "03", "15", "25"].iter().any(|id| text.starts_with(id));
    known && text.len() == 66 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS13: &str = "pipeline abyss nouns cobra upgrade august apex venomous lullaby online \
                           cease cafe apex";
    const WORDS12: &str = "expire gasp topic end captain noise diagram master neutral narrow toss \
                           wish";
    const HEX: &str = "506c079424c2232b8f3c4594f26396fe";

    fn seed_of(input: &str) -> Result<(Kind, String), PhraseError> {
        parse(input).map(|parsed| (parsed.kind, hex::encode(parsed.seed.as_bytes())))
    }

    #[test]
    fn three_forms_stand_for_one_account() {
        let expected = |kind| Ok((kind, HEX.to_owned()));
        assert_eq!(seed_of(WORDS13), expected(Kind::Session13));
        assert_eq!(seed_of(WORDS12), expected(Kind::Bip39_12));
        assert_eq!(seed_of(HEX), expected(Kind::HexSeed));
        let seed = parse(WORDS13).ok().map(|parsed| parsed.seed).unwrap();
        assert_eq!(*session13(&seed), WORDS13);
        assert_eq!(*bip39(&seed), WORDS12);
    }

    #[test]
    fn the_way_it_is_written_does_not_matter() {
        let shouted = WORDS13.to_uppercase().replace(' ', "  \n");
        let numbered: String =
            WORDS12.split(' ').enumerate().map(|(n, word)| format!("{}. {word},\r\n", n + 1)).collect();
        for (input, kind) in [
            (shouted, Kind::Session13),
            (numbered, Kind::Bip39_12),
            (format!(" {}\t", HEX.to_uppercase()), Kind::HexSeed),
        ] {
            assert_eq!(seed_of(&input), Ok((kind, HEX.to_owned())));
        }
    }

    #[test]
    fn nothing_typed_is_no_phrase() {
        for input in ["", " \n", "1. 2. 3.", "ß ж 漢"] {
            assert_eq!(seed_of(input), Err(PhraseError::Empty));
        }
    }

    #[test]
    fn an_account_id_is_no_secret() {
        for prefix in ["05", "03", "15", "25"] {
            let id = format!(" {prefix}{}A ", "0".repeat(63));
            assert_eq!(seed_of(&id), Err(PhraseError::AccountId));
        }
    }

    #[test]
    fn the_count_is_said() {
        let too_few = |count| Err(PhraseError::TooFewWords { count });
        assert_eq!(seed_of("pipeline abyss"), too_few(2));
        let (twelve, _) = WORDS13.rsplit_once(' ').unwrap();
        assert_eq!(seed_of(twelve), too_few(12));
        let twice = format!("{WORDS13} {WORDS13}");
        assert_eq!(seed_of(&twice), Err(PhraseError::TooManyWords { count: 26 }));
    }

    #[test]
    fn the_unknown_word_is_named_with_its_neighbours() {
        let typo = WORDS13.replace("upgrade", "qpgrade");
        let Err(PhraseError::UnknownWord { index, word, suggestions }) = seed_of(&typo) else {
            panic!("the word should be unknown");
        };
        assert_eq!((index, word.as_str()), (4, "qpgrade"));
        assert_eq!(suggestions, ["upgrade"]);

        let typo = WORDS12.replace("captain", "kaptain");
        let Err(PhraseError::UnknownWord { index, suggestions, .. }) = seed_of(&typo) else {
            panic!("the word should be unknown");
        };
        assert_eq!(index, 4);
        assert_eq!(suggestions.first(), Some(&"captain"));
    }

    #[test]
    fn words_of_the_other_list_are_pointed_at() {
        // Three letters decide in Session's list: "gasp" is read as a word of it, "expire" not.
        let mixed = WORDS13.replace("cobra", "expire").replace("cafe", "gasp");
        let Err(error) = seed_of(&mixed) else {
            panic!("mixed lists should be refused");
        };
        assert_eq!(error, PhraseError::MixedLists { list: List::Session, foreign: vec![3] });
        assert_eq!(error.kind(), "unknown_word");
        let mixed = WORDS12.replace("topic", "abyss");
        assert_eq!(seed_of(&mixed), Err(PhraseError::MixedLists { list: List::Bip39, foreign: vec![2] }));
    }

    #[test]
    fn wrong_checksums_are_told_from_wrong_words() {
        let swapped = WORDS13.replace("pipeline abyss", "abyss pipeline");
        assert_eq!(seed_of(&swapped), Err(PhraseError::Checksum));
        let other = WORDS12.replace("wish", "abandon");
        assert_eq!(seed_of(&other), Err(PhraseError::Checksum));
        let overflow = WORDS13.replace("pipeline abyss nouns", "zoom zones zombie");
        assert_eq!(seed_of(&overflow), Err(PhraseError::InvalidWords));
    }
}

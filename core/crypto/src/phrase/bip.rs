//! The phrase of 12 BIP39 words: the seed is taken as entropy (protocol: messages 1.4).

use bip39::{Language, Mnemonic};
use zeroize::Zeroizing;

use super::review;
use super::split::Words;
use super::{List, PhraseError};
use crate::Seed;

pub(super) fn encode(seed: &Seed) -> Zeroizing<String> {
    let mut phrase = Zeroizing::new(String::with_capacity(12 * 9));
    // 16 bytes are an entropy of a valid size: this never fails.
    if let Ok(mnemonic) = Mnemonic::from_entropy(seed.as_bytes()) {
        for word in mnemonic.words() {
            if !phrase.is_empty() {
                phrase.push(' ');
            }
            phrase.push_str(word);
        }
    }
    phrase
}

/// Reads 12 words. Those of Session's list alone are a phrase that lacks its thirteenth.
pub(super) fn decode(words: &Words) -> Result<Seed, PhraseError> {
    if !words.iter().all(|word| List::Bip39.accepts(word)) {
        if words.iter().all(|word| List::Session.accepts(word)) {
            return Err(PhraseError::TooFewWords { count: words.count() });
        }
        let list = List::of_most(words.iter()).unwrap_or(List::Bip39);
        return Err(review::explain(words.iter(), list));
    }
    let mnemonic =
        Mnemonic::parse_in_normalized(Language::English, &words.joined()).map_err(|_| PhraseError::Checksum)?;
    let (entropy, size) = mnemonic.to_entropy_array();
    let entropy = Zeroizing::new(entropy);
    let bytes = entropy[..size].try_into().map_err(|_| PhraseError::InvalidWords)?;
    Ok(Seed::from_bytes(bytes))
}

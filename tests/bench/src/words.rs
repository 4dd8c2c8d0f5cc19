//! Texts like those of people in what matters here: few words make up most of what is said, and
//! many words begin alike.

use std::fmt::Write as _;

use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _};

/// Words of the language. A word of rank r is said with a probability of about 1/r.
const WORDS: f64 = 50_000.0;
/// In every tenth message.
pub const COMMON: u32 = 10;
/// In as few messages as the filling puts it into.
pub const RARE: &str = "zymurgy";

/// A word of three syllables of two letters each.
pub fn word(rank: u32) -> String {
    // Scattered, so that common words stand among rare ones that begin alike.
    let mut number = u64::from(rank) * 387_420_489 % 1_000_003;
    let mut word = String::with_capacity(6);
    for _ in 0..3 {
        word.push(char::from(b"bcdfghjklmnprstvwxyz"[(number % 20) as usize]));
        word.push(char::from(b"aeiou"[(number / 20 % 5) as usize]));
        number /= 100;
    }
    word
}

/// 4 to 20 words.
pub fn text(rng: &mut StdRng) -> String {
    let mut text = String::new();
    for at in 0..4 + rng.next_u32() % 17 {
        let rank = WORDS.powf(rng.random::<f64>());
        // Positive and small: only the fraction is dropped.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let word = word(rank as u32);
        let _ = write!(text, "{}{word}", if at == 0 { "" } else { " " }); // a String takes everything
    }
    text
}

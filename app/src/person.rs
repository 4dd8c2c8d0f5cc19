//! How people are shown: initials, a colour, a short form of the account ID.

use tacit_ui::Person;
use tacit_wire::AccountId;
use unicode_segmentation::UnicodeSegmentation as _;

/// One or two letters: of the first and the last word of a name, else of the ID.
pub(crate) fn initials(name: &str, id: Option<&AccountId>) -> String {
    let letter = |word: &str| {
        let readable = |grapheme: &&str| grapheme.chars().any(|c| c.is_alphanumeric() || u32::from(c) > 0x2190);
        word.graphemes(true).find(readable).map(str::to_uppercase)
    };
    let mut letters = name.split_whitespace().filter_map(letter);
    match (letters.next(), letters.next_back()) {
        // Two emoji do not fit into a disc.
        (Some(first), Some(last)) if emojis::get(&first).is_none() && emojis::get(&last).is_none() => first + &last,
        (Some(first), _) => first,
        (None, _) => id.map(|id| id.to_hex()[2..4].to_owned()).unwrap_or_default(),
    }
}

/// The colour of an account, 0 to 9: a hash of its ID.
pub(crate) fn tone(id: &AccountId) -> i32 {
    const OFFSET: u32 = 0x811c_9dc5;
    const PRIME: u32 = 0x0100_0193;
    let hash = id.as_bytes().iter().fold(OFFSET, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(PRIME));
    (hash % 10).cast_signed()
}

/// `05d8…b403`.
pub(crate) fn short_id(id: &AccountId) -> String {
    let hex = id.to_hex();
    format!("{}…{}", &hex[..4], &hex[hex.len() - 4..])
}

/// The name that is shown: the known one, made safe to stand in a line; else the short ID.
pub(crate) fn shown_name(name: &str, id: &AccountId) -> String {
    let shown = tacit_client::text::safe_display(name);
    if shown.is_empty() { short_id(id) } else { shown }
}

/// Somebody, for the screens.
pub(crate) fn person(name: &str, id: &AccountId) -> Person {
    Person {
        id: id.to_hex().into(),
        name: shown_name(name, id).into(),
        initials: initials(name, Some(id)).into(),
        tone: tone(id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_of_the_first_and_the_last_word() {
        let id = AccountId::from_x25519(&[0xab; 32]);
        for (name, expected) in [
            ("Mara Winter", "MW"),
            ("ines", "I"),
            ("Ana María de la Cruz", "AC"),
            ("(Jo) \u{2068}", "J"),
            ("élodie", "É"),
            ("مريم", "م"),
            ("🦊", "🦊"),
            ("🦊 Fox", "🦊"),
            ("", "ab"),
            (" - ", "ab"),
        ] {
            assert_eq!(initials(name, Some(&id)), expected, "{name:?}");
        }
        assert_eq!(initials("", None), "");
    }

    #[test]
    fn a_nameless_person_is_shown_by_the_id() {
        let id = AccountId::from_x25519(&[0xab; 32]);
        assert_eq!(shown_name(" ", &id), "05ab…abab");
        assert_eq!(shown_name("Ines\u{202e}x", &id), "\u{2068}Inesx\u{2069}");
        assert!((0..10).contains(&tone(&id)));
    }
}

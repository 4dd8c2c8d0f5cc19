//! Mentions in text: `@` and an ID (protocol: messages 4.3).

use std::ops::Range;

use crate::{AccountId, Prefix};

/// One mention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// Bytes of the text that it takes, the `@` included.
    pub range: Range<usize>,
    /// Who is meant.
    pub id: AccountId,
}

/// All mentions of accounts (05) and blinded accounts (15, 25), in their order.
#[must_use]
pub fn find(text: &str) -> Vec<Mention> {
    let mut mentions = Vec::new();
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find('@')) {
        let start = at + found;
        let end = start + 1 + AccountId::HEX_LENGTH;
        at = start + 1;
        // `get` is `None` when the end lies past the text or inside a character.
        let Some(digits) = text.get(start + 1..end) else { continue };
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            continue;
        }
        at = end;
        if let Ok(id) = digits.parse::<AccountId>()
            && matches!(id.prefix(), Prefix::Account | Prefix::Blinded15 | Prefix::Blinded25)
        {
            mentions.push(Mention { range: start..end, id });
        }
    }
    mentions
}

/// The text of a mention.
#[must_use]
pub fn text(id: &AccountId) -> String {
    format!("@{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mention_is_found_between_any_characters() {
        let id = AccountId::from_x25519(&[0xab; 32]);
        let line = format!("é@{id}é @@{id}");
        let found = find(&line);
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|mention| mention.id == id && line[mention.range.clone()] == text(&id)));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text: String, tail in "@[0-9a-f@é]{0,70}") {
            let _ = find(&format!("{text}{tail}"));
        }
    }
}

//! Names of people and groups (protocol: messages 4.11): bounded in bytes, cut between
//! characters.

/// Longest display name, nickname or group name, in bytes.
pub const MAX_NAME: usize = 100;
/// Longest URL of a profile picture, in bytes.
pub const MAX_PICTURE_URL: usize = 223;

/// The part of `name` that is stored: at most [`MAX_NAME`] bytes of whole characters.
#[must_use]
pub fn cut(name: &str) -> &str {
    cut_to(name, MAX_NAME)
}

/// At most `limit` bytes of whole characters.
#[must_use]
pub fn cut_to(text: &str, limit: usize) -> &str {
    let end = (0..=limit.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn a_cut_name_is_the_longest_start_that_fits(name in "\\PC{0,120}") {
            let kept = cut(&name);
            proptest::prop_assert!(kept.len() <= MAX_NAME && name.starts_with(kept));
            let next = name[kept.len()..].chars().next();
            proptest::prop_assert!(next.is_none_or(|next| kept.len() + next.len_utf8() > MAX_NAME));
        }
    }
}

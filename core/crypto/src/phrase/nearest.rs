//! Words to offer: completions of what is typed, neighbours of what is unknown.

use super::List;

/// How far off a word may be to be offered.
const FAR: usize = 2;
/// No word of a list is longer than this, give or take [`FAR`].
const LONGEST: usize = 16;
/// Letters that must be typed before completions count as neighbours.
const COMPLETES: usize = 2;

/// Words of both lists that begin with what is typed, in alphabetical order.
#[must_use]
pub fn complete(prefix: &str, limit: usize) -> Vec<&'static str> {
    let prefix = prefix.trim().to_lowercase();
    if prefix.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<_> =
        [List::Session, List::Bip39].iter().flat_map(|list| beginning_with(*list, &prefix).iter().copied()).collect();
    found.sort_unstable();
    found.dedup();
    found.truncate(limit);
    found
}

/// The words of both lists that are nearest to this one: at most two letters wrong, missing, too
/// many or swapped.
#[must_use]
pub fn nearest(word: &str, limit: usize) -> Vec<&'static str> {
    let word = word.trim().to_lowercase();
    nearest_in(&[List::Session, List::Bip39], &word, limit)
}

pub(super) fn nearest_in(lists: &[List], word: &str, limit: usize) -> Vec<&'static str> {
    if word.len() > LONGEST + FAR {
        return Vec::new();
    }
    let mut found: Vec<_> = lists
        .iter()
        .flat_map(|list| list.words())
        .filter_map(|known| rank(word, known).map(|rank| (rank, *known)))
        .collect();
    found.sort_unstable();
    found.dedup();
    found.truncate(limit);
    found.into_iter().map(|(_, known)| known).collect()
}

/// Smaller is nearer: first by distance, then words with the same first letter.
fn rank(word: &str, known: &str) -> Option<(usize, bool)> {
    if word.len() >= COMPLETES && known.starts_with(word) {
        return Some((0, false));
    }
    let distance = distance(word.as_bytes(), known.as_bytes())?;
    // A short word is as near to everything: two wrong letters of three are another word.
    if distance >= word.len().saturating_sub(1) {
        return None;
    }
    Some((distance, word.as_bytes().first() != known.as_bytes().first()))
}

fn beginning_with(list: List, prefix: &str) -> &'static [&'static str] {
    let words = list.words();
    let start = words.partition_point(|word| *word < prefix);
    let length = words[start..].partition_point(|word| word.starts_with(prefix));
    &words[start..start + length]
}

/// Edits between the words, a swap of neighbours counting as one (optimal string alignment), if
/// no more than [`FAR`].
fn distance(a: &[u8], b: &[u8]) -> Option<usize> {
    if a.len().abs_diff(b.len()) > FAR || b.len() > LONGEST + FAR {
        return None;
    }
    let mut rows = [[0usize; LONGEST + FAR + 1]; 3];
    for (column, cell) in rows[0].iter_mut().enumerate() {
        *cell = column;
    }
    for i in 1..=a.len() {
        let (now, last, before) = (i % 3, (i + 2) % 3, (i + 1) % 3);
        rows[now][0] = i;
        let mut least = i;
        for j in 1..=b.len() {
            let change = rows[last][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = change.min(rows[last][j] + 1).min(rows[now][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[before][j - 2] + 1);
            }
            rows[now][j] = best;
            least = least.min(best);
        }
        if least > FAR {
            return None;
        }
    }
    Some(rows[a.len() % 3][b.len()]).filter(|distance| *distance <= FAR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_edits_and_swaps() {
        for (a, b, expected) in [
            ("happy", "happy", Some(0)),
            ("hapy", "happy", Some(1)),
            ("hpapy", "happy", Some(1)),
            ("hppay", "happy", Some(2)),
            ("xappx", "happy", Some(2)),
            ("happyyy", "happy", Some(2)),
            ("", "ab", Some(2)),
            ("sad", "happy", None),
            ("abcdef", "ghijkl", None),
        ] {
            assert_eq!(distance(a.as_bytes(), b.as_bytes()), expected, "{a} {b}");
        }
    }

    #[test]
    fn typing_offers_words_of_both_lists() {
        assert_eq!(complete("abys", 5), ["abyss"]);
        assert_eq!(complete(" ABAN", 5), ["abandon"]);
        assert_eq!(complete("ab", 3).len(), 3);
        assert!(complete("", 5).is_empty());
        assert!(complete("qqq", 5).is_empty());
        assert!(complete("zzzzzz", 5).is_empty());
    }

    #[test]
    fn the_nearest_word_comes_first() {
        assert_eq!(nearest("hapy", 3).first(), Some(&"happy"));
        assert_eq!(nearest("expi", 3).first(), Some(&"expire"));
        assert_eq!(nearest("Lulaby", 3).first(), Some(&"lullaby"));
        assert!(nearest("qqqqq", 3).is_empty());
        assert!(nearest("", 3).is_empty());
        assert!(nearest(&"x".repeat(10_000), 3).is_empty());
    }
}

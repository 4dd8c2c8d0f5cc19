//! `Range: bytes=…` (RFC 9110, 14.2): one range of a whole, anything else is ignored.

use std::ops::Range;

/// Which part is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Everything: no range was asked for, or none that is understood.
    Whole,
    /// These bytes.
    Some(Range<u64>),
    /// None of the bytes that there are.
    Unsatisfiable,
}

/// Reads the header for a whole of `size` bytes.
pub(crate) fn part(header: Option<&str>, size: u64) -> Part {
    let Some((first, last)) = header.and_then(|text| text.trim().strip_prefix("bytes=")?.split_once('-')) else {
        return Part::Whole;
    };
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        // More digits than fit mean more bytes than there are.
        digits.then(|| text.parse::<u64>().unwrap_or(u64::MAX))
    };
    let (start, end) = match (number(first), number(last)) {
        (Some(start), None) if last.is_empty() => (start, size),
        (Some(start), Some(last)) if start <= last => (start, last.saturating_add(1).min(size)),
        (None, Some(count)) if first.is_empty() => (if count == 0 { size } else { size.saturating_sub(count) }, size),
        _ => return Part::Whole,
    };
    if start < end { Part::Some(start..end) } else { Part::Unsatisfiable }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_understood() {
        for (header, expected) in [
            ("bytes=0-3", Part::Some(0..4)),
            ("bytes=4-", Part::Some(4..10)),
            ("bytes=-3", Part::Some(7..10)),
            ("bytes=-30", Part::Some(0..10)),
            ("bytes=8-99999999999999999999999", Part::Some(8..10)),
            ("bytes=10-", Part::Unsatisfiable),
            ("bytes=-0", Part::Unsatisfiable),
            ("bytes=99999999999999999999999-", Part::Unsatisfiable),
            ("bytes=3-1", Part::Whole),
            ("bytes=0-1,3-4", Part::Whole),
            ("bytes=-", Part::Whole),
            ("bytes=a-b", Part::Whole),
            ("lines=0-1", Part::Whole),
        ] {
            assert_eq!(part(Some(header), 10), expected, "{header}");
        }
        assert_eq!(part(None, 10), Part::Whole);
    }

    proptest::proptest! {
        #[test]
        fn never_outside(header: String, numbers in "bytes=[0-9]{0,4}-[0-9]{0,4}", size in 0_u64..2000) {
            for header in [header, numbers] {
                if let Part::Some(range) = part(Some(&header), size) {
                    proptest::prop_assert!(range.start < range.end && range.end <= size);
                }
            }
        }
    }
}

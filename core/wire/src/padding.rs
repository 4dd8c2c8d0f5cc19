//! Padding of message content (protocol: messages 2.1, 2.2 step 7): 0x80, then zeros up to a
//! multiple of 160 bytes, so that lengths tell little.

const BLOCK: usize = 160;
const MARK: u8 = 0x80;

/// Content, 0x80, zeros; always at least two bytes longer than the content.
#[must_use]
pub fn pad(content: &[u8]) -> Vec<u8> {
    let length = ((content.len() + 1) / BLOCK + 1) * BLOCK;
    let mut padded = Vec::with_capacity(length);
    padded.extend_from_slice(content);
    padded.push(MARK);
    padded.resize(length, 0);
    padded
}

/// Cuts the last 0x80 that only zeros follow. Without one the content counts as unpadded;
/// zeros at its end are cut all the same, as everybody does.
#[must_use]
pub fn unpad(padded: &[u8]) -> &[u8] {
    let end = padded.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let cut = &padded[..end];
    cut.strip_suffix(&[MARK]).unwrap_or(cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn content_survives_whatever_it_ends_in(
            mut content: Vec<u8>,
            end in proptest::sample::select(vec![0u8, 0x80, 1]),
        ) {
            content.push(end);
            let padded = pad(&content);
            proptest::prop_assert_eq!(padded.len() % 160, 0);
            proptest::prop_assert!(padded.len() > content.len() + 1);
            proptest::prop_assert_eq!(unpad(&padded), content);
        }

        #[test]
        fn unpad_never_panics(padded: Vec<u8>) {
            let _ = unpad(&padded);
        }
    }
}

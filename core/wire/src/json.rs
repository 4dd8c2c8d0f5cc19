//! JSON from outside: measured before it is parsed, since nesting costs stack and every
//! value costs many times its text in memory.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Error;

/// What a JSON text may cost.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Length of the text in bytes.
    pub bytes: usize,
    /// Levels of arrays and objects.
    pub depth: usize,
    /// Elements of arrays and objects altogether.
    pub elements: usize,
}

impl Limits {
    /// A storage request: a batch of 20 stores of the largest size, or of 20 requests over
    /// 1,000 hashes each with an expiry of its own.
    pub const REQUEST: Self = Self { bytes: 2_200_000, depth: 16, elements: 65_536 };
    /// The answer of a node: as large as an onion answer may be.
    pub const ANSWER: Self = Self { bytes: 12 << 20, depth: 16, elements: 400_000 };
    /// The small JSON that steers one onion layer.
    pub const CONTROL: Self = Self { bytes: 8_192, depth: 4, elements: 64 };
}

/// Parses `text` within `limits`. Of duplicate keys the last counts.
///
/// # Errors
/// [`Error::TooLong`] above the byte limit, [`Error::Json`] for everything else.
pub fn parse(text: &[u8], limits: Limits) -> Result<Value, Error> {
    parse_as(text, limits)
}

/// As [`parse`], into a type.
///
/// # Errors
/// As [`parse`]; also when the text is JSON of another shape.
pub fn parse_as<T: DeserializeOwned>(text: &[u8], limits: Limits) -> Result<T, Error> {
    if text.len() > limits.bytes {
        return Err(Error::too_long("JSON", limits.bytes));
    }
    if !within(text, limits) {
        return Err(Error::Json);
    }
    serde_json::from_slice(text).map_err(|_| Error::Json)
}

/// Whether nesting and number of elements stay within limits. Looks at brackets and commas
/// outside strings only; text that is no JSON may pass, the parser refuses it.
fn within(text: &[u8], limits: Limits) -> bool {
    let (mut depth, mut elements) = (0_usize, 0_usize);
    let (mut in_string, mut escaped) = (false, false);
    for &byte in text {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'[' | b'{' => {
                depth += 1;
                elements += 1;
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' => elements += 1,
            _ => {}
        }
        if depth > limits.depth || elements > limits.elements {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_is_refused_before_parsing() {
        let nested = |n: usize| format!("{}1{}", "[".repeat(n), "]".repeat(n));
        assert!(parse(nested(16).as_bytes(), Limits::REQUEST).is_ok());
        assert_eq!(parse(nested(17).as_bytes(), Limits::REQUEST), Err(Error::Json));
        assert_eq!(parse(nested(100_000).as_bytes(), Limits::REQUEST), Err(Error::Json));
    }

    #[test]
    fn brackets_in_strings_do_not_count() {
        let text = format!(r#"["{}\"[[[[", 1]"#, "[{".repeat(50));
        assert!(parse(text.as_bytes(), Limits::REQUEST).is_ok());
    }

    #[test]
    fn millions_of_small_values_are_refused() {
        let text = format!("[{}1]", "1,".repeat(70_000));
        assert_eq!(parse(text.as_bytes(), Limits::REQUEST), Err(Error::Json));
    }

    #[test]
    fn of_duplicate_keys_the_last_counts() {
        let value = parse(br#"{"a":1,"a":2}"#, Limits::REQUEST).unwrap();
        assert_eq!(value["a"], 2);
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text: Vec<u8>) {
            let _ = parse(&text, Limits::REQUEST);
        }
    }
}

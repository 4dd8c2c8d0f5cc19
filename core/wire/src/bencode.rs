//! Bencoding, as dictionaries and lists of the protocol use it (protocol: messages 2.3, 7,
//! network 4.6): integers `i1e`, byte strings `3:abc`, lists `l…e`, dictionaries `d…e` with
//! keys in ascending order, each once.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::Error;

pub mod loose;

/// Levels of lists and dictionaries that are read.
pub const MAX_DEPTH: usize = 10;
/// Values that are read from one text.
pub const MAX_VALUES: usize = 65_536;

/// A value; byte strings are borrowed from what was parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// A whole number.
    Integer(i64),
    /// A byte string.
    Bytes(Cow<'a, [u8]>),
    /// A list.
    List(Vec<Value<'a>>),
    /// A dictionary.
    Dictionary(BTreeMap<Cow<'a, [u8]>, Value<'a>>),
}

impl<'a> Value<'a> {
    /// A byte string.
    #[must_use]
    pub fn bytes(bytes: &'a [u8]) -> Self {
        Self::Bytes(Cow::Borrowed(bytes))
    }

    /// Reads one value that fills `text` wholly.
    ///
    /// # Errors
    /// When `text` is not in the one right form, or passes [`MAX_DEPTH`] or [`MAX_VALUES`].
    pub fn parse(text: &'a [u8]) -> Result<Self, Error> {
        Self::parse_up_to(text, MAX_VALUES)
    }

    /// As [`Value::parse`], with so many values at most.
    ///
    /// # Errors
    /// As [`Value::parse`].
    pub fn parse_up_to(text: &'a [u8], values: usize) -> Result<Self, Error> {
        let mut reader = Reader { rest: text, left: values };
        match reader.value(0) {
            Some(value) if reader.rest.is_empty() => Ok(value),
            _ => Err(Error::malformed("bencoded value")),
        }
    }

    /// Writes the value.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }

    /// The number, if it is one.
    #[must_use]
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// The byte string, if it is one.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The list, if it is one.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Value<'a>]> {
        match self {
            Self::List(list) => Some(list),
            _ => None,
        }
    }

    /// The value under `key`, if this is a dictionary that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value<'a>> {
        match self {
            Self::Dictionary(entries) => entries.get(key.as_bytes()),
            _ => None,
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Integer(number) => out.extend_from_slice(format!("i{number}e").as_bytes()),
            Self::Bytes(bytes) => write_bytes(bytes, out),
            Self::List(list) => {
                out.push(b'l');
                list.iter().for_each(|value| value.write(out));
                out.push(b'e');
            }
            Self::Dictionary(entries) => {
                out.push(b'd');
                for (key, value) in entries {
                    write_bytes(key, out);
                    value.write(out);
                }
                out.push(b'e');
            }
        }
    }
}

/// A dictionary from its entries.
impl<'a, const N: usize> From<[(&'a str, Value<'a>); N]> for Value<'a> {
    fn from(entries: [(&'a str, Value<'a>); N]) -> Self {
        Self::Dictionary(entries.into_iter().map(|(key, value)| (Cow::Borrowed(key.as_bytes()), value)).collect())
    }
}

/// Writes a byte string: its length, a colon, the bytes.
pub fn write_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(format!("{}:", bytes.len()).as_bytes());
    out.extend_from_slice(bytes);
}

/// Cannot read past the end: whatever is not there is `None`.
struct Reader<'a> {
    rest: &'a [u8],
    /// Values that may still come.
    left: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Option<Value<'a>> {
        self.left = self.left.checked_sub(1)?;
        match *self.rest.first()? {
            b'i' => {
                self.take(1)?;
                let number = integer(self.until(b'e', 20)?)?;
                Some(Value::Integer(number))
            }
            b'0'..=b'9' => Some(Value::Bytes(Cow::Borrowed(self.string()?))),
            b'l' if depth < MAX_DEPTH => {
                self.take(1)?;
                let mut list = Vec::new();
                while !self.ends()? {
                    list.push(self.value(depth + 1)?);
                }
                Some(Value::List(list))
            }
            b'd' if depth < MAX_DEPTH => {
                self.take(1)?;
                let mut entries = BTreeMap::new();
                let mut last: Option<&[u8]> = None;
                while !self.ends()? {
                    let key = self.string()?;
                    if last.is_some_and(|last| last >= key) {
                        return None;
                    }
                    last = Some(key);
                    entries.insert(Cow::Borrowed(key), self.value(depth + 1)?);
                }
                Some(Value::Dictionary(entries))
            }
            _ => None,
        }
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    /// Takes the `e` of a list or dictionary if it stands here; `None` at the end of the text.
    fn ends(&mut self) -> Option<bool> {
        let ends = *self.rest.first()? == b'e';
        if ends {
            self.take(1)?;
        }
        Some(ends)
    }

    /// What stands before `end`, at most `limit` bytes; takes `end` too.
    fn until(&mut self, end: u8, limit: usize) -> Option<&'a [u8]> {
        let length = self.rest.iter().take(limit + 1).position(|byte| *byte == end)?;
        let taken = self.take(length)?;
        self.take(1)?;
        Some(taken)
    }

    fn string(&mut self) -> Option<&'a [u8]> {
        let length = integer(self.until(b':', 10)?)?;
        self.take(usize::try_from(length).ok()?)
    }
}

/// A number in its one right form: no plus sign, no leading zeros, no −0.
fn integer(digits: &[u8]) -> Option<i64> {
    let plain = digits.strip_prefix(b"-").unwrap_or(digits);
    let zero = plain == b"0";
    if plain.is_empty()
        || !plain.iter().all(u8::is_ascii_digit)
        || (plain[0] == b'0' && !zero)
        || (zero && digits != b"0")
    {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_four_kinds_in_their_right_form() {
        let text = b"d1:ai-5e1:bli0e3:xyzee";
        let value = Value::parse(text).unwrap();
        assert_eq!(value.get("a").unwrap().as_integer(), Some(-5));
        assert_eq!(value.get("b").unwrap().as_list().unwrap()[1].as_bytes(), Some(b"xyz".as_slice()));
        assert_eq!(value.to_bytes(), text);
    }

    #[test]
    fn every_other_form_is_refused() {
        let wrong: [&[u8]; 16] = [
            b"",
            b"i5",
            b"ie",
            b"i-0e",
            b"i05e",
            b"i+5e",
            b"3:ab",
            b"03:abc",
            b"-1:",
            b"le1",
            b"d1:b0:1:a0:e",
            b"d1:a0:1:a0:e",
            b"d1:ae",
            b"di1e0:e",
            b"i9223372036854775808e",
            b"99999999999:a",
        ];
        for text in wrong {
            assert!(Value::parse(text).is_err(), "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn nesting_and_number_of_values_are_bounded() {
        let nested = |n: usize| [vec![b'l'; n], vec![b'e'; n]].concat();
        assert!(Value::parse(&nested(MAX_DEPTH)).is_ok());
        assert!(Value::parse(&nested(MAX_DEPTH + 1)).is_err());
        assert!(Value::parse(&nested(1_000_000)).is_err());
        let many = [b"l".as_slice(), &b"0:".repeat(MAX_VALUES), b"e"].concat();
        assert!(Value::parse(&many).is_err());
    }

    fn value() -> impl Strategy<Value = Value<'static>> {
        let bytes = || any::<Vec<u8>>().prop_map(Cow::Owned);
        let leaf = prop_oneof![any::<i64>().prop_map(Value::Integer), bytes().prop_map(Value::Bytes)];
        leaf.prop_recursive(4, 32, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
                prop::collection::btree_map(bytes(), inner, 0..4).prop_map(Value::Dictionary),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(value in value()) {
            let text = value.to_bytes();
            prop_assert_eq!(Value::parse(&text), Ok(value));
        }

        #[test]
        fn what_is_read_is_written_the_same(text in "[dle0-9i:a-]{0,24}") {
            if let Ok(value) = Value::parse(text.as_bytes()) {
                prop_assert_eq!(value.to_bytes(), text.as_bytes());
            }
        }

        #[test]
        fn never_panics(text: Vec<u8>) {
            let _ = Value::parse(&text);
        }
    }
}

//! A reader for bencoding as others write it (protocol: config 1): leading zeros, −0, and
//! dictionaries in any order are accepted. It walks, so that who reads a format decides what to
//! keep and what order to ask for. Depth and number of values are bounded by the caller.

use super::write_bytes;

/// Any value, in the form in which it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// From −2^63 to 2^64 − 1.
    Integer(i128),
    /// A byte string.
    Bytes(Vec<u8>),
    /// A list.
    List(Vec<Value>),
    /// Keys ascending, each once.
    Dictionary(Vec<(Vec<u8>, Value)>),
}

impl Value {
    /// Writes the value.
    pub fn write(&self, out: &mut Vec<u8>) {
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

/// Reads one value after the other. Whatever is not there, malformed or beyond the bounds is
/// `None`; the reader is of no use after that.
pub struct Reader<'a> {
    text: &'a [u8],
    position: usize,
    depth: usize,
    values: usize,
}

impl<'a> Reader<'a> {
    /// At most `depth` levels of lists and dictionaries and `values` values are read.
    #[must_use]
    pub fn new(text: &'a [u8], depth: usize, values: usize) -> Self {
        Self { text, position: 0, depth, values }
    }

    /// Bytes read so far.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }

    /// The next byte, which tells what stands here.
    #[must_use]
    pub fn peek(&self) -> Option<u8> {
        self.text.get(self.position).copied()
    }

    /// Enters a list (`l`) or dictionary (`d`).
    pub fn enter(&mut self, opening: u8) -> Option<()> {
        self.count()?;
        self.depth = self.depth.checked_sub(1)?;
        self.byte(opening)
    }

    /// Leaves the innermost list or dictionary if its end stands here, and says so.
    pub fn leave(&mut self) -> Option<bool> {
        let ends = self.peek()? == b'e';
        if ends {
            self.position += 1;
            self.depth += 1;
        }
        Some(ends)
    }

    /// An integer from −2^63 to 2^64 − 1.
    pub fn integer(&mut self) -> Option<i128> {
        self.count()?;
        self.byte(b'i')?;
        let negative = self.byte(b'-').is_some();
        let magnitude = i128::from(self.digits()?);
        self.byte(b'e')?;
        let number = if negative { -magnitude } else { magnitude };
        (number >= i128::from(i64::MIN)).then_some(number)
    }

    /// An integer that fits an i64.
    pub fn small_integer(&mut self) -> Option<i64> {
        i64::try_from(self.integer()?).ok()
    }

    /// A byte string.
    pub fn bytes(&mut self) -> Option<&'a [u8]> {
        self.count()?;
        let length = usize::try_from(self.digits()?).ok()?;
        self.byte(b':')?;
        let end = self.position.checked_add(length)?;
        let bytes = self.text.get(self.position..end)?;
        self.position = end;
        Some(bytes)
    }

    /// Any value. Of a key that stands twice in a dictionary the first value is kept.
    pub fn value(&mut self) -> Option<Value> {
        Some(match self.peek()? {
            b'i' => Value::Integer(self.integer()?),
            b'0'..=b'9' => Value::Bytes(self.bytes()?.to_vec()),
            b'l' => {
                self.enter(b'l')?;
                let mut list = Vec::new();
                while !self.leave()? {
                    list.push(self.value()?);
                }
                Value::List(list)
            }
            b'd' => {
                self.enter(b'd')?;
                let mut entries = Vec::new();
                while !self.leave()? {
                    entries.push((self.bytes()?.to_vec(), self.value()?));
                }
                entries.sort_by(|one: &(Vec<u8>, Value), other| one.0.cmp(&other.0));
                entries.dedup_by(|later, first| later.0 == first.0);
                Value::Dictionary(entries)
            }
            _ => return None,
        })
    }

    fn count(&mut self) -> Option<()> {
        self.values = self.values.checked_sub(1)?;
        Some(())
    }

    fn byte(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.position += 1)
    }

    fn digits(&mut self) -> Option<u64> {
        let start = self.position;
        let mut number = 0u64;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            number = number.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
            self.position += 1;
        }
        (self.position > start).then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &[u8]) -> Option<(Vec<u8>, usize)> {
        let mut reader = Reader::new(text, 4, 100);
        let mut out = Vec::new();
        reader.value()?.write(&mut out);
        Some((out, text.len() - reader.position()))
    }

    #[test]
    fn other_forms_are_read_and_written_in_the_right_one() {
        for (text, right) in [
            ("i-007e", "i-7e"),
            ("i-0e", "i0e"),
            ("i18446744073709551615e", "i18446744073709551615e"),
            ("002:ab", "2:ab"),
            ("d1:bi1e1:ai2e1:ai3ee", "d1:ai2e1:bi1ee"),
        ] {
            assert_eq!(read(text.as_bytes()), Some((right.as_bytes().to_vec(), 0)), "{text}");
        }
        assert_eq!(read(b"i1e\0\0"), Some((b"i1e".to_vec(), 2)));
    }

    #[test]
    fn what_is_no_value_is_refused() {
        for text in [
            "",
            "i",
            "i-e",
            "i+1e",
            "i 1e",
            "i18446744073709551616e",
            "i-9223372036854775809e",
            "5:abc",
            "l",
            "d1:a",
            "x",
        ] {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn depth_and_number_of_values_are_bounded() {
        assert!(read(b"lllleeee").is_some());
        assert!(read(b"llllleeeee").is_none());
        assert!(read(&[b"l".as_slice(), &b"le".repeat(99), b"e"].concat()).is_some());
        assert!(read(&[b"l".as_slice(), &b"le".repeat(100), b"e"].concat()).is_none());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_the_same(text in "[dle0-9i:a-]{0,24}") {
            if let Some((written, _)) = read(text.as_bytes()) {
                prop_assert_eq!(read(&written), Some((written, 0)));
            }
        }
    }
}

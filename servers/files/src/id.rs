//! Names of files: decimal numbers, or 44 characters made from the content (protocol: files 2, 3).

use std::fmt;

use tacit_crypto::blake2b::{Salted264, hash192};
use tacit_wire::base64;

const SALT: &[u8; 16] = b"SessionFileSvr\0\0";
/// Numbers are below 2^53, since clients read them as floating point.
const NUMBER_BITS: u32 = 53;
/// Characters of a name made from content: 33 bytes in base64.
const CONTENT: usize = 44;

/// A well-formed name: nothing in it can lead out of a folder. Without `Debug`: it is not to be
/// written into logs.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(String);

impl FileId {
    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let is_content = text.len() == CONTENT && text.bytes().all(plain);
        let number = || text.parse::<u64>().ok().filter(|number| *number < 1 << NUMBER_BITS);
        let is_number = || number().is_some_and(|number| number.to_string() == text);
        (is_content || is_number()).then(|| Self(text.to_owned()))
    }

    /// A name out of 64 random bits; its top `bits` are `server`, so that several servers never
    /// give the same.
    #[must_use]
    pub fn numeric(random: u64, server: u64, bits: u32) -> Self {
        let free = NUMBER_BITS - bits.min(NUMBER_BITS);
        let number = (server << free) | (random & ((1 << free) - 1));
        Self((number & ((1 << NUMBER_BITS) - 1)).to_string())
    }

    /// The number, if it is one.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        if self.0.len() == CONTENT { None } else { self.0.parse().ok() }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where the bytes lie below the folder or in the bucket: `ab/cd/ID`, spread evenly also for
    /// numbers.
    #[must_use]
    pub fn place(&self) -> String {
        let [a, b, ..] = hash192(&[self.0.as_bytes()]);
        format!("{a:02x}/{b:02x}/{}", self.0)
    }
}

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Makes the name that content gives, piece by piece.
pub struct ContentHash(Salted264);

impl Default for ContentHash {
    fn default() -> Self {
        Self(Salted264::new(SALT))
    }
}

impl ContentHash {
    /// Takes the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// The name.
    #[must_use]
    pub fn finish(self) -> FileId {
        FileId(base64::encode(self.0.finish()).replace('+', "-").replace('/', "_"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_out_of_content_are_those_of_deployed_servers() {
        let block = concat!(
            "b437757b322189454671fe517c0fcd58e6d8f676ac37036328f35ca4bff02e7b",
            "cf877aa56f660cc789e04e3caaf21d6dd3a25b34e81760a8793717e2de7ad552"
        );
        let cases = [
            ("78".to_owned(), "8iGz2PYcIy0-VV8sYxH83L1ks8WzYbG3r4hJ_eGI9qym"),
            (block.repeat(3), "a42LUquaZzMhJ-6DigyhC9QxRr76NtPr0pR2VXaGx7Kd"),
        ];
        for (body, expected) in cases {
            let mut hash = ContentHash::default();
            hex::decode(body).unwrap().chunks(7).for_each(|piece| hash.update(piece));
            assert_eq!(hash.finish().as_str(), expected);
        }
    }

    #[test]
    fn only_canonical_numbers_and_44_plain_characters_are_names() {
        let long = "a".repeat(44);
        for good in ["0", "1", "9007199254740991", &long, &"1".repeat(44)] {
            assert!(FileId::parse(good).is_some(), "{good}");
        }
        let dots = format!("../{}", "a".repeat(41));
        for bad in ["", "-1", "+1", "01", "1.0", "9007199254740992", "abc", "..", "../1", "1/2", "%2e", &dots, "１"] {
            assert!(FileId::parse(bad).is_none(), "{bad}");
        }
        assert_eq!(FileId::parse(&"1".repeat(44)).unwrap().number(), None);
    }

    proptest::proptest! {
        #[test]
        fn numbers_are_names_and_servers_never_collide(random: u64, other: u64, server in 0_u64..8) {
            let id = FileId::numeric(random, server, 3);
            proptest::prop_assert!(FileId::parse(id.as_str()) == Some(id.clone()));
            proptest::prop_assert!(FileId::numeric(other, (server + 1) % 8, 3) != id);
        }

        #[test]
        fn a_name_never_leads_out_of_its_folder(text in "[a-z0-9./\\\\_-]{0,50}") {
            if let Some(id) = FileId::parse(&text) {
                proptest::prop_assert!(!id.place().contains("..") && id.place().matches('/').count() == 2);
            }
        }
    }
}

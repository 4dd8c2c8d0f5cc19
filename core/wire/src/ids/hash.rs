//! The name of a stored message (protocol: network 5).

use std::fmt;
use std::str::FromStr;

use super::serde_as_text;
use crate::Error;

/// Base64 text of 43 characters that stands for 32 bytes. Requests and receipts sign the
/// text, so it is kept as received.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageHash(String);

impl MessageHash {
    /// Length of the text.
    pub const LENGTH: usize = 43;

    /// From the 32 bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(crate::base64::encode_unpadded(bytes))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The 32 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 32] {
        // Checked at construction.
        crate::base64::decode_array(&self.0).unwrap_or_default()
    }
}

impl FromStr for MessageHash {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match crate::base64::decode_array::<32>(text) {
            Some(_) if text.len() == Self::LENGTH => Ok(Self(text.to_owned())),
            _ => Err(Error::malformed("message hash")),
        }
    }
}

impl AsRef<str> for MessageHash {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MessageHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

serde_as_text!(MessageHash);

//! Base64 as the protocol uses it: standard alphabet, written with padding, read with or
//! without.

use ::base64::Engine;
use ::base64::alphabet;
use ::base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use ::base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Reads padded and unpadded text alike, and unused bits of any value, as deployed nodes do.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Padded base64 of `bytes`.
#[must_use]
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

/// Base64 of `bytes` without padding, the form of message hashes.
#[must_use]
pub fn encode_unpadded(bytes: impl AsRef<[u8]>) -> String {
    STANDARD_NO_PAD.encode(bytes)
}

/// The bytes of `text`, or `None` when it is not base64.
#[must_use]
pub fn decode(text: impl AsRef<[u8]>) -> Option<Vec<u8>> {
    LENIENT.decode(text).ok()
}

/// Exactly `N` bytes, or `None`.
#[must_use]
pub fn decode_array<const N: usize>(text: impl AsRef<[u8]>) -> Option<[u8; N]> {
    let text = text.as_ref();
    if text.len() > N.div_ceil(3) * 4 {
        return None;
    }
    decode(text)?.try_into().ok()
}

/// Exactly `N` bytes from hexadecimal digits of either case, or `None`.
#[must_use]
pub fn hex_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut out = [0; N];
    hex::decode_to_slice(text, &mut out).ok()?;
    Some(out)
}

/// Serde form: a base64 text for a byte string.
pub mod serde_bytes {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Writes bytes as padded base64.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::encode(bytes))
    }

    /// Reads base64 with or without padding.
    ///
    /// # Errors
    /// When the value is not a base64 string.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        super::decode(text.as_bytes()).ok_or_else(|| D::Error::custom("expected base64"))
    }
}

/// Serde form: a base64 text for a byte string of fixed length.
pub mod serde_array {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Writes bytes as padded base64.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer, const N: usize>(bytes: &[u8; N], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::encode(bytes))
    }

    /// Reads base64 of exactly `N` bytes.
    ///
    /// # Errors
    /// When the value is not such a string.
    pub fn deserialize<'de, D: Deserializer<'de>, const N: usize>(deserializer: D) -> Result<[u8; N], D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        super::decode_array(text.as_bytes()).ok_or_else(|| D::Error::custom(format!("expected base64 of {N} bytes")))
    }
}

/// Serde form: hexadecimal text for a byte string of fixed length.
pub mod serde_hex {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Writes lower-case digits.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer, const N: usize>(bytes: &[u8; N], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(bytes))
    }

    /// Reads exactly `2 * N` digits of either case.
    ///
    /// # Errors
    /// When the value is not such a string.
    pub fn deserialize<'de, D: Deserializer<'de>, const N: usize>(deserializer: D) -> Result<[u8; N], D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        super::hex_array(&text).ok_or_else(|| D::Error::custom(format!("expected {} hex digits", 2 * N)))
    }
}

//! `u32 little-endian N ‖ N bytes ciphertext ‖ JSON` (protocol: network 4.2).

use crate::Error;

/// Largest body of an onion request, in bytes.
pub const MAX_BODY: usize = 10 << 20;

/// Joins a ciphertext (or a request body) and the JSON that steers it.
#[must_use]
pub fn combine(ciphertext: &[u8], json: &[u8]) -> Vec<u8> {
    // A ciphertext above 4 GiB cannot be built: bodies are bounded to 10 MiB.
    let length = u32::try_from(ciphertext.len()).unwrap_or(u32::MAX);
    let mut out = Vec::with_capacity(4 + ciphertext.len() + json.len());
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(ciphertext);
    out.extend_from_slice(json);
    out
}

/// The two parts of [`combine`]: ciphertext and JSON.
///
/// # Errors
/// When the length in front points past the end or the whole is above [`MAX_BODY`].
pub fn split(combined: &[u8]) -> Result<(&[u8], &[u8]), Error> {
    if combined.len() > MAX_BODY {
        return Err(Error::too_long("onion body", MAX_BODY));
    }
    let (length, rest) = combined.split_first_chunk::<4>().ok_or(Error::TooShort { what: "onion body" })?;
    let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
    rest.split_at_checked(length).ok_or(Error::TooShort { what: "onion body" })
}

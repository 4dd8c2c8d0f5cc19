//! Answers of the destination under its layer's key (protocol: network 4.4).

use rand_core::CryptoRng;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tacit_crypto::onion::SharedKey;

use super::control::ReplyOptions;
use crate::json::{self, Limits};
use crate::{Error, base64};

/// Largest answer that is read, in bytes as received.
const MAX_REPLY: usize = 20 << 20;

#[derive(Serialize)]
struct ReplyJson<'a> {
    status: u16,
    body: &'a str,
}

#[derive(Deserialize)]
struct ReadReply {
    status: u16,
    #[serde(default)]
    body: Value,
}

/// What a node sends back: `{"status", "body"}`, encrypted, in base64 unless the request
/// wanted raw bytes. `body` is embedded as JSON when the request asked for that and it is
/// JSON, otherwise as a string (bytes that are no UTF-8 are replaced).
#[must_use]
pub fn seal_reply(
    key: &SharedKey,
    options: ReplyOptions,
    status: u16,
    body: &[u8],
    rng: &mut impl CryptoRng,
) -> Vec<u8> {
    let embed = options.json && serde_json::from_slice::<IgnoredAny>(body).is_ok();
    let plain = if embed {
        [format!("{{\"status\":{status},\"body\":").as_bytes(), body, b"}"].concat()
    } else {
        let body = &*String::from_utf8_lossy(body);
        // A number and a string always serialize.
        serde_json::to_vec(&ReplyJson { status, body }).unwrap_or_default()
    };
    let sealed = key.seal(&plain, rng);
    if options.base64 { base64::encode(sealed).into_bytes() } else { sealed }
}

/// Reads an answer of a node in any of its forms: base64, raw bytes, or base64 wrapped as
/// `{"result": …}` by old paths. Gives the real status and the body, JSON as its text.
///
/// # Errors
/// When it does not open under `key` or is no such JSON.
pub fn open_reply(key: &SharedKey, answer: &[u8]) -> Result<(u16, Vec<u8>), Error> {
    if answer.len() > MAX_REPLY {
        return Err(Error::too_long("onion answer", MAX_REPLY));
    }
    let plain = match unwrapped(answer) {
        Some(sealed) => key.open(&sealed).or_else(|_| key.open(answer))?,
        None => key.open(answer)?,
    };
    let limits = Limits { bytes: MAX_REPLY, ..Limits::ANSWER };
    let reply: ReadReply = json::parse_as(&plain, limits)?;
    let body = match reply.body {
        Value::String(text) => text.into_bytes(),
        Value::Null => Vec::new(),
        other => other.to_string().into_bytes(),
    };
    Ok((reply.status, body))
}

/// The ciphertext inside base64 or inside `{"result": base64}`.
fn unwrapped(answer: &[u8]) -> Option<Vec<u8>> {
    #[derive(Deserialize)]
    struct Wrapped {
        result: String,
    }
    let text = answer.trim_ascii();
    if text.first() == Some(&b'{') {
        let limits = Limits { bytes: MAX_REPLY, ..Limits::CONTROL };
        if let Ok(wrapped) = json::parse_as::<Wrapped>(text, limits) {
            return base64::decode(wrapped.result.trim());
        }
    }
    base64::decode(text)
}

/// What a server sends back: its v4 payload, encrypted, in raw bytes.
#[must_use]
pub fn seal_server_reply(key: &SharedKey, payload: &[u8], rng: &mut impl CryptoRng) -> Vec<u8> {
    key.seal(payload, rng)
}

/// Reads an answer of a server; the payload goes to [`crate::v4`].
///
/// # Errors
/// When it does not open under `key`.
pub fn open_server_reply(key: &SharedKey, answer: &[u8]) -> Result<Vec<u8>, Error> {
    if answer.len() > MAX_REPLY {
        return Err(Error::too_long("onion answer", MAX_REPLY));
    }
    Ok(key.open(answer)?)
}

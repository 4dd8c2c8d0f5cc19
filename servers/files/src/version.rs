//! `GET /session_version` (protocol: files 3, 4): what the operator wrote down about releases.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use tacit_wire::base64;
use tacit_wire::json::{Limits, parse_as};

use crate::api::Call;

const PLATFORMS: [&str; 3] = ["desktop", "android", "ios"];
/// Clocks may differ by a day.
const CLOCK_SECONDS: u64 = 86_400;
/// What stands before the key that asks.
const PREFIX: u8 = 0x07;

/// Releases of one platform: fields `result` (x.y.z), `updated` (seconds), and optionally `name`,
/// `notes`, `assets`.
#[derive(Deserialize)]
struct Channels {
    stable: Option<Map<String, Value>>,
    alpha: Option<Map<String, Value>>,
}

/// The answer, or the status of the refusal.
pub(crate) fn answer(file: Option<&Path>, call: &Call, now_seconds: u64) -> Result<Value, u16> {
    authenticate(call, now_seconds)?;
    let platform = call.query("platform").filter(|name| PLATFORMS.contains(name)).ok_or(404_u16)?;
    let text = file.and_then(|path| std::fs::read(path).ok()).ok_or(502_u16)?;
    let limits = Limits { bytes: 1 << 20, ..Limits::ANSWER };
    let mut platforms: std::collections::BTreeMap<String, Channels> = parse_as(&text, limits).map_err(|_| 502_u16)?;
    let channels = platforms.remove(platform).ok_or(502_u16)?;
    let mut answer = channels.stable.filter(|release| release.contains_key("result")).ok_or(502_u16)?;
    answer.insert("status_code".to_owned(), json!(200));
    if call.query("release_channel") == Some("alpha")
        && let Some(alpha) = channels.alpha
    {
        answer.insert("prerelease".to_owned(), Value::Object(alpha));
    }
    Ok(Value::Object(answer))
}

/// Three headers or none; who asks is checked and forgotten.
fn authenticate(call: &Call, now_seconds: u64) -> Result<(), u16> {
    let header = |name| call.header(name);
    let (key, time, signature) = match (header("x-fs-pubkey"), header("x-fs-timestamp"), header("x-fs-signature")) {
        (None, None, None) => return Ok(()),
        (Some(key), Some(time), Some(signature)) => (key, time, signature),
        _ => return Err(400),
    };
    let [PREFIX, key @ ..] = base64::hex_array::<33>(key).ok_or(400_u16)? else { return Err(400) };
    let seconds: u64 = time.parse().map_err(|_| 400_u16)?;
    if seconds.abs_diff(now_seconds) > CLOCK_SECONDS {
        return Err(425);
    }
    let signature = base64::decode_array::<64>(signature).ok_or(400_u16)?;
    let text = format!("{time}{}{}", call.method, call.target);
    tacit_crypto::verify(&key, text.as_bytes(), &signature).map_err(|_| 401)
}

//! Push notifications: what a device signs to get them, and what they hold (protocol:
//! messages 7).

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use tacit_crypto::AccountKeys;
use thiserror::Error;

use crate::bencode::Value;
use crate::json::{Limits, parse_as};
use crate::rpc::{Auth, MAX_DATA, Signer};
use crate::{AccountId, MessageHash, Namespace, TimestampMs, base64};

/// What a device asks the push server for. Times are in **seconds** here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Ascending.
    pub namespaces: Vec<Namespace>,
    /// Whether notifications shall carry the message.
    pub data: bool,
    /// Seconds since 1970.
    pub signed_at: u64,
    /// `firebase`, `apns`, …
    pub service: String,
    /// What the service needs to reach the device; `{"token": …}`.
    pub service_info: Json,
}

impl Subscription {
    /// The text that is signed.
    #[must_use]
    pub fn signed_text(&self, account: &AccountId) -> String {
        let namespaces: Vec<_> = self.namespaces.iter().map(ToString::to_string).collect();
        let data = u8::from(self.data);
        format!("MONITOR{account}{}{data}{}", self.signed_at, namespaces.join(","))
    }

    /// The JSON of `POST /subscribe`. `enc_key` is the device's own random key.
    #[must_use]
    pub fn to_json(&self, signer: &impl Signer, enc_key: &[u8; 32]) -> Json {
        let account = signer.account();
        let auth = signer.auth(self.signed_text(&account).as_bytes());
        let mut body = signed_json(&account, &auth, self.signed_at, &self.service, &self.service_info);
        body["namespaces"] = json!(self.namespaces);
        body["data"] = self.data.into();
        body["enc_key"] = hex::encode(enc_key).into();
        body
    }
}

/// The text that ends a subscription; `signed_at` in seconds.
#[must_use]
pub fn unsubscribe_text(account: &AccountId, signed_at: u64) -> String {
    format!("UNSUBSCRIBE{account}{signed_at}")
}

/// The JSON of `POST /unsubscribe`; `signed_at` in seconds.
#[must_use]
pub fn unsubscribe_json(signer: &impl Signer, signed_at: u64, service: &str, service_info: &Json) -> Json {
    let account = signer.account();
    let auth = signer.auth(unsubscribe_text(&account, signed_at).as_bytes());
    signed_json(&account, &auth, signed_at, service, service_info)
}

fn signed_json(account: &AccountId, auth: &Auth, signed_at: u64, service: &str, info: &Json) -> Json {
    let mut body = json!({
        "pubkey": account,
        "sig_ts": signed_at,
        "signature": base64::encode(auth.signature),
        "service": service,
        "service_info": info,
    });
    if let Some(key) = &auth.pubkey_ed25519 {
        body["session_ed25519"] = hex::encode(key).into();
    }
    if let Some(subaccount) = &auth.subaccount {
        body["subaccount"] = base64::encode(subaccount.token.0).into();
        body["subaccount_sig"] = base64::encode(subaccount.signature).into();
    }
    body
}

/// The Ed25519 signature of a text by an account, in base64.
#[must_use]
pub fn sign(keys: &AccountKeys, text: &str) -> String {
    base64::encode(keys.sign(text.as_bytes()))
}

/// A notification. `Debug` shows the size of the message only.
#[derive(Clone, PartialEq, Eq)]
pub struct Notification {
    /// Whose mailbox.
    pub account: AccountId,
    /// The message's name, to see it once only. Not checked for its form.
    pub hash: String,
    /// The box.
    pub namespace: Namespace,
    /// When it was stored.
    pub timestamp: TimestampMs,
    /// When it ends.
    pub expiry: TimestampMs,
    /// Its length in bytes.
    pub length: usize,
    /// The message; absent when too long: then poll.
    pub data: Option<Vec<u8>>,
}

impl Notification {
    /// The name as a message hash, if it has the form of one.
    #[must_use]
    pub fn message_hash(&self) -> Option<MessageHash> {
        self.hash.parse().ok()
    }
}

impl fmt::Debug for Notification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notification")
            .field("account", &self.account)
            .field("namespace", &self.namespace)
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

/// Why a notification says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PushError {
    /// Shorter than any notification.
    #[error("too short")]
    TooShort,
    /// Not under this key, or damaged.
    #[error("does not decrypt")]
    Decrypt,
    /// Not of the form, or of another length than it says.
    #[error("malformed notification")]
    Format,
}

impl PushError {
    /// The name of the kind of error in the test vectors.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Self::TooShort => "too_short",
            Self::Decrypt => "decrypt",
            Self::Format => "format",
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Metadata {
    #[serde(rename = "@")]
    account: AccountId,
    #[serde(rename = "#")]
    hash: String,
    #[serde(rename = "n", default)]
    namespace: Namespace,
    #[serde(rename = "t", default)]
    timestamp: TimestampMs,
    #[serde(rename = "z", default)]
    expiry: TimestampMs,
    #[serde(rename = "l", default)]
    length: usize,
    #[serde(rename = "B", default, skip_serializing_if = "std::ops::Not::not")]
    too_long: bool,
}

/// Opens the bytes of `enc_payload` (already out of base64).
///
/// # Errors
/// See [`PushError`].
pub fn open(payload: &[u8], enc_key: &[u8; 32]) -> Result<Notification, PushError> {
    if payload.len() > 2 * MAX_DATA {
        return Err(PushError::Format);
    }
    let plain = tacit_crypto::push::open(payload, enc_key).map_err(|error| match error {
        tacit_crypto::Error::TooShort => PushError::TooShort,
        _ => PushError::Decrypt,
    })?;
    let list = Value::parse(&plain).map_err(|_| PushError::Format)?;
    let (head, data) = match list.as_list() {
        Some([head]) => (head, None),
        Some([head, Value::Bytes(data)]) => (head, Some(data.to_vec())),
        _ => return Err(PushError::Format),
    };
    let metadata = read_metadata(head).ok_or(PushError::Format)?;
    if data.as_ref().is_some_and(|data| data.len() != metadata.length) {
        return Err(PushError::Format);
    }
    Ok(Notification {
        account: metadata.account,
        hash: metadata.hash,
        namespace: metadata.namespace,
        timestamp: metadata.timestamp,
        expiry: metadata.expiry,
        length: metadata.length,
        data,
    })
}

/// JSON in a string; some servers write a dictionary instead when there is no data.
fn read_metadata(head: &Value<'_>) -> Option<Metadata> {
    match head {
        Value::Bytes(text) => parse_as(text, Limits::CONTROL).ok(),
        Value::Dictionary(_) => {
            let text = |key| Some(std::str::from_utf8(head.get(key)?.as_bytes()?).ok()?.to_owned());
            let number = |key| head.get(key).and_then(Value::as_integer);
            let time = |key| TimestampMs(number(key).and_then(|time| time.try_into().ok()).unwrap_or(0));
            Some(Metadata {
                account: text("@")?.parse().ok()?,
                hash: text("#")?,
                namespace: Namespace(number("n").unwrap_or(0).try_into().ok()?),
                timestamp: time("t"),
                expiry: time("z"),
                length: number("l").unwrap_or(0).try_into().ok()?,
                too_long: number("B") == Some(1),
            })
        }
        Value::Integer(_) | Value::List(_) => None,
    }
}

/// The bencoded list of a notification, before encryption: what a push server writes.
#[must_use]
pub fn payload(notification: &Notification) -> Vec<u8> {
    let metadata = Metadata {
        account: notification.account,
        hash: notification.hash.clone(),
        namespace: notification.namespace,
        timestamp: notification.timestamp,
        expiry: notification.expiry,
        length: notification.length,
        too_long: notification.data.is_none(),
    };
    // A struct of texts and numbers always serializes.
    let metadata = serde_json::to_string(&metadata).unwrap_or_default();
    let mut list = vec![Value::bytes(metadata.as_bytes())];
    list.extend(notification.data.as_deref().map(Value::bytes));
    Value::List(list).to_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn metadata_never_panics(plain: Vec<u8>) {
            if let Ok(value) = Value::parse(&plain) {
                let _ = read_metadata(&value);
            }
            let _ = open(&plain, &[0; 32]);
        }
    }
}

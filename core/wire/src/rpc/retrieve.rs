//! `retrieve`: fetch what is in a mailbox.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json};

use super::answer::readable;
use super::auth::{Access, Auth, Signer};
use super::fields::{Params, required};
use super::rejection::Rejection;
use crate::{AccountId, MessageHash, Namespace, TimestampMs, signing};

/// Most bytes of messages in one answer; `max_size` −n asks for the n-th part.
pub const MAX_RETRIEVE: usize = 7_800_000;

/// Asks for messages of one namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retrieve {
    /// The mailbox.
    pub account: AccountId,
    /// The box in it.
    pub namespace: Namespace,
    /// Only what came after this message.
    pub last_hash: Option<MessageHash>,
    /// At most so many messages.
    pub max_count: Option<i32>,
    /// At most so many bytes; −n is the n-th part of [`MAX_RETRIEVE`].
    pub max_size: Option<i32>,
    /// When the request was signed; present if `auth` is.
    pub timestamp: Option<TimestampMs>,
    /// Needed except for namespaces readable by all.
    pub auth: Option<Auth>,
}

impl Retrieve {
    pub(super) const METHOD: &'static str = "retrieve";
    const DEFAULT_SIZE: i32 = -5;

    /// A signed request.
    #[must_use]
    pub fn signed(
        signer: &impl Signer,
        namespace: Namespace,
        last_hash: Option<MessageHash>,
        max_size: Option<i32>,
        now: TimestampMs,
    ) -> Self {
        Self {
            account: signer.account(),
            namespace,
            last_hash,
            max_count: None,
            max_size,
            timestamp: Some(now),
            auth: Some(signer.auth(&signing::retrieve(namespace, now))),
        }
    }

    /// The text that a signature covers.
    #[must_use]
    pub fn signed_text(&self) -> Vec<u8> {
        signing::retrieve(self.namespace, self.timestamp.unwrap_or_default())
    }

    /// How many bytes of messages the answer may hold. One message is always given.
    #[must_use]
    pub fn size_limit(&self) -> usize {
        let default = if self.max_count.is_some() { -1 } else { Self::DEFAULT_SIZE };
        let asked = match self.max_size {
            None | Some(0) => default,
            Some(size) => size,
        };
        let amount = usize::try_from(asked.unsigned_abs()).unwrap_or(usize::MAX);
        if asked < 0 { MAX_RETRIEVE / amount } else { amount.min(MAX_RETRIEVE) }
    }

    /// How many messages the answer may hold, at least one.
    #[must_use]
    pub fn count_limit(&self) -> usize {
        let count = self.max_count.filter(|count| *count > 0);
        count.and_then(|count| usize::try_from(count).ok()).unwrap_or(usize::MAX)
    }

    /// Whether whoever signed it may read.
    ///
    /// # Errors
    /// 401 with the text of the protocol.
    pub fn verify_auth(&self) -> Result<(), Rejection> {
        match &self.auth {
            None if self.namespace.is_readable_by_all() => Ok(()),
            None => Err(Rejection::retrieve_needs_signature()),
            Some(auth) if auth.allows(&self.account, &self.signed_text(), Access::READ) => Ok(()),
            Some(_) => Err(Rejection::signature(Self::METHOD)),
        }
    }

    pub(super) fn read(params: &Params<'_>) -> Result<Self, Rejection> {
        let account = params.account()?;
        let namespace = params.namespace()?.unwrap_or_default();
        let signed = ["signature", "pubkey_ed25519", "timestamp"];
        let (auth, timestamp) = if signed.iter().any(|field| params.value(field).is_some()) {
            let auth = Auth::read(params, &account)?;
            (Some(auth), Some(required("timestamp", params.time("timestamp")?)?))
        } else {
            (None, None)
        };
        let last_hash = match (params.text("last_hash")?, params.text("lastHash")?) {
            (Some(_), Some(_)) => {
                return Err(Rejection::malformed("Cannot specify both 'last_hash' and 'lastHash'"));
            }
            (name, alias) => name.or(alias).filter(|text| !text.is_empty()),
        };
        Ok(Self {
            account,
            namespace,
            last_hash: last_hash.map(read_last_hash).transpose()?,
            max_count: params.integer("max_count")?,
            max_size: params.integer("max_size")?,
            timestamp,
            auth,
        })
    }

    pub(super) fn write(&self) -> Map<String, Value> {
        let mut out = Map::from_iter([
            ("pubkey".to_owned(), json!(self.account)),
            ("namespace".to_owned(), json!(self.namespace)),
        ]);
        let mut put = |field: &str, value: Option<Value>| {
            if let Some(value) = value {
                out.insert(field.to_owned(), value);
            }
        };
        put("last_hash", self.last_hash.as_ref().map(|hash| json!(hash)));
        put("max_count", self.max_count.map(Value::from));
        put("max_size", self.max_size.map(Value::from));
        put("timestamp", self.timestamp.map(|time| json!(time)));
        if let Some(auth) = &self.auth {
            auth.write(&mut out);
        }
        out
    }
}

fn read_last_hash(text: &str) -> Result<MessageHash, Rejection> {
    if text.len() != MessageHash::LENGTH {
        return Err(Rejection::malformed("Invalid last_hash: expected base64 (43 chars)"));
    }
    text.parse().map_err(|_| Rejection::malformed("Invalid last_hash: not base64"))
}

/// A message as a node keeps it. `Debug` shows its size only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredMessage {
    /// Its name.
    pub hash: MessageHash,
    /// As given when it was stored.
    pub timestamp: TimestampMs,
    /// When it ends.
    #[serde(alias = "expiry", default)]
    pub expiration: TimestampMs,
    /// What was stored; empty when the node gave something else than base64. Such a message still
    /// has a name, so that it can be passed over once and for all.
    #[serde(serialize_with = "crate::base64::serde_bytes::serialize", deserialize_with = "data_or_nothing")]
    pub data: Vec<u8>,
}

fn data_or_nothing<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(value.as_str().and_then(crate::base64::decode).unwrap_or_default())
}

impl fmt::Debug for StoredMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredMessage")
            .field("hash", &self.hash)
            .field("timestamp", &self.timestamp)
            .field("expiration", &self.expiration)
            .field("data_bytes", &self.data.len())
            .finish()
    }
}

/// Answer to `retrieve`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetrieveAnswer {
    /// In the order of their arrival at this node; unreadable ones are left out.
    #[serde(deserialize_with = "readable")]
    pub messages: Vec<StoredMessage>,
    /// There are more than fitted.
    #[serde(default)]
    pub more: bool,
    /// Version of the network's rules.
    #[serde(default)]
    pub hf: [u16; 2],
    /// The node's time.
    #[serde(default)]
    pub t: TimestampMs,
}

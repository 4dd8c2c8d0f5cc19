//! `store`: leave a message in a mailbox.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::answer::Member;
use super::auth::{Access, Auth, Signer};
use super::fields::{Params, required};
use super::rejection::Rejection;
use crate::{AccountId, Error, MessageHash, Namespace, NodeId, TimestampMs, base64, signing};

/// Largest message, in bytes (decoded).
pub const MAX_DATA: usize = 76_800;

/// How long a message is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// Milliseconds from its timestamp.
    Ttl(u64),
    /// Until this time.
    Expiry(TimestampMs),
}

/// A message to be stored. `Debug` shows its size only.
#[derive(Clone, PartialEq, Eq)]
pub struct Store {
    /// The mailbox.
    pub account: AccountId,
    /// The box in it.
    pub namespace: Namespace,
    /// Of the message.
    pub timestamp: TimestampMs,
    /// How long it is kept.
    pub lifetime: Lifetime,
    /// What is stored, at most [`MAX_DATA`] bytes.
    pub data: Vec<u8>,
    /// When the request was signed; the message's timestamp if absent.
    pub sig_timestamp: Option<TimestampMs>,
    /// Needed outside the public namespaces.
    pub auth: Option<Auth>,
}

impl Store {
    pub(super) const METHOD: &'static str = "store";

    /// A message to anybody, into a public namespace.
    #[must_use]
    pub fn public(
        account: AccountId,
        namespace: Namespace,
        timestamp: TimestampMs,
        ttl_ms: u64,
        data: Vec<u8>,
    ) -> Self {
        let lifetime = Lifetime::Ttl(ttl_ms);
        Self { account, namespace, timestamp, lifetime, data, sig_timestamp: None, auth: None }
    }

    /// A message into a mailbox of one's own. `now` is signed and must be near the node's time.
    #[must_use]
    pub fn signed(
        signer: &impl Signer,
        namespace: Namespace,
        timestamp: TimestampMs,
        ttl_ms: u64,
        data: Vec<u8>,
        now: TimestampMs,
    ) -> Self {
        let auth = signer.auth(&signing::store(namespace, now));
        Self {
            sig_timestamp: Some(now),
            auth: Some(auth),
            ..Self::public(signer.account(), namespace, timestamp, ttl_ms, data)
        }
    }

    /// The text that a signature covers.
    #[must_use]
    pub fn signed_text(&self) -> Vec<u8> {
        signing::store(self.namespace, self.sig_timestamp.unwrap_or(self.timestamp))
    }

    /// When the message ends.
    #[must_use]
    pub fn expiry(&self) -> TimestampMs {
        match self.lifetime {
            Lifetime::Ttl(milliseconds) => self.timestamp.plus_ms(milliseconds),
            Lifetime::Expiry(expiry) => expiry,
        }
    }

    /// The name that the message will have.
    #[must_use]
    pub fn hash(&self) -> MessageHash {
        crate::message_hash::message_hash(&self.account, self.namespace, &self.data)
    }

    /// Whether it may be stored by whoever signed it, or unsigned.
    ///
    /// # Errors
    /// 401 with the text of the protocol.
    pub fn verify_auth(&self) -> Result<(), Rejection> {
        let needed = if self.namespace.is_public_outbox() { Access::WRITE.and(Access::DELETE) } else { Access::WRITE };
        match &self.auth {
            None if self.namespace.is_public() => Ok(()),
            None => Err(Rejection::store_needs_signature(self.namespace)),
            Some(auth) if auth.allows(&self.account, &self.signed_text(), needed) => Ok(()),
            Some(_) => Err(Rejection::signature(Self::METHOD)),
        }
    }

    pub(super) fn read(params: &Params<'_>) -> Result<Self, Rejection> {
        let timestamp = required("timestamp", params.number_or_text("timestamp")?)?;
        let lifetime = match (params.time("expiry")?, params.number_or_text("ttl")?) {
            (Some(_), Some(_)) => {
                return Err(Rejection::malformed("Cannot specify both 'expiry' and 'ttl'"));
            }
            (Some(expiry), None) => Lifetime::Expiry(expiry),
            (None, Some(milliseconds)) => Lifetime::Ttl(milliseconds),
            (None, None) => {
                return Err(Rejection::malformed("Required field 'expiry' or 'ttl' missing"));
            }
        };
        let account = params.account()?;
        let namespace = params.namespace()?.unwrap_or_default();
        let signed = params.value("signature").is_some();
        let auth = if signed { Some(Auth::read(params, &account)?) } else { None };
        let sig_timestamp = params.time("sig_timestamp")?;
        let data = read_data(required("data", params.text("data")?)?)?;
        let timestamp = TimestampMs(timestamp);
        Ok(Self { account, namespace, timestamp, lifetime, data, sig_timestamp, auth })
    }

    pub(super) fn write(&self) -> Map<String, Value> {
        let mut out = Map::from_iter([
            ("pubkey".to_owned(), json!(self.account)),
            ("namespace".to_owned(), json!(self.namespace)),
            ("timestamp".to_owned(), json!(self.timestamp)),
            ("data".to_owned(), json!(base64::encode(&self.data))),
        ]);
        match self.lifetime {
            Lifetime::Ttl(milliseconds) => out.insert("ttl".to_owned(), milliseconds.into()),
            Lifetime::Expiry(expiry) => out.insert("expiry".to_owned(), json!(expiry)),
        };
        if let Some(time) = self.sig_timestamp {
            out.insert("sig_timestamp".to_owned(), json!(time));
        }
        if let Some(auth) = &self.auth {
            auth.write(&mut out);
        }
        out
    }
}

fn read_data(text: &str) -> Result<Vec<u8>, Rejection> {
    let too_large =
        || Rejection::malformed(format_args!("Message body exceeds maximum allowed length of {MAX_DATA} bytes"));
    if text.len() > MAX_DATA / 3 * 4 {
        return Err(too_large());
    }
    let data = base64::decode(text).ok_or_else(|| Rejection::malformed("Invalid 'data' value: not base64 encoded"))?;
    if data.len() > MAX_DATA { Err(too_large()) } else { Ok(data) }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("account", &self.account)
            .field("namespace", &self.namespace)
            .field("timestamp", &self.timestamp)
            .field("lifetime", &self.lifetime)
            .field("data_bytes", &self.data.len())
            .finish_non_exhaustive()
    }
}

/// A member's word that it has the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreReceipt {
    /// Its name.
    pub hash: MessageHash,
    /// Of the member, over the text of the hash.
    #[serde(with = "crate::base64::serde_array")]
    pub signature: [u8; 64],
    /// Until when it keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry: Option<TimestampMs>,
    /// It had the message before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub already: bool,
}

impl StoreReceipt {
    /// Whether `node` signed it.
    #[must_use]
    pub fn is_signed_by(&self, node: &NodeId) -> bool {
        let text = signing::store_receipt(&self.hash);
        tacit_crypto::verify(node.as_bytes(), &text, &self.signature).is_ok()
    }
}

/// Answer to `store`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ReadStoreAnswer")]
pub struct StoreAnswer {
    /// The name of the message.
    pub hash: MessageHash,
    /// What each member said.
    pub swarm: BTreeMap<NodeId, Member<StoreReceipt>>,
    /// Version of the network's rules.
    pub hf: [u16; 2],
    /// The node's time.
    pub t: TimestampMs,
}

impl StoreAnswer {
    /// The receipts, with who gave them.
    pub fn receipts(&self) -> impl Iterator<Item = (&NodeId, &StoreReceipt)> {
        self.swarm.iter().filter_map(|(node, member)| Some((node, member.done()?)))
    }
}

/// Some nodes name the message in the members' receipts only.
#[derive(Deserialize)]
struct ReadStoreAnswer {
    hash: Option<MessageHash>,
    #[serde(default)]
    swarm: BTreeMap<NodeId, Member<StoreReceipt>>,
    #[serde(default)]
    hf: [u16; 2],
    #[serde(default)]
    t: TimestampMs,
}

impl TryFrom<ReadStoreAnswer> for StoreAnswer {
    type Error = Error;

    fn try_from(read: ReadStoreAnswer) -> Result<Self, Error> {
        let named = || read.swarm.values().find_map(|member| Some(member.done()?.hash.clone()));
        let hash = read.hash.clone().or_else(named).ok_or(Error::malformed("store answer"))?;
        Ok(Self { hash, swarm: read.swarm, hf: read.hf, t: read.t })
    }
}
